"""Learning sets: what subjects know of a new problem after each of its trials, and whether one trial is enough."""

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.trial_table import lagged, require, subjects, trials
from pfc_metarl.settings import BadInput


def intraproblem_learning(data: xr.Dataset | pd.DataFrame) -> xr.Dataset:
    """Return the proportion of correct choices by the trial of a problem.

    Parameters
    ----------
    data : recording or trial table
        With a column ``correct``, 1 or 0; a session is one problem, and its trials count from 0.

    Returns
    -------
    Dataset, dims (subject, trial)
        ``p_correct`` (NaN where a subject never came to a trial) and ``n_trials``. ``p_correct_first(subject)`` is that
        of the first trial, ``p_correct_later(subject)`` the mean over the later trials, each trial with the same
        weight.

    Notes
    -----
    Harlow 1949, doi:10.1037/h0062474: with new objects the first trial is at chance, and who has learned to learn is
    right from the second on.
    """
    table = _answered(data)
    groups = table.groupby(["subject", "trial"])["correct"]
    index = pd.MultiIndex.from_product([np.sort(table["subject"].unique()), range(int(table["trial"].max()) + 1)])
    shape = [len(level) for level in index.levels]
    p_correct = groups.mean().reindex(index).to_numpy(dtype=float).reshape(shape)
    n_trials = groups.count().reindex(index, fill_value=0).to_numpy().reshape(shape)
    reached = (n_trials[:, 1:] > 0).sum(axis=1)
    later = np.nansum(p_correct[:, 1:], axis=1) / np.where(reached > 0, reached, np.nan)
    return xr.Dataset(
        {
            "p_correct": (("subject", "trial"), p_correct),
            "n_trials": (("subject", "trial"), n_trials),
            "p_correct_first": ("subject", p_correct[:, 0]),
            "p_correct_later": ("subject", later),
        },
        coords={"subject": subjects(table), "trial": np.arange(shape[1])},
    )


def second_trial(data: xr.Dataset | pd.DataFrame) -> xr.Dataset:
    """Return the proportion of correct choices in the second trial of a problem, by what the first one brought.

    Parameters
    ----------
    data : recording or trial table
        As for `intraproblem_learning`.

    Returns
    -------
    Dataset, dims (subject, first_choice)
        ``p_correct`` (NaN where a subject never had such a first trial) and ``n_problems``.

    Notes
    -----
    An unrewarded choice tells as much as a rewarded one: who learns in one trial is right after either. A subject that
    only repeats what was rewarded is at chance after a first choice that was wrong.
    """
    table = _answered(data)
    table = table.assign(first=lagged(table, "correct", 1))
    second = table[(table["trial"] == 1) & table["first"].notna()]
    if second.empty:
        raise BadInput("The trial table has no problem whose first and second trial (trial = 0 and 1) were answered.")
    groups = second.groupby(["subject", "first"])["correct"]
    index = pd.MultiIndex.from_product([np.sort(table["subject"].unique()), [1.0, 0.0]])
    dims, shape = ("subject", "first_choice"), (-1, 2)
    return xr.Dataset(
        {
            "p_correct": (dims, groups.mean().reindex(index).to_numpy(dtype=float).reshape(shape)),
            "n_problems": (dims, groups.count().reindex(index, fill_value=0).to_numpy().reshape(shape)),
        },
        coords={"subject": subjects(table), "first_choice": ["correct", "wrong"]},
    )


def _answered(data: xr.Dataset | pd.DataFrame) -> pd.DataFrame:
    """Return the trials with a choice, correct as number."""
    table = trials(data)
    require(table, "correct")
    correct = table["correct"].astype("Float64").astype(float)
    wrong = correct[correct.notna() & ~correct.isin([0, 1])]
    if len(wrong):
        raise BadInput(f"correct = {wrong.iloc[0]:g} in the trial table: must be 0 or 1, or empty where none was made.")
    count = table["trial"]
    if ((count < 0) | (count % 1 != 0)).any():
        raise BadInput(f"trial = {count[(count < 0) | (count % 1 != 0)].iloc[0]}: trials of a problem count from 0.")
    answered = table.assign(correct=correct)[correct.notna()]
    if answered.empty:
        raise BadInput("correct: no trial of the table has a choice that was right or wrong.")
    return answered
