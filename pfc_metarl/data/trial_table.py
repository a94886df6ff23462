"""The trial table: one row per trial, the same columns for networks, animals and people."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.by_trial import trial_view, trials_begun
from pfc_metarl.data.column_mapping import mapped
from pfc_metarl.data.columns import Column, columns_of, no_response_actions
from pfc_metarl.data.expected import not_a_recording
from pfc_metarl.data.labels import subjects
from pfc_metarl.data.table_values import KEYS, check_table, numeric, require
from pfc_metarl.data.trial_dataset import is_trial_dataset, table_of
from pfc_metarl.settings import BadInput

__all__ = ["KEYS", "Column", "numeric", "require", "subjects", "trial_view", "trials"]

MAX_CODE = 2**31

FROM_0 = "options are numbered from 0"
"""Attribute of a table read from a recording, in which an option that nobody chose is no sign of another base."""


def trials(
    data: xr.Dataset | pd.DataFrame,
    *,
    base: int = 0,
    missing: float | None = None,
    reward_unit: float = 1.0,
    **columns: str,
) -> pd.DataFrame:
    """Return the trial table of a recording, or of a table whose columns have other names.

    A table that is a trial table already is checked and returned.

    Parameters
    ----------
    data : Dataset or DataFrame
        A recording, a Dataset of trials (`pfc_metarl.data.trial_dataset`), or a table with columns subject, session,
        trial, those that a measure needs, and any others. In a table without the column session, all trials of a
        subject are one session, 0.
    base : int
        Code of the first option in the table; codes of the trial table start at 0.
    missing : number, optional
        Code in the table where there was no choice.
    reward_unit : float
        What counts as one reward in the table: rewards are divided by it.
    **columns : str
        Name in the trial table = name in the table, such as ``subject="participant", choice1="level1"``.

    Returns
    -------
    DataFrame
        Columns subject, session, trial and those the task declares; for the two-step task choice1, state2, common,
        reward and good_state; for a bandit choice1, reward and p_reward_<arm>. Codes start at 0; an empty cell (NA)
        means that there is no value. Of a recording every trial that was begun has a row. ``lost`` says whether a
        response is missing in it. Where ``reward`` is only what some phase of the trial paid, ``total_reward`` is what
        the whole trial paid.

    Raises
    ------
    BadInput
        If the data are neither, a column is missing, or trials are not in order.

    Examples
    --------
    >>> own = pd.DataFrame({"participant": "p1", "trial": [1, 2, 3], "level1": [1, 2, -9], "points": [0, 10, 0]})
    >>> table = trials(own, subject="participant", choice1="level1", reward="points", base=1, missing=-9,
    ...                reward_unit=10)
    >>> table[["subject", "session", "choice1", "reward"]].values.tolist()
    [['p1', 0, 0, 0.0], ['p1', 0, 1, 1.0], ['p1', 0, <NA>, 0.0]]
    """
    own = bool(columns) or base != 0 or missing is not None or reward_unit != 1
    if isinstance(data, pd.DataFrame):
        table = mapped(data, columns, base, missing, reward_unit) if own else data
        return check_table(table)
    if not isinstance(data, xr.Dataset):
        raise not_a_recording(data, "a recording or a trial table")
    if own:
        raise BadInput("base, missing, reward_unit and names of columns are for tables; a recording declares its own.")
    return check_table(table_of(data) if is_trial_dataset(data) else _read(data))


def _read(recording: xr.Dataset) -> pd.DataFrame:
    declared, begun = columns_of(recording), trials_begun(recording)
    networks = recording["network"].values if "network" in recording.coords else np.arange(begun.shape[0])
    keys = np.meshgrid(networks, *(np.arange(n) for n in begun.shape[1:]), indexing="ij")
    table = pd.DataFrame({name: key[begun] for name, key in zip(KEYS, keys, strict=True)})
    lost = pd.Series(False, index=table.index)
    for column in declared:
        for name, values in _values(recording, column, begun):
            table[name] = values
        if column.response:
            table[column.name] = table[column.name].mask(lost)  # a response after a lost one is none
            lost |= table[column.name].isna()
    if not any(column.variable == "reward" and column.phase is None for column in declared):
        table["total_reward"] = trial_view(recording, "reward", read="sum").values[begun]
    table.attrs[FROM_0] = True
    return table.assign(lost=lost)


def _values(recording: xr.Dataset, column: Column, begun: np.ndarray) -> Iterator[tuple[str, pd.Series]]:
    """Yield the values of a column, or one column for each label of a further axis: p_reward_left, p_reward_right."""
    view = trial_view(recording, column.variable, column.phase, column.read or "first")
    further = view.ndim > len(KEYS)
    if view.ndim > len(KEYS) + 1 or column.name in ("", *KEYS) or (further and column.response):
        raise BadInput(f"trial_columns = {str(column)!r}: this is not a number, or a few, for each trial.")
    if column.variable == "action":
        view = view.where(~view.isin(no_response_actions(recording)))
    if not further:
        yield column.name, _codes(pd.Series(view.values[begun]), column)
        return
    for label, values in zip(view[view.dims[-1]].values, np.moveaxis(view.values, -1, 0), strict=True):
        yield f"{column.name}_{label}", pd.Series(values[begun])


def _codes(values: pd.Series, column: Column) -> pd.Series:
    """Return the codes of a column as whole numbers, with nothing where there is no such code."""
    if column.variable != "action" and not column.codes:
        return values
    known = values.dropna().astype(float)
    if ((known % 1 != 0) | (known.abs() > MAX_CODE)).any():
        raise BadInput(f"{column.name} of a trial of the recording must be a whole number.")
    end = len(column.codes) or MAX_CODE
    return values.where(values.between(0, end - 1)).astype("Int64")
