"""Computations side by side in copies of this process, which have imported everything and share its memory."""

import multiprocessing
import os
import signal
import sys
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from pfc_metarl.settings import Failure

_works: Mapping[str, Callable[[], Any]] = {}
"""What the copies find here when they are made: works need not be sent to them."""


def side_by_side(works: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """Carry out works, one after the other on each core; return their results by name.

    A work opens the files that it reads: a file that is open in several copies would have one position for all. On
    systems other than Linux, in a process that draws one figure of several, and on one core, no copies are made.

    Parameters
    ----------
    works : mapping of callable
        Without arguments; long works come first. The results must be such that they can be pickled.

    Raises
    ------
    Failure
        If a process was killed.

    Examples
    --------
    >>> side_by_side({"a": lambda: 1, "b": lambda: 2})
    {'a': 1, 'b': 2}
    """
    n = min(len(works), _n_processes())
    if n < 2:
        return {name: work() for name, work in works.items()}
    global _works
    _works = works
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*fork", DeprecationWarning)  # of threads, which hold no locks here
        pool = ProcessPoolExecutor(n, multiprocessing.get_context("fork"), _ignore_interrupts)
        try:
            return dict(zip(works, pool.map(_carry_out, works), strict=True))
        except BrokenProcessPool:
            raise Failure("a process that measures was killed (is memory short?); repeat the command.") from None
        finally:
            pool.shutdown(cancel_futures=True)
            _works = {}


def _n_processes() -> int:
    if sys.platform != "linux" or multiprocessing.parent_process() is not None:
        return 1
    return len(os.sched_getaffinity(0))


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that waits for the results handles them


def _carry_out(name: str) -> Any:
    return _works[name]()
