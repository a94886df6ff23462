"""Training a cohort on several cores: networks are dealt out to worker processes, one thread each.

A network's draws and, to float rounding, its numbers do not depend on how many workers there are.
"""

import multiprocessing
import queue
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import torch

from pfc_metarl import experiments
from pfc_metarl.network import Weights
from pfc_metarl.settings import changed
from pfc_metarl.training import Training, train

SECONDS_BETWEEN_REPORTS = 0.1


class Job(NamedTuple):
    """What a worker needs to train its networks; plain values only."""

    source: str
    changes: Mapping[str, Any]
    seed: int
    networks: tuple[int, ...]
    device: str


class Trained(NamedTuple):
    """A trained cohort: weights, and history by name, each [update, network]."""

    weights: Weights
    history: dict[str, np.ndarray]


class Progress(NamedTuple):
    """How far some networks are."""

    networks: tuple[int, ...]
    updates: int
    reward_per_trial: float


Report = Callable[[Progress], None]

_reports: Any = None


def train_cohort(job: Job, workers: int, report: Report) -> Trained:
    """Train the networks of a job.

    Parameters
    ----------
    job : Job
    workers : int
        Processes; with 1 the work is done in this one.
    report : callable
        Called in this process every now and then.
    """
    torch.set_num_threads(1)
    shares = [share for share in _dealt(job.networks, workers) if share]
    if len(shares) == 1:
        return _train(job, report)
    context = multiprocessing.get_context("spawn")
    reports = context.Queue()
    with ProcessPoolExecutor(len(shares), context, _start_worker, (reports,)) as pool:
        futures = [pool.submit(_work, job._replace(networks=share)) for share in shares]
        _pass_on(reports, futures, report)
        parts = [future.result() for future in futures]
    weights = Weights(
        *(
            torch.cat([torch.from_numpy(array) for array in arrays])
            for arrays in zip(*(p[0] for p in parts), strict=True)
        )
    )
    return Trained(weights, {name: np.concatenate([p[1][name] for p in parts], axis=1) for name in parts[0][1]})


def _dealt(networks: Sequence[int], workers: int) -> list[tuple[int, ...]]:
    return [tuple(int(n) for n in share) for share in np.array_split(np.asarray(networks), workers)]


def _pass_on(reports: Any, futures: list[Future[Any]], report: Report) -> None:
    while not all(future.done() for future in futures):
        try:
            report(reports.get(timeout=0.1))
        except queue.Empty:
            continue


def _start_worker(reports: Any) -> None:
    global _reports
    _reports = reports
    torch.set_num_threads(1)


def _work(job: Job) -> tuple[tuple[np.ndarray, ...], dict[str, np.ndarray]]:
    trained = _train(job, _reports.put)
    return tuple(tensor.numpy() for tensor in trained.weights), trained.history


def _train(job: Job, report: Report) -> Trained:
    experiment = changed(experiments.load(job.source), job.changes)
    training = Training(experiment.task, experiment.network, experiment.learner, job.seed, job.networks, job.device)
    last = 0.0

    def tell(done: int, entry: dict[str, torch.Tensor]) -> None:
        nonlocal last
        if time.monotonic() - last > SECONDS_BETWEEN_REPORTS or done == experiment.learner.updates:
            last = time.monotonic()
            report(Progress(job.networks, done, float(entry["reward_per_trial"].mean())))

    history = train(training, tell)
    weights = Weights(*(tensor.cpu() for tensor in training.weights))
    return Trained(weights, {name: values.cpu().numpy() for name, values in history.items()})
