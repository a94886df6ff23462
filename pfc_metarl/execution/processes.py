"""Jobs in worker processes with one thread each.

A job whose worker was killed is repeated; a training continues from its checkpoint. Jobs are pickled by value, with the
code of classes that are defined in a script, a notebook or a lab's file. The processes that train also record.
"""

import functools
import multiprocessing
import os
import queue
import signal
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import cloudpickle
import torch

from pfc_metarl.arguments import command
from pfc_metarl.execution.jobs import Interrupted, InThisProcess, Job, Jobs, Report, Result
from pfc_metarl.execution.workers import context
from pfc_metarl.settings import BadInput, Failure

ATTEMPTS = 3
"""Number of times that workers may die before the run fails."""

SECONDS_BETWEEN_REPORTS = 0.02
"""Between two looks for reports while a job is waited for."""

ALONE = "A worker process cannot start workers of its own: networks are trained in it."

_reports: Any = None
_stop: Any = None
_busy = _ending = False


def can_start_processes() -> bool:
    """Return whether this process may start child processes; workers of multiprocessing.Pool and joblib may not."""
    known = (None, *multiprocessing.get_all_start_methods())
    return not multiprocessing.current_process().daemon and multiprocessing.get_start_method(allow_none=True) in known


def jobs_in(workers: int, report: Report, stop: Any = None) -> Jobs:
    """Return what carries out jobs: worker processes, or with 1 worker this process.

    Parameters
    ----------
    workers : int
        Processes.
    report : callable
        Called in this process with the reports of the jobs, while one of them is waited for.
    stop : event, optional
        Set it to interrupt; with several workers, one of `pfc_metarl.execution.workers.context`.
    """
    if workers == 1:
        return InThisProcess(report, stop)
    return Workers(workers, report, stop) if can_start_processes() else InThisProcess(report, stop, ALONE)


class Workers:
    """Worker processes that carry out jobs in the order in which they were submitted.

    Parameters
    ----------
    number : int
        Of processes; each is started when there is a job for it.
    report : callable
    stop : event, optional
    """

    in_parallel = True

    def __init__(self, number: int, report: Report, stop: Any = None) -> None:
        self.number, self.report, self.stop = number, report, stop
        self.sent: list[bytes] = []
        self.futures: list[Future[Any]] = []
        self.pool: ProcessPoolExecutor | None = None
        self.deaths = 0

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *error: object) -> None:
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)

    def submit(self, job: Job) -> Result:
        """Accept a job.

        Raises
        ------
        BadInput
            If it cannot be sent to another process.
        """
        self.sent.append(pickled(job))
        if self.pool is None:
            self._start()
        try:
            self.futures.append(self._begun(self.sent[-1]))
        except BrokenProcessPool:
            self._restart()
            self.futures.append(self._begun(self.sent[-1]))
        return functools.partial(self._result, len(self.sent) - 1)

    def _start(self) -> None:
        made_by: Any = context()
        self.reports = made_by.Queue()
        self.pool = ProcessPoolExecutor(self.number, made_by, _start_worker, (self.reports, self.stop))

    def _begun(self, sent: bytes) -> Future[Any]:
        assert self.pool is not None
        return self.pool.submit(_work, sent)

    def _restart(self) -> None:
        """Begin again, after a worker was killed, the jobs that are not complete."""
        assert self.pool is not None
        self.deaths += 1
        self.pool.shutdown()
        if self.stop is not None and self.stop.is_set():
            raise Interrupted
        if self.deaths == ATTEMPTS:
            raise Failure(
                f"worker processes were killed {ATTEMPTS} times (is memory short?); repeat the {command()} to continue."
            )
        self._start()
        for number, future in enumerate(self.futures):
            if isinstance(future.exception(), BrokenProcessPool):
                self.futures[number] = self._begun(self.sent[number])

    def _result(self, number: int) -> Any:
        """Return the result of a job; raises `Failure` if worker processes die repeatedly."""
        while True:
            try:
                self._pass_on_reports(self.futures[number])
                return self.futures[number].result()
            except BrokenProcessPool:
                self._restart()

    def _pass_on_reports(self, future: Future[Any]) -> None:
        while True:
            complete = future.done()
            try:
                self.report(self.reports.get(timeout=SECONDS_BETWEEN_REPORTS))
            except queue.Empty:
                if complete:
                    return


def pickled(job: Any) -> bytes:
    """Return a job as bytes, with the code of classes that are defined in a script, a notebook or a lab's file.

    Raises
    ------
    BadInput
        If it cannot be sent to another process.
    """
    try:
        return bytes(cloudpickle.dumps(job))
    except Exception as error:  # classes of a lab may raise any exception
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(f"workers: the task or learner cannot be sent to a process ({what}); use 1 worker.") from None


def _start_worker(reports: Any, stop: Any) -> None:
    global _reports, _stop
    _reports, _stop = reports, stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end_soon)
    torch.set_num_threads(1)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _end_soon(*_: Any) -> None:
    """End after the present update and its checkpoint: a pool terminates its workers when one of them was killed."""
    global _ending
    _ending = True
    if not _busy:
        os._exit(1)


def _die_with_parent() -> None:
    """End this process when its parent has ended, even by kill -9; a worker of a pool would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(sent: bytes) -> Any:
    """Carry out a job."""
    global _busy
    _busy = True
    try:
        return cloudpickle.loads(sent)(_reports.put, _asked_to_stop)
    finally:
        _busy = False
        if _ending:
            os._exit(1)


def _asked_to_stop() -> bool:
    return _ending or (_stop is not None and _stop.is_set())
