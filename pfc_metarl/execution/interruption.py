"""Interrupting a simulation by Ctrl-C, or by a signal that ends a process."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

from pfc_metarl.execution.processes import can_start_processes
from pfc_metarl.execution.workers import context


@contextlib.contextmanager
def interruptible(workers: int, signals: tuple[signal.Signals, ...] = (signal.SIGINT,)) -> Iterator[Any]:
    """Yield an event that the first signal sets; a second signal raises KeyboardInterrupt at once.

    Only the main thread of a process may set signal handlers; in other threads nothing is changed.

    Parameters
    ----------
    workers : int
        Processes that the event must reach.
    signals : tuple of signal.Signals
    """
    alone = workers == 1 or not can_start_processes()
    stop: Any = threading.Event() if alone else context().Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def heed(*_: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, heed) for number in signals}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
