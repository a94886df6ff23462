"""The role of each row of a trial table in a measure or a fit, decided in one place.

A row is a *target* if a free choice was made in it; *past* if its choice was forced, so that it explains nothing but is
remembered; *nothing* if it was lost, has no choice, or is excluded: neither its choice nor its outcome counts. A trial
that is missing from the numbering is nothing as well: the row before it is not the trial before (`lagged`).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.labels import coded
from pfc_metarl.data.table_values import flag, numeric
from pfc_metarl.data.trial_table import FROM_0, trials
from pfc_metarl.settings import BadInput

TARGET, PAST, NOTHING = ROLES = ("target", "past", "nothing")

MAX_OPTIONS = 100
"""Options of a choice, at most; a larger code is that of a missing value."""


def trial_roles(table: pd.DataFrame, response: str | None = "choice1") -> pd.Series:
    """Return the role of each row of a trial table: "target", "past" or "nothing".

    Parameters
    ----------
    table : DataFrame
        Columns ``lost``, ``excluded`` and ``forced`` (1 and 0, True and False, or yes and no) are optional.
    response : str or None
        Column of the choice; None if no choice is needed, so that lost trials count too.

    Raises
    ------
    BadInput
        If a flag is neither yes nor no, or a column ``mask`` leaves open which trials it means.

    Examples
    --------
    >>> table = pd.DataFrame({"choice1": [0, 1, None, 1, 0], "forced": [0, 1, 0, 0, 0], "excluded": [0, 0, 0, 1, 0]})
    >>> trial_roles(table).tolist()
    ['target', 'past', 'nothing', 'nothing', 'target']
    """
    if "mask" in table:
        raise BadInput("mask: rename this column of the trial table to excluded, with 1 where a trial must not count.")
    empty = flag(table, "excluded")
    if response is not None:
        empty |= flag(table, "lost") | numeric(table, response, binary=False).isna()
    codes = np.where(empty, ROLES.index(NOTHING), flag(table, "forced").astype(np.int8))
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(ROLES)), index=table.index, name="role")


class RoleTable(NamedTuple):
    """The columns of a trial table that a measure needs, as numbers, with the role of each row.

    Attributes
    ----------
    rows : DataFrame
        ``subject`` and ``session`` as places in `subjects` and `sessions`; ``trial``, the columns asked for, NaN where
        the row is nothing; ``role``. The index is that of the table.
    subjects, sessions : array
        Their labels, in order.
    """

    rows: pd.DataFrame
    subjects: np.ndarray
    sessions: np.ndarray

    @property
    def target(self) -> pd.Series:
        """Whether each row is a target."""
        return self.rows["role"] == TARGET

    def n_options(self, response: str = "choice1") -> int:
        """Return the number of options of a choice, at least two: the largest code is that of the last option.

        Raises
        ------
        BadInput
            If a code is no whole number, or codes do not start at 0.
        """
        codes = self.rows[response].dropna()
        wrong = codes[(codes < 0) | (codes % 1 != 0) | (codes >= MAX_OPTIONS)]
        if len(wrong):
            raise BadInput(
                f"{response} = {wrong.iloc[0]:g} in the trial table: options are numbered 0, 1, 2 and so on, and the "
                f"cell is empty where there is no choice."
            )
        n = max(2, int(codes.max()) + 1) if len(codes) else 2
        if n > 2 and codes.min() > 0 and not self.rows.attrs.get(FROM_0):
            raise BadInput(
                f"{response}: the codes are {codes.min():g} to {codes.max():g}, and options are numbered from 0 on; "
                f"trials(table, base=...) renumbers them."
            )
        return n

    def late(self, skip: float) -> pd.Series:
        """Return which rows do not belong to the beginning of their session, a fraction `skip` of it."""
        if not 0 <= skip < 1:
            raise BadInput(f"skip = {skip}: must be at least 0 and below 1.")
        trial = self.rows.groupby(["subject", "session"], sort=False)["trial"]
        first, last = trial.transform("min"), trial.transform("max")
        return self.rows["trial"] - first >= skip * (last - first + 1)

    def tally(self, which: pd.Series | np.ndarray) -> np.ndarray:
        """Return the number of rows of each subject for which something holds."""
        return np.bincount(self.rows["subject"].to_numpy()[np.asarray(which)], minlength=len(self.subjects))

    def counts(self, used: pd.Series | np.ndarray) -> dict[str, tuple[str, np.ndarray]]:
        """Return ``n_trials``, the rows of each subject that are used, and ``n_left_out``, its others, dim subject."""
        n_trials, n = self.tally(used), self.tally(np.ones(len(self.rows), dtype=bool))
        return {"n_trials": ("subject", n_trials), "n_left_out": ("subject", n - n_trials)}


def role_table(
    data: xr.Dataset | pd.DataFrame,
    *columns: str,
    response: str | None = "choice1",
    optional: tuple[str, ...] = (),
    two_options: bool = True,
) -> RoleTable:
    """Return what a measure needs of a recording or a trial table, with the role of each row.

    Parameters
    ----------
    data : recording or trial table
    *columns : str
        Needed beside the response.
    response : str or None
        As for `trial_roles`.
    optional : tuple of str
        Columns that are taken where the table has them.
    two_options : bool
        Whether the response must be 0 or 1.

    Raises
    ------
    BadInput
        If a column is missing or holds something else.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": ["b", "a"], "session": 0, "trial": 0, "choice1": [0, 1], "reward": [1, 0]})
    >>> found = role_table(table, "reward")
    >>> found.subjects.tolist(), found.rows["subject"].tolist(), found.rows["role"].tolist()
    (['a', 'b'], [1, 0], ['target', 'target'])
    """
    table = trials(data)
    wanted = ([] if response is None else [response]) + list(columns) + [name for name in optional if name in table]
    values = {name: numeric(table, name, None if two_options or name != response else False) for name in wanted}
    role = trial_roles(table, response)
    subject, session = (coded(table[name]) for name in ("subject", "session"))
    keys = {"subject": subject[1], "session": session[1], "trial": table["trial"].astype(float).to_numpy()}
    known = {name: values.pop(name).where(role != NOTHING) for name in list(values)}
    rows = pd.DataFrame({**keys, **known, "role": role}, index=table.index, copy=False)
    rows.attrs[FROM_0] = table.attrs.get(FROM_0, False)
    return RoleTable(rows, subject[0], session[0])


def lagged(table: pd.DataFrame, column: str, lag: int) -> pd.Series:
    """Return a column as it was `lag` trials before in the same session; NaN where that trial is not there.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": [0, 1, 3], "reward": [1, 0, 1]})
    >>> lagged(table, "reward", 1).tolist()
    [nan, 1.0, nan]
    """
    return at_rows(table, column, rows_before(table, lag))


def rows_before(table: pd.DataFrame, lag: int) -> np.ndarray:
    """Return the place of the row `lag` trials before each row in the same session; −1 where that trial is not there.

    Examples
    --------
    >>> rows_before(pd.DataFrame({"subject": 0, "session": 0, "trial": [0, 1, 3]}), 1).tolist()
    [-1, 0, -1]
    """
    subject, session = (pd.factorize(table[name])[0] for name in ("subject", "session"))
    of_session = np.where((subject < 0) | (session < 0), -1, subject * (session.max(initial=0) + 1) + session)
    order = np.argsort(of_session, kind="stable")
    in_order, trial = of_session[order], table["trial"].to_numpy(float, na_value=np.nan)[order]
    there = (in_order[lag:] >= 0) & (in_order[lag:] == in_order[:-lag]) & (trial[lag:] - trial[:-lag] == lag)
    before = np.full(len(table), -1)
    before[order[lag:][there]] = order[:-lag][there]
    return before


def at_rows(table: pd.DataFrame, column: str, rows: np.ndarray) -> pd.Series:
    """Return the values of a column at given rows, NaN at −1, as numbers.

    Examples
    --------
    >>> at_rows(pd.DataFrame({"reward": [0, 1, 1]}), "reward", np.array([-1, 0, 1])).tolist()
    [nan, 0.0, 1.0]
    """
    values = numeric(table, column, binary=False).to_numpy(float)[rows]
    values[rows < 0] = np.nan
    return pd.Series(values, table.index, name=column)
