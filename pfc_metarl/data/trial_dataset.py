"""A trial table as a labelled Dataset, dims (subject, session, trial), and back."""

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.arrow import plain
from pfc_metarl.data.column_mapping import CODES
from pfc_metarl.data.labels import coded
from pfc_metarl.data.table_values import KEYS, check_table
from pfc_metarl.settings import BadInput

SESSION, TRIAL = "session_label", "trial_number"
"""Variables with the labels of sessions and trials, which are positions in the dimensions."""


def trial_dataset(table: pd.DataFrame) -> xr.Dataset:
    """Return a trial table as a Dataset.

    Parameters
    ----------
    table : DataFrame
        Trial table.

    Returns
    -------
    Dataset, dims (subject, session, trial)
        A variable for each column: numbers, NaN where a cell is empty or there is no trial, or text. Sessions and
        trials are counted from 0 in their order of appearance, for each subject; ``session_label`` (subject, session)
        and ``trial_number`` (subject, session, trial) have their labels, NaN where there is none.
        `pfc_metarl.trials` makes it a table again.

    Raises
    ------
    BadInput
        If it is no trial table.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": ["a", "a", "b"], "session": 1, "trial": [1, 2, 1], "reward": [1, 0, 1]})
    >>> trial_dataset(table)["reward"].squeeze("session").values.tolist()
    [[1.0, 0.0], [1.0, nan]]
    """
    table = check_table(table).reset_index(drop=True)
    labels, subject = coded(table["subject"])
    session = table.groupby("subject", observed=True)["session"].transform(lambda own: pd.factorize(own)[0])
    trial = table.groupby(["subject", "session"], observed=True, sort=False).cumcount()
    place = (subject, session.to_numpy(np.int64), trial.to_numpy(np.int64))
    shape = tuple(int(axis.max()) + 1 for axis in place)
    dims = ("subject", "session", "trial")
    data: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
    data |= {str(name): (dims, _laid(table[name], place, shape)) for name in table if name not in KEYS}
    data[TRIAL] = (dims, _laid(table["trial"], place, shape))
    data[SESSION] = (dims[:2], _laid(table["session"], place[:2], shape[:2]))
    return xr.Dataset(data, coords={"subject": labels, "session": np.arange(shape[1]), "trial": np.arange(shape[2])})


def _laid(column: pd.Series, place: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> np.ndarray:
    values = plain(column)
    if values.dtype.kind in "biuf":
        laid = np.full(shape, np.nan)
        laid[place] = values.to_numpy(dtype=float, na_value=np.nan)
        return laid
    texts = values.astype(object).where(values.notna(), "")
    laid = np.full(shape, "", dtype=object)
    laid[place] = texts.to_numpy()
    return laid


def is_trial_dataset(data: xr.Dataset) -> bool:
    """Return whether a Dataset is one of trials, as `trial_dataset` makes it."""
    return TRIAL in data and SESSION in data


def table_of(data: xr.Dataset) -> pd.DataFrame:
    """Return the trial table of a Dataset that `trial_dataset` made, in the order of subjects, sessions and trials.

    Raises
    ------
    BadInput
        If its variables have other dimensions.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": ["b", "a"], "session": 1, "trial": [3, 1], "reward": [1.0, 0.0]})
    >>> table_of(trial_dataset(table)).values.tolist()
    [['a', 1, 1, 0.0], ['b', 1, 3, 1.0]]
    """
    dims = ("subject", "session", "trial")
    wrong = [name for name, values in data.items() if values.dims not in (dims, dims[:2])]
    if wrong:
        raise BadInput(f"{wrong[0]} of the Dataset of trials has dims {data[wrong[0]].dims}; it must have {dims}.")
    there = data[TRIAL].notnull().transpose(*dims).to_numpy()
    columns: dict[str, np.ndarray] = {}
    for name, values in data.items():
        columns[str(name)] = values.broadcast_like(data[TRIAL]).transpose(*dims).to_numpy()[there]
    subject = np.broadcast_to(data["subject"].to_numpy()[:, None, None], there.shape)[there]
    first = {"subject": subject, "session": columns.pop(SESSION), "trial": columns.pop(TRIAL)}
    return pd.DataFrame({name: _as_column(name, values) for name, values in {**first, **columns}.items()})


def _as_column(name: str, values: np.ndarray) -> pd.Series:
    """Return labels and codes as whole numbers, if they are; other numbers as they are, and text."""
    if name in CODES:
        return pd.Series(values).astype("Int64")
    if name in KEYS and values.dtype.kind == "f" and (values % 1 == 0).all():
        return pd.Series(values.astype(np.int64))
    return pd.Series(values)
