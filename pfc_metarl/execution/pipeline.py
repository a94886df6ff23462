"""From settings to summary: train, freeze, record, measure; whatever is complete already is not done again."""

import functools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
import xarray as xr

from pfc_metarl import experiments
from pfc_metarl.agents import Prefrontal
from pfc_metarl.agents.base import Agent
from pfc_metarl.execution.processes import Interrupted, Job, Report, Trained, train_cohort
from pfc_metarl.experiments.base import Experiment, Probe
from pfc_metarl.learning.base import first_weights
from pfc_metarl.networks.weights import Weights, at_stage, digest, stage_name
from pfc_metarl.runs.run import HISTORY, STAGES, WEIGHTS, Run
from pfc_metarl.settings import Failure, changed
from pfc_metarl.simulation.recording import record_in_parts

NETWORKS, UNTRAINED = "networks", "untrained"
"""Who lives in a recording, if no animal does: the networks as they were trained, or with their initial weights."""


class Plan(NamedTuple):
    """How to carry an experiment out; nothing in it changes a result."""

    workers: int
    report: Report
    """Called with the progress of the training."""
    stop: Any
    """A multiprocessing event; set it to interrupt."""
    seconds_between_checkpoints: float = 60.0


def simulate(experiment: Experiment, changes: Mapping[str, Any], run: Run, plan: Plan) -> dict[str, Any]:
    """Do what is left of a run; return its summary.

    Parameters
    ----------
    experiment : Experiment
    changes : mapping
        What was changed to make `experiment` out of the one that the manifest names, for the workers.
    run : Run
        Begun by `pfc_metarl.runs.run.begin`.
    plan : Plan

    Raises
    ------
    Interrupted
        If ``plan.stop`` was set; the same call goes on.
    """
    torch.set_num_threads(1)  # the bytes of a recording do not tell whether the training was in this process
    stages: dict[str, Callable[[], Any]] = {
        "train": lambda: _train(experiment, changes, run, plan),
        "record": lambda: _record(experiment, run, plan),
        "measure": lambda: _measured(experiment, run),
    }
    found: dict[str, Any] = {}
    for name, stage in stages.items():
        start, spent = time.monotonic(), run.manifest["seconds"]
        found = stage()
        run.update(seconds={**spent, name: round(spent.get(name, 0) + time.monotonic() - start, 2)})
    run.finish({**found, "stopped": run.manifest["stopped"]})
    return run.summary()


def _train(experiment: Experiment, changes: Mapping[str, Any], run: Run, plan: Plan) -> None:
    files = [WEIGHTS, HISTORY] + [STAGES] * bool(experiment.learner.snapshots)
    if all(run.has(file) for file in files):
        return
    manifest = run.manifest
    job = Job(
        source=manifest["experiment"],
        changes=changes,
        seed=manifest["seed"],
        networks=tuple(range(experiment.networks)),
        device=manifest["device"],
        checkpoints=str(run.checkpoints),
        seconds_between_checkpoints=plan.seconds_between_checkpoints,
        fingerprint=manifest["fingerprint"],
    )
    trained = train_cohort(job, manifest["shares"], plan.workers, plan.report, plan.stop)
    run.update(stopped={str(n): int(at) for n, at in enumerate(trained.stopped) if at >= 0})
    run.save_weights(trained.weights, run.origin())
    if trained.stages:
        run.save_weights(trained.stages, run.origin(), STAGES)
    run.save_dataset(HISTORY.removesuffix(".nc"), _history(experiment, run, trained))


def _history(experiment: Experiment, run: Run, trained: Trained) -> xr.Dataset:
    n_updates, n_networks = trained.history["reward_per_trial"].shape
    coords = {"update": np.arange(1, n_updates + 1), "network": np.arange(n_networks)}
    data = {name: (("update", "network"), values) for name, values in trained.history.items()}
    facts = {"episodes_per_update": experiment.learner.episodes, **_attributes(run)}
    return xr.Dataset(data, coords, facts)


def _record(experiment: Experiment, run: Run, plan: Plan) -> None:
    weights: dict[str, Callable[[], Weights]] = {
        NETWORKS: functools.cache(run.weights),
        UNTRAINED: functools.cache(lambda: _initial_weights(experiment, run)),
        **{stage: functools.partial(_weights_at, run, stage) for stage in _stages(experiment)},
    }
    for name, probe in experiment.probes.items():
        task = probe.task(experiment.task, name)
        for recorded, who in recorded_subjects(experiment, name).items():
            if not run.has(f"{recorded}.nc"):
                agent = probe.reference_agents.get(who) or cohort_of(experiment, task, weights[who]())
                run.save_recording(recorded, _recording(experiment, run, name, probe, agent, plan))
            _heed(plan)


def recorded_subjects(experiment: Experiment, name: str) -> dict[str, str]:
    """Return the names of the recordings of a probe, and who lives in each."""
    probe = experiment.probes[name]
    others = [UNTRAINED] * probe.untrained + _stages(experiment) * probe.stages + list(probe.reference_agents)
    return {name: NETWORKS, **{f"{name}_{who}": who for who in others}}


def _stages(experiment: Experiment) -> list[str]:
    return [stage_name(number) for number in range(1, len(experiment.learner.snapshots) + 1)]


def _weights_at(run: Run, stage: str) -> Weights:
    return at_stage(run.weights(STAGES), stage)


def _initial_weights(experiment: Experiment, run: Run) -> Weights:
    """Return the weights that the cohort began with: the same draw as in training."""
    return first_weights(experiment.task, experiment.network, run.manifest["seed"], range(experiment.networks))


def _heed(plan: Plan) -> None:
    if plan.stop.is_set():
        raise Interrupted


def experiment_of(run: Run) -> Experiment:
    """Return the experiment of a run, with the settings that it was run with."""
    experiment: Experiment = changed(experiments.load(run.manifest["experiment"]), run.manifest["settings"])
    return experiment


def cohort_of(experiment: Experiment, task: Any, weights: Weights) -> Agent:
    """Return the networks of an experiment, as an agent for a task."""
    agent: Agent = experiment.learner.agent(task, experiment.network, weights)
    return agent


def _recording(
    experiment: Experiment, run: Run, name: str, probe: Probe, agent: Agent, plan: Plan
) -> Iterator[xr.Dataset]:
    of_network = isinstance(agent, Prefrontal)
    frozen = {"weights_sha256": digest(agent.weights)} if isinstance(agent, Prefrontal) else {}
    yield from record_in_parts(
        probe.task(experiment.task, name),
        agent,
        n_episodes=probe.episodes,
        seed=run.manifest["seed"],
        purpose=name,
        intervene=probe.intervene,
        worlds=probe.worlds or None,
        networks=tuple(range(experiment.networks)),
        only=probe.only if of_network else None,
        yoked=probe.yoked if of_network else None,
        between=lambda: _heed(plan),
        agent_name=type(agent).__name__,
        **frozen,
        **_attributes(run),
    )
    if isinstance(agent, Prefrontal) and frozen != {"weights_sha256": digest(agent.weights)}:
        raise Failure(f"probe {name}: the weights were changed while they were recorded; the task or an agent does it.")


def _measured(experiment: Experiment, run: Run) -> dict[str, Any]:
    """Return the headline measures, and by recording the hash of the weights, the same before and after it."""
    recordings = _recordings(experiment, run)
    facts = ("weights_sha256", "intervention")
    said = {fact: {name: made.attrs[fact] for name, made in recordings.items() if fact in made.attrs} for fact in facts}
    return {"measures": experiment.summary(experiment.measures(recordings)), **said}


def _recordings(experiment: Experiment, run: Run) -> dict[str, xr.Dataset]:
    names = [recorded for name in experiment.probes for recorded in recorded_subjects(experiment, name)]
    return {name: run.recording(name) for name in names}


def _attributes(run: Run) -> dict[str, Any]:
    """Return the origin of a run as attributes that netCDF can hold."""
    return {
        name: fact if isinstance(fact, str) else json.dumps(fact)
        for name, fact in run.origin().items()
        if name != "seed"
    }
