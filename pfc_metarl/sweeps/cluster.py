"""Where the cells of a sweep are carried out: workers on this machine, a scheduler that runs, or a batch system.

Everything here is of `dask.distributed`, which comes with the extra ``cluster``.
"""

import contextlib
import importlib.util
import logging
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from pfc_metarl.arguments import argument
from pfc_metarl.settings import BadInput, Caution, Failure, choice_of
from pfc_metarl.sweeps.batch import BATCH_SYSTEMS, submitted
from pfc_metarl.sweeps.sites import Site, require_site

INSTALL = 'pip install "pfc_metarl[cluster]"'
SECONDS_TO_CONNECT = 10
SECONDS_FOR_A_WORKER = 60

ENVIRONMENT = "distributed.nanny.pre-spawn-environ"
"""The setting of dask that holds environment variables of workers that it starts."""


def is_installed() -> bool:
    """Return whether `dask.distributed` is there."""
    return importlib.util.find_spec("distributed") is not None


def require_place(where: str) -> None:
    """Check the name of a place.

    Raises
    ------
    BadInput
        If there is no such place, or what it needs is not installed.
    """
    known = where in ("local", *BATCH_SYSTEMS) or where.partition("://")[0] in ("tcp", "tls", "ws", "wss")
    if not known:
        raise BadInput(
            f"{argument('cluster', where)}: choose local, tcp://HOST:PORT, or {choice_of(BATCH_SYSTEMS, where)}"
        )
    needed = "dask_jobqueue" if where in BATCH_SYSTEMS else "distributed"
    if importlib.util.find_spec(needed) is None:
        raise BadInput(f"{argument('cluster', where)}: {needed} is not installed; {INSTALL}.")


@contextlib.contextmanager
def connected(where: str, workers: int, job: Mapping[str, Any]) -> Iterator[Any]:
    """Yield a client of a cluster; workers that are started for it end with it.

    Parameters
    ----------
    where : str
        "local", the address of a scheduler, or the name of a batch system.
    workers : int
        To start; not for a scheduler that runs.
    job : mapping
        Arguments of the class of `dask_jobqueue`: queue, memory, walltime, account.

    Raises
    ------
    BadInput
        If no scheduler answers, or the arguments of a job are refused.
    """
    from distributed import Client

    _silence_logs()
    with contextlib.ExitStack() as stack:
        if where == "local":
            cluster = stack.enter_context(local_cluster(workers))
        elif where in BATCH_SYSTEMS:
            cluster = stack.enter_context(submitted(where, workers, job))
        else:
            cluster = where
        try:
            client = stack.enter_context(Client(cluster, timeout=SECONDS_TO_CONNECT, set_as_default=False))
        except (OSError, ValueError):
            raise BadInput(
                f"{argument('cluster', where)}: no scheduler answers there; "
                "start one with `dask scheduler`, or give the address that it prints, with its port."
            ) from None
        yield client


def _silence_logs() -> None:
    """Let dask print nothing, in any of its modules: the sweep itself says which cells failed, and why."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)


def n_threads(client: Any) -> int:
    """Return how many tasks the workers of a client carry out at a time, at least 1; without a client 1."""
    return 1 if client is None else max(1, sum(client.nthreads().values()))


def local_cluster(workers: int) -> Any:
    """Return a cluster of worker processes on this machine, each with one thread."""
    import dask
    from distributed import LocalCluster

    environment = dict(dask.config.get(ENVIRONMENT))
    # dask lets workers give freed memory back at once: each large array then costs as much again, in faults of pages
    environment.pop("MALLOC_TRIM_THRESHOLD_", None)
    with dask.config.set({ENVIRONMENT: environment}):
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
            memory_limit=0,
        )


def require_workers(client: Any, site: Site) -> int:
    """Check every worker that is there; return their number.

    Raises
    ------
    BadInput
        If no worker comes, or one has another version or does not see the folder.
    Failure
        If the scheduler was lost.
    """
    try:
        _wait_for_a_worker(client)
        found = client.run(require_site, site, on_error="return")
    except OSError:
        raise Failure("the scheduler was lost before work began; start it again, and repeat the command.") from None
    for address, answer in found.items():
        if isinstance(answer, BadInput):
            raise BadInput(f"{address}: {answer}")
        if isinstance(answer, Exception):
            raise BadInput(f"{address}: this worker cannot use pfc_metarl ({answer}); install the same version there.")
    return len(found)


def _wait_for_a_worker(client: Any) -> None:
    """Wait for the first worker; for jobs of a batch system, as long as they are in its queue."""
    try:
        client.wait_for_workers(1, timeout=SECONDS_FOR_A_WORKER)
    except TimeoutError:
        if not hasattr(getattr(client, "cluster", None), "job_cls"):
            raise BadInput(
                f"cluster: there was no worker for {SECONDS_FOR_A_WORKER} s; "
                f"start one with `dask worker {client.scheduler.address} --nthreads 1`."
            ) from None
        warnings.warn(
            Caution(
                f"no job has started a worker for {SECONDS_FOR_A_WORKER} s; the sweep waits. "
                "If no job is in the queue, the output of the jobs says why they ended."
            ),
            stacklevel=2,
        )
        client.wait_for_workers(1)
