"""Learning sets: the proportion correct on each trial of a new problem, and after a single trial."""

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.trial_roles import RoleTable, lagged, role_table
from pfc_metarl.settings import BadInput


def intraproblem_learning(data: xr.Dataset | pd.DataFrame) -> xr.Dataset:
    """Return the proportion of correct choices by the trial of a problem.

    Parameters
    ----------
    data : recording or trial table
        With a column ``correct``, 1 or 0; a session is one problem, whose trials count from 0 or from 1: the smallest
        number in the table is that of a first trial.

    Returns
    -------
    Dataset, dims (subject, trial)
        ``p_correct`` (NaN where a subject never came to a trial) and ``n_trials``. ``p_correct_first(subject)`` is that
        of the first trial, ``p_correct_later(subject)`` the mean over the later trials, each trial with the same
        weight. ``n_left_out(subject)``: trials that are excluded, forced, or without a choice.

    Raises
    ------
    BadInput
        If ``correct`` is missing or holds something else, or trials count from another number.

    Notes
    -----
    Harlow 1949, doi:10.1037/h0062474: with new objects the first trial is at chance level. A subject with a learning
    set is correct from the second trial on.

    Examples
    --------
    Two problems of three trials, counted from 1:

    >>> table = pd.DataFrame({"subject": "a", "session": [1, 1, 1, 2, 2, 2], "trial": [1, 2, 3] * 2})
    >>> found = intraproblem_learning(table.assign(correct=[0, 1, 1, 1, 1, 0])).sel(subject="a")
    >>> found["p_correct"].values.tolist(), found["trial"].values.tolist(), found["p_correct_later"].item()
    ([0.5, 1.0, 0.5], [1, 2, 3], 0.75)
    """
    found, first = _problems(data)
    rows = found.rows[found.target]
    labels = np.arange(first, int(rows["trial"].max()) + 1)
    groups = rows.groupby(["subject", "trial"])["correct"]
    index = pd.MultiIndex.from_product([range(len(found.subjects)), labels])
    shape = (len(found.subjects), len(labels))
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
            "n_left_out": found.counts(found.target)["n_left_out"],
        },
        coords={"subject": found.subjects, "trial": labels},
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
        ``p_correct`` (NaN where a subject never had such a first trial) and ``n_problems``; ``n_left_out(subject)``:
        trials that are excluded, forced, or without a choice.

    Raises
    ------
    BadInput
        As for `intraproblem_learning`, or if no problem has an answer in its first and its second trial.

    Notes
    -----
    An unrewarded choice is as informative as a rewarded one: a subject that learns in one trial is correct after
    either. A subject that only repeats rewarded choices is at chance level after a wrong first choice.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": "a", "session": [0, 0, 1, 1], "trial": [0, 1] * 2})
    >>> found = second_trial(table.assign(correct=[0, 1, 1, 1]))
    >>> found["p_correct"].sel(subject="a", first_choice=["correct", "wrong"]).values.tolist()
    [1.0, 1.0]
    """
    found, first = _problems(data)
    rows = found.rows.assign(first=lagged(found.rows, "correct", 1))
    second = rows[found.target & (rows["trial"] == first + 1) & rows["first"].notna()]
    if second.empty:
        raise BadInput(
            f"The trial table has no problem whose first and second trial (trial = {first} and {first + 1}) were "
            f"answered."
        )
    groups = second.groupby(["subject", "first"])["correct"]
    index = pd.MultiIndex.from_product([range(len(found.subjects)), [1.0, 0.0]])
    dims, shape = ("subject", "first_choice"), (-1, 2)
    return xr.Dataset(
        {
            "p_correct": (dims, groups.mean().reindex(index).to_numpy(dtype=float).reshape(shape)),
            "n_problems": (dims, groups.count().reindex(index, fill_value=0).to_numpy().reshape(shape)),
            "n_left_out": found.counts(found.target)["n_left_out"],
        },
        coords={"subject": found.subjects, "first_choice": ["correct", "wrong"]},
    )


def _problems(data: xr.Dataset | pd.DataFrame) -> tuple[RoleTable, int]:
    """Return the trials with the number that a first trial has."""
    found = role_table(data, response="correct")
    correct = found.rows["correct"]
    wrong = correct[correct.notna() & ~correct.isin([0, 1])]
    if len(wrong):
        raise BadInput(f"correct = {wrong.iloc[0]:g} in the trial table: must be 0 or 1, or empty without a choice.")
    count = found.rows["trial"]
    if ((count < 0) | (count % 1 != 0)).any() or count.min() > 1:
        bad = count[(count < 0) | (count % 1 != 0) | (count == count.min())].iloc[0]
        raise BadInput(f"trial = {bad:g}: trials of a problem count from 0 or from 1.")
    if not found.target.any():
        raise BadInput("correct: it is empty in all trials of the table.")
    return found, int(count.min())
