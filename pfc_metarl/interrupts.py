"""Ctrl-C while a command starts: it ends at once, with exit code 130 and one sentence.

An interruption inside an import would give a traceback, or leave a library half imported. Nothing has been written yet.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

CODE = 130
SENTENCE = "interrupted; complete results are kept; repeat the command to continue"

_is_command = False


def begin_command() -> None:
    """Note that this process is a command, and let Ctrl-C end it at once until `raising`."""
    global _is_command
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not if a shell script lets it be ignored
        _is_command = True
        signal.signal(signal.SIGINT, _end_at_once)


def _end_at_once(*_: Any) -> None:
    os.write(2, f"{SENTENCE}\n".encode())
    os._exit(CODE)


@contextlib.contextmanager
def raising() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, so that what was begun is ended properly."""
    with _handled_by(signal.default_int_handler):
        yield


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Let Ctrl-C end a command at once while it imports libraries."""
    with _handled_by(_end_at_once):
        yield


@contextlib.contextmanager
def _handled_by(handler: Any) -> Iterator[None]:
    if not _is_command or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
