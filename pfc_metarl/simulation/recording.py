"""Recording: an agent runs a probe with frozen weights, and all variables are labelled."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
import xarray as xr
from torch import Tensor

import pfc_metarl
from pfc_metarl import dopamine
from pfc_metarl.agents.base import Agent, Percept
from pfc_metarl.agents.prefrontal import Prefrontal
from pfc_metarl.arguments import whole_number
from pfc_metarl.data.columns import Column
from pfc_metarl.data.dataset import attributes, variable
from pfc_metarl.data.streaming import joined_parts
from pfc_metarl.settings import BadInput, shown
from pfc_metarl.simulation import noise
from pfc_metarl.simulation.arguments import require_recordable, with_room
from pfc_metarl.simulation.rollout import Intervention, Moment, Trajectory, rollout, yoke
from pfc_metarl.tasks.base import Task

EPISODES_AT_ONCE = 50
"""Episodes run in one batch. It limits the memory, and decides which random numbers each episode gets."""


def record(task: Task, agent: Agent, n_episodes: int, seed: int, **options: Any) -> xr.Dataset:
    """Record an agent in a task.

    Parameters
    ----------
    task, agent, n_episodes, seed, **options
        See `record_in_parts`.

    Returns
    -------
    Dataset
        Dims network, episode, step and those of `pfc_metarl.data.dataset.SCHEMA`; validated.
    """
    return joined_parts(list(record_in_parts(task, agent, n_episodes, seed, **options)))


def record_in_parts(
    task: Task,
    agent: Agent,
    n_episodes: int,
    seed: int,
    purpose: str = "test",
    networks: tuple[int, ...] | None = None,
    only: tuple[str, ...] | None = None,
    yoked: Mapping[str, Agent] | None = None,
    intervene: Intervention | None = None,
    worlds: str | None = None,
    between: Callable[[], None] | None = None,
    **facts: Any,
) -> Iterator[xr.Dataset]:
    """Record an agent in a task, `EPISODES_AT_ONCE` episodes at a time.

    Parameters
    ----------
    task : Task
    agent : Agent
    n_episodes : int
        Episodes of each network. Those of a shorter recording are the same, in whole blocks of `EPISODES_AT_ONCE`.
    seed : int
        Of worlds and choices. Agents recorded with the same seed, worlds and networks meet the same worlds.
    purpose : str
        Name of the probe.
    networks : tuple of int, optional
        Numbers of the networks, or of the individuals of another agent; by default all networks of a cohort, or one
        individual.
    only : tuple of str, optional
        Names of the variables to record besides action, reward, trial, phase and what trials are read from; all by
        default.
    yoked : mapping, optional
        Reference agents that are shown what the agent perceived and did. Their prediction errors are recorded as
        ``rpe_<name>``, their other read-outs as ``value_<name>``, ``action_value_<name>`` and so on.
    intervene : callable, optional
        See `pfc_metarl.simulation.rollout.rollout`; a recording names it in its attribute ``intervention``.
    worlds : str, optional
        Names the random stream; by default that of the probe, so that different probes have different ones.
    between : callable, optional
        Called after every `EPISODES_AT_ONCE` episodes; it may raise an exception to stop.
    **facts
        Further attributes: numbers, strings, lists of strings.

    Yields
    ------
    Dataset
        A recording of the next episodes; `pfc_metarl.data.streaming` joins them.

    Raises
    ------
    BadInput
        If an argument is of the wrong kind, or the networks were trained with other channels or actions.
    """
    require_recordable(task, agent, intervene)
    n_episodes, seed = whole_number(n_episodes, "n_episodes", 1), whole_number(seed, "seed")
    agent = with_room(agent, task)
    if intervene is not None:
        facts["intervention"] = name_of(intervene)
    numbers = tuple(range(_n_networks(agent))) if networks is None else _numbers(networks)
    if isinstance(agent, Prefrontal) and len(numbers) != _n_networks(agent):
        raise BadInput(f"networks = {numbers}: the agent is a cohort of {_n_networks(agent)}; name as many, or none.")
    sources = noise.generators(seed, numbers, f"probe: {worlds or purpose}", agent.device)
    for start in range(0, n_episodes, EPISODES_AT_ONCE):
        n = min(EPISODES_AT_ONCE, n_episodes - start)
        drawn = noise.draw(sources, task.n_steps, n, task.n_draws, len(task.action_names))
        trajectory = rollout(task, agent, drawn, intervene)
        part = _variables(task, agent, trajectory, yoked or {}, only)
        yield xr.Dataset(part, _coords(task, numbers, start, part), _attrs(task, seed, purpose, facts))
        if between is not None:
            between()


def _numbers(networks: Any) -> tuple[int, ...]:
    try:
        given = tuple(networks)
    except TypeError:
        raise BadInput(f"networks = {shown(networks)}: give the number of each network, as in (0, 1, 2).") from None
    numbers = tuple(whole_number(number, "networks") for number in given)
    if not numbers or len(set(numbers)) < len(numbers):
        raise BadInput(f"networks = {shown(numbers)}: give each network once, and at least one.")
    return numbers


def _n_networks(agent: Agent) -> int:
    return len(next(iter(agent.weights.values()))) if isinstance(agent, Prefrontal) else 1


def name_of(intervene: Intervention) -> str:
    """Return what an intervention is called: its settings where it has any, or the name of a function."""
    return repr(intervene) if dataclasses.is_dataclass(intervene) else getattr(intervene, "__name__", repr(intervene))


def _variables(
    task: Task, agent: Agent, trajectory: Trajectory, yoked: Mapping[str, Agent], only: tuple[str, ...] | None
) -> dict[str, xr.Variable]:
    state, readout = trajectory.state(), trajectory.readout()
    action, reward = trajectory.action(), trajectory.reward()
    trial = state["trial"]
    arrays = {"action": action, "reward": reward, **state}
    if only is None or "observation" in only:  # images take a lot of memory
        arrays["observation"] = trajectory.observation()
    dims = {**dict(task.field_dims), **agent.readouts}
    arrays |= {name: array for name, array in readout.items() if name in agent.readouts and name != "logits"}
    arrays["policy"] = readout["logits"].softmax(-1)
    if (value := _value(readout, action)) is not None:
        arrays["rpe"] = _rpe(agent, reward, value, trial)
    for name, learner in yoked.items():
        arrays |= _yoked_readouts(name, learner, trajectory, trial)
        dims |= _yoked_dims(name, learner)
    if only is not None and (unknown := set(only) - {*arrays, "observation"}):
        raise BadInput(f"only = {sorted(unknown)}: there are no such variables; there are {', '.join(arrays)}.")
    read = {Column(name, *declared).variable for name, declared in task.trial_columns.items()}
    kept = set(arrays) if only is None else {"action", "reward", "trial", "phase", *read, *only}
    labelled = {n: variable(n, _numpy(array), dims.get(n, ())) for n, array in arrays.items() if n in kept}
    for name in {"rpe", *(f"rpe_{each}" for each in yoked)} & set(labelled):
        suffix = name.removeprefix("rpe")
        learner = yoked[suffix.removeprefix("_")] if suffix else agent
        labelled[name].attrs |= _rpe_attrs(learner, suffix)
    labelled["phase"].attrs |= {
        "flag_values": np.arange(len(task.phase_names), dtype=np.int8),
        "flag_meanings": list(task.phase_names),
    }
    return labelled


def _yoked_readouts(name: str, agent: Agent, trajectory: Trajectory, trial: Tensor) -> dict[str, Tensor]:
    """Return the read-outs of a yoked agent and its prediction error, [step, network, episode, ...]."""
    readout = yoke(agent, trajectory)
    value = _value(readout, trajectory.action())
    if value is None:
        raise BadInput(f"yoked.{name}: {type(agent).__name__} has no values, so no prediction error; leave it out.")
    rpe = _rpe(agent, trajectory.reward(), value, trial)
    return {f"rpe_{name}": rpe, **{f"{field}_{name}": readout[field] for field in agent.readouts if field != "logits"}}


def _yoked_dims(name: str, agent: Agent) -> dict[str, tuple[str, ...]]:
    return {f"{field}_{name}": dims for field, dims in agent.readouts.items() if field != "logits"}


def with_yoked(recording: xr.Dataset, agents: Mapping[str, Agent]) -> xr.Dataset:
    """Show reference agents what a recorded subject perceived and did, and add their read-outs to the recording.

    `pfc_metarl.fitting.predictions` does the same with a trial table.

    Parameters
    ----------
    recording : Dataset
        Of networks, animals or people, with ``observation`` and the names of the options.
    agents : mapping of Agent
        They learn from the subject's choices as if those were their own.

    Returns
    -------
    Dataset
        The recording, and for each agent ``rpe_<name>``, ``action_value_<name>`` and its other read-outs: as if
        the agents had been yoked while it was made.

    Raises
    ------
    BadInput
        If the recording lacks what was observed, or the number of options.
    """
    for name in ("action", "reward", "trial", "observation", "option"):
        if name not in recording.variables:
            raise BadInput(
                f"The recording has no variable {name!r}, which agents must be shown; with its trials alone, "
                "pfc_metarl.fitting.predictions yokes a model to them."
            )
    parts = []
    for start in range(0, recording.sizes["episode"], EPISODES_AT_ONCE):
        own = recording.isel(episode=slice(start, start + EPISODES_AT_ONCE))
        trajectory, trial = _replayed(own), _tensor(own["trial"])
        arrays = {n: a for k, agent in agents.items() for n, a in _yoked_readouts(k, agent, trajectory, trial).items()}
        dims = {n: d for name, agent in agents.items() for n, d in _yoked_dims(name, agent).items()}
        made = {name: variable(name, _numpy(array), dims.get(name, ())) for name, array in arrays.items()}
        for name, agent in agents.items():
            made[f"rpe_{name}"].attrs |= _rpe_attrs(agent, f"_{name}")
        parts.append(made)
    return recording.assign({name: xr.Variable.concat([part[name] for part in parts], "episode") for name in parts[0]})


def _replayed(recording: xr.Dataset) -> Trajectory:
    """Return what a recorded subject perceived and did; of its read-out only the width is known."""
    action, reward, observation = (_tensor(recording[name]) for name in ("action", "reward", "observation"))
    action, none = action.long(), Readout(torch.zeros(*action.shape[1:], recording.sizes["option"]))
    before = torch.cat([torch.full_like(action[:1], -1), action[:-1]])
    paid = torch.cat([torch.zeros_like(reward[:1]), reward[:-1]])
    percepts = (Percept(*each) for each in zip(observation, before, paid, strict=True))
    moments = zip(percepts, action, reward, strict=True)
    return Trajectory([Moment(None, percept, did, got, none) for percept, did, got in moments])


class Readout(NamedTuple):
    """What is known of the read-out of a recorded subject."""

    logits: Tensor


def _tensor(array: xr.DataArray) -> Tensor:
    """[network, episode, step, ...] -> [step, network, episode, ...]."""
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(array.values, 2, 0)))


def _value(readout: Mapping[str, Tensor], action: Tensor) -> Tensor | None:
    """Return the value of an agent at each step: of the state, or of the action taken."""
    if "value" in readout or "action_value" not in readout:
        return readout.get("value")
    return readout["action_value"].gather(-1, action.unsqueeze(-1)).squeeze(-1)


def _rpe(agent: Agent, reward: Tensor, value: Tensor, trial: Tensor) -> Tensor:
    next_value = torch.cat([value[1:], torch.zeros_like(value[:1])])
    if not agent.values_reach_next_trial:
        next_trial = torch.cat([trial[1:], trial[-1:] + 1])
        next_value = next_value * (next_trial == trial)
    return dopamine.prediction_error(reward, value, next_value, agent.discount)


def _rpe_attrs(agent: Agent, suffix: str) -> dict[str, Any]:
    """Return the values and the discount from which a prediction error was computed: see `pfc_metarl.data.dataset`."""
    discount = np.ravel(np.asarray(agent.discount, dtype=float))
    return {
        "value": f"{'value' if 'value' in agent.readouts else 'action_value'}{suffix}",
        "discount": float(discount[0]) if discount.size == 1 else discount,
        "next_value_within": "episode" if agent.values_reach_next_trial else "trial",
    }


def _numpy(array: Tensor) -> np.ndarray:
    """[step, network, episode, ...] -> [network, episode, step, ...]."""
    return np.moveaxis(array.cpu().numpy(), 0, 2)


def _coords(task: Task, networks: tuple[int, ...], first: int, variables: Mapping[str, xr.Variable]) -> dict[str, Any]:
    sizes = {dim: n for var in variables.values() for dim, n in zip(var.dims, var.shape, strict=True)}
    sizes["option"] = len(task.action_names)  # names the actions in every recording
    names = {"network": list(networks), "option": list(task.action_names), "channel": list(task.channel_names)}
    starts = {"episode": first}
    return {str(dim): names.get(str(dim), np.arange(n) + starts.get(str(dim), 0)) for dim, n in sizes.items()}


def _attrs(task: Task, seed: int, purpose: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    columns = [str(Column(name, *declared)) for name, declared in task.trial_columns.items()]
    return attributes(
        task=type(task).__name__,
        probe=purpose,
        seed=seed,
        trial_columns=columns,
        no_response_actions=list(task.no_response_actions),
        pfc_metarl_version=pfc_metarl.__version__,
        **{name: json.dumps(fact) if isinstance(fact, dict) else fact for name, fact in facts.items()},
    )
