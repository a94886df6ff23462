"""What is being done, on stderr: a bar in a terminal; elsewhere, as in the log of a cluster, lines with the time."""

import datetime
import sys
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from pfc_metarl.cli.encoding import encodable

SECONDS_BETWEEN_LINES = 30.0
WIDTH_WITH_ELAPSED, WIDTH_WITH_BAR = 76, 60
"""Columns of a terminal from which on the time elapsed is shown, and the bar and details."""

WIDTH_OF_TIMES = {"left": len("100% left 0:00:00 "), "elapsed": len("0:00:00 ")}
LEAST_BAR = 6
INDENT = 2


class Display:
    """Shows what is being done, how much of it is complete, and the time left.

    The bar is removed at the end; the lines stay.

    Parameters
    ----------
    quiet : bool
        Whether nothing is shown.

    Examples
    --------
    >>> with Display(quiet=True) as display:
    ...     display.show("measuring", 1, 2)
    """

    def __init__(self, quiet: bool) -> None:
        console = Console(stderr=True)
        in_terminal = console.is_terminal or console.is_jupyter
        self.quiet = quiet
        self.progress = Progress(
            *_columns(console.width), console=console, disable=quiet or not in_terminal, transient=True
        )
        self.lines = None if quiet or in_terminal else ProgressLines()
        self.task = self.progress.add_task(self._fitting("starting"), total=None, detail="")

    def __enter__(self) -> "Display":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hide()

    def show(self, text: str, done: float, total: float, detail: str = "") -> None:
        """Show what is being done, how much of how much is complete, and a detail if there is room."""
        shown = detail if self.progress.console.width >= WIDTH_WITH_BAR else ""
        text_shown = self._fitting(text, len(shown) + INDENT * bool(shown))
        shown = f"{' ' * INDENT}{shown}" if shown else ""
        self.progress.update(self.task, completed=done, total=total, description=text_shown, detail=shown)
        if self.lines is not None:
            self.lines.show(text, done, total, detail)

    def say(self, sentence: str) -> None:
        """Print a sentence above the bar."""
        if not self.quiet:
            self.progress.console.print(sentence, highlight=False, markup=False, soft_wrap=True)

    def hide(self) -> None:
        """Remove the bar."""
        self.progress.stop()

    def _fitting(self, text: str, taken: int = 0) -> str:
        """Return a text as short as the terminal needs it: letters before its last comma are left out."""
        console = self.progress.console
        room = console.width - WIDTH_OF_TIMES["left"] - taken
        room -= LEAST_BAR + 1 if console.width >= WIDTH_WITH_BAR else 0
        room -= WIDTH_OF_TIMES["elapsed"] if console.width >= WIDTH_WITH_ELAPSED else 0
        return shortened_before_comma(text, room, encodable("…", console.encoding))


def shortened_before_comma(text: str, width: int, sign: str = "…") -> str:
    """Return a text in at most a width; what is left out stands before its last comma.

    Examples
    --------
    >>> shortened_before_comma("recording test_stimulate_risky_loss, 10 of 30", 30)
    'recording test_stim…, 10 of 30'
    """
    if len(text) <= width:
        return text
    head, comma, tail = text.rpartition(", ")
    end = f"{sign}{comma}{tail}" if comma else sign
    return (head or text)[: max(width - len(end), 0)] + end


def _columns(width: int) -> list[ProgressColumn]:
    """Return what a bar of a width has room for."""
    columns: list[ProgressColumn] = [TextColumn("{task.description}", markup=False)]
    columns += [BarColumn()] if width >= WIDTH_WITH_BAR else []
    columns += [TextColumn("{task.percentage:3.0f}%{task.fields[detail]}", markup=False)]
    columns += [TimeElapsedColumn(Column(no_wrap=True))] if width >= WIDTH_WITH_ELAPSED else []
    return [*columns, TimeLeft(table_column=Column(no_wrap=True))]


class TimeLeft(TimeRemainingColumn):
    """The time left, named as such; nothing before the first step."""

    def render(self, task: Task) -> Text:
        time = super().render(task)
        return Text.assemble("left ", time) if time.plain else time


class ProgressLines:
    """Progress in lines on stderr, one in half a minute, each with the time of day.

    Examples
    --------
    >>> lines = ProgressLines()
    >>> lines.show("training 8 networks", 0, 300)  # nothing: half a minute has not passed
    """

    def __init__(self) -> None:
        self.last = time.monotonic()
        self.step, self.begun, self.done_before = "", self.last, 0.0

    def show(self, text: str, done: float, total: float, detail: str = "") -> None:
        """Print a line, unless the last one is younger than half a minute.

        Parameters
        ----------
        text : str
            What is being done; its first word names the step, whose speed gives the time left.
        done, total : float
        detail : str
        """
        now = time.monotonic()
        step = text.partition(" ")[0]
        if step != self.step:
            self.step, self.begun, self.done_before = step, now, done
        if now - self.last < SECONDS_BETWEEN_LINES or not total:
            return
        self.last = now
        left = ""
        if done > self.done_before:
            minutes = (now - self.begun) * (total - done) / (done - self.done_before) / 60
            left = f", {minutes:.0f} min left" if minutes >= 1 else ", less than 1 min left"
        clock = datetime.datetime.now().strftime("%H:%M:%S")
        detail = f", {detail}" if detail else ""
        line = f"{clock}  {text}, {done / total:.0%}{detail}{left}"
        print(encodable(line, sys.stderr.encoding or "utf-8"), file=sys.stderr, flush=True)
