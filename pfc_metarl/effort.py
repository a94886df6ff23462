"""How often a computation is repeated: in a rehearsal only a few times, since its result is thrown away."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_rehearsing: ContextVar[bool] = ContextVar("rehearsing", default=False)


@contextlib.contextmanager
def rehearsing() -> Iterator[None]:
    """Let computations repeat themselves only a few times; results are of the same form, but of no use."""
    before = _rehearsing.set(True)
    try:
        yield
    finally:
        _rehearsing.reset(before)


def repeats(n: int, in_rehearsal: int) -> int:
    """Return how often to repeat a computation.

    Examples
    --------
    >>> repeats(500, in_rehearsal=3)
    500
    >>> with rehearsing():
    ...     repeats(500, in_rehearsal=3)
    3
    """
    return min(n, in_rehearsal) if _rehearsing.get() else n
