"""Recordings of networks whose weights go on learning in the probe, from the state at the end of their training.

The recording itself is made with constant weights, `EPISODES_AT_ONCE` episodes at a time. Between two of these batches
the learner makes one update from the episodes that were just recorded.
"""

from collections.abc import Iterator
from typing import Any

import xarray as xr
from safetensors.torch import load_file

from pfc_metarl.execution.shard import with_more_updates
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.learning.base import Training
from pfc_metarl.runs.run import STATE, Run
from pfc_metarl.settings import BadInput, changed
from pfc_metarl.simulation import noise
from pfc_metarl.simulation.recording import EPISODES_AT_ONCE, record_in_parts


def final_states(run: Run) -> list[str]:
    """Return the files with the state at the end of the training, those of the first networks first.

    Raises
    ------
    BadInput
        If there are none.
    """
    end = f"_to_{run.manifest['training']['learner']['updates']}.safetensors"
    found = [name for name in run.manifest["files"] if name.startswith(STATE) and name.endswith(end)]
    if not found:
        raise BadInput(f"{run.folder}: the state at the end of its training is missing, so no learner can go on there.")
    return sorted(found, key=_first_network)


def plastic_parts(experiment: Experiment, run: Run, probe: str, /, **options: Any) -> Iterator[xr.Dataset]:
    """Record a probe in which the weights go on learning.

    Parameters
    ----------
    experiment : Experiment
    run : Run
        Trained.
    probe : str
    **options
        Of `pfc_metarl.simulation.recording.record_in_parts`.

    Yields
    ------
    Dataset
        A recording of the next episodes. The first are those of the same probe with frozen weights.
    """
    shards = [_recorded(_continued(experiment, run, probe, name), **options) for name in final_states(run)]
    for parts in zip(*shards, strict=True):
        yield _side_by_side(parts)


def _continued(experiment: Experiment, run: Run, probe: str, name: str) -> Training:
    """Return the training of a shard, ready to learn from the worlds of a probe."""
    settings, learner = experiment.probes[probe], experiment.learner
    first, last = _first_network(name), int(name.removeprefix(STATE).split("_")[1])
    updates = learner.updates + -(-settings.episodes // EPISODES_AT_ONCE)
    longer = changed(learner, {"updates": updates, "episodes": EPISODES_AT_ONCE, "snapshots": ()})
    task, numbers, seed = settings.task(experiment.task, probe), range(first, last + 1), run.manifest["seed"]
    training = longer.begin(task, experiment.network, seed, numbers)
    own, stored = training.state(), with_more_updates(load_file(run.intact(name)), updates)
    training.load({key: stored[key] if not key.startswith("generator.") else own[key] for key in own})
    training.sources = noise.generators(seed, numbers, f"probe: {settings.worlds or probe}")
    return training


def _recorded(training: Training, /, n_episodes: int, **options: Any) -> Iterator[xr.Dataset]:
    """Record batch by batch; the learner draws the noise of a batch again, so that it learns from the same episodes."""
    left = n_episodes
    parts = record_in_parts(training.task, training.agent, n_episodes, networks=training.networks, **options)
    for part in parts:
        yield part
        left -= EPISODES_AT_ONCE
        if left > 0:
            training.update()


def _first_network(name: str) -> int:
    return int(name.removeprefix(STATE).split("_")[0])


def _side_by_side(parts: tuple[xr.Dataset, ...]) -> xr.Dataset:
    """Return recordings of different networks in the same episodes as one."""
    first = parts[0]
    numbers = [number for part in parts for number in part["network"].values.tolist()]
    data = {name: xr.Variable.concat([part.variables[name] for part in parts], "network") for name in first.data_vars}
    return xr.Dataset(data, {**first.coords, "network": numbers}, first.attrs)
