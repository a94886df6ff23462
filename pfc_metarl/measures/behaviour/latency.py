"""Latency: how many steps lead to a hidden goal, at its first and at later visits."""

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.trial_roles import role_table
from pfc_metarl.measures.behaviour.outcomes import rewarded
from pfc_metarl.settings import BadInput


def goal_latency(data: xr.Dataset | pd.DataFrame, rewarded_above: float = 0.0) -> xr.Dataset:
    """Return the steps to a goal that stays where it is for a session, at the first and at later visits.

    Parameters
    ----------
    data : recording or trial table
        With the columns ``steps``, the length of the trial, and ``reward``, larger where the goal was reached. A
        trial is the way to the goal; the last of a session usually ends before.
    rewarded_above : float
        The goal was reached where the reward is larger.

    Returns
    -------
    Dataset, dims (subject, visit)
        ``steps``: mean steps of each visit, over the sessions with two visits or more, NaN where there is none;
        ``n_visits``. By subject ``first``, ``later`` (mean over all later visits), ``ratio`` (later over first) and
        ``session_ratio`` (the same, where each session counts once in ``later``) of those sessions; ``p_no_visit``, the
        fraction of all sessions without a visit; ``n_sessions``; ``n_left_out``, trials that are excluded or forced.

    Raises
    ------
    BadInput
        If a column is missing, or steps are not above 0.

    Notes
    -----
    The first visit is compared with later ones of the same sessions. Otherwise a subject that does not learn would seem
    to: sessions in which the first visit takes long have no later one. Where some goals are nearer to a subject's usual
    way than others, sessions with these have more visits, and ``ratio`` is below 1 even without memory;
    ``session_ratio`` is not. Wang et al. 2016, arXiv:1611.05763, Fig. 7, report about 100 steps at first and 30 later.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": 0, "session": [0, 0, 0, 1], "trial": [0, 1, 2, 0]})
    >>> found = goal_latency(table.assign(steps=[20, 8, 6, 50], reward=[1, 1, 0, 0]))
    >>> found["first"].item(), found["later"].item(), found["ratio"].item(), found["p_no_visit"].item()
    (20.0, 8.0, 0.4, 0.5)
    """
    found = role_table(data, "steps", "reward", response=None, two_options=False)
    rows = found.rows[found.target]
    _check(rows)
    keys = ["subject", "session"]
    visits = rows[rewarded(rows["reward"], rewarded_above) == 1].sort_values([*keys, "trial"])
    visits = visits.assign(visit=visits.groupby(keys).cumcount() + 1)
    several = visits[visits.groupby(keys)["visit"].transform("max") >= 2]
    subjects, labels = range(len(found.subjects)), np.arange(1, int(visits["visit"].max() if len(visits) else 1) + 1)
    groups, index = several.groupby(["subject", "visit"])["steps"], pd.MultiIndex.from_product([subjects, labels])
    shape = len(subjects), len(labels)
    is_first = several["visit"] == 1
    first, later = (several[which].groupby("subject")["steps"].mean() for which in (is_first, ~is_first))
    of_session = several[~is_first].groupby(keys)["steps"].mean().groupby("subject").mean()
    n_sessions = rows.groupby("subject")["session"].nunique().reindex(subjects, fill_value=0)
    n_visited = visits.groupby("subject")["session"].nunique().reindex(subjects, fill_value=0)
    by_subject = {
        "first": first.reindex(subjects),
        "later": later.reindex(subjects),
        "ratio": (later / first).reindex(subjects),
        "session_ratio": (of_session / first).reindex(subjects),
        "p_no_visit": 1 - n_visited / n_sessions.where(n_sessions > 0),
        "n_sessions": n_sessions,
    }
    return xr.Dataset(
        {
            "steps": (("subject", "visit"), groups.mean().reindex(index).to_numpy(float).reshape(shape)),
            "n_visits": (("subject", "visit"), groups.count().reindex(index, fill_value=0).to_numpy().reshape(shape)),
            **{name: ("subject", values.to_numpy()) for name, values in by_subject.items()},
            "n_left_out": found.counts(found.target)["n_left_out"],
        },
        coords={"subject": found.subjects, "visit": labels},
    )


def _check(rows: pd.DataFrame) -> None:
    wrong = rows["steps"][~(rows["steps"] > 0)]
    if len(wrong):
        raise BadInput(f"steps = {wrong.iloc[0]:g} in the trial table: a trial has one step or more.")
