"""The trial table: one row per trial, the same columns for networks, animals and people."""

from collections.abc import Hashable, Iterator
from numbers import Real
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.dataset import clock, numbers_by_network, phase_names
from pfc_metarl.settings import BadInput

KEYS = ("subject", "session", "trial")
"""Columns that name a trial; trials of a session stand in order."""

CHOICES = ("choice1", "choice2", "state2")
"""Columns of 0-based codes, empty where there is no value."""

MAX_CODE = 2**31

NO_CHOICE = "centre"
"""The action that fixates: where it is the response to a choice, nothing was chosen and the trial is lost."""

BINARY = ("choice1", "common")
"""Columns that are 0 or 1, or empty."""


def trial_view(recording: xr.Dataset, variable: str, phase: str) -> xr.DataArray:
    """Gather a variable by trial: its value at the first step of each trial that is in a phase.

    Parameters
    ----------
    recording : Dataset
    variable : str
    phase : str

    Returns
    -------
    DataArray, dims (network, episode, trial, ...)
        NaN where a trial never came to the phase.

    Raises
    ------
    BadInput
        If variable or phase is unknown.
    """
    if not isinstance(recording, xr.Dataset):
        raise BadInput(f"Expected a recording, not {type(recording).__name__}.")
    if variable not in recording:
        raise BadInput(f"variable = {variable!r}: the recording has none of that name.")
    steps = _first_steps(recording, phase)
    views, start = [], 0
    for values in numbers_by_network(recording, variable):
        views.append(_gathered(values, steps[start : start + len(values)]))
        start += len(values)
    gathered = views[0] if len(views) == 1 else np.concatenate(views)
    dims = ("network", "episode", "trial", *recording[variable].dims[3:])
    coords = {name: recording[name] for name in dims if name in recording.coords}
    return xr.DataArray(gathered, dims=dims, coords=coords, name=variable)


def _gathered(values: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Take values [network, episode, step, ...] at one step of each trial; NaN where there is none."""
    index = steps.clip(min=0).reshape(*steps.shape, *(1,) * (values.ndim - 3))
    gathered = np.take_along_axis(values, index, axis=2)
    return np.where(index == steps.reshape(index.shape), gathered, np.nan) if (steps < 0).any() else gathered


def _first_steps(recording: xr.Dataset, phase: str) -> np.ndarray:
    names = phase_names(recording)
    if phase not in names:
        raise BadInput(f"phase = {phase!r}: the recording has no such phase; it has {', '.join(names)}.")
    trial, phases = clock(recording)
    network, episode, step = np.nonzero(phases == names.index(phase))
    never = trial.shape[2]
    first = np.full((*trial.shape[:2], trial.max() + 1), never)
    np.minimum.at(first, (network, episode, trial[network, episode, step]), step)
    return np.where(first == never, -1, first)


class Column(NamedTuple):
    """How a column of the table is read off a recording."""

    name: str
    variable: str
    phase: str

    def __str__(self) -> str:
        return f"{self.name} = {self.variable} at {self.phase}"

    @classmethod
    def parse(cls, text: str) -> "Column":
        """Read "choice1 = action at first_stage" back."""
        name, _, rest = text.partition(" = ")
        variable, _, phase = rest.partition(" at ")
        return cls(name, variable, phase)


def trials(data: xr.Dataset | pd.DataFrame) -> pd.DataFrame:
    """Return the trial table of a recording; a table that is one already is checked and returned.

    Parameters
    ----------
    data : Dataset or DataFrame
        A recording, or a table with columns subject, session, trial, those that a measure needs, and any others.

    Returns
    -------
    DataFrame
        Columns subject, session, trial and those the task declares; for the two-step task choice1, state2, choice2,
        common, reward and good_state; for a bandit choice1, reward and p_reward_<arm>. Codes start at 0; an empty
        cell (NA) means that there is no value. A trial that was lost, as "centre" was the response to its choice, has
        no row.

    Raises
    ------
    BadInput
        If the data are neither, or trials are not in order.
    """
    if isinstance(data, pd.DataFrame):
        return _checked(data)
    if not isinstance(data, xr.Dataset):
        raise BadInput(f"Expected a recording or a trial table, not {type(data).__name__}.")
    columns = [Column.parse(str(text)) for text in np.atleast_1d(data.attrs.get("trial_columns", []))]
    if not columns:
        raise BadInput("The recording does not say how its trials are read (attribute trial_columns is missing).")
    views = {}
    for column in columns:
        views[column.name] = view = _without_lost(data, column, trial_view(data, column.variable, column.phase))
        if view.ndim > len(KEYS) + 1 or column.name in ("", *KEYS):
            raise BadInput(f"trial_columns = {str(column)!r}: this is not a number, or a few, for each trial.")
    shape = next(iter(views.values())).shape[: len(KEYS)]
    networks = data["network"].values if "network" in data.coords else np.arange(shape[0])
    keys = np.meshgrid(networks, np.arange(shape[1]), np.arange(shape[2]), indexing="ij")
    table = pd.DataFrame({name: key.ravel() for name, key in zip(KEYS, keys, strict=True)})
    values = {key: column for name, view in views.items() for key, column in _columns(name, view)}
    table = table.assign(**values)
    reached = table[list(values)].notna().all(axis=1)
    return _checked(_with_codes(table[reached].reset_index(drop=True)))


def _without_lost(recording: xr.Dataset, column: Column, view: xr.DataArray) -> xr.DataArray:
    """Leave first choices out where the response was to fixate."""
    if column.name != "choice1" or column.variable != "action" or "option" not in recording.coords:
        return view
    lost = np.flatnonzero(recording["option"].values == NO_CHOICE)
    return view.where(~view.isin(lost)) if lost.size else view


def _columns(name: str, view: xr.DataArray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield a variable as a column, or one for each label of its further axis: p_reward_left, p_reward_right."""
    if view.ndim == len(KEYS):
        yield name, view.values.ravel()
    else:
        for label, column in zip(view[view.dims[-1]].values, np.moveaxis(view.values, -1, 0), strict=True):
            yield f"{name}_{label}", column.ravel()


def _with_codes(table: pd.DataFrame) -> pd.DataFrame:
    for name in CHOICES:
        table[name] = _codes(table[name]) if name in table else pd.Series(pd.NA, table.index, dtype="Int64")
    table["choice2"] = table["choice2"].mask(table["state2"].isna())
    for name in ("common", "good_state"):
        if name in table:
            table[name] = _codes(table[name])
    first = [*KEYS, "choice1", "state2", "choice2", *(name for name in ("common", "reward") if name in table)]
    return table[[*first, *(name for name in table if name not in first)]]


def _codes(column: pd.Series) -> pd.Series:
    """Return whole numbers, with nothing where they are below 0."""
    known = column.dropna().astype(float)
    if ((known % 1 != 0) | (known.abs() > MAX_CODE)).any():
        raise BadInput(f"{column.name} of a trial of the recording must be a whole number.")
    codes = pd.Series(column, dtype="Int64")
    return codes.mask(codes < 0)


def _checked(table: pd.DataFrame) -> pd.DataFrame:
    if not all(isinstance(name, Hashable) for name in table.columns):
        raise BadInput("The columns of the trial table must have names.")
    twice = table.columns[table.columns.duplicated()]
    if len(twice) or table.columns.nlevels > 1:
        raise BadInput(
            f"The trial table must have one column of each name, but {', '.join(map(str, twice))} is double."
        )
    if set(table.index.names) & set(table.columns):
        raise BadInput("The index of the trial table has the name of a column; reset_index(drop=True) takes it away.")
    require(table, *KEYS)
    if table.empty:
        raise BadInput("The trial table has no rows.")
    for name in KEYS:
        if table[name].isna().any() or not (
            _holds(table[name], Real) or (name != "trial" and _holds(table[name], str))
        ):
            raise BadInput(f"{name}: each row of the trial table needs one, all numbers or, but for trials, all names.")
    numbered = table.assign(trial=table["trial"].astype(float))
    step = numbered.groupby(["subject", "session"], sort=False)["trial"].diff()
    if (step <= 0).any():
        row = int(np.flatnonzero(step <= 0)[0])
        raise BadInput(f"trial = {table['trial'].iloc[row]} in row {row}: trials of a session must stand in order.")
    return table


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
    """Raise BadInput, naming the column, if a trial table lacks one or has other values than it may have.

    But for the `KEYS`, columns hold finite numbers, those of `BINARY` 0 and 1, or nothing.
    """
    for name in columns:
        if name not in table:
            raise BadInput(f"The trial table has no column {name!r}; it has {', '.join(map(str, table.columns))}.")
        if name in BINARY and not (known := table[name].dropna()).isin([0, 1]).all():
            wrong = known[~known.isin([0, 1])].iloc[0]
            raise BadInput(f"{name} = {wrong} in the trial table: must be 0 or 1, or empty where there is no value.")
        if name not in KEYS and not _holds(table[name], Real):
            raise BadInput(f"{name}: this column of the trial table must hold finite numbers, or nothing.")


def subjects(table: pd.DataFrame) -> np.ndarray:
    """Return the subjects of a trial table in order: numbers, or names as text."""
    values = np.asarray(np.sort(table["subject"].unique()))
    return values if values.dtype.kind in "iu" else values.astype(str)


def lagged(table: pd.DataFrame, column: str, lag: int) -> pd.Series:
    """Return a column as it was `lag` trials before in the same session; NaN where that trial is not there."""
    groups = table.assign(trial=table["trial"].astype(float)).groupby(["subject", "session"], sort=False)
    distance = groups["trial"].diff(lag)
    return groups[column].shift(lag).astype("Float64").astype(float).where(distance == lag)
