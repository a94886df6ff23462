"""Training a shard, some networks of a cohort in one stack, with checkpoints from which it continues.

A shard is data: everything that a worker process needs to train it. A complete training may be continued with more
updates.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from pfc_metarl.execution.jobs import Interrupted, Report
from pfc_metarl.execution.mistakes import as_bad_input
from pfc_metarl.learning.base import Learner, Training, train
from pfc_metarl.learning.checkpoint import load_checkpoint, save_checkpoint
from pfc_metarl.networks.base import Architecture
from pfc_metarl.networks.weights import Weights, joined, with_snapshot_names
from pfc_metarl.settings import changed, counted
from pfc_metarl.tasks.base import Task

SECONDS_BETWEEN_REPORTS = 0.1


class Shard(NamedTuple):
    """Networks to train, and the folder of their checkpoints."""

    task: Task
    network: Architecture
    learner: Learner
    seed: int
    networks: tuple[int, ...]
    device: str = "cpu"
    trained_on: tuple[int, ...] = ()
    """Numbers of updates at which the training had ended before it was continued."""
    checkpoints: str | None = None
    """Folder for checkpoints; none are written without."""
    seconds_between_checkpoints: float = 60.0
    fingerprint: str = ""
    """Identifies the run of a checkpoint."""

    def checkpoint(self, updates: int) -> Path | None:
        """Return the path of the checkpoint of a training that ends after so many updates."""
        if self.checkpoints is None:
            return None
        return Path(self.checkpoints) / f"networks_{self.networks[0]}_{self.networks[-1]}_to_{updates}.safetensors"


class Trained(NamedTuple):
    """Trained networks."""

    weights: Weights
    """At the end of training, by name, each [network, ...]."""
    snapshots: Weights
    """Weights during training, as "snapshot_1.core"."""
    history: dict[str, np.ndarray]
    """By name, each [update, network]."""
    stopped: np.ndarray
    """Update at which a network was stopped; −1 if never."""

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {list(tensor.shape)}" for name, tensor in self.weights.items())
        n_updates = len(self.history["reward_per_trial"])
        return f"<Trained: {counted(len(self.stopped), 'network')}, {counted(n_updates, 'update')}; weights {shapes}>"


class Progress(NamedTuple):
    """Progress of a shard."""

    networks: tuple[int, ...]
    updates: int
    reward_per_trial: float
    """Of the last update; not a number before the first."""
    resumed: bool = False
    """Whether the training has just been continued from a checkpoint, or with more updates."""


def train_shard(shard: Shard, report: Report, asked_to_stop: Callable[[], bool]) -> Trained | None:
    """Train the networks of a shard; continue from its last checkpoint.

    Parameters
    ----------
    shard : Shard
    report : callable
        Called from time to time with the progress.
    asked_to_stop : callable
        Called after every update.

    Returns
    -------
    Trained, or None if it was interrupted before the training was complete
    """
    ends = [*shard.trained_on, shard.learner.updates]
    begun = [end for end in ends if _exists(shard.checkpoint(end))]
    training: Training | None = None
    for updates in ends[ends.index(begun[-1]) if begun else 0 :]:
        training = _begun(shard, updates, training)
        if training.done and not training.complete:
            report(Progress(shard.networks, training.done, math.nan, resumed=True))
        if not _trained(shard, training, report, asked_to_stop):
            return None
    assert training is not None
    return _result(training)


def _begun(shard: Shard, updates: int, before: Training | None) -> Training:
    """Return a training of so many updates: new, from its checkpoint, or from the end of the previous training."""
    learner: Learner = changed(shard.learner, {"updates": updates})
    training = learner.begin(shard.task, shard.network, shard.seed, shard.networks, shard.device)
    path = shard.checkpoint(updates)
    if path is not None and path.exists():
        load_checkpoint(path, training, _fingerprint(shard, updates))
    elif before is not None:
        training.load(with_more_updates(before.state(), updates))
    return training


def with_more_updates(state: Mapping[str, Tensor], updates: int) -> dict[str, Tensor]:
    """Return the state of a training as that of one with more updates: only its history is longer.

    Examples
    --------
    >>> with_more_updates({"history.entropy": torch.ones(1, 1), "done": torch.tensor(1)}, 2)["history.entropy"].tolist()
    [[1.0], [nan]]
    """
    longer = dict(state)
    for name, values in state.items():
        if name.startswith("history."):
            more = torch.full((updates - len(values), *values.shape[1:]), torch.nan, dtype=values.dtype)
            longer[name] = torch.cat([values, more])
    return longer


def _trained(shard: Shard, training: Training, report: Report, asked_to_stop: Callable[[], bool]) -> bool:
    updates = training.learner.updates
    path, fingerprint = shard.checkpoint(updates), _fingerprint(shard, updates)
    report_due, save_due = _clock(SECONDS_BETWEEN_REPORTS), _clock(shard.seconds_between_checkpoints)

    def after_update(row: dict[str, Tensor]) -> bool:
        if next(report_due) or training.complete:
            report(Progress(shard.networks, training.done, float(row["reward_per_trial"].mean())))
        stopping = asked_to_stop()
        if path is not None and (stopping or next(save_due)):
            save_checkpoint(path, training, fingerprint)
        return not stopping

    with as_bad_input("training"):
        train(training, after_update)
    if training.complete and path is not None:
        save_checkpoint(path, training, fingerprint)
    return training.complete


def _result(training: Training) -> Trained:
    kept = training.weights, with_snapshot_names(training.weights_at_snapshots())
    weights, snapshots = ({name: tensor.cpu() for name, tensor in each.items()} for each in kept)
    history = {name: values.cpu().numpy() for name, values in training.history.items()}
    return Trained(weights, snapshots, history, training.stopped.cpu().numpy())


def _exists(path: Path | None) -> bool:
    return path is not None and path.exists()


def _fingerprint(shard: Shard, updates: int) -> str:
    return f"{shard.fingerprint} to {updates}"


def _clock(seconds: float) -> Iterator[bool]:
    """Yield whether so many seconds have passed since the last True, on a monotonic clock."""
    last = time.monotonic()
    while True:
        due = time.monotonic() - last >= seconds
        if due:
            last = time.monotonic()
        yield due


class TrainingJob(NamedTuple):
    """The training of a shard as a job; `trained_of` reads its result."""

    shard: Shard

    def __call__(self, report: Report, asked_to_stop: Callable[[], bool]) -> tuple[Any, ...]:
        """Return the contents of `Trained` as arrays, since tensors would be sent through shared memory."""
        part = train_shard(self.shard, report, asked_to_stop)
        if part is None:
            raise Interrupted
        arrays = ({name: tensor.numpy() for name, tensor in each.items()} for each in (part.weights, part.snapshots))
        return *arrays, part.history, part.stopped


def trained_of(result: tuple[Any, ...]) -> Trained:
    """Return the result of a training job."""
    *arrays, history, stopped = result
    weights, snapshots = ({name: torch.from_numpy(array) for name, array in each.items()} for each in arrays)
    return Trained(weights, snapshots, history, stopped)


def joined_shards(parts: Sequence[Trained]) -> Trained:
    """Return the networks of several shards as one cohort."""
    history = {name: np.concatenate([part.history[name] for part in parts], axis=1) for name in parts[0].history}
    stopped = np.concatenate([part.stopped for part in parts])
    weights, snapshots = joined([part.weights for part in parts]), joined([part.snapshots for part in parts])
    return Trained(weights, snapshots, history, stopped)
