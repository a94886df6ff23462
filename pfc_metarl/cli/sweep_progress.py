"""The progress of a sweep: a bar in a terminal, lines elsewhere, and lines in the log of the sweep."""

import datetime
import sys
import time
from collections.abc import Callable
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

from pfc_metarl.cli.encoding import encodable
from pfc_metarl.settings import counted
from pfc_metarl.sweeps.serial import Outcome

SECONDS_BETWEEN_LINES = 30.0

WIDTH_WITH_A_BAR = 72
"""Columns of a terminal from which on there is room for a bar."""


class SweepProgress:
    """Cells that are complete, in work, and failed, and the time left.

    Parameters
    ----------
    n_cells, n_complete : int
        Cells of the sweep, and those that were complete before.
    workers : callable
        Returns the number of workers that are there.
    log : file
        Gets a line when a cell ends.
    quiet : bool
        Whether nothing is shown.
    """

    def __init__(self, n_cells: int, n_complete: int, workers: Callable[[], int], log: IO[str], quiet: bool) -> None:
        console = Console(stderr=True)
        in_terminal = console.is_terminal or console.is_jupyter
        self.n_cells, self.before, self.workers, self.log = n_cells, n_complete, workers, log
        self.done, self.failed = n_complete, 0
        self.begun = self.last = time.monotonic()
        bar = [BarColumn(bar_width=20)] if console.width >= WIDTH_WITH_A_BAR else []
        columns = (TextColumn("{task.description}"), *bar, TimeElapsedColumn(Column(no_wrap=True, min_width=7)))
        self.progress = Progress(*columns, console=console, disable=quiet or not in_terminal)
        self.lines = not quiet and not in_terminal
        self.task = self.progress.add_task(self.sentence(), total=n_cells, completed=n_complete)
        self.note(self.sentence())

    def __enter__(self) -> "SweepProgress":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()
        self.note(self.sentence())

    def show(self, outcome: Outcome) -> None:
        """Show that a cell has ended."""
        self.failed += bool(outcome.error)
        self.done += not outcome.error
        ended = f"failed: {outcome.error}" if outcome.error else "complete"
        self.note(f"{outcome.cell.name} {ended}; {self.sentence()}")
        self.progress.update(self.task, completed=self.done + self.failed, description=self.sentence())
        if self.lines and time.monotonic() - self.last > SECONDS_BETWEEN_LINES:
            self.last = time.monotonic()
            text = f"{datetime.datetime.now():%H:%M:%S}  {self.sentence()}"
            print(encodable(text, sys.stderr.encoding or "utf-8"), file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        """Write a line to the log."""
        self.log.write(f"{datetime.datetime.now():%Y-%m-%d %H:%M:%S}  {text}\n")

    def sentence(self) -> str:
        """Return the state of the sweep in a line."""
        left = self.n_cells - self.done - self.failed
        running = min(left, self.workers())
        parts = [f"{self.done:,} of {counted(self.n_cells, 'cell')}", f"{running} running", f"{self.failed} failed"]
        ended = self.done + self.failed - self.before
        if ended and left:
            parts.append(f"{_time((time.monotonic() - self.begun) / ended * left / 60)} left")
        return ", ".join(parts)


def _time(minutes: float) -> str:
    """Return a time in few characters.

    Examples
    --------
    >>> [_time(minutes) for minutes in (0.4, 90, 600, 10_000)]
    ['< 1 min', '90 min', '10 h', '7 days']
    """
    if minutes < 1:
        return "< 1 min"
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 60 / 24:,.0f} days"
