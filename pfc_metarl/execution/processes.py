"""Training shards in worker processes with one thread each.

A shard whose worker was killed continues from its checkpoint. Shards are pickled by value, with the code of classes
that are defined in a script, a notebook or a lab's file.
"""

import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import cloudpickle
import torch

from pfc_metarl.arguments import command
from pfc_metarl.execution.shard import Report, Shard, Trained, train_shard
from pfc_metarl.execution.workers import context
from pfc_metarl.settings import BadInput, Failure

ATTEMPTS = 3
"""Number of times that workers may die before the run fails."""

_reports: Any = None
_stop: Any = None
_busy = _ending = False


def can_start_processes() -> bool:
    """Return whether this process may start child processes; workers of multiprocessing.Pool and joblib may not."""
    known = (None, *multiprocessing.get_all_start_methods())
    return not multiprocessing.current_process().daemon and multiprocessing.get_start_method(allow_none=True) in known


def in_processes(shards: Sequence[Shard], workers: int, report: Report, stop: Any = None) -> list[Trained | None]:
    """Train each shard in a worker process; None for one that was interrupted.

    Raises
    ------
    BadInput
        If a task, network or learner cannot be sent to another process.
    Failure
        If worker processes die repeatedly.
    """
    sent = [_pickled(shard) for shard in shards]
    made_by: Any = context()
    for _ in range(ATTEMPTS):
        reports = made_by.Queue()
        with ProcessPoolExecutor(min(workers, len(sent)), made_by, _start_worker, (reports, stop)) as pool:
            try:
                futures = [pool.submit(_work, shard) for shard in sent]
                _pass_on(reports, futures, report)
                return [_unpacked(future.result()) for future in futures]
            except BrokenProcessPool:
                if stop is not None and stop.is_set():
                    return [None]
    raise Failure(
        f"worker processes were killed {ATTEMPTS} times (is memory short?); repeat the {command()} to continue."
    )


def _pickled(shard: Shard) -> bytes:
    try:
        return bytes(cloudpickle.dumps(shard))
    except Exception as error:  # classes of a lab may raise any exception
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(f"workers: the task or learner cannot be sent to a process ({what}); use 1 worker.") from None


def _unpacked(part: Any) -> Trained | None:
    if part is None:
        return None
    *arrays, history, stopped = part
    weights, snapshots = ({name: torch.from_numpy(array) for name, array in each.items()} for each in arrays)
    return Trained(weights, snapshots, history, stopped)


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


def _work(sent: bytes) -> tuple[Any, ...] | None:
    """Train a shard; return the contents of `Trained` as arrays, since tensors would be sent through shared memory."""
    global _busy
    _busy = True
    part = train_shard(cloudpickle.loads(sent), _reports.put, _asked_to_stop)
    _busy = False
    if _ending:
        os._exit(1)
    if part is None:
        return None
    arrays = ({name: tensor.numpy() for name, tensor in each.items()} for each in (part.weights, part.snapshots))
    return *arrays, part.history, part.stopped


def _asked_to_stop() -> bool:
    return _ending or (_stop is not None and _stop.is_set())
