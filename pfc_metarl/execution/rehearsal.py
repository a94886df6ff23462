"""Rehearsal before training: an update is tried, then recording, measures and headlines with a few episodes.

So mistakes that do not depend on learning are found before the training. Everything is in memory. Fits take a few steps
only, and read-outs are compared with one shuffle.
Recordings that no measure reads are tried for a few steps only. Experiments of the package with their own settings are
not rehearsed: the tests do that.

An error while recording, or while the trial table is made, is always a mistake. An error of a measure or a
headline may also mean that there are too few episodes. So it is tried again with more episodes, up to the number in
the experiment. If it fails then, it is a mistake, unless there was little to measure: more than half of the trials
lost, or an experiment with more episodes than are tried here.
"""

import contextlib
import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from pfc_metarl.agents.base import Agent
from pfc_metarl.arguments import argument
from pfc_metarl.data.trial_table import trials
from pfc_metarl.effort import rehearsing
from pfc_metarl.execution.first_update import try_first_update, without_global_noise
from pfc_metarl.execution.mistakes import as_bad_input
from pfc_metarl.execution.recordings import NETWORKS, Recorded, planned
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.experiments.expectations import summarised
from pfc_metarl.experiments.nulls import require_nulls
from pfc_metarl.experiments.registry import is_of_package
from pfc_metarl.learning.requirements import require_begin
from pfc_metarl.settings import BadInput, changed
from pfc_metarl.simulation import noise
from pfc_metarl.simulation.recording import record
from pfc_metarl.simulation.rollout import live
from pfc_metarl.tasks.base import Task

ATTEMPTS = ((5, 2), (20, 2), (300, 8))
"""Largest numbers of episodes and networks of each attempt."""

FIRST_STEPS = 8
"""Steps of a recording that no measure reads."""

MAX_FRACTION_LOST = 0.5
"""Fraction of trials. If more are lost, a measure may refuse an untrained network but not a trained one."""


def is_needed(experiment: Experiment, name: str, departures: Sequence[str]) -> bool:
    """Return whether an experiment is not one of the package with its own task, network, learner and probes.

    Parameters
    ----------
    experiment : Experiment
    name : str
        Its name or path; empty if it has none.
    departures : sequence of str
        Names of the settings that were changed.
    """
    sizes = {"networks", "learner.updates", *(f"probes.{probe}.episodes" for probe in experiment.probes)}
    return not is_of_package(name) or not set(departures) <= sizes


def rehearse(
    experiment: Experiment, seed: int = 0, device: str = "cpu", between: Callable[[], None] = lambda: None
) -> None:
    """Try a first update, and every step after the training with untrained networks and reference agents.

    Parameters
    ----------
    experiment : Experiment
    seed : int
        Of weights and worlds.
    device : str
        Torch device to train on.
    between : callable
        Called before each recording; it may raise an exception to stop.

    Raises
    ------
    BadInput
        For the first mistake; in code of a lab with file and line.
    """
    require_nulls(experiment)
    with as_bad_input(argument("device", device)) if device != "cpu" else contextlib.nullcontext():
        try_first_update(experiment, seed, device)
    with warnings.catch_warnings(), np.errstate(all="ignore"), rehearsing():
        warnings.simplefilter("ignore")  # of few data
        for n_episodes, n_networks in ATTEMPTS:
            recordings = _Recordings(experiment, seed, n_episodes, n_networks, between)
            mistake = _mistake(experiment, recordings)
            whole = _is_whole(experiment, n_episodes, n_networks)
            if mistake is None or whole:
                break
        recordings.try_the_others()
        if mistake is not None and whole and _choices_were_made(recordings):
            raise mistake


class _Recordings(Mapping[str, xr.Dataset]):
    """The recordings of an experiment with untrained networks, by name; each is made when it is first read.

    Parameters
    ----------
    experiment : Experiment
    seed : int
    n_episodes, n_networks : int
        At most.
    between : callable
    """

    def __init__(
        self, experiment: Experiment, seed: int, n_episodes: int, n_networks: int, between: Callable[[], None]
    ) -> None:
        self.experiment, self.seed, self.n_episodes, self.between = experiment, seed, n_episodes, between
        self.networks = tuple(range(min(experiment.networks, n_networks)))
        self.planned = {each.name: each for each in planned(experiment)}
        self.made: dict[str, xr.Dataset] = {}
        with as_bad_input("learner"):
            learner = changed(experiment.learner, {"updates": 1})  # the history of all updates may be large
            require_begin(learner)
            self.weights = learner.begin(experiment.task, experiment.network, seed, self.networks).weights

    def __iter__(self) -> Iterator[str]:
        return iter(self.planned)

    def __len__(self) -> int:
        return len(self.planned)

    def __getitem__(self, name: str) -> xr.Dataset:
        recorded = self.planned[name]
        if self._is_network(recorded):  # before the training, snapshots have the same weights
            name = recorded.probe
        if name not in self.made:
            self.between()
            with (
                as_bad_input(f"probe {recorded.probe}, recording of {recorded.who}", _Unreadable),
                without_global_noise(),
            ):
                self.made[name] = self._recording(recorded)
        return self.made[name]

    def try_the_others(self) -> None:
        """Try the recordings that no measure has read, for a few steps."""
        for name, recorded in self.planned.items():
            if name in self.made or (self._is_network(recorded) and recorded.who != NETWORKS):
                continue
            self.between()
            with as_bad_input(f"probe {recorded.probe}, {recorded.who}"), without_global_noise():
                self._first_steps(recorded)

    def _is_network(self, recorded: Recorded) -> bool:
        return recorded.who not in self.experiment.probes[recorded.probe].reference_agents

    def _task_and_agent(self, recorded: Recorded) -> tuple[Task, Agent]:
        probe = self.experiment.probes[recorded.probe]
        task = probe.task(self.experiment.task, recorded.probe)
        if self._is_network(recorded):
            return task, self.experiment.learner.agent(task, self.experiment.network, self.weights)
        return task, probe.reference_agents[recorded.who]

    def _first_steps(self, recorded: Recorded) -> None:
        task, agent = self._task_and_agent(recorded)
        sources = noise.generators(self.seed, self.networks, recorded.name)
        drawn = noise.draw(sources, task.n_steps, 2, task.n_draws, len(task.action_names))
        intervene = self.experiment.probes[recorded.probe].intervene
        for _ in itertools.islice(live(task, agent, drawn, intervene), FIRST_STEPS):
            pass

    def _recording(self, recorded: Recorded) -> xr.Dataset:
        probe = self.experiment.probes[recorded.probe]
        task, agent = self._task_and_agent(recorded)
        of_network: dict[str, Any] = {"only": probe.only, "yoked": probe.yoked} if self._is_network(recorded) else {}
        made = record(
            task,
            agent,
            min(probe.episodes, self.n_episodes),
            self.seed,
            purpose=recorded.probe,
            networks=self.networks,
            intervene=probe.intervene,
            worlds=probe.worlds or None,
            agent_name=type(agent).__name__,
            **of_network,
        )
        if task.trial_columns:
            trials(made)
        return made


class _Unreadable(BadInput):
    """A recording cannot be made; more episodes do not help."""


def _mistake(experiment: Experiment, recordings: Mapping[str, xr.Dataset]) -> BadInput | None:
    """Return the error in measures and headlines, or None."""
    try:
        with as_bad_input("measures and headlines"):
            summarised(experiment, recordings)
    except _Unreadable:
        raise
    except BadInput as error:
        return error
    return None


def _is_whole(experiment: Experiment, n_episodes: int, n_networks: int) -> bool:
    """Whether episodes and networks are as many as in the run, or networks as many as are tried at most."""
    most = max(probe.episodes for probe in experiment.probes.values())
    return most <= n_episodes and min(experiment.networks, ATTEMPTS[-1][1]) <= n_networks


def _choices_were_made(recordings: _Recordings) -> bool:
    """Whether untrained networks lost no more than half of the trials in any probe."""
    made = [recordings[probe] for probe in recordings.experiment.probes]
    tables = [trials(each) for each in made if np.size(each.attrs.get("trial_columns", ()))]
    lost = [float(table["lost"].mean()) for table in tables if "lost" in table and len(table)]
    return max(lost, default=0.0) <= MAX_FRACTION_LOST
