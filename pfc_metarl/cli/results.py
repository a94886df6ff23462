"""Results of trials in the terminal, and in a file."""

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from pfc_metarl.arguments import argument
from pfc_metarl.cli.encoding import encodable
from pfc_metarl.settings import BadInput, counted, printable

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

MOST_NAMED = 5
"""Subjects that are named where there is no result; of more, the first of them."""

MOST_ROWS = 12
"""Subjects that are shown; of more, the first of them and the mean."""


def refuse_unwritable(out: Path | None) -> None:
    """Raise BadInput if a file cannot be written, before anything is computed."""
    if out is None:
        return
    if out.is_dir():
        raise BadInput(f"{argument('out', out)}: this is a folder; give a file.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with (out.parent / f".{out.name}.trial").open("wb"):
            pass
        (out.parent / f".{out.name}.trial").unlink()
    except OSError as error:
        raise BadInput(f"{argument('out', out)}: {error.strerror}; choose a file that can be written.") from None


def write_groups(tables: "Mapping[str, xr.Dataset]", out: Path) -> Path:
    """Write results as a netCDF file, a group for each."""
    import xarray as xr

    from pfc_metarl.data.files import replacing
    from pfc_metarl.data.hdf5 import encoded

    tree = xr.DataTree.from_dict({f"/{name}": table for name, table in tables.items()})
    with replacing(out) as temporary:
        temporary.write_bytes(encoded(tree))
    return out


def show_reasons(results: "Mapping[str, xr.Dataset]") -> None:
    """Print which subjects have no result, and why, a line for each result and reason."""
    for name, result in results.items():
        if "reason" not in result or result["reason"].dims != ("subject",):
            continue
        without = result["reason"].to_series()[~result["valid"].to_series()]
        for reason, subjects in without.groupby(without, sort=False).groups.items():
            some = ", ".join(map(str, subjects[:MOST_NAMED])) + (", ..." if len(subjects) > MOST_NAMED else "")
            print(printable(f"{name} has no result for {counted(len(subjects), 'subject')} ({some}): {reason}"))


def show_table(table: "pd.DataFrame", title: str) -> None:
    """Print a table of numbers: columns of the frame as rows, its rows as columns where they fit, and mean ± s.e.m."""
    console = Console()
    shown = Table(title=encodable(printable(title), console.encoding), title_justify="left")
    shown.add_column("", overflow="fold")
    shown.add_column(encodable("mean ± s.e.m.", console.encoding), justify="right")
    shown.add_column("n", justify="right")
    room = (console.width - WIDTH_OF_SUMMARY) // WIDTH_OF_SUBJECT
    subjects = table.index.tolist()[: max(min(room, MOST_ROWS), 0)]
    for subject in subjects:
        shown.add_column(printable(f"{subject!s}"), justify="right", no_wrap=True)
    for name in table.columns.astype(str):
        values = table[name]
        known = values.dropna().astype(float)
        error = f" ± {known.sem():.3f}" if len(known) > 1 else ""
        mean = f"{known.mean():.3f}{error}" if len(known) else "-"
        cells = (
            _in_lines(name, console.width - WIDTH_OF_MEAN),
            mean,
            str(len(known)),
            *(_number(values[subject]) for subject in subjects),
        )
        shown.add_row(*(encodable(cell, console.encoding) for cell in cells))
    console.print(shown)
    if len(table) > len(subjects) and subjects:
        hidden = len(table) - len(subjects)
        print(f"{hidden} more {'subject is' if hidden == 1 else 'subjects are'} not shown")


WIDTH_OF_SUMMARY, WIDTH_OF_SUBJECT, WIDTH_OF_MEAN = 56, 10, 25


def _in_lines(name: str, width: int) -> str:
    """Return a name in lines of at most a width, broken after underscores."""
    lines = textwrap.wrap(name.replace("_", "_ "), max(width, 8))
    return "\n".join(lines).replace("_ ", "_")


def _number(value: float) -> str:
    return "-" if value != value else f"{value:.2f}"
