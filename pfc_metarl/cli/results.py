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
            say(f"{name} has no result for {counted(len(subjects), 'subject')} ({some}): {reason}")


def say(sentence: str) -> None:
    """Print a sentence, in lines as wide as the terminal; in a file it is one line."""
    console = Console()
    text = encodable(printable(sentence), console.encoding)
    console.print(text, highlight=False, markup=False, soft_wrap=not console.is_terminal)


def show_table(table: "pd.DataFrame", title: str, written: Path | None = None) -> None:
    """Print a table of numbers: columns of the frame as rows, its rows as columns where they fit, and mean ± s.e.m.

    If some rows of the frame do not fit, the file to which all of them are `written` is named.
    """
    console = Console()
    columns = [["", *table.columns], ["mean ± s.e.m.", *_means(table)], ["n", *table.notna().sum().astype(str)]]
    width = sum(map(_width, columns)) + 1
    some = table[:MOST_ROWS].astype(float)
    for subject, values in zip(some.index.tolist(), some.to_numpy(), strict=True):
        column = [printable(f"{subject!s}"), *map(_number, values)]
        width += _width(column)
        if width > console.width:
            break
        columns.append(column)
    shown = Table()
    for n, column in enumerate(columns):
        shown.add_column(encodable(column[0], console.encoding), justify="right" if n else "left", no_wrap=n > 0)
    for name, *cells in zip(*(column[1:] for column in columns), strict=True):
        first = _in_lines(str(name), console.width - WIDTH_OF_MEAN)
        shown.add_row(*(encodable(cell, console.encoding) for cell in (first, *cells)))
    console.print(encodable(printable(title), console.encoding), highlight=False, markup=False)
    console.print(shown)
    n_subjects = len(columns) - N_SUMMARIES
    if hidden := len(table) - n_subjects:
        more = "more " if n_subjects else ""
        all_rows = f"{printable(str(written))} holds all" if written else "--out FILE writes all"
        print(f"{hidden} {more}{'subject is' if hidden == 1 else 'subjects are'} not shown; {all_rows}")


N_SUMMARIES = 3
"""Columns before those of the subjects: name, mean and n."""
WIDTH_OF_MEAN = 25
"""Columns that mean and n take in a narrow terminal."""


def _means(table: "pd.DataFrame") -> list[str]:
    known = [table[name].dropna().to_numpy(dtype=float) for name in table]
    errors = [f" ± {each.std(ddof=1) / len(each) ** 0.5:.3f}" if len(each) > 1 else "" for each in known]
    return [f"{each.mean():.3f}{error}" if len(each) else "-" for each, error in zip(known, errors, strict=True)]


def _width(column: list[str]) -> int:
    """Return the width of a column of a table, with its border and the space around its cells."""
    return max(map(len, column)) + 3


def _in_lines(name: str, width: int) -> str:
    """Return a name in lines of at most a width, broken after underscores."""
    lines = textwrap.wrap(name.replace("_", "_ "), max(width, 8))
    return "\n".join(lines).replace("_ ", "_")


def _number(value: float) -> str:
    return "-" if value != value else f"{value:.2f}"
