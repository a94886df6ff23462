"""Workers as jobs of a batch system: the script of a job, its submission, and a new job for a worker that was lost.

Everything here is of `dask_jobqueue`, which comes with the extra ``cluster``.
"""

import contextlib
import functools
import logging
import signal
from collections.abc import Iterator, Mapping
from typing import Any

from pfc_metarl.arguments import argument
from pfc_metarl.settings import BadInput, printable

BATCH_SYSTEMS = {
    "slurm": "SLURMCluster",
    "pbs": "PBSCluster",
    "sge": "SGECluster",
    "lsf": "LSFCluster",
    "htcondor": "HTCondorCluster",
    "oar": "OARCluster",
    "moab": "MoabCluster",
}
"""Name -> class of `dask_jobqueue`."""

PROLOGUE = [f"export {name}=1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")]
"""Lines of a job script before the worker is started: a worker trains with one thread."""

SECONDS_TO_START = 300
"""Time that a worker has to start, on a file system that may be slow, and to find the scheduler."""

JOB = {
    "cores": 1,
    "processes": 1,
    "memory": "4GB",
    "job_script_prologue": PROLOGUE,
    "death_timeout": SECONDS_TO_START,
}
"""Options of a job, unless others are given."""

SECONDS_BETWEEN_SUBMISSIONS = 10.0


def job_script(name: str, job: Mapping[str, Any]) -> str:
    """Return the script of a job, in which one worker is started; nothing is submitted.

    Raises
    ------
    BadInput
        If an argument of the job is missing or refused.
    """
    made: Any = getattr(_jobqueue(), BATCH_SYSTEMS[name]).job_cls
    own = {option: value for option, value in {**JOB, **job}.items() if option != "scheduler_options"}
    try:
        return str(made(scheduler="tcp://SCHEDULER:PORT", name="worker", **own).job_script())
    except (TypeError, ValueError) as error:
        first = str(error).splitlines()[0].rstrip(".")
        raise BadInput(f"job: dask_jobqueue refuses it ({first}); see its {BATCH_SYSTEMS[name]}.") from None


def batch_cluster(name: str, job: Mapping[str, Any]) -> Any:
    """Return a cluster whose workers are jobs of a batch system, one core each; no job is submitted.

    Raises
    ------
    BadInput
        If an argument of the job is missing or refused.
    """
    job_script(name, job)
    options = {"dashboard_address": ":0", **job.get("scheduler_options", {})}
    return getattr(_jobqueue(), BATCH_SYSTEMS[name])(**{**JOB, **job, "scheduler_options": options})


@contextlib.contextmanager
def submitted(name: str, jobs: int, job: Mapping[str, Any]) -> Iterator[Any]:
    """Yield a cluster with so many jobs; they are cancelled at the end.

    A job that ends before (its time is over, it is preempted, its machine fails) is replaced by a new one: dask itself
    does so only when it is asked for the number of jobs again.

    Raises
    ------
    BadInput
        If an argument of the job is refused, or the batch system refuses the first job.
    """
    from tornado.ioloop import PeriodicCallback

    for logger in ("asyncio", "tornado.application"):  # where errors of a job that is submitted again are printed
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    with batch_cluster(name, job) as cluster, _closable(cluster):
        submit = functools.partial(_submit, cluster)
        cluster.scale(jobs=1)
        try:
            cluster.sync(submit)
        except (OSError, RuntimeError, ValueError) as error:
            raise BadInput(f"{argument('cluster', name)}: {_refusal(error)}") from None
        cluster.scale(jobs=jobs)
        again = PeriodicCallback(submit, 1000 * SECONDS_BETWEEN_SUBMISSIONS)
        cluster.loop.add_callback(again.start)
        try:
            yield cluster
        finally:
            cluster.loop.add_callback(again.stop)


async def _submit(cluster: Any) -> None:
    """Submit the jobs of a cluster that are missing, or were refused before."""
    await cluster
    for job in list(cluster.workers.values()):
        await job


@contextlib.contextmanager
def _closable(cluster: Any) -> Iterator[None]:
    """Mark jobs that were never submitted, at the end; dask refuses to close a cluster with such a job."""
    from distributed.core import Status

    try:
        yield
    finally:
        for job in cluster.workers.values():
            if job.job_id is None:
                job.status = Status.failed


def _refusal(error: Exception) -> str:
    """Return what the batch system says of a job that it refuses."""
    if isinstance(error, FileNotFoundError):
        return f"there is no command {error.filename} here; use a machine from which jobs can be submitted."
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"the job was refused ({printable(lines[-1])}); give other options with --job."


def _jobqueue() -> Any:
    """Import `dask_jobqueue`, whose import changes what Ctrl-C does to the process."""
    before = signal.getsignal(signal.SIGINT)
    import dask_jobqueue

    if signal.getsignal(signal.SIGINT) is not before:
        signal.signal(signal.SIGINT, before)
    return dask_jobqueue
