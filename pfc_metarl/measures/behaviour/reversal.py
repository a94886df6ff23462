"""How choices recover from an unsignalled reversal of the world."""

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.trial_roles import role_table
from pfc_metarl.settings import BadInput

WINDOW = (-5, 20)
"""Trials around a reversal; 0 is the first trial after it."""


def choice_around_reversal(
    data: xr.Dataset | pd.DataFrame,
    reversing: str = "good_state",
    correct: str = "good_state",
    window: tuple[int, int] = WINDOW,
) -> xr.Dataset:
    """Return how often the correct option was chosen before and after the world reversed.

    Parameters
    ----------
    data : recording or trial table
        With first-stage choices and the columns named by `reversing` and `correct`.
    reversing : str
        Column whose changes from one trial to the next are the reversals.
    correct : str
        Column with the code of the correct choice.
    window : pair of int
        First and last trial in relation to a reversal; 0 is the first trial after it.

    Returns
    -------
    Dataset, dims (subject, trial)
        ``correct``: fraction of free choices that took the correct option, NaN without any; ``n_choices``. ``trial``
        counts from the reversal, up to the next one and back to the one before. ``n_trials(subject)`` with a free
        choice and a correct option, and ``n_left_out(subject)``.

    Raises
    ------
    BadInput
        If a column is missing, or nothing ever reverses.

    Examples
    --------
    Left is correct, then right; the subject notices after two trials:

    >>> table = pd.DataFrame({"subject": "rat", "session": 0, "trial": range(8), "choice1": [0, 0, 0, 0, 0, 0, 1, 1]})
    >>> table = table.assign(good_state=[0, 0, 0, 0, 1, 1, 1, 1])
    >>> choice_around_reversal(table, "good_state", window=(-1, 3))["correct"].sel(subject="rat").values
    array([1., 0., 0., 1., 1.])
    """
    found = role_table(data, *dict.fromkeys((reversing, correct)), two_options=False)
    rows, (first, last) = found.rows.sort_values(["subject", "session", "trial"]), window
    if first > last:
        raise BadInput(f"window = {window}: the first trial must not come after the last.")
    after, before = _distances(rows, reversing)
    if after.isna().all():
        raise BadInput(f"{reversing}: it never changes from one trial to the next, so there is no reversal.")
    counted = found.target.reindex(rows.index) & rows[correct].notna()
    hit = (rows["choice1"] == rows[correct]).astype(float)
    near = [
        pd.DataFrame({"subject": rows["subject"], "trial": trial, "hit": hit})[counted & inside]
        for trial, inside in ((after, after <= last), (before, before >= first))
    ]
    groups = pd.concat(near).astype({"trial": int}).groupby(["subject", "trial"])["hit"]
    index = pd.MultiIndex.from_product([range(len(found.subjects)), range(first, last + 1)])
    shape = (len(found.subjects), last + 1 - first)
    return xr.Dataset(
        {
            "correct": (("subject", "trial"), groups.mean().reindex(index).to_numpy(dtype=float).reshape(shape)),
            "n_choices": (("subject", "trial"), groups.size().reindex(index, fill_value=0).to_numpy().reshape(shape)),
            **found.counts(counted.reindex(found.rows.index)),
        },
        {"subject": found.subjects, "trial": np.arange(first, last + 1)},
    )


def _distances(rows: pd.DataFrame, reversing: str) -> tuple[pd.Series, pd.Series]:
    """Return for each row its trials since the last reversal, and, negative, to the next; NaN where there is none."""
    sessions = [rows["subject"], rows["session"]]
    world = rows[reversing].groupby(sessions).ffill()
    before = world.groupby(sessions).shift()
    at_reversal = rows["trial"].where(before.notna() & (world != before))
    last = at_reversal.groupby(sessions).ffill()
    coming = at_reversal.groupby(sessions).shift(-1).groupby(sessions).bfill()
    return rows["trial"] - last, rows["trial"] - coming
