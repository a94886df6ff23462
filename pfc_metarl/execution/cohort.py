"""Training a cohort: the networks are divided into shards, which are trained one after the other or in processes.

The results of a network do not depend on the shards, to the byte.
"""

import contextlib
import math
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from pfc_metarl.arguments import whole_number
from pfc_metarl.execution.jobs import Jobs, Report
from pfc_metarl.execution.processes import jobs_in
from pfc_metarl.execution.shard import Shard, Trained, TrainingJob, joined_shards, trained_of
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.settings import BadInput, shown

LARGEST_SHARD = 64
"""Networks trained in one stack; with more networks, time grows faster than their number (benchmarks/growth.py)."""


def train(experiment: Experiment, networks: int | None = None, seed: int = 0, workers: int | None = None) -> Trained:
    """Train a cohort in memory, without probes, measures or files.

    Parameters
    ----------
    experiment : Experiment
        Its task, network and learner.
    networks : int, optional
        Networks in the cohort; by default the number in the experiment.
    seed : int
    workers : int, optional
        Processes; by default one per core.

    Raises
    ------
    BadInput
        If an argument cannot be used.

    Returns
    -------
    Trained
        ``weights`` and ``snapshots`` by name, [network, ...]; ``history`` by name, [update, network]; ``stopped``, the
        update at which a network was stopped, −1 for never.

    Examples
    --------
    >>> from pfc_metarl import A2C, Experiment, Network
    >>> from pfc_metarl.tasks import Bandit
    >>> tiny = Experiment(claim="", task=Bandit(n_trials=5), network=Network(units=4), learner=A2C(updates=2))
    >>> train(tiny, networks=2, workers=1).history["reward_per_trial"].shape
    (2, 2)
    """
    if not isinstance(experiment, Experiment):
        raise BadInput(
            f"experiment = {shown(experiment)}: give an Experiment; pfc_metarl.experiments.load returns one."
        )
    n = experiment.networks if networks is None else whole_number(networks, "networks", 1)
    workers = n_cores() if workers is None else whole_number(workers, "workers", 1)
    seed = whole_number(seed, "seed")
    cohort = Shard(experiment.task, experiment.network, experiment.learner, seed, tuple(range(n)))
    return train_cohort(cohort, n_shards(n, workers), workers, lambda progress: None)


def n_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def n_shards(n_networks: int, workers: int) -> int:
    """Return the number of shards: one per worker, more if a shard would not fit into the cache.

    Examples
    --------
    >>> n_shards(8, workers=2), n_shards(1, workers=2), n_shards(256, workers=2)
    (2, 1, 4)
    """
    return max(min(workers, n_networks), math.ceil(n_networks / LARGEST_SHARD))


def shards(networks: Sequence[int], n: int) -> list[tuple[int, ...]]:
    """Divide networks into at most `n` shards.

    Examples
    --------
    >>> shards(range(5), 2)
    [(0, 1, 2), (3, 4)]
    """
    return [tuple(int(number) for number in shard) for shard in np.array_split(np.asarray(networks), n) if len(shard)]


def train_cohort(cohort: Shard, n: int, workers: int, report: Report, stop: Any = None) -> Trained:
    """Train the networks of a cohort; continue from its checkpoints if there are any.

    Parameters
    ----------
    cohort : Shard
        All its networks.
    n : int
        Shards of the cohort.
    workers : int
        Processes; with 1, training runs in this process.
    report : callable
        Called in this process from time to time.
    stop : multiprocessing or threading event, optional
        Set it to interrupt; with several workers, one of `pfc_metarl.execution.workers.context`.

    Raises
    ------
    Interrupted
        If `stop` was set before the training was complete.
    Failure
        If worker processes die repeatedly.
    """
    parallel = min(n, len(cohort.networks)) > 1
    with one_thread(), jobs_in(workers if parallel else 1, report, stop) as jobs:
        return trained_by(cohort, n, jobs)


def trained_by(cohort: Shard, n: int, jobs: Jobs) -> Trained:
    """Train the networks of a cohort in `n` shards, each of them a job."""
    parts = [cohort._replace(networks=networks) for networks in shards(cohort.networks, n)]
    results = [jobs.submit(TrainingJob(part)) for part in parts]
    return joined_shards([trained_of(result()) for result in results])


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread, so that results do not depend on the process in which they are computed."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
