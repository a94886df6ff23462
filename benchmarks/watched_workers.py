"""Imported by the server of the worker processes: they write the seconds of their steps after each job."""

import functools
import os
import time
from typing import Any

from benchmarks.stopwatch import SERVER, WORK, Stopwatch, write
from pfc_metarl.execution import processes

_watches: dict[int, Stopwatch] = {}
_work = processes._work


@functools.wraps(_work)
def watched(sent: bytes) -> Any:
    """Carry out a job; write the seconds of this process so far."""
    watch = _watches.get(os.getpid())
    if watch is None:
        watch = _watches[os.getpid()] = Stopwatch(time.time())
        watch.watch(WORK)
    try:
        return _work(sent)
    finally:
        write("worker", watch.total())


write("server", {SERVER: [0.0, time.process_time()]})
processes._work = watched
