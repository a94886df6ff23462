"""Cells one after the other in this process."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from pfc_metarl.execution.jobs import Interrupted
from pfc_metarl.settings import printable
from pfc_metarl.sweeps.cells import Cell, Sweep
from pfc_metarl.sweeps.steps import finish_cell


class Outcome(NamedTuple):
    """How a cell ended."""

    cell: Cell
    error: str = ""
    """Empty if it is complete."""


def sentence_of(error: BaseException) -> str:
    """Return an error as one line.

    Examples
    --------
    >>> sentence_of(ZeroDivisionError("division by zero"))
    'ZeroDivisionError: division by zero'
    """
    first = (str(error).splitlines() or [""])[0]
    named = type(error).__module__.startswith("pfc_metarl.")
    return printable(first if named else f"{type(error).__name__}: {first}")


def in_this_process(sweep: Sweep, cells: Iterable[Cell], stop: Any) -> Iterator[Outcome]:
    """Carry out cells one after the other; yield how each ended.

    Raises
    ------
    Interrupted
        If ``stop`` was set.
    """
    for cell in cells:
        try:
            finish_cell(sweep.source(cell), sweep.path(cell), sweep.terms, stop)
            yield Outcome(cell)
        except Interrupted:
            raise
        except Exception as error:
            yield Outcome(cell, sentence_of(error))
