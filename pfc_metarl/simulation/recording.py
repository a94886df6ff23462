"""Recording: an agent runs a probe with frozen weights, and all variables are labelled."""

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import Tensor

import pfc_metarl
from pfc_metarl.agents.base import Agent
from pfc_metarl.arguments import whole_number
from pfc_metarl.data.columns import Column
from pfc_metarl.data.dataset import attributes, variable
from pfc_metarl.data.streaming import joined_parts
from pfc_metarl.settings import BadInput, shown
from pfc_metarl.simulation import noise
from pfc_metarl.simulation.arguments import require_recordable
from pfc_metarl.simulation.rollout import Intervention, Trajectory, rollout
from pfc_metarl.simulation.yoked import as_numpy, rpe_attrs, rpe_of, value_of, watched, yoked_dims
from pfc_metarl.tasks.base import Task

EPISODES_AT_ONCE = 50
"""Episodes run in one batch. It limits the memory, and decides which random numbers each episode gets."""

MAX_BYTES_SHOWN, MAX_BYTES_HELD = 2**26, 2**28
"""Bytes of what the task shows to reference agents at once, and of read-outs of networks to which agents are yoked at
once. A step of a reference agent takes nearly the same time for one batch as for many."""


def record(task: Task, agent: Agent, n_episodes: int, seed: int, **options: Any) -> xr.Dataset:
    """Record an agent in a task.

    Parameters
    ----------
    task : Task
    agent : Agent
        The networks of a run (`pfc_metarl.load`), a model of trials (`pfc_metarl.agents.agent_of`), or any other.
    n_episodes : int
        Episodes of each network.
    seed : int
        Of worlds and choices. Agents recorded with the same seed, worlds and networks meet the same worlds.
    **options
        ``intervene``: an intervention, such as ``Edited("silenced", silence([3]))`` of
        `pfc_metarl.simulation.interventions`, or any function of a `Percept` and the state of the world that returns
        the percept that the agent receives.
        ``yoked``: agents by name that are shown what the agent perceived and did; their prediction errors are recorded
        as ``rpe_<name>``, their other read-outs as ``value_<name>`` and ``action_value_<name>``.
        ``only``: tuple of the names of the variables to record, besides those that trials are read from; by default
        all.
        ``networks``: tuple of the numbers of the networks or individuals; by default all networks of a cohort, or one
        individual.
        ``purpose`` and ``worlds``: names of the probe, and of its worlds; recordings with other names have other
        worlds.

    Returns
    -------
    Dataset
        Dims network, episode, step and those of the variables that `docs/recordings.md` lists.

    Raises
    ------
    BadInput
        If an argument is of the wrong kind, or the networks were trained with other channels or actions.

    Examples
    --------
    >>> from pfc_metarl.agents import agent_of
    >>> from pfc_metarl.models import RescorlaWagner
    >>> from pfc_metarl.tasks import Bandit
    >>> task = Bandit(n_trials=20)
    >>> recording = record(task, agent_of(RescorlaWagner(), task), n_episodes=3, seed=0)
    >>> dict(recording["action"].sizes)
    {'network': 1, 'episode': 3, 'step': 20}
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
    agent = agent.for_task(task)
    if intervene is not None:
        facts["intervention"] = name_of(intervene)
    numbers = tuple(range(agent.n_networks or 1)) if networks is None else _numbers(networks)
    if agent.n_networks not in (None, len(numbers)):
        raise BadInput(f"networks = {numbers}: the agent is a cohort of {agent.n_networks}; name as many, or none.")
    sources = noise.generators(seed, numbers, f"probe: {worlds or purpose}", agent.device)
    start, attrs = 0, _attrs(task, seed, purpose, facts)
    lived = _lived(task, agent, sources, n_episodes, intervene, between or (lambda: None))
    for trajectories in _held(lived, bool(yoked)):
        for trajectory, seen in zip(trajectories, watched(yoked or {}, trajectories), strict=True):
            part = _variables(task, agent, trajectory, seen, yoked or {}, only)
            yield xr.Dataset(part, _coords(task, numbers, start, part), attrs)
            start += trajectory.n_episodes


def _lived(
    task: Task,
    agent: Agent,
    sources: list[torch.Generator],
    n_episodes: int,
    intervene: Intervention | None,
    between: Callable[[], None],
) -> Iterator[Trajectory]:
    """Run the episodes: networks batch by batch, other agents as many batches at once as fit into memory."""
    shown = 4 * len(task.channel_names) * task.n_steps * len(sources) * EPISODES_AT_ONCE
    n_together = max(1, MAX_BYTES_SHOWN // shown) if agent.n_networks is None else 1
    left = n_episodes
    while left:
        sizes = [min(EPISODES_AT_ONCE, left - EPISODES_AT_ONCE * k) for k in range(n_together)]
        sizes = [size for size in sizes if size > 0]
        drawn = [noise.draw(sources, task.n_steps, n, task.n_draws, len(task.action_names)) for n in sizes]
        yield rollout(task, agent, noise.side_by_side(drawn), intervene)
        between()
        left -= sum(sizes)


def _held(trajectories: Iterable[Trajectory], yoked: bool) -> Iterator[list[Trajectory]]:
    """Yield trajectories one by one; for yoked agents, as many as fit into memory."""
    held: list[Trajectory] = []
    for trajectory in trajectories:
        held.append(trajectory)
        if not yoked or sum(each.n_bytes for each in held) >= MAX_BYTES_HELD:
            yield held
            held = []
    if held:
        yield held


def _numbers(networks: Any) -> tuple[int, ...]:
    try:
        given = tuple(networks)
    except TypeError:
        raise BadInput(f"networks = {shown(networks)}: give the number of each network, as in (0, 1, 2).") from None
    numbers = tuple(whole_number(number, "networks") for number in given)
    if not numbers or len(set(numbers)) < len(numbers):
        raise BadInput(f"networks = {shown(numbers)}: give each network once, and at least one.")
    return numbers


def name_of(intervene: Intervention) -> str:
    """Return what an intervention is called: its settings where it has any, or the name of a function."""
    return repr(intervene) if dataclasses.is_dataclass(intervene) else getattr(intervene, "__name__", repr(intervene))


def _variables(
    task: Task,
    agent: Agent,
    trajectory: Trajectory,
    seen: Mapping[str, Tensor],
    yoked: Mapping[str, Agent],
    only: tuple[str, ...] | None,
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
    if (value := value_of(readout, action)) is not None:
        arrays["rpe"] = rpe_of(agent, reward, value, trial)
    arrays |= seen
    for name, learner in yoked.items():
        dims |= yoked_dims(name, learner)
    if only is not None and (unknown := set(only) - {*arrays, "observation"}):
        raise BadInput(f"only = {sorted(unknown)}: there are no such variables; there are {', '.join(arrays)}.")
    read = {Column(name, *declared).variable for name, declared in task.trial_columns.items()}
    kept = set(arrays) if only is None else {"action", "reward", "trial", "phase", *read, *only}
    labelled = {n: variable(n, as_numpy(array), dims.get(n, ())) for n, array in arrays.items() if n in kept}
    for name in {"rpe", *(f"rpe_{each}" for each in yoked)} & set(labelled):
        suffix = name.removeprefix("rpe")
        learner = yoked[suffix.removeprefix("_")] if suffix else agent
        labelled[name].attrs |= rpe_attrs(learner, suffix)
    labelled["phase"].attrs |= {
        "flag_values": np.arange(len(task.phase_names), dtype=np.int8),
        "flag_meanings": list(task.phase_names),
    }
    return labelled


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
