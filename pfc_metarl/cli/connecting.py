"""The client of the cluster that the options of a command ask for."""

import argparse
import contextlib
import importlib.util
import sys
from collections.abc import Iterator
from typing import Any

from pfc_metarl.arguments import whole_number
from pfc_metarl.cli.sweep_options import job_options
from pfc_metarl.execution.cohort import n_cores
from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps import batch, cluster

SERIALLY = "dask.distributed is not installed, so cells are made one after the other"


@contextlib.contextmanager
def client_of(options: argparse.Namespace, serial: bool = False, dry_run: bool = False) -> Iterator[Any]:
    """Yield a client; None if cells are made in this process.

    Parameters
    ----------
    options : Namespace
        ``cluster``, ``workers``, ``job``.
    serial : bool
        Whether cells are made in this process unless the options say otherwise.
    dry_run : bool
        Whether nothing is started; the job script of a batch system is printed.

    Raises
    ------
    BadInput
        If an option cannot be used, or no scheduler answers.
    """
    if options.workers is not None:
        whole_number(options.workers, "workers", 1)
    where, job, workers = options.cluster, job_options(options.job), n_workers(options, serial)
    if where is None and workers > 1:
        where = "local" if cluster.is_installed() else None
        if where is None:
            print(f"{SERIALLY}; for several workers: {cluster.INSTALL}", file=sys.stderr)
    if where is not None:
        cluster.require_place(where)
    if job and where not in batch.BATCH_SYSTEMS:
        raise BadInput(
            f"--job {options.job[0]}: only jobs of a batch system have options; give --cluster slurm, pbs ..."
        )
    if dry_run and where in batch.BATCH_SYSTEMS:
        print(batch.job_script(where, job))
    if where is None or (dry_run and "://" not in where):
        yield None
        return
    with cluster.connected(where, workers, job) as client:
        if importlib.util.find_spec("bokeh") and not getattr(options, "quiet", False):
            print(f"dashboard: {client.dashboard_link}", file=sys.stderr)
        yield client


def n_at_a_time(options: argparse.Namespace, client: Any, serial: bool = False) -> int:
    """Return how many cells are made at a time: by the workers that run, or that the options ask for."""
    if client is not None and "://" in str(options.cluster):
        return cluster.n_threads(client)
    return n_workers(options, serial) if options.cluster or cluster.is_installed() else 1


def n_workers(options: argparse.Namespace, serial: bool = False) -> int:
    """Return how many workers a command starts: one per core by default."""
    return int(options.workers or (1 if serial else n_cores()))
