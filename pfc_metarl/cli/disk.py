"""How much of the disk a run needs: estimated before it begins, and counted when it is complete."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfc_metarl.data.files import size_of
from pfc_metarl.settings import printable

if TYPE_CHECKING:
    from pfc_metarl.experiments.base import Experiment, Probe

BYTES_OF_A_STEP = 60
"""Of what is recorded of every agent: action, reward, value, policy, and the state of the task, about."""
LEAST = 1_000_000
"""Smaller runs are not announced."""


def expected_bytes(experiment: "Experiment") -> int:
    """Return how many bytes the recordings of an experiment will have, about.

    Examples
    --------
    >>> from pfc_metarl import Experiment, Network, Probe
    >>> from pfc_metarl.tasks import Bandit
    >>> parts = {"network": Network(units=50), "networks": 2, "probes": {"test": Probe(episodes=10)}}
    >>> expected_bytes(Experiment(claim="", task=Bandit(n_trials=100), **parts))  # 2 * 10 * 100 steps
    920000
    """
    return sum(_of_probe(experiment, name, probe) for name, probe in experiment.probes.items())


def _of_probe(experiment: "Experiment", name: str, probe: "Probe") -> int:
    steps = experiment.networks * probe.episodes * probe.task(experiment.task, name).n_steps
    cohorts = 1 + probe.untrained + len(experiment.learner.snapshots) * probe.snapshots
    activity = _activity(experiment.network) if probe.only is None or "hidden" in probe.only else 0
    return int(steps * (cohorts * (activity + BYTES_OF_A_STEP) + len(probe.reference_agents) * BYTES_OF_A_STEP))


def _activity(network: Any) -> int:
    """Return the bytes of hidden and cell states of a network at a step."""
    units = getattr(network, "units", 0) * getattr(network, "layers", 1)
    cores = 2 if getattr(network, "critic", "") == "separate" else 1
    return 4 * units * cores * (2 if getattr(network, "core", "") == "lstm" else 1)


def announced(folder: Path, experiment: "Experiment") -> str:
    """Return how much of the disk a new run will take, and whether there is less space; empty for small runs."""
    size = expected_bytes(experiment)
    if size < LEAST or os.path.exists(folder / "run.json"):  # False, no error, for a name that cannot be
        return ""
    text = f"recordings will take about {size_of(size)} in {printable(str(folder))}/"
    there = next((path for path in (folder, *folder.absolute().parents) if os.path.isdir(path)), None)
    if there is not None and (free := shutil.disk_usage(there).free) < size:
        text += f"\nwarning: the disk has {size_of(free)} left, less than that; record fewer episodes."
    return text
