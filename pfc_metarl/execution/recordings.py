"""The recordings of an experiment: the list of them, what each depends on, and making those that are missing."""

import functools
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import xarray as xr

from pfc_metarl.agents.base import Agent
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.networks.weights import Weights, at_snapshot, digest, snapshot_name
from pfc_metarl.runs.identity import described, fingerprint
from pfc_metarl.runs.run import SNAPSHOTS, Run
from pfc_metarl.settings import Failure
from pfc_metarl.simulation.recording import record_in_parts

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


def record_missing(
    experiment: Experiment, run: Run, between: Callable[[], None], kept: list[str], made: list[str]
) -> None:
    """Make the recordings that are missing or outdated.

    Parameters
    ----------
    experiment : Experiment
    run : Run
        Trained.
    between : callable
        Called between parts; it may raise an exception to stop.
    kept, made : list of str
        Names of the recordings are added to these lists.
    """
    weights: dict[str, Callable[[], Weights]] = {
        NETWORKS: functools.cache(run.weights),
        UNTRAINED: functools.cache(lambda: _initial_weights(experiment, run)),
        **{snapshot: functools.partial(_weights_at, run, snapshot) for snapshot in _snapshots(experiment)},
    }
    for recorded in planned(experiment):
        own = weights[recorded.who]() if recorded.who in weights else None
        made_from = _made_from(experiment, run, recorded, own)
        if run.has(f"{recorded.name}.nc", made_from):
            kept.append(recorded.name)
        else:
            parts = _recording(experiment, run, recorded, own, between)
            run.save_recording(recorded.name, parts, made_from)
            made.append(recorded.name)
        between()


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
    return fingerprint({**parts, **trained, "weights": digest(weights), "only": probe.only, "yoked": probe.yoked})


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
    of_network: dict[str, Any] = {}
    if weights is None:
        agent: Agent = probe.reference_agents[recorded.who]
    else:
        agent = experiment.learner.agent(task, experiment.network, weights)
        of_network = {"only": probe.only, "yoked": probe.yoked, "weights_sha256": digest(weights)}
    yield from record_in_parts(
        task,
        agent,
        n_episodes=probe.episodes,
        seed=run.manifest["seed"],
        purpose=recorded.probe,
        intervene=probe.intervene,
        worlds=probe.worlds or None,
        networks=tuple(range(experiment.networks)),
        between=between,
        agent_name=type(agent).__name__,
        **of_network,
        **attributes(run),
    )
    if weights is not None and of_network["weights_sha256"] != digest(weights):
        raise Failure(f"probe {recorded.probe}: the weights were changed while they were recorded, by task or agent.")


def attributes(run: Run) -> dict[str, Any]:
    """Return the origin of a run as attributes that netCDF can hold."""
    return {
        name: fact if isinstance(fact, str) else json.dumps(fact)
        for name, fact in run.origin().items()
        if name != "seed"
    }
