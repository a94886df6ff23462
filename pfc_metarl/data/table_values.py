"""Allowed values of the columns of a trial table, and their conversion to numbers and flags from any pandas type."""

import math
from collections.abc import Hashable
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from pfc_metarl.data.arrow import plain
from pfc_metarl.settings import BadInput

KEYS = ("subject", "session", "trial")
"""Columns that identify a trial; trials of a session are in order."""

BINARY = ("choice1", "common")
"""Columns that are 0 or 1, or empty."""

YES, NO = ("1", "1.0", "true", "yes", "t", "y"), ("", "0", "0.0", "false", "no", "f", "n")
"""How a flag may be written as text, in small letters."""


def check_table(table: pd.DataFrame) -> pd.DataFrame:
    """Check the names of columns, the keys and the order of trials of a table, and return it; session is 0 if missing.

    Raises
    ------
    BadInput
        With the column, or the row, that is wrong.
    """
    _check_names(table)
    table = table if "session" in table else table.assign(session=0)
    for name in KEYS:
        _require_column(table, name)
    if table.empty:
        raise BadInput("The trial table has no rows.")
    keys = {name: plain(table[name]) for name in KEYS}
    for name in KEYS:
        if keys[name].isna().any() or not (_holds(keys[name], Real) or (name != "trial" and _holds(keys[name], str))):
            kind = "number" if name == "trial" else "number or text, of one kind in all rows"
            raise BadInput(f"{name}: must be a {kind}, in each row of the trial table.")
    step = steps(keys["subject"], keys["session"], keys["trial"])
    if (step <= 0).any():
        row = int(np.flatnonzero(step <= 0)[0])
        raise BadInput(f"trial = {table['trial'].iloc[row]} in row {row}: trials of a session must be in order.")
    return table


def steps(subject: pd.Series, session: pd.Series, trial: pd.Series) -> np.ndarray:
    """Return by how much the number of each trial is above that of the row before it in the same session.

    It is NaN in the first row of a session.

    Examples
    --------
    >>> steps(pd.Series(["a", "b", "a"]), pd.Series([0, 0, 0]), pd.Series([1, 1, 3])).tolist()
    [nan, nan, 2.0]
    """
    own = [_comparable(names) for names in (subject, session)]
    first = np.ones(len(trial), dtype=bool)
    first[1:] = (own[0][1:] != own[0][:-1]) | (own[1][1:] != own[1][:-1])
    if pd.DataFrame({place: names[first] for place, names in enumerate(own)}).duplicated().any():  # rows interleaved
        return trial.astype(float).groupby(own, sort=False).diff().to_numpy()
    step = np.diff(trial.to_numpy(dtype=float), prepend=np.nan)
    step[first] = np.nan
    return step


def _comparable(names: pd.Series) -> np.ndarray:
    """Return numbers as they are, and for text the place of each among those that differ."""
    return (
        names.to_numpy() if names.dtype.kind in "iuf" and isinstance(names.dtype, np.dtype) else pd.factorize(names)[0]
    )


def _check_names(table: pd.DataFrame) -> None:
    if not all(isinstance(name, Hashable) for name in table.columns):
        raise BadInput("The columns of the trial table must have names.")
    if table.columns.nlevels > 1:
        raise BadInput(f"The trial table has column names of {table.columns.nlevels} levels; it must have one level.")
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise BadInput(
            f"The trial table must have one column of each name, but {', '.join(map(str, twice))} appears twice."
        )
    if set(table.index.names) & set(table.columns):
        raise BadInput("The index of the trial table has the name of a column; reset_index(drop=True) takes it away.")


MADE = {"common": 'Where option 0 commonly leads to state 0, it is (table["state2"] == table["choice1"]).astype(int).'}
"""Columns that can be made of others, and how."""
NEEDED = ("subject", "trial", "choice1", "reward")
"""Columns that every table has, maybe under other names."""


def _require_column(table: pd.DataFrame, name: str) -> None:
    if name not in table:
        fix = f" {MADE[name]}" if name in MADE else ""
        if name in NEEDED:
            fix = f' pfc_metarl.trials(table, {name}="COLUMN") says which one it is.'
        raise BadInput(f"The trial table has no column {name!r}; it has {', '.join(map(str, table.columns))}.{fix}")


def _holds(column: pd.Series, kind: type) -> bool:
    """Return whether all that is in a column is finite numbers (`Real`), or names (`str`), but for empty cells."""
    if column.dtype.kind in "biuf":
        return kind is Real and not bool(np.isinf(column.dropna().to_numpy(dtype=float)).any())
    if column.dtype.kind != "O":
        return False
    empty = column.isna()
    known = [value for value, none in zip(column, empty, strict=True) if not none or value is pd.NaT]
    if kind is str:
        return all(isinstance(value, str) for value in known)
    return all(isinstance(value, Real) and abs(value) != np.inf for value in known)


def require(table: pd.DataFrame, *columns: str) -> None:
    """Check that a trial table has columns, and that they hold what they may.

    But for the `KEYS`, columns hold finite numbers or text of numbers, those of `BINARY` 0 and 1, or nothing.

    Raises
    ------
    BadInput
        With the column and the value that is wrong.

    Examples
    --------
    >>> require(pd.DataFrame({"choice1": [0, 1, 2]}), "choice1")
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: choice1 = 2 in the trial table: must be 0 or 1, or empty where there is no value.
    """
    for name in columns:
        _require_column(table, name)
        if name not in KEYS:
            numeric(table, name)


def numeric(table: pd.DataFrame, name: str, binary: bool | None = None) -> pd.Series:
    """Return a column as floating-point numbers, in its own precision if it has one; NaN where it is empty.

    Parameters
    ----------
    table : DataFrame
    name : str
    binary : bool, optional
        Whether it may hold 0 and 1 only; by default this is so for the columns of `BINARY`.

    Raises
    ------
    BadInput
        If there is no such column, or it holds something else.

    Examples
    --------
    >>> numeric(pd.DataFrame({"reward": pd.array(["0", "1", None], dtype="string")}), "reward").tolist()
    [0.0, 1.0, nan]
    """
    _require_column(table, name)
    given, binary = plain(table[name]), name in BINARY if binary is None else binary
    if isinstance(given.dtype, np.dtype) and given.dtype.kind == "f":
        values = given.to_numpy(dtype=np.promote_types(given.dtype, np.float32))  # pandas does not group by float16
    elif given.dtype.kind in "biuf":
        values = given.to_numpy(dtype=float, na_value=np.nan)
    elif given.dtype.kind == "O":
        values = np.array([_number(value, name, binary) for value in given], dtype=float)
    else:
        raise _not_numbers(name)
    if np.isinf(values).any():
        raise _not_numbers(name)
    if binary:
        _require_binary(values, name)
    return pd.Series(values, index=table.index, name=name)


def _number(value: Any, name: str, binary: bool) -> float:
    if value is None or value is pd.NA or (isinstance(value, str) and not value.strip()):
        return math.nan
    wrong = _not_binary(name, value) if binary else _not_numbers(name)
    if not isinstance(value, Real | str | Decimal):
        raise wrong
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise wrong from None


def _require_binary(values: np.ndarray, name: str) -> None:
    wrong = values[~np.isnan(values) & (values != 0) & (values != 1)]
    if len(wrong):
        raise _not_binary(name, f"{wrong[0]:g}")


def _not_binary(name: str, value: Any) -> BadInput:
    return BadInput(f"{name} = {value} in the trial table: must be 0 or 1, or empty where there is no value.")


def _not_numbers(name: str) -> BadInput:
    return BadInput(f"{name}: this column of the trial table must hold finite numbers, or nothing.")


def flag(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column of yes and no as booleans; False where it is empty, and everywhere if there is none.

    Raises
    ------
    BadInput
        If a value is neither yes nor no.

    Examples
    --------
    >>> flag(pd.DataFrame({"forced": ["yes", "No", None]}), "forced").tolist()
    [True, False, False]
    """
    if name not in table:
        return pd.Series(False, index=table.index, name=name)
    if table[name].dtype == bool:
        return table[name].copy()
    values = [_yes_or_no(value, name) for value in plain(table[name])]
    return pd.Series(values, index=table.index, name=name, dtype=bool)


def _yes_or_no(value: Any, name: str) -> bool:
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return False
    text = str(value).strip().lower()
    if text not in (*YES, *NO):
        raise BadInput(f"{name} = {value} in the trial table: must be 1 or 0, True or False, or yes or no.")
    return text in YES
