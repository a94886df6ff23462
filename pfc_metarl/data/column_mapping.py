"""A laboratory's own table in the columns and codes of the trial table."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pfc_metarl.data.table_values import numeric
from pfc_metarl.settings import BadInput

CODES = ("choice1", "choice2", "state2", "good_state", "response", "risky_side")
"""Columns of 0-based codes."""


KNOWN = (
    *("subject", "session", "block", "trial", *CODES, "common", "reward", "total_reward", "good_option"),
    *("forced", "excluded", "lost"),
)
"""Columns that measures and models read."""

BEGINNINGS = ("p_reward_", "rt")
"""Beginnings of the names of further ones: probabilities of reward, and response times."""


def is_known(name: str) -> bool:
    """Return whether a column of this name means something to measures and models.

    Examples
    --------
    >>> is_known("choice1"), is_known("p_reward_left"), is_known("choice9")
    (True, True, False)
    """
    return name in KNOWN or name.startswith(BEGINNINGS)


def mapped(
    table: pd.DataFrame, columns: Mapping[str, str], base: int = 0, missing: float | None = None, reward_unit: float = 1
) -> pd.DataFrame:
    """Return a table with the names and codes of the trial table.

    Parameters
    ----------
    table : DataFrame
        Left as it is.
    columns : mapping
        Name in the trial table -> name in `table`.
    base : int
        Code of the first option or state in `table`; in the trial table it is 0.
    missing : number, optional
        Code in `table` where there was no choice, or no value.
    reward_unit : float
        What counts as one reward in `table`; rewards are divided by it.

    Returns
    -------
    DataFrame
        The other columns stay. A table without sessions gets one, 0, for each subject.

    Raises
    ------
    BadInput
        If a column does not exist, two columns would have the same name, or a code is below `base`.
    """
    if not np.isfinite(reward_unit) or reward_unit <= 0:
        raise BadInput(f"reward_unit = {reward_unit}: must be a number above 0.")
    made = renamed(table, columns)
    values = {name: _recoded(made, name, base, missing) for name in CODES if name in made}
    for name in ("reward", "total_reward"):
        if name in made:
            values[name] = numeric(made, name) / reward_unit
    if "session" not in made:
        values["session"] = pd.Series(0, index=made.index)
    return made.assign(**values)


def renamed(table: pd.DataFrame, columns: Mapping[str, str], source: str = "the table") -> pd.DataFrame:
    """Return a table in which the columns that are named have the names of the trial table.

    A column that already has such a name, and is not named itself, is left out.

    Parameters
    ----------
    table : DataFrame
        Left as it is.
    columns : mapping
        Name in the trial table -> name in `table`.
    source : str
        What the table is called in messages, such as its file.

    Raises
    ------
    BadInput
        If a column does not exist, or is given more than one name.

    Examples
    --------
    >>> renamed(pd.DataFrame({"arm": [1], "choice1": [0]}), {"choice1": "arm"}).to_dict("list")
    {'choice1': [1]}
    """
    for name, own in columns.items():
        if not is_known(name):
            raise BadInput(f"{name} = {own!r}: {_no_column(name, own)}.")
        if own not in table:
            raise BadInput(f"{name} = {own!r}: {source} has no such column; it has {', '.join(map(str, table))}.")
    if len(set(columns.values())) < len(columns):
        raise BadInput(f"columns = {dict(columns)}: a column of {source} was given more than one name.")
    replaced = [name for name in columns if name in table and name not in columns.values()]
    return table.drop(columns=replaced).rename(columns={own: name for name, own in columns.items()})


def _no_column(name: str, own: str) -> str:
    """Return why a name is not one of the trial table; where both names were exchanged, how they are written."""
    if is_known(own):
        return f"the name in the trial table comes first, {own} = {name!r}"
    known = ", ".join((*KNOWN, *(f"{start}..." for start in BEGINNINGS)))
    return f"the trial table has no column {name}; its columns are {known}"


def _recoded(table: pd.DataFrame, name: str, base: int, missing: float | None) -> pd.Series:
    given = numeric(table, name, binary=False)
    codes = (given if missing is None else given.mask(given == missing)) - base
    wrong = codes[(codes < 0) | (codes.notna() & (codes % 1 != 0))]
    if len(wrong):
        raise BadInput(
            f"{name} = {wrong.iloc[0] + base:g}: codes are whole numbers from base = {base} on; give another "
            f"base=, or the code of a missing value as missing=."
        )
    return codes.astype("Int64")
