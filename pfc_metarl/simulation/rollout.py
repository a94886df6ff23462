"""The loop: the function that runs an agent in a task.

Training on a CPU may run the same loop compiled, with the same results: `pfc_metarl.simulation.acting`.

Time: all variables at step t are those at the choice of action t, except ``reward``, which followed it;
``rpe[t] = reward[t] + discount * value[t + 1] - value[t]``, except at ends: see `pfc_metarl.data.dataset`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from pfc_metarl.agents.base import Agent, Percept
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.arguments import require_recordable
from pfc_metarl.simulation.noise import Noise
from pfc_metarl.tasks.base import State, Task

Intervention = Callable[[Percept, State], Percept]
"""Changes the input of the agent, as a function of percept and state of the world."""


class Moment(NamedTuple):
    """One step of a cohort."""

    state: State
    percept: Percept
    action: Tensor
    reward: Tensor
    readout: Any


class Trajectory:
    """The course of an episode: a list of moments, stacked on request.

    Parameters
    ----------
    moments : list of Moment
    """

    def __init__(self, moments: list[Moment]) -> None:
        self.moments = moments

    @property
    def n_episodes(self) -> int:
        """Episodes of each network."""
        return int(self.moments[0].action.shape[1])

    @property
    def n_bytes(self) -> int:
        """Bytes of the read-outs."""
        return len(self.moments) * sum(field.nbytes for field in self.moments[0].readout)

    def action(self) -> Tensor:
        """Return the actions, [step, network, episode]."""
        return torch.stack([moment.action for moment in self.moments])

    def reward(self) -> Tensor:
        """Return the reward that followed each action, [step, network, episode]."""
        return torch.stack([moment.reward for moment in self.moments])

    def observation(self) -> Tensor:
        """Return what the task showed, [step, network, episode, channel]."""
        return torch.stack([moment.percept.observation for moment in self.moments])

    def state(self) -> dict[str, Tensor]:
        """Return every field of the task's state, [step, network, episode, ...]."""
        return self._fields([moment.state for moment in self.moments])

    def readout(self) -> dict[str, Tensor]:
        """Return every field of the agent's read-out, [step, network, episode, ...]."""
        return self._fields([moment.readout for moment in self.moments])

    def _fields(self, records: list[Any]) -> dict[str, Tensor]:
        like = self.moments[0].action
        return {name: _stacked([getattr(record, name) for record in records], like) for name in records[0]._fields}


class Watched(NamedTuple):
    """What other agents need of a read-out: its width."""

    logits: Tensor


@torch.inference_mode()
def side_by_side(trajectories: Sequence[Trajectory]) -> Trajectory:
    """Return what was perceived and done in several trajectories of the same networks: episodes after episodes.

    States and read-outs are left out, but for the logits.
    """
    if len(trajectories) == 1:
        return trajectories[0]
    return Trajectory([_joined(moments) for moments in zip(*(each.moments for each in trajectories), strict=True)])


def _joined(moments: Sequence[Moment]) -> Moment:
    percepts = [moment.percept for moment in moments]
    fields = ("observation", "previous_action", "previous_reward", "stimulation")
    values = {name: [getattr(percept, name) for percept in percepts] for name in fields}
    joined: dict[str, Any] = {name: None if each[0] is None else torch.cat(each, 1) for name, each in values.items()}
    percept = percepts[0]._replace(**joined)
    action, reward = (torch.cat([getattr(moment, name) for moment in moments], 1) for name in ("action", "reward"))
    logits = torch.cat([moment.readout.logits for moment in moments], 1)
    return Moment(None, percept, action, reward, Watched(logits))


def _owned(moment: Moment) -> Moment:
    """Copy the read-out, which may be a view of buffers that the agent uses again."""
    readout = moment.readout
    return moment._replace(readout=type(readout)(*(field.clone() for field in readout)))


def _stacked(values: list[Any], like: Tensor) -> Tensor:
    if isinstance(values[0], Tensor):
        return torch.stack(values)
    clock = torch.tensor(values, device=like.device)
    return clock[:, None, None].expand(-1, *like.shape)


@torch.inference_mode()
def rollout(task: Task, agent: Agent, noise: Noise, intervene: Intervention | None = None) -> Trajectory:
    """Run one episode in every world, and return all of it.

    Parameters
    ----------
    task : Task
    agent : Agent
    noise : Noise
        Its shape says how many worlds there are; `pfc_metarl.simulation.noise.draw` makes it.
    intervene : callable, optional
        (percept, state) -> percept, applied before the agent receives it. It may set ``percept.stimulation``, which is
        added to the reward-prediction error that an agent is given (`Network` with a separate critic), and
        ``percept.edit`` and ``percept.cell_edit``, edits of the units of a network (see
        `pfc_metarl.simulation.interventions`).

    Returns
    -------
    Trajectory
        It owns its data: later episodes of the agent do not change it.

    Raises
    ------
    BadInput
        If the agent cannot act in the task, does not receive the prediction error that is stimulated, or has no units
        or cells that are to be edited: the intervention would have no effect.

    Examples
    --------
    >>> from pfc_metarl.agents import Random
    >>> from pfc_metarl.simulation.noise import draw, generators
    >>> from pfc_metarl.tasks import TwoStep
    >>> task = TwoStep(n_trials=5)
    >>> noise = draw(generators(0, [0, 1], "example"), task.n_steps, 3, task.n_draws, len(task.action_names))
    >>> rollout(task, Random(), noise).reward().shape == (task.n_steps, 2, 3)
    True
    """
    require_recordable(task, agent, intervene)
    return Trajectory([_owned(moment) for moment in live(task, agent.for_task(task), noise, intervene)])


def live(task: Task, agent: Agent, noise: Noise, intervene: Intervention | None = None) -> Iterator[Moment]:
    """Run one episode in every world, moment by moment.

    Parameters
    ----------
    task, agent, noise, intervene
        As of `rollout`.

    Yields
    ------
    Moment
        Its read-out may hold only until the agent begins its next episode; `rollout` copies it.

    Raises
    ------
    BadInput
        As of `rollout`.

    Notes
    -----
    No weight is changed here. `rollout` and training take the moments in torch's inference
    mode, where no derivative can be recorded either and each operation costs less.
    """
    state = task.begin(noise.world[0])
    shape = noise.world.shape[1:3]
    memory = agent.begin((shape[0], shape[1]))
    device = noise.world.device
    action, reward = torch.full(shape, -1, device=device), torch.zeros(shape, device=device)
    for world_noise, choice_noise in zip(noise.world[1:].unbind(), noise.choice.unbind(), strict=True):
        percept = Percept(task.observe(state), action, reward)
        if intervene is not None:
            percept = intervene(percept, state)
            _require_input(agent, percept)
        action, readout, memory = agent.act(percept, memory, choice_noise)
        next_state, reward = task.step(state, action, world_noise)
        yield Moment(state, percept, action, reward, readout)
        state = next_state


def _require_input(agent: Agent, percept: Percept) -> None:
    if percept.stimulation is not None and not agent.has_rpe_input:
        raise BadInput(
            f"intervene: {type(agent).__name__} is stimulated but does not receive its prediction error; "
            'a network is with critic = "separate" and "rpe" among its inputs.'
        )
    if (percept.edit or percept.cell_edit) is not None and not agent.units_can_be_edited:
        raise BadInput(f"intervene: {type(agent).__name__} has no units whose activity could be edited.")
    if percept.cell_edit is not None and "cell" not in agent.readouts:
        raise BadInput('intervene: the units of this network have no cells to edit; those of core = "lstm" have.')


@torch.inference_mode()
def yoke(agent: Agent, trajectory: Trajectory) -> dict[str, Tensor]:
    """Show an agent what another one perceived and did; return its read-out.

    It learns from the other agent's choices as if they were its own; its own choices are ignored.

    Parameters
    ----------
    agent : Agent
    trajectory : Trajectory
        Of the other.

    Returns
    -------
    dict of Tensor, [step, network, episode, ...]
    """
    moments = trajectory.moments
    n_networks, n_episodes = moments[0].action.shape
    memory = agent.begin((n_networks, n_episodes))
    watched = []
    for moment in moments:
        logits = moment.readout.logits
        _, readout, memory = agent.act(moment.percept, memory, torch.zeros_like(logits))
        watched.append(moment._replace(readout=readout))
    return Trajectory(watched).readout()
