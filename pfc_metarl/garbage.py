"""How often Python searches for garbage in a command and its workers: seldom, and not at the end.

Imports and figures make many objects and little garbage. With Python's own thresholds a fifth of the time of imports
goes into searches.
"""

import atexit
import gc

THRESHOLDS = 20_000, 20, 100
"""New objects between two searches among them, and such searches between those among older and oldest objects."""


def search_seldom() -> None:
    """Let Python search for garbage seldom, and end without a search, which takes a second or two.

    Examples
    --------
    >>> before = gc.get_threshold()
    >>> search_seldom()
    >>> gc.get_threshold() == THRESHOLDS
    True
    >>> gc.set_threshold(*before)
    """
    gc.set_threshold(*THRESHOLDS)
    atexit.unregister(gc.freeze)  # if it was called before
    atexit.register(gc.freeze)
