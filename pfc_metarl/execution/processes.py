"""Training a cohort on several cores, and across interruptions.

Networks are dealt out in shares, each with a checkpoint of its own, to worker processes with one thread each. A
network's draws and, to float rounding, its numbers do not depend on the shares; with the same shares a training that
was interrupted ends with the same bytes as one that was not. A share whose worker was killed goes on from its
checkpoint.
"""

import math
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from pfc_metarl import experiments
from pfc_metarl.execution.workers import context
from pfc_metarl.learning.base import train
from pfc_metarl.learning.checkpoint import load_checkpoint, save_checkpoint
from pfc_metarl.networks.weights import Weights, joined, with_stage_names
from pfc_metarl.settings import Failure, changed

SECONDS_BETWEEN_REPORTS = 0.1
LARGEST_SHARE = 64
"""Networks trained in one stack; with more, seconds grow faster than networks (benchmarks/growth.py)."""
ATTEMPTS = 3
"""How often workers may die before the run gives up."""


class Job(NamedTuple):
    """What a worker needs to train a share; plain values only."""

    source: str
    changes: Mapping[str, Any]
    seed: int
    networks: tuple[int, ...]
    device: str = "cpu"
    checkpoints: str | None = None
    """Folder for checkpoints; none are written without."""
    seconds_between_checkpoints: float = 60.0
    fingerprint: str = ""
    """Says of which run a checkpoint is."""


class Trained(NamedTuple):
    """A trained cohort."""

    weights: Weights
    stages: Weights
    """Weights kept on the way there, as "stage_1.core"."""
    history: dict[str, np.ndarray]
    """By name, each [update, network]."""
    stopped: np.ndarray
    """Update at which a network was stopped; −1: never."""


class Progress(NamedTuple):
    """How far a share is."""

    networks: tuple[int, ...]
    updates: int
    reward_per_trial: float


class Interrupted(Exception):
    """The training was asked to stop; its checkpoints are written."""


Report = Callable[[Progress], None]

_reports: Any = None
_stop: Any = None
_busy = _ending = False


def n_shares(n_networks: int, workers: int) -> int:
    """Return in how many shares to deal networks out: one per worker, more if a share would outgrow the cache.

    Examples
    --------
    >>> n_shares(8, workers=2), n_shares(1, workers=2), n_shares(256, workers=2)
    (2, 1, 4)
    """
    return max(min(workers, n_networks), math.ceil(n_networks / LARGEST_SHARE))


def shares(networks: Sequence[int], n: int) -> list[tuple[int, ...]]:
    """Deal networks out in at most `n` shares.

    Examples
    --------
    >>> shares(range(5), 2)
    [(0, 1, 2), (3, 4)]
    """
    return [tuple(int(number) for number in share) for share in np.array_split(np.asarray(networks), n) if len(share)]


def train_cohort(job: Job, n_shares: int, workers: int, report: Report, stop: Any = None) -> Trained:
    """Train the networks of a job, going on from its checkpoints if there are any.

    Parameters
    ----------
    job : Job
    n_shares : int
        Shares that the networks are dealt out in.
    workers : int
        Processes; with 1 the work is done in this one.
    report : callable
        Called in this process every now and then.
    stop : multiprocessing event, optional
        Set it to interrupt.

    Raises
    ------
    Interrupted
        If `stop` was set before the training was complete.
    Failure
        If workers keep dying.
    """
    torch.set_num_threads(1)
    jobs = [job._replace(networks=share) for share in shares(job.networks, n_shares)]
    if workers == 1 or len(jobs) == 1:
        parts = [_train(each, report, stop.is_set if stop else lambda: False) for each in jobs]
    else:
        parts = _in_processes(jobs, workers, report, stop)
    done = [part for part in parts if part is not None]
    if len(done) < len(jobs):
        raise Interrupted
    return _joined(done)


def _in_processes(jobs: list[Job], workers: int, report: Report, stop: Any) -> list[Trained | None]:
    made_by: Any = context()
    for _ in range(ATTEMPTS):
        reports = made_by.Queue()
        with ProcessPoolExecutor(min(workers, len(jobs)), made_by, _start_worker, (reports, stop)) as pool:
            futures = [pool.submit(_work, job) for job in jobs]
            _pass_on(reports, futures, report)
            try:
                return [_unpacked(future.result()) for future in futures]
            except BrokenProcessPool:
                if stop is not None and stop.is_set():
                    return [None]
    raise Failure(f"worker processes were killed {ATTEMPTS} times (is memory short?); the same command goes on.")


def _unpacked(part: Any) -> Trained | None:
    if part is None:
        return None
    *arrays, history, stopped = part
    weights, stages = ({name: torch.from_numpy(array) for name, array in each.items()} for each in arrays)
    return Trained(weights, stages, history, stopped)


def _pass_on(reports: Any, futures: list[Future[Any]], report: Report) -> None:
    while True:
        complete = all(future.done() for future in futures)
        try:
            report(reports.get(timeout=0.1))
        except queue.Empty:
            if complete:
                return


def _start_worker(reports: Any, stop: Any) -> None:
    global _reports, _stop
    _reports, _stop = reports, stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end_soon)
    torch.set_num_threads(1)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _end_soon(*_: Any) -> None:
    """End after the update under way and its checkpoint: a pool tells its workers so when one of them was killed."""
    global _ending
    _ending = True
    if not _busy:
        os._exit(1)


def _die_with_parent() -> None:
    """End this process when the one that started it is gone, even by kill -9; a pool's worker would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(job: Job) -> tuple[Any, ...] | None:
    """Train a share; return what `Trained` holds as arrays, as tensors would go through shared memory."""
    global _busy
    _busy = True
    part = _train(job, _reports.put, _asked_to_stop)
    _busy = False
    if _ending:
        os._exit(1)
    if part is None:
        return None
    arrays = ({name: tensor.numpy() for name, tensor in each.items()} for each in (part.weights, part.stages))
    return *arrays, part.history, part.stopped


def _asked_to_stop() -> bool:
    return _ending or (_stop is not None and _stop.is_set())


def _train(job: Job, report: Report, asked_to_stop: Callable[[], bool]) -> Trained | None:
    experiment = changed(experiments.load(job.source), job.changes)
    learner = experiment.learner
    training = learner.begin(experiment.task, experiment.network, job.seed, job.networks, job.device)
    path = (
        Path(job.checkpoints) / f"networks_{job.networks[0]}_{job.networks[-1]}.safetensors"
        if job.checkpoints
        else None
    )
    if path is not None and path.exists():
        load_checkpoint(path, training, job.fingerprint)
    report_due, save_due = _clock(SECONDS_BETWEEN_REPORTS), _clock(job.seconds_between_checkpoints)

    def after_update(row: dict[str, torch.Tensor]) -> bool:
        if next(report_due) or training.complete:
            report(Progress(job.networks, training.done, float(row["reward_per_trial"].mean())))
        stopping = asked_to_stop()
        if path is not None and (stopping or next(save_due)):
            save_checkpoint(path, training, job.fingerprint)
        return not stopping

    train(training, after_update)
    if not training.complete:
        return None
    if path is not None:
        save_checkpoint(path, training, job.fingerprint)
    kept = training.weights, with_stage_names(training.weights_at_snapshots())
    weights, stages = ({name: tensor.cpu() for name, tensor in each.items()} for each in kept)
    history = {name: values.cpu().numpy() for name, values in training.history.items()}
    return Trained(weights, stages, history, training.stopped.cpu().numpy())


def _clock(seconds: float) -> Iterator[bool]:
    """Yield whether so many seconds have passed since it last said so; monotonic: a clock set back does no harm."""
    last = time.monotonic()
    while True:
        due = time.monotonic() - last >= seconds
        if due:
            last = time.monotonic()
        yield due


def _joined(parts: list[Trained]) -> Trained:
    history = {name: np.concatenate([part.history[name] for part in parts], axis=1) for name in parts[0].history}
    stopped = np.concatenate([part.stopped for part in parts])
    weights, stages = joined([part.weights for part in parts]), joined([part.stages for part in parts])
    return Trained(weights, stages, history, stopped)
