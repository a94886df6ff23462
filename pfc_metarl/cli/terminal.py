"""What a run shows in the terminal: progress on stderr, the headline measures on stdout."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from pfc_metarl.cli.encoding import encodable
from pfc_metarl.execution.processes import Progress as Report


class ProgressBar:
    """Updates of all networks, their reward per trial, and the time left; silent where stderr is no terminal.

    Parameters
    ----------
    networks, updates : int
        Size of the cohort, and updates of each network.
    quiet : bool
    """

    def __init__(self, networks: int, updates: int, quiet: bool) -> None:
        console = Console(stderr=True)
        columns = (
            TextColumn(f"training {networks} networks"),
            BarColumn(),
            TextColumn("{task.percentage:3.0f}%  {task.fields[reward]} reward/trial"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        self.progress = Progress(*columns, console=console, disable=quiet or not console.is_terminal)
        self.task = self.progress.add_task("train", total=networks * updates, reward="-")
        self.latest: dict[tuple[int, ...], Report] = {}

    def __enter__(self) -> "ProgressBar":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def report(self, latest: Report) -> None:
        """Take in how far some of the networks are."""
        self.latest[latest.networks] = latest
        reports = self.latest.values()
        done = sum(len(report.networks) * report.updates for report in reports)
        reward = sum(len(report.networks) * report.reward_per_trial for report in reports)
        mean = reward / sum(len(report.networks) for report in reports)
        self.progress.update(self.task, completed=done, reward=f"{mean:.3f}")


def show_summary(claim: str, summary: Mapping[str, Any]) -> None:
    """Print the headline measures as a table, and which networks were stopped."""
    console = Console()
    table = Table(title=encodable(claim, console.encoding), title_justify="left")
    table.add_column("measure")
    table.add_column(encodable("mean ± s.e.m.", console.encoding), justify="right")
    table.add_column("n", justify="right")
    table.add_column("criterion")
    table.add_column("expected")
    for row in summary["measures"]:
        value = f"{_shown(row['mean'])} ± {_shown(row['sem'])}"
        cells = (row["measure"], value, str(row["n"]), criterion_met(row), row["expected"])
        table.add_row(*(encodable(cell, console.encoding) for cell in cells))
    Console(width=max(console.width, 118)).print(table)
    for network, update in summary["stopped"].items():
        console.print(f"network {network} was stopped at update {update}: its gradient was not finite, or gone")


def criterion_met(row: Mapping[str, Any]) -> str:
    """Say how many subjects reached the criterion of a headline measure, and which it is.

    Examples
    --------
    >>> criterion_met({"criterion": [0.69, None], "reached": 7, "subjects": [0.7] * 8})
    '7 of 8 ≥ 0.69'
    """
    if "criterion" not in row:
        return ""
    low, high = row["criterion"]
    bounds = f"≥ {low:g}" if high is None else f"≤ {high:g}" if low is None else f"in {low:g} to {high:g}"
    return f"{row['reached']} of {len(row['subjects'])} {bounds}"


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
