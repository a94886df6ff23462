"""Several simulations one after the other: while one is recorded and measured, the next one is trained.

Recording and measuring leave a core idle at times, and training leaves the process that measures idle.
"""

import contextvars
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")

HandOver = Callable[[], None]
"""Called by a piece of work when the next one may begin."""

ROOM_FOR_TWO = 6 * 2**30
"""Bytes of memory that must be available before two simulations overlap: one measures recordings of half a gigabyte."""

SECONDS_BETWEEN_LOOKS = 0.2
"""How often it is looked whether a piece of work has failed while another goes on."""


def in_series(works: Sequence[Callable[[HandOver], Result]], stop: Any, overlap: bool = True) -> Iterator[Result]:
    """Carry out pieces of work; each begins when the one before hands over. Yield the results in their order.

    Parameters
    ----------
    works : sequence of callable
        Each is given a function to call when the next one may begin; it need not call it.
    stop : event
        Set if one fails, so that the other one ends too.
    overlap : bool
        Whether two may be at work at once; otherwise each begins when the one before has ended.

    Examples
    --------
    >>> list(in_series([lambda hand_over: 1, lambda hand_over: 2], threading.Event()))
    [1, 2]
    """
    with ThreadPoolExecutor(2) as threads:
        try:
            yield from _in_series(works, threads, overlap)
        except BaseException:
            stop.set()
            raise


def _in_series(
    works: Sequence[Callable[[HandOver], Result]], threads: ThreadPoolExecutor, overlap: bool
) -> Iterator[Result]:
    waiting: list[Future[Result]] = []
    for work in works:
        handed_over = threading.Event()
        waiting.append(threads.submit(contextvars.copy_context().run, _carried_out, work, handed_over))
        while not handed_over.wait(SECONDS_BETWEEN_LOOKS):
            for future in waiting:
                if future.done():
                    future.result()  # raises what went wrong in it
        while len(waiting) > (overlap and has_room_for_two()):
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def _carried_out(work: Callable[[HandOver], Result], handed_over: threading.Event) -> Result:
    try:
        return work(handed_over.set)
    finally:
        handed_over.set()


def has_room_for_two(known: Path = Path("/proc/meminfo")) -> bool:
    """Return whether the memory that is available is known, and enough for two simulations.

    Parameters
    ----------
    known : Path
        Where Linux tells how much is available.
    """
    if not known.is_file():
        return False
    lines = dict(line.split(":", 1) for line in known.read_text().splitlines() if ":" in line)
    return int(lines.get("MemAvailable", "0").split()[0]) * 1024 >= ROOM_FOR_TWO
