"""The recordings of a train-by-test matrix: the networks of several experiments, each in the tasks of all."""

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

import torch

from pfc_metarl.execution.jobs import Jobs
from pfc_metarl.execution.recordings import Recordings
from pfc_metarl.experiments.base import Experiment, Probe
from pfc_metarl.runs.lock import locked
from pfc_metarl.runs.run import Run, open_run
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks.base import Task

EPISODES = 300
"""Of each network and cell, unless a number is given, or the experiments record the task already."""


class Cells(NamedTuple):
    """The recordings of which a train-by-test matrix is made."""

    names: Mapping[str, str]
    """The name of the recording, the same in the run of every experiment, by the experiment of the test."""
    missing: Mapping[str, Probe]
    """Probes, by their names, that are no part of the experiments."""


def planned_cells(experiments: Mapping[str, Experiment], episodes: int | None = None) -> Cells:
    """Return which recordings a matrix is made of.

    Parameters
    ----------
    experiments : mapping of Experiment
        By name.
    episodes : int, optional
        Of each network and cell.

    Raises
    ------
    BadInput
        If there are fewer than two experiments, or their tasks differ in the number of channels or actions.

    Notes
    -----
    Where all experiments record a task already, in a probe of the same name, that recording is used. Otherwise a probe
    ``in_<experiment>`` is recorded. Networks of the same number meet the same worlds in all cells of a column.
    """
    _require_alike(experiments)
    names, missing = {}, {}
    for tested, experiment in experiments.items():
        task = _test_task(experiment)
        shared = _shared_probe(list(experiments.values()), task, episodes)
        names[tested] = shared or f"in_{tested}"
        if shared is None:
            missing[names[tested]] = Probe(episodes=episodes or EPISODES, in_task=task, only=_kept(experiment, task))
    return Cells(names, missing)


def _own_test(experiment: Experiment) -> str:
    """Return the name of the probe in whose task an experiment is tested: ``test``, or else the first."""
    return "test" if "test" in experiment.probes else next(iter(experiment.probes))


def _test_task(experiment: Experiment) -> Task:
    name = _own_test(experiment)
    return experiment.probes[name].task(experiment.task, name)


def _require_alike(experiments: Mapping[str, Experiment]) -> None:
    if len(experiments) < 2:
        raise BadInput(f"experiments = {', '.join(experiments)}: name two or more, which differ in their tasks.")
    first, *others = experiments
    for name in others:
        for what in ("channel_names", "action_names"):
            here, there = (len(getattr(experiments[each].task, what)) for each in (name, first))
            if here != there:
                raise BadInput(
                    f"experiments: the task of {name} has {here} {what.replace('_names', 's')}, that of {first} "
                    f"{there}; networks can be tested only where these are as many as in training."
                )


def _shared_probe(experiments: list[Experiment], task: Task, episodes: int | None) -> str | None:
    """Return the name of the probe with which all experiments record a task with frozen weights; None if none."""
    found = [
        (min(each.probes[name].episodes for each in experiments), name)
        for name in experiments[0].probes
        if all(name in each.probes and _is_test_in(each, name, task, episodes) for each in experiments)
    ]
    return max(found)[1] if found else None


def _is_test_in(experiment: Experiment, name: str, task: Task, episodes: int | None) -> bool:
    probe = experiment.probes[name]
    plain = probe.intervene is None and not probe.plastic and not probe.worlds
    return plain and probe.task(experiment.task, name) == task and episodes in (None, probe.episodes)


def _kept(experiment: Experiment, task: Task) -> tuple[str, ...]:
    """Return the variables to record: those of the task's state that the experiment's own test keeps."""
    wanted = experiment.probes[_own_test(experiment)].only
    state = task.begin(torch.full((1, 1, task.n_draws), 0.5))._fields
    return tuple(name for name in state if wanted is None or name in wanted)


def record_cells(run: Run, experiment: Experiment, cells: Cells, jobs: Jobs) -> list[str]:
    """Make the missing recordings of a trained run for a matrix; return their names.

    Raises
    ------
    BadInput
        If another process is at work in the run, or its networks cannot be recorded in a task.
    """
    probes = {name: experiment.probes[name] for name in cells.names.values() if name in experiment.probes}
    with locked(run.folder):
        opened = open_run(run.folder, run.follow_links)
        wanted = dataclasses.replace(experiment, probes={**probes, **cells.missing}, causality=None)
        return Recordings(wanted, opened, jobs).finish()
