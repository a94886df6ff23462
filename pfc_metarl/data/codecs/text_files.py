"""Tables in files: CSV and TSV of any delimiter and encoding mark, and Parquet."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import pandas as pd

from pfc_metarl.data.codecs.problems import Problems
from pfc_metarl.data.codecs.text_parts import read_in_parts
from pfc_metarl.data.files import require_file
from pfc_metarl.data.memory import PARQUET, READING, require_memory
from pfc_metarl.settings import BadInput, counted

DELIMITERS = (",", "\t", ";", "|")

MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""Byte-order mark -> encoding; without one, text is UTF-8."""

EMPTY = ["", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "-nan", "null", "NULL", "None"]
"""What an empty cell may be written as."""

UNNAMED = "Unnamed: "
"""How pandas calls a column without a name, such as the empty one where each line ends with a delimiter."""

FIRST_LINE = 2
"""Of the data in a text file; the first has the names of the columns."""


def read_table(
    path: Path, names: tuple[str, ...] = (), delimiter: str | None = None, keep: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Read a table; the index holds the lines of a text file, or rows counted from 0.

    Parameters
    ----------
    path : Path
        Text if its name does not end in .parquet, .pq or .pqt.
    names : tuple of str
        Columns of names, such as that of subjects: they are read as text, so that 03187 stays what it is.
    delimiter : str, optional
        Of a text file; by default the one of comma, tab, semicolon and bar that is most frequent in the first line.
    keep : tuple of str
        Columns in which NA, None and the like are text, not empty cells.

    Raises
    ------
    BadInput
        If the file cannot be read, or a line has more or fewer fields than the first.
    """
    require_file(path)
    require_memory(path, READING)
    if path.suffix.lower() in PARQUET:
        return _parquet(path)
    encoding = _encoding(path)
    try:
        with path.open(encoding=encoding, newline="") as file:
            header = _header(file, path)
            delimiter = delimiter or max(DELIMITERS, key=header.count)
            file.seek(0)
            n_rows = _require_rectangle(file, path, delimiter) - 1
        own = next(csv.reader([header], delimiter=delimiter, skipinitialspace=True))
        layout: dict[str, Any] = {
            "sep": delimiter,
            "encoding": encoding,
            "dtype": {name: str for name in (*names, *keep) if name in own},
            "na_values": {name: [""] if name in keep else EMPTY for name in own},
            "keep_default_na": False,
            "low_memory": False,
            "skipinitialspace": True,
        }
        table = read_in_parts(path, layout, [name for name in names if name not in keep], n_rows)
        if table is None:
            table = pd.read_csv(path, **layout)
        table.columns = table.columns.str.strip()
    except BadInput:
        raise
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{path}: byte {error.start} is not UTF-8 text; save the file as UTF-8, or name its format if it is none."
        ) from None
    except (OSError, ValueError, csv.Error) as error:
        raise BadInput(f"{path} cannot be read as a table ({str(error).splitlines()[0]}).") from None
    unnamed = [name for name in table if str(name).startswith(UNNAMED) and table[name].isna().all()]
    table = table.drop(columns=unnamed)
    table.index = pd.RangeIndex(FIRST_LINE, FIRST_LINE + len(table), name="line")
    return table


def _parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path).reset_index(drop=True)
    except ImportError:
        raise BadInput(f"{path}: reading Parquet needs pyarrow; install it with: pip install pyarrow.") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read as Parquet ({str(error).splitlines()[0]}).") from None


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(2)
    return MARKS.get(start, "utf-8-sig")


def _header(file: IO[str], path: Path) -> str:
    header = file.readline().rstrip("\r\n")
    names = [name.strip() for name in header.split(max(DELIMITERS, key=header.count))]
    if not header.strip():
        raise BadInput(f"{path}: the first line must hold the names of the columns, and is empty.")
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise BadInput(f"{path}: two columns have the name {twice}; give each its own.")
    return header


def _require_rectangle(file: IO[str], path: Path, delimiter: str) -> int:
    """Return the number of lines with fields.

    Raises
    ------
    BadInput
        Where a line has more or fewer fields than the first, as with mixed delimiters or a cut file.
    """
    n_lines, n_fields, wrong = 0, 0, []
    for line, n in _fields(file, delimiter):
        n_lines += 1
        n_fields = n_fields or n
        if n != n_fields:
            wrong.append((line, n))
    if wrong:
        line, n = wrong[0]
        such = f" ({len(wrong)} such lines)" if len(wrong) > 1 else ""
        raise BadInput(
            f"{path}, line {line}: this line has {counted(n, 'field')} and the first line {n_fields}, separated by "
            f"{delimiter!r}{such}; use one delimiter throughout, and do not cut lines."
        )
    return n_lines


def _fields(file: IO[str], delimiter: str) -> Iterator[tuple[int, int]]:
    reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True)
    for row in reader:
        if row:
            yield reader.line_num, len(row)


def labelled(table: pd.DataFrame, file: Path, is_one_of_several: bool) -> pd.DataFrame:
    """Return a table whose rows are called after their file, if there are several: "7 of p1.csv"."""
    if not is_one_of_several:
        return table
    return table.set_axis(pd.Index([f"{row} of {file.name}" for row in table.index], name=table.index.name))


def joined(tables: Sequence[pd.DataFrame], problems: Problems) -> pd.DataFrame:
    """Return the rows of all files of a folder; they are called lines in messages if all are lines of text files."""
    if all(table.index.name == "line" for table in tables):
        problems.row_word = "line"
    return pd.concat(tables)


def problems_of(path: Path, table: pd.DataFrame) -> Problems:
    """Return an empty list of problems of a table that was read from a file."""
    return Problems(str(path), "line" if table.index.name == "line" else "row")
