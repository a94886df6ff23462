"""The recordings of an experiment: the list of them, what each depends on, and making those that are missing."""

import dataclasses
import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import xarray as xr

from pfc_metarl.agents.base import Agent
from pfc_metarl.data.dataset import open_recording
from pfc_metarl.data.facts import facts
from pfc_metarl.execution.jobs import Interrupted, InThisProcess, Jobs, Report, Result
from pfc_metarl.execution.mistakes import as_bad_input
from pfc_metarl.execution.plastic import final_states, plastic_parts
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.networks.weights import Weights, at_snapshot, digest, snapshot_name
from pfc_metarl.runs.identity import described, fingerprint
from pfc_metarl.runs.run import SNAPSHOTS, Run
from pfc_metarl.settings import BadInput, Failure
from pfc_metarl.simulation.recording import EPISODES_AT_ONCE, record_in_parts

NETWORKS, UNTRAINED = "networks", "untrained"
"""The agent of a recording that is not a reference agent: trained networks, or networks with initial weights."""


class Recorded(NamedTuple):
    """A recording that an experiment asks for."""

    name: str
    probe: str
    who: str
    """`NETWORKS`, `UNTRAINED`, a snapshot of training, or the name of a reference agent."""


def planned(experiment: Experiment) -> list[Recorded]:
    """Return all recordings that an experiment asks for."""
    return [
        Recorded(name, probe, who)
        for probe in experiment.probes
        for name, who in recorded_subjects(experiment, probe).items()
    ]


def recorded_subjects(experiment: Experiment, name: str) -> dict[str, str]:
    """Return the names of the recordings of a probe, and the agent of each."""
    probe = experiment.probes[name]
    others = [UNTRAINED] * probe.untrained + _snapshots(experiment) * probe.snapshots + list(probe.reference_agents)
    return {name: NETWORKS, **{f"{name}_{who}": who for who in others}}


def _made_from(experiment: Experiment, run: Run, recorded: Recorded, weights: Weights | None) -> str:
    """Return the fingerprint of everything that a recording depends on."""
    probe = experiment.probes[recorded.probe]
    same = {"seed": run.manifest["seed"], "networks": experiment.networks, "purpose": recorded.probe}
    parts: dict[str, Any] = {
        **same,
        "task": probe.task(experiment.task, recorded.probe),
        "episodes": probe.episodes,
        "intervene": probe.intervene,
        "worlds": probe.worlds,
    }
    if weights is None:
        return fingerprint({**parts, "agent": probe.reference_agents[recorded.who]})
    trained = {"network": experiment.network, "learner": _class_and_discount(experiment)}
    if _is_plastic(experiment, recorded):
        states = [run.manifest["files"][name]["sha256"] for name in final_states(run)]
        trained = {**trained, "goes on as": experiment.learner, "from": states}
    return fingerprint({**parts, **trained, "weights": digest(weights), "only": probe.only, "yoked": probe.yoked})


def _is_plastic(experiment: Experiment, recorded: Recorded) -> bool:
    return experiment.probes[recorded.probe].plastic and recorded.who == NETWORKS


def _class_and_discount(experiment: Experiment) -> Any:
    learner = experiment.learner
    return [described(type(learner)), learner.discount]


def _snapshots(experiment: Experiment) -> list[str]:
    return [snapshot_name(number) for number in range(1, len(experiment.learner.snapshots) + 1)]


def _weights_at(run: Run, snapshot: str) -> Weights:
    return at_snapshot(run.weights(SNAPSHOTS), snapshot)


def _initial_weights(experiment: Experiment, run: Run) -> Weights:
    """Return the initial weights of the cohort, drawn as in training."""
    networks = range(experiment.networks)
    training = experiment.learner.begin(experiment.task, experiment.network, run.manifest["seed"], networks)
    return dict(training.weights)


def _recording(
    experiment: Experiment, run: Run, recorded: Recorded, weights: Weights | None, between: Callable[[], None]
) -> Iterator[xr.Dataset]:
    probe = experiment.probes[recorded.probe]
    task = probe.task(experiment.task, recorded.probe)
    options: dict[str, Any] = {
        "n_episodes": probe.episodes,
        "seed": run.manifest["seed"],
        "purpose": recorded.probe,
        "intervene": probe.intervene,
        "worlds": probe.worlds or None,
        "between": between,
        **attributes(run),
    }
    if weights is None:
        agent: Agent = probe.reference_agents[recorded.who]
    else:
        agent = experiment.learner.agent(task, experiment.network, weights)
        options |= {"only": probe.only, "yoked": probe.yoked, "weights_sha256": digest(weights)}
    options["agent_name"] = type(agent).__name__
    if _is_plastic(experiment, recorded):
        yield from plastic_parts(experiment, run, recorded.probe, plastic=1, **options)
        return
    yield from record_in_parts(task, agent, networks=tuple(range(experiment.networks)), **options)
    if weights is not None and options["weights_sha256"] != digest(weights):
        raise Failure(f"probe {recorded.probe}: the weights were changed while they were recorded, by task or agent.")


class RecordingProgress(NamedTuple):
    """Progress of the recordings that are made."""

    name: str
    number: int
    """Of this recording among those that are made, from 1."""
    n_recordings: int
    episodes: int
    """That are recorded."""
    n_episodes: int


class RecordingJob(NamedTuple):
    """Making a recording as a job."""

    experiment: Experiment
    run: Run
    recorded: Recorded
    number: int = 1
    n_recordings: int = 1

    def __call__(self, report: Report, asked_to_stop: Callable[[], bool]) -> "Made":
        """Record, and write the file."""
        n_episodes = self.experiment.probes[self.recorded.probe].episodes
        recorded = itertools.count(0, EPISODES_AT_ONCE)

        def between() -> None:
            done = min(next(recorded), n_episodes)
            report(RecordingProgress(self.recorded.name, self.number, self.n_recordings, done, n_episodes))
            if asked_to_stop():
                raise Interrupted

        with as_bad_input("record"):
            between()
            weights = self.weights()
            parts = _recording(self.experiment, self.run, self.recorded, weights, between)
            made_from = _made_from(self.experiment, self.run, self.recorded, weights)
            entry = self.run.write_recording(self.recorded.name, parts, made_from)
            progress = RecordingProgress(self.recorded.name, self.number, self.n_recordings, n_episodes, n_episodes)
            report(progress)  # not every agent reports its last episodes
            return Made(entry, time.monotonic())

    def weights(self) -> Weights | None:
        """Return the weights of the networks to record; None for a reference agent."""
        who = self.recorded.who
        if who in self.experiment.probes[self.recorded.probe].reference_agents:
            return None
        if who == UNTRAINED:
            return _initial_weights(self.experiment, self.run)
        return self.run.weights() if who == NETWORKS else _weights_at(self.run, who)

    def is_complete(self) -> bool:
        """Return whether the recording is there, and would be the same."""
        name = f"{self.recorded.name}.nc"
        if not self.run.has(name):
            return False
        return self.run.has(name, _made_from(self.experiment, self.run, self.recorded, self.weights()))


class Made(NamedTuple):
    """A recording that was made: its entry for the manifest, and when it was complete, on the monotonic clock."""

    entry: dict[str, Any]
    ended: float


class Recordings(Mapping[str, xr.Dataset]):
    """The recordings of an experiment, by name; those that are missing or outdated are made.

    Each is there as soon as it is complete, so that measures may begin before all are.

    Parameters
    ----------
    experiment : Experiment
    run : Run
        Trained.
    jobs : Jobs
        They make the recordings.
    """

    def __init__(self, experiment: Experiment, run: Run, jobs: Jobs) -> None:
        self.run, self.jobs = run, jobs
        self.opened: dict[str, xr.Dataset] = {}
        self.ended = time.monotonic()
        """When the last of them was complete, on the monotonic clock."""
        recorded_only = dataclasses.replace(
            experiment, measures=None, reference_measures=None, headlines=(), causality=None
        )
        self.planned = {each.name: RecordingJob(recorded_only, run, each) for each in planned(experiment)}
        with as_bad_input("record"):
            self.kept = [name for name, job in self.planned.items() if job.is_complete()]
        missing = [name for name in self.planned if name not in self.kept]
        numbered = {
            name: self.planned[name]._replace(number=number, n_recordings=len(missing))
            for number, name in enumerate(missing, start=1)
        }
        self.coming = {name: _submitted(job, jobs) for name, job in numbered.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self.planned)

    def __len__(self) -> int:
        return len(self.planned)

    def __getitem__(self, name: str) -> xr.Dataset:
        """Open a recording; waits until it is complete."""
        if name not in self.opened:
            if name not in self.planned:
                raise KeyError(name)
            self._complete(name)
            self.opened[name] = open_recording(self.run.folder / f"{name}.nc", checked=True)
        return self.opened[name]

    def facts(self, name: str) -> dict[str, Any]:
        """Return the attributes of a recording; waits until it is complete."""
        self._complete(name)
        return facts(self.run.folder / f"{name}.nc")

    def finish(self) -> list[str]:
        """Wait until all recordings are complete; return the names of those that were made."""
        for name in list(self.coming):
            self._complete(name)
        made = [name for name in self.planned if name not in self.kept]
        files = self.run.manifest["files"]
        names = [f"{name}.nc" for name in self.planned]
        ordered = [*(name for name in files if name not in names), *names]
        if made and list(files) != ordered:
            self.run.update(files={name: files[name] for name in ordered})
        return made

    def _complete(self, name: str) -> None:
        """Wait until a recording is complete, and add it to the manifest."""
        if name in self.coming:
            made: Made = self.coming[name]()
            self.run.add_entry(f"{name}.nc", made.entry)
            del self.coming[name]
            self.ended = max(self.ended, made.ended)


def _submitted(job: RecordingJob, jobs: Jobs) -> Result:
    """Submit a job; what cannot be sent to another process is done in this one."""
    try:
        return jobs.submit(job)
    except BadInput:
        return InThisProcess(jobs.report, jobs.stop).submit(job)


def attributes(run: Run) -> dict[str, Any]:
    """Return the origin of a run as attributes that netCDF can hold."""
    return {
        name: fact if isinstance(fact, str) else json.dumps(fact)
        for name, fact in run.origin().items()
        if name != "seed"
    }
