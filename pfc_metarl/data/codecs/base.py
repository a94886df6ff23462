"""The contract of a format: a function that reads a file, or a folder, into the columns of the trial table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from pfc_metarl.arguments import command
from pfc_metarl.data.codecs.problems import Problems
from pfc_metarl.data.column_mapping import CODES
from pfc_metarl.settings import BadInput


@dataclass(frozen=True)
class Options:
    """What a user says about a file.

    Parameters
    ----------
    columns : mapping
        Name in the trial table -> name in the file, for columns whose names differ.
    keys : mapping
        What stands in the file for an option, such as the key pressed -> code of the option, from 0.
    missing : number or text, optional
        Code in the file where there was no choice.
    delimiter : str, optional
        Of a text file; by default it is found.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, int] = field(default_factory=dict)
    missing: float | str | None = None
    delimiter: str | None = None


@dataclass(frozen=True)
class Raw:
    """What a codec read: the columns have the names of the trial table, and the values of the file.

    Parameters
    ----------
    table : DataFrame
    problems : Problems
        What was wrong so far.
    consecutive : bool
        Whether the rows of a session are trials that follow each other, whatever their numbers.
    base : mapping
        Code of the first option or state, for columns of codes that do not start at 0.
    rewards : sequence of float or None
        Possible rewards, as the format defines them; None for any number.
    """

    table: pd.DataFrame
    problems: Problems
    consecutive: bool = False
    base: Mapping[str, int] = field(default_factory=dict)
    rewards: Sequence[float] | None = (0.0, 1.0)


@dataclass(frozen=True)
class Codec:
    """A format.

    Parameters
    ----------
    about : str
        What it is, in one line.
    read : callable
        (path, Options) -> Raw.
    """

    about: str
    read: Callable[[Path, Options], Raw]


def as_codes(table: pd.DataFrame, options: Options, problems: Problems) -> pd.DataFrame:
    """Return a table in which keys are replaced by codes, and the code of a missing choice by an empty cell."""
    values = {}
    for name in (name for name in CODES if name in table):
        column = table[name]
        if options.missing is not None:
            column = column.mask(column.astype(str).str.strip() == str(options.missing))
        if options.keys and name.startswith(("choice", "response")):
            column = _of_keys(column, options.keys, problems)
        values[name] = column
    return table.assign(**values)


def _of_keys(column: pd.Series, keys: Mapping[str, int], problems: Problems) -> pd.Series:
    text = column.astype(object).where(column.notna(), "").astype(str).str.strip()
    unknown = ~text.isin([*keys, ""]).to_numpy()
    problems.add(str(column.name), column, unknown, f"must be {' or '.join(keys)}, as the keys were given")
    return text.map(dict(keys)).astype("Float64")


def require_choice(path: Path, options: Options, example: str) -> None:
    """Raise BadInput if nobody said which column holds the choice."""
    if "choice1" not in options.columns:
        own = f"--map choice1={example}" if command() == "command" else f'columns={{"choice1": "{example}"}}'
        raise BadInput(f"{path}: say which column holds the choice, such as {own}.")


def require_columns(table: pd.DataFrame, names: Sequence[str], source: str, about: str) -> None:
    """Raise BadInput if a table lacks a column that its format has."""
    for name in names:
        if name not in table:
            have = ", ".join(map(str, table.columns))
            raise BadInput(f"{source}: {about} has a column {name!r}, and there is none; the columns are {have}.")
