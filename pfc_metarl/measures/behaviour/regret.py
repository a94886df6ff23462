"""Regret: the expected reward lost by not choosing the best arm."""

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.labels import whole_numbers
from pfc_metarl.data.trial_roles import RoleTable, role_table
from pfc_metarl.data.trial_table import trials
from pfc_metarl.settings import BadInput

PROBABILITIES, PAYOFFS = "p_reward_", "payoff_"
"""Columns that begin so hold the probability of reward, or the expected payoff, of each arm, in the order of the codes
in choice1."""


def cumulative_regret(data: xr.Dataset | pd.DataFrame) -> xr.Dataset:
    """Return the expected regret of a bandit, summed from the first trial on.

    Parameters
    ----------
    data : recording or trial table
        With the number of the arm in ``choice1``, and what each arm pays: columns ``p_reward_<arm>``, probabilities of
        a reward of 1, or columns ``payoff_<arm>``, expected payoffs of any size. Forced trials do not count.

    Returns
    -------
    Dataset, dims (subject, trial)
        ``cumulative_regret``, in rewards, NaN after the last trial of a subject, and ``p_suboptimal``, the fraction of
        pulls of an arm that is not the best, NaN where a subject has no such trial; means over the sessions that have
        the trial. ``regret(subject)``: the cumulative regret after the subject's own last trial; ``n_sessions``,
        ``n_trials`` and ``n_left_out`` (subject).

    Raises
    ------
    BadInput
        If what two arms or more pay is not there, both kinds of columns are, or choices are no arms.

    Notes
    -----
    Σ μ* − μ(choice), with the true expected payoffs μ: rewards themselves do not enter. Wang et al. 2016,
    arXiv:1611.05763.

    Examples
    --------
    Two trials on the worse of two arms, then one on the better:

    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(3), "choice1": [1, 1, 0]})
    >>> cumulative_regret(table.assign(p_reward_0=0.8, p_reward_1=0.2))["cumulative_regret"].values.round(2)
    array([[0.6, 1.2, 1.2]])
    """
    table = trials(data)
    arms = _arms(table)
    found = role_table(table, *arms, two_options=False)
    used = found.target & found.rows[arms].notna().all(axis=1)
    _check(found, arms, used)
    lost, worse, trial = _losses(found, arms, used)
    known = np.isfinite(lost)
    reached = np.cumsum(known[:, ::-1], axis=1)[:, ::-1] > 0
    n_sessions = found.rows[used].groupby("subject")["session"].nunique()
    dims = ("subject", "trial")
    return xr.Dataset(
        {
            "cumulative_regret": (dims, np.where(reached, np.nancumsum(lost, axis=1), np.nan), {"units": "reward"}),
            "p_suboptimal": (dims, worse),
            "regret": ("subject", np.where(known.any(axis=1), np.nansum(lost, axis=1), np.nan), {"units": "reward"}),
            "n_sessions": ("subject", n_sessions.reindex(range(len(found.subjects)), fill_value=0).to_numpy()),
            **found.counts(used),
        },
        coords={"subject": found.subjects, "trial": trial},
    )


def _arms(table: pd.DataFrame) -> list[str]:
    """Return the columns with what each arm pays."""
    arms = {kind: [name for name in map(str, table) if name.startswith(kind)] for kind in (PROBABILITIES, PAYOFFS)}
    found = [names for names in arms.values() if len(names) > 1]
    if not found:
        kinds = f"{PROBABILITIES}<arm> or {PAYOFFS}<arm>"
        raise BadInput(f"The trial table has no columns {kinds}, one for each of two arms or more.")
    if len(found) > 1:
        raise BadInput(f"The trial table has columns {found[0][0]} and {found[1][0]}; leave one of the two kinds out.")
    return found[0]


def _losses(found: RoleTable, arms: list[str], used: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what a trial forgoes and how often it is not the best arm, [subject, trial], and the numbers of trials."""
    rows = found.rows[used]
    payoff, choice = rows[arms].to_numpy(dtype=float), rows["choice1"].to_numpy(dtype=int)
    lost = payoff.max(axis=1) - payoff[np.arange(len(choice)), choice]
    per_trial = rows[["subject", "trial"]].assign(lost=lost, worse=(lost > 0).astype(float))
    means = per_trial.groupby(["subject", "trial"])[["lost", "worse"]].mean().unstack("trial")
    means = means.reindex(range(len(found.subjects)))
    return means["lost"].to_numpy(), means["worse"].to_numpy(), whole_numbers(means["lost"].columns.to_numpy())


def _check(found: RoleTable, arms: list[str], used: pd.Series) -> None:
    choice = found.rows["choice1"].dropna()
    wrong = choice[~choice.isin(range(len(arms)))]
    if len(wrong):
        raise BadInput(
            f"choice1 = {wrong.iloc[0]:g} in the trial table: must be the number of an arm, 0 to {len(arms) - 1}."
        )
    for arm in arms:
        outside = found.rows[arm][(found.rows[arm] < 0) | (found.rows[arm] > 1)]
        if len(outside) and arm.startswith(PROBABILITIES):
            raise BadInput(f"{arm} = {outside.iloc[0]:g} in the trial table: must be a probability, 0 to 1.")
    if not used.any():
        raise BadInput("The trial table has no trial with a choice among arms whose payoffs are known.")
