"""What a run shows in the terminal when it is complete: the headline measures, and warnings."""

import json
import os
import sys
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from pfc_metarl.cli.encoding import encodable
from pfc_metarl.data.files import size_of
from pfc_metarl.reports.sentences import WHY_STOPPED, claim_met, criterion_met
from pfc_metarl.settings import printable

if TYPE_CHECKING:
    from pfc_metarl.execution.simulation import SimulatedRun

WIDTH_OF_A_FILE = 118
"""Columns of a table that is not written to a terminal."""

WIDTH_OF_ALL_COLUMNS, WIDTH_OF_COLUMNS = 100, 76
"""Width from which on a table has all its columns, and from which on it is a table."""

INDENT = "  "


def warn(sentence: str) -> None:
    """Print a warning on stderr."""
    print(f"warning: {sentence}", file=sys.stderr, flush=True)


def show_summary(summary: Mapping[str, Any]) -> None:
    """Print the claim, the headline measures as they fit the terminal, and which networks were stopped."""
    console = Console()
    width = _width(console)
    rows = [_cells(row, console.encoding) for row in summary["measures"]]
    show = _show_columns if width >= WIDTH_OF_COLUMNS else _show_lines
    show(encodable(claim_met(summary["claim"]), console.encoding), rows, Console(width=width))
    if changed := ", ".join(summary["claim"]["changed"]):
        print(f"{changed}: changed, so expected values were measured in reference agents, or are left out")
    for network, update in summary["stopped"].items():
        print(f"network {network} was stopped at update {update}: {WHY_STOPPED}")


def _cells(row: Mapping[str, Any], encoding: str) -> list[str]:
    value = f"{_shown(row['mean'])} ± {_shown(row['sem'])}"
    cells = (row["measure"], value, str(row["n"]), criterion_met(row), row["expected"])
    return [encodable(cell, encoding) for cell in cells]


def _show_columns(title: str, rows: list[list[str]], console: Console) -> None:
    """Print a table; where it is narrow the expected values are left out."""
    names = ["measure", encodable("mean ± s.e.m.", console.encoding), "n", "criterion", "expected"]
    shown = names if console.width >= WIDTH_OF_ALL_COLUMNS else names[:-1]
    table = Table(title=title, title_justify="left")
    for name in shown:
        table.add_column(name, justify="right" if name in names[1:3] else "left")
    for row in rows:
        table.add_row(*row[: len(shown)])
    console.print(table)
    if shown != names:
        console.print("expected values: in a wider terminal, and in summary.json", highlight=False)


def _show_lines(title: str, rows: list[list[str]], console: Console) -> None:
    """Print each measure in lines of its own."""
    console.print(title, highlight=False)
    for measure, value, n, criterion, expected in rows:
        console.print(measure, highlight=False)
        reached = f"; {criterion}" if criterion else ""
        for line in (f"{value}, n = {n}{reached}", f"expected: {expected}" if expected else ""):
            for part in textwrap.wrap(line, max(console.width - len(INDENT), 1)):
                console.print(INDENT + part, highlight=False)


def _width(console: Console) -> int:
    """Return the width of a terminal, or that in COLUMNS; where there is neither, one that shows whole rows."""
    known = console.is_terminal or os.environ.get("COLUMNS", "").isdigit()
    return console.width if known else max(console.width, WIDTH_OF_A_FILE)


def show_run(run: "SimulatedRun", quiet: bool, as_json: bool) -> None:
    """Print the headline measures of a run, as a table or as JSON, and the seconds of the steps of this command."""
    if as_json:
        print(json.dumps(run.summary(), indent=2))
    elif not quiet:
        show_summary(run.summary())
        files = run.manifest.get("files", {}).values()
        facts = [f"{name} {value:.1f} s" for name, value in run.seconds.items()]
        facts += [f"{size_of(sum(file['bytes'] for file in files))} on the disk"] if files else []
        print(f"{printable(str(run.folder))}/" + (f"  ({', '.join(facts)})" if facts else ""))


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
