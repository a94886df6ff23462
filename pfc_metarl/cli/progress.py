"""The progress of a run on stderr: a bar in a terminal; elsewhere, as in the log of a cluster, lines with the time."""

import datetime
import math
import sys
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from pfc_metarl.execution.recordings import RecordingProgress
from pfc_metarl.execution.shard import Progress as TrainingProgress
from pfc_metarl.settings import counted

SECONDS_BETWEEN_LINES = 30.0


class ProgressBar:
    """What is being done, how much of it is complete, and the time left.

    Parameters
    ----------
    networks, updates : int
        Size of the cohort, and updates of each network.
    quiet : bool
        Whether nothing is shown.
    first : str
        Shown when the training begins.
    """

    def __init__(self, networks: int, updates: int, quiet: bool, first: str = "") -> None:
        console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:3.0f}%{task.fields[detail]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        self.quiet, self.updates, self.first = quiet, updates, first
        in_terminal = console.is_terminal or console.is_jupyter
        self.progress = Progress(*columns, console=console, disable=quiet or not in_terminal)
        self.lines = None if quiet or in_terminal else ProgressLines()
        self.task = self.progress.add_task(
            f"training {counted(networks, 'network')}", total=networks * updates, detail=""
        )
        self.latest: dict[tuple[int, ...], TrainingProgress] = {}
        self.recorded: dict[str, RecordingProgress] = {}

    def __enter__(self) -> "ProgressBar":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def report(self, latest: TrainingProgress | RecordingProgress) -> None:
        """Show the progress of the training of some of the networks, or of a recording."""
        if isinstance(latest, RecordingProgress):
            self._show_recordings(latest)
        else:
            self._show_training(latest)
        if self.lines is not None:
            task = self.progress.tasks[0]
            self.lines.show(task.description, task.completed, task.total or 0, task.fields["detail"])

    def _show_recordings(self, latest: RecordingProgress) -> None:
        if not self.recorded:
            self.progress.reset(self.task, total=latest.n_recordings)
        self.recorded[latest.name] = latest
        done = sum(recorded.episodes / recorded.n_episodes for recorded in self.recorded.values())
        text = f"recording {latest.name}, {latest.number} of {latest.n_recordings}"
        self.progress.update(self.task, completed=done, description=text, detail="")

    def _show_training(self, latest: TrainingProgress) -> None:
        if self.first and not self.latest and not self.quiet:
            self.progress.console.print(self.first, highlight=False, markup=False, soft_wrap=True)
        if latest.resumed and not self.latest and not self.quiet:
            self.progress.console.print(f"resuming at update {latest.updates} of {self.updates}", highlight=False)
        self.latest[latest.networks] = latest
        reports = self.latest.values()
        done = sum(len(report.networks) * report.updates for report in reports)
        reward = sum(len(report.networks) * report.reward_per_trial for report in reports)
        mean = reward / sum(len(report.networks) for report in reports)
        detail = f"  {mean:.3f} reward/trial" if math.isfinite(mean) else ""
        self.progress.update(self.task, completed=done, detail=detail)


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
        print(f"{clock}  {text}, {done / total:.0%}{detail.replace('  ', ', ')}{left}", file=sys.stderr, flush=True)
