"""The columns of a trial table as numbers, with every value that is wrong noted at once."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pfc_metarl.arguments import argument, column, command
from pfc_metarl.data.arrow import plain
from pfc_metarl.data.codecs.problems import Problems
from pfc_metarl.data.column_mapping import CODES
from pfc_metarl.data.table_values import NO, YES, steps
from pfc_metarl.settings import BadInput

FLAGS = ("common", "forced", "excluded", "lost")
"""Columns of yes and no."""

REWARDS = (0.0, 1.0)
"""Possible rewards, by default."""

CHOICES = ("choice1", "choice2")
"""Columns whose codes are below the number of options, where it is given."""

LONGEST_NUMBER = 19
"""Digits of a label from which on it is text, since it may be too large for a whole number."""

MOST_UNUSED = 3
"""Codes in a row that may be missing; a code above more of them is taken for that of a missing value, and refused."""


def checked_columns(
    table: pd.DataFrame,
    problems: Problems,
    base: int | Mapping[str, int] | None = None,
    rewards: Sequence[float] | None = REWARDS,
    n_options: int | None = None,
) -> pd.DataFrame:
    """Return a table with its known columns as numbers, and note what is wrong with them.

    Parameters
    ----------
    table : DataFrame
        With the names of the trial table.
    problems : Problems
    base : int or mapping, optional
        Code of the first option or state, or that of some columns; in what is returned it is 0. Where it is not given
        it is 0, and codes 1 and 2 without a 0 are refused.
    rewards : sequence of float or None
        Possible rewards; None allows any number.
    n_options : int, optional
        Options of a choice; larger codes are refused. Where it is not given, a code is refused if more than three codes
        in a row below it are in no row.
    """
    columns = {str(name): table[name] for name in table.columns}
    del table
    for name in list(columns):
        if name in CODES:
            own = base.get(name) if isinstance(base, Mapping) else base
            columns[name] = _codes(columns[name], problems, own, n_options if name in CHOICES else None)
        elif name in FLAGS:
            columns[name] = _flags(columns[name], problems)
        elif name == "reward":
            columns[name] = _rewards(columns[name], problems, rewards)
        elif name.startswith("p_reward_"):
            columns[name] = _numbers(columns[name], problems, 0, 1)
        elif name.startswith("rt"):
            columns[name] = _numbers(columns[name], problems, 0, np.inf)
    return pd.DataFrame(columns, copy=False)


def to_numbers(column: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Return a column as floating-point numbers, NaN where it is empty, and where it is neither number nor empty.

    Examples
    --------
    >>> values, wrong = to_numbers(pd.Series(["1", " ", "left"]))
    >>> values.tolist(), wrong.tolist()
    ([1.0, nan, nan], [False, False, True])
    """
    own = plain(column)
    if isinstance(own.dtype, np.dtype) and own.dtype.kind in "iub":
        return own.astype(float), np.zeros(len(own), dtype=bool)
    if isinstance(own.dtype, pd.CategoricalDtype):
        own = own.astype(own.cat.categories.dtype)
    if own.dtype.kind == "O" or isinstance(own.dtype, pd.StringDtype):
        own = own.astype(object).where(own.notna(), None)
        empty = np.array([value is None or (isinstance(value, str) and not value.strip()) for value in own], dtype=bool)
    else:
        empty = own.isna().to_numpy()
    given = pd.to_numeric(own, errors="coerce").astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    wrong = (np.isnan(given) & ~empty) | np.isinf(given)
    return pd.Series(np.where(wrong, np.nan, given), index=column.index, name=column.name), wrong


def _codes(column: pd.Series, problems: Problems, given: int | None, n_options: int | None) -> pd.Series:
    base = given or 0
    values, no_number = to_numbers(column)
    wrong = no_number | (values % 1 != 0).to_numpy() & values.notna().to_numpy()
    below = (values < base).to_numpy() & ~wrong
    must = "must be a whole number, or an empty cell where there is none"
    if no_number.any() and column.name in CHOICES:
        must += f"; where names or keys stand for options, give {'--key NAME=0' if command() == 'command' else 'keys='}"
    problems.add(str(column.name), column, wrong, must)
    problems.add(
        str(column.name),
        column,
        below,
        f"must be {base} or more, the code of the first option; give another base, or the code of a missing value",
    )
    if (wrong | below).any():
        values = values.mask(wrong | below)
    codes = values - base if base else values
    if given is None and codes.min() == 1 and codes.max() == 2:
        large, must = (codes == 2).to_numpy(), f"but no row has 0: if codes start at 1, give {argument('base', 1)}"
    else:
        large, must = _too_large(codes, base, n_options)
    problems.add(str(column.name), column, large, must)
    return (codes.mask(large) if large.any() else codes).astype("Int64")


def _too_large(codes: pd.Series, base: int, n_options: int | None) -> tuple[np.ndarray, str]:
    """Return which codes are those of no option, and what they must be."""
    if n_options is not None:
        must = (
            f"must be below {base + n_options}, as there are {n_options} options; or give the code of a missing value"
        )
        return (codes >= n_options).to_numpy(), must
    used = np.unique(np.append(codes.dropna().unique(), 0))
    gap = np.flatnonzero(np.diff(used) > MOST_UNUSED + 1)
    if not len(gap):
        return np.zeros(len(codes), dtype=bool), ""
    first, last = used[gap[0]] + 1, used[gap[0] + 1] - 1
    none = f"but no row has {base + first:g} to {base + last:g}"
    return (codes > last).to_numpy(), f"{none}: give the code of a missing value, or the number of options"


def _flags(column: pd.Series, problems: Problems) -> pd.Series:
    codes, distinct = _distinct(column)
    text = np.array([*(str(value).strip().lower() for value in distinct), ""])
    wrong = ~np.isin(text, [*YES, *NO])[codes]
    problems.add(str(column.name), column, wrong, "must be 1 or 0, True or False, or yes or no")
    known = np.isin(text, [word for word in (*YES, *NO) if word])[codes]
    flags = pd.Series(np.isin(text, YES)[codes], index=column.index, name=column.name)
    return flags.astype("Int64").mask(~known)


def _distinct(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Return for each row the place of its value among the values that differ, −1 where it is empty, and these."""
    own = plain(column)
    return pd.factorize(own.map(_label, na_action="ignore") if own.dtype == object else own)


def _rewards(column: pd.Series, problems: Problems, rewards: Sequence[float] | None) -> pd.Series:
    values, wrong = to_numbers(column)
    problems.add("reward", column, wrong, "must be a number, or an empty cell where there is none")
    if rewards is not None:
        other = values.notna().to_numpy() & ~np.isin(values, np.asarray(rewards, dtype=float))
        possible = " or ".join(f"{reward:g}" for reward in rewards)
        any_number = argument("rewards", "any" if command() == "command" else None)
        problems.add("reward", column, other, f"must be {possible}; state the possible rewards, or {any_number}")
    return values


def _numbers(column: pd.Series, problems: Problems, low: float, high: float) -> pd.Series:
    values, wrong = to_numbers(column)
    outside = wrong | ((values < low) | (values > high)).to_numpy()
    must = f"must lie between {low:g} and {high:g}" if np.isfinite(high) else f"must be a number from {low:g} on"
    problems.add(str(column.name), column, outside, must)
    return values.mask(outside)


def checked_keys(table: pd.DataFrame, problems: Problems, consecutive: bool) -> pd.DataFrame:
    """Return a table with its keys, and note empty ones, and trials that are repeated or out of order.

    Parameters
    ----------
    table : DataFrame
        Without a column session, all trials of a subject are one session, 0.
    problems : Problems
    consecutive : bool
        Whether the rows of a session are numbered anew, 0, 1, 2 and so on, whatever the column trial says.

    Raises
    ------
    BadInput
        If there is no column subject, or no column trial and rows are not said to be consecutive.
    """
    if table.empty:
        raise BadInput(f"{problems.source}: there are no rows below the names of the columns.")
    if "session" not in table:
        table = table.assign(session=0)
    table = table.assign(**{name: _names(table, name, problems) for name in ("subject", "session")})
    if consecutive:
        return table.assign(trial=table.groupby(["subject", "session"], sort=False, observed=True).cumcount())
    if "trial" not in table:
        raise BadInput(
            f"{problems.source}: there is no column trial; the columns are {', '.join(map(str, table.columns))}; "
            f"name it, as {column('trial')}, or say that the rows are consecutive trials, as {argument('consecutive')}."
        )
    trial, wrong = to_numbers(table["trial"])
    problems.add("trial", table["trial"], wrong | trial.isna().to_numpy(), "must be a number, in each row")
    step = steps(table["subject"], table["session"], trial)
    if (step <= 0).any():
        again = (trial.groupby([table["subject"], table["session"], trial], sort=False).cumcount() > 0).to_numpy()
        for found, must in (
            (again, "is there already, in the same session: remove the row, or give each session its own name"),
            ((step < 0) & ~again, "is below that of the row before, of the same session: sort the rows"),
        ):
            problems.add("trial", table["trial"], found, must)
    whole = trial.notna().all() and (trial % 1 == 0).all()
    return table.assign(trial=trial.astype("int64") if whole else trial)


def _names(table: pd.DataFrame, name: str, problems: Problems) -> pd.Series:
    """Return labels as whole numbers if all are written as such, as text otherwise."""
    if name not in table:
        raise BadInput(
            f"{problems.source}: there is no column {name}; the columns are {', '.join(map(str, table.columns))}; "
            f"name it, as {column(name)}."
        )
    codes, distinct = _distinct(table[name])
    labels = [_label(value) for value in distinct]
    empty = np.array([*(not label for label in labels), True])[codes]
    problems.add(name, table[name], empty, "must be a name or a number, in each row")
    values: list[int] | list[str] = [*labels, ""]
    if all(_is_whole(label) for label in labels if label):
        values = [int(label or 0) for label in values]
    return pd.Series(pd.Series(values).to_numpy()[codes], index=table.index, name=name)


def _is_whole(label: str) -> bool:
    """Return whether a label is a whole number of at most 18 digits, written without zeros before it."""
    return label.isascii() and label.isdigit() and len(label) < LONGEST_NUMBER and str(int(label)) == label


def _label(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
