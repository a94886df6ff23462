"""Worker processes are forked from one server, which imports what they need once.

Importing torch takes seconds. The server imports it on another core while the command does its own imports; workers
then start in milliseconds. On systems without such a server (Windows), every worker imports torch itself.

A worker does not run the program that started it: what it needs is sent to it. So a script needs no
``if __name__ == "__main__"``, and may come from standard input. Nor does it search the current folder for modules of
Python: there, a task file called random.py would replace one.
"""

import contextlib
import multiprocessing
import multiprocessing.forkserver
import os
import signal
import sys
import threading
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.context import BaseContext
from types import ModuleType
from typing import Any

IMPORTED = [
    "pfc_metarl.execution.server",
    "pfc_metarl.execution.processes",
    "pfc_metarl.execution.recordings",
    "pfc_metarl.experiments.reference_agents",
    "pfc_metarl.networks.compiled_engine",
    "pfc_metarl.learning.compiled_loss",
    "h5netcdf",
]
"""What the server imports for the workers, in this order; compiled loops are loaded when they are imported."""

_START = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
_hiding = threading.Lock()
_SAFE_PATH = "PYTHONSAFEPATH"


def context() -> BaseContext:
    """Return the multiprocessing context, which makes processes, queues and events."""
    return _Context()


def prepare() -> None:
    """Start the server, without waiting for it."""
    if _START == "forkserver":
        context()
        with _current_folder_left_out(), _without_interrupts():
            multiprocessing.forkserver.ensure_running()


_Default: Any = type(multiprocessing.get_context(_START))
_Process: Any = _Default.Process


class _Worker(_Process):
    """A process that does not import the program that started it."""

    @staticmethod
    def _Popen(process: Any) -> Any:
        with _program_hidden(), _current_folder_left_out(), _without_interrupts():
            return _Process._Popen(process)


class _Context(_Default):
    """The context of the platform, with workers of the class above."""

    Process = _Worker

    def __init__(self) -> None:
        super().__init__()
        if _START == "forkserver":
            self.set_forkserver_preload(IMPORTED)


@contextlib.contextmanager
def _program_hidden() -> Iterator[None]:
    """Show multiprocessing a main module without a file, so that workers run none."""
    with _hiding:
        program = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = program


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach, even while they import: this process handles it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # when it starts, it unblocks the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _current_folder_left_out() -> Iterator[None]:
    """Let Python start processes that do not search the current folder first; they are sent the path of this one."""
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SAFE_PATH]
        else:
            os.environ[_SAFE_PATH] = before
