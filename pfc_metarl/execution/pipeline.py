"""From settings to summary: train, freeze, record, measure; complete steps are not repeated."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from pfc_metarl.arguments import command
from pfc_metarl.data.files import replacing
from pfc_metarl.execution.cohort import one_thread, trained_by
from pfc_metarl.execution.jobs import Interrupted, InThisProcess, Jobs, Report
from pfc_metarl.execution.mistakes import as_bad_input
from pfc_metarl.execution.processes import jobs_in
from pfc_metarl.execution.recordings import Recordings, attributes, planned
from pfc_metarl.execution.shard import Shard, Trained
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.experiments.expectations import names_of, summarised
from pfc_metarl.runs.identity import described, fingerprint
from pfc_metarl.runs.run import HISTORY, SNAPSHOTS, STATE, SUMMARY, Run
from pfc_metarl.settings import BadInput, Failure

FACTS = ("weights_sha256", "intervention")
"""Attributes of recordings that are copied to the summary."""


class Plan(NamedTuple):
    """How to run an experiment; no field changes a result."""

    workers: int
    report: Report
    """Called with the progress of the training."""
    stop: Any
    """An event; set it to interrupt. None if nothing can."""
    seconds_between_checkpoints: float = 60.0
    trained: Callable[[], None] = lambda: None
    """Called when the training is complete."""


class Done(NamedTuple):
    """The parts of a run that were kept, and those that were made."""

    kept: list[str]
    made: list[str]
    seconds: dict[str, float]
    """Seconds that each step took, of those that made something."""

    def sentence(self) -> str:
        """Return both as a line of text; empty if nothing was kept.

        Examples
        --------
        >>> Done(["weights", "test"], ["control"], {}).sentence()
        'kept: weights, test; made: control'
        """
        made = f"; made: {', '.join(self.made)}" if self.made else ""
        return f"kept: {', '.join(self.kept)}{made}" if self.kept else ""


def training_of(experiment: Experiment, seed: int, device: str) -> dict[str, Any]:
    """Return what the weights of a cohort depend on, as plain values."""
    parts = {name: described(getattr(experiment, name)) for name in ("task", "network", "learner", "networks")}
    return {**parts, "seed": seed, "device": device}


def carry_out(experiment: Experiment, run: Run, plan: Plan) -> Done:
    """Do the missing steps of a run.

    Parameters
    ----------
    experiment : Experiment
    run : Run
        Begun by `pfc_metarl.runs.begin.begin`.
    plan : Plan

    Raises
    ------
    Interrupted
        If ``plan.stop`` was set; the same call continues.
    """
    done = Done([], [], {})
    with one_thread(), jobs_in(plan.workers, plan.report, plan.stop) as jobs:
        start = time.monotonic()
        _train(experiment, run, plan, jobs, done)
        if "weights" in done.made:
            _add_seconds(run, done, "train", time.monotonic() - start)
        raise_if_interrupted(plan)
        plan.trained()
        with _after_training(done):
            _record_and_measure(experiment, run, plan, jobs, done)
    run.conclude()
    return done


def _add_seconds(run: Run, done: Done, step: str, seconds: float) -> None:
    done.seconds[step] = seconds
    spent = run.manifest["seconds"]
    run.update(seconds={**spent, step: round(spent.get(step, 0) + seconds, 2)})


def _record_and_measure(experiment: Experiment, run: Run, plan: Plan, jobs: Jobs, done: Done) -> None:
    """Make the recordings and the summary; where worker processes record, measuring begins meanwhile."""
    start = time.monotonic()
    recordings = Recordings(experiment, run, jobs)
    summary = None
    if jobs.in_parallel and recordings.coming and not run.has(SUMMARY):
        with contextlib.suppress(Exception):  # it is raised again below, when all recordings are complete
            summary = _summary(experiment, run, recordings)
    made = recordings.finish()
    done.kept.extend(recordings.kept)
    done.made.extend(made)
    if made:
        _add_seconds(run, done, "record", recordings.ended - start)
    raise_if_interrupted(plan)
    with as_bad_input("measure"):
        _measure(experiment, run, recordings, summary, done)
    if "summary" in done.made:
        _add_seconds(run, done, "measure", time.monotonic() - recordings.ended)


@contextlib.contextmanager
def _after_training(done: Done) -> Iterator[None]:
    """Report an error after the training with a note that the weights are kept."""
    try:
        yield
    except BadInput as error:
        if "weights" not in done.made:
            raise
        raise Failure(
            f"{str(error).rstrip('.')}; the trained weights are kept; repeat the {command()} to continue."
        ) from error


def raise_if_interrupted(plan: Plan) -> None:
    """Raise `Interrupted` if the plan was stopped."""
    if plan.stop is not None and plan.stop.is_set():
        raise Interrupted


def _train(experiment: Experiment, run: Run, plan: Plan, jobs: Jobs, done: Done) -> None:
    if run.trained:
        done.kept.append("weights")
        return
    outdated = set(run.recordings()) - {recorded.name for recorded in planned(experiment)}
    run.drop(f"{name}.nc" for name in outdated)  # their weights were replaced
    cohort, shards = cohort_of(experiment, run, plan.seconds_between_checkpoints), run.manifest["shards"]
    alone = min(shards, experiment.networks) == 1
    trained = trained_by(cohort, shards, InThisProcess(plan.report, plan.stop) if alone else jobs)
    _keep(experiment, run, trained)
    done.made.append("weights")


def cohort_of(experiment: Experiment, run: Run, seconds_between_checkpoints: float) -> Shard:
    """Return the cohort of a run, all its networks in one shard, with its checkpoints in the run directory."""
    manifest = run.manifest
    return Shard(
        experiment.task,
        experiment.network,
        experiment.learner,
        manifest["seed"],
        tuple(range(experiment.networks)),
        manifest["device"],
        tuple(manifest["trained_on"]),
        str(run.checkpoints),
        seconds_between_checkpoints,
        _without_updates(manifest["training"]),
    )


def _without_updates(training: dict[str, Any]) -> str:
    """Return the fingerprint of a training, whatever its number of updates."""
    return fingerprint({**training, "learner": {**training["learner"], "updates": 0}})


def _keep(experiment: Experiment, run: Run, trained: Trained) -> None:
    """Write the results of a training."""
    updates = experiment.learner.updates
    run.drop([name for name in run.manifest["files"] if name.startswith(STATE)])
    for path in sorted(run.checkpoints.glob(f"*_to_{updates}.safetensors")):
        state = run.folder / path.name.replace("networks_", STATE, 1)
        with replacing(state) as temporary:
            temporary.write_bytes(path.read_bytes())
        run.add(state)
    run.update(stopped={str(n): int(at) for n, at in enumerate(trained.stopped) if at >= 0})
    run.save_weights(trained.weights, run.origin())
    if trained.snapshots:
        run.save_weights(trained.snapshots, run.origin(), SNAPSHOTS)
    run.save_dataset(Path(HISTORY).stem, _history(experiment, run, trained))


def _history(experiment: Experiment, run: Run, trained: Trained) -> xr.Dataset:
    n_updates, n_networks = trained.history["reward_per_trial"].shape
    coords = {"update": np.arange(1, n_updates + 1), "network": np.arange(n_networks)}
    data = {name: (("update", "network"), values) for name, values in trained.history.items()}
    return xr.Dataset(data, coords, {"episodes_per_update": experiment.learner.episodes, **attributes(run)})


def _measure(
    experiment: Experiment, run: Run, recordings: Recordings, summary: dict[str, Any] | None, done: Done
) -> None:
    """Write the headline measures, if they are not there or would be others."""
    files = {name: run.manifest["files"][f"{name}.nc"]["sha256"] for name in recordings}
    parts = (experiment.claim, experiment.measures, experiment.reference_measures, list(experiment.headlines))
    made_from = fingerprint([files, run.manifest["stopped"], *parts])
    if run.has(SUMMARY, made_from):
        done.kept.append("summary")
        return
    run.finish(summary or _summary(experiment, run, recordings), made_from)
    done.made.append("summary")


def _summary(experiment: Experiment, run: Run, recordings: Recordings) -> dict[str, Any]:
    """Return the headline measures, and for each recording the hash of the weights, which it did not change."""
    summary = summarised(experiment, recordings, names_of(run.manifest["changes"]))
    facts = {name: recordings.facts(name) for name in recordings}
    found = {fact: {name: own[fact] for name, own in facts.items() if fact in own} for fact in FACTS}
    return {**summary, **found, "stopped": run.manifest["stopped"]}
