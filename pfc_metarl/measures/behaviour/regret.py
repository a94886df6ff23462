"""Regret: what a subject forgoes by not pulling the best arm."""

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.trial_table import require, subjects, trials
from pfc_metarl.settings import BadInput

PROBABILITIES = "p_reward_"
"""Columns that begin so hold the probabilities of reward of the arms, in the order of the codes in choice1."""


def cumulative_regret(data: xr.Dataset | pd.DataFrame) -> xr.Dataset:
    """Return the expected regret of a bandit, summed from the first trial on.

    Parameters
    ----------
    data : recording or trial table
        With the probability of reward of every arm: columns ``p_reward_<arm>``.

    Returns
    -------
    Dataset, dims (subject, trial)
        ``cumulative_regret``, in rewards, and ``p_suboptimal``, the share of pulls of an arm that is not the best;
        means over sessions. ``regret(subject)``: the cumulative regret after the last trial; ``n_sessions(subject)``.

    Notes
    -----
    Σ μ* − μ(choice), with the true probabilities μ: rewards themselves do not enter. Wang et al. 2016,
    arXiv:1611.05763.
    """
    table = trials(data).reset_index(drop=True)
    arms = [name for name in map(str, table) if name.startswith(PROBABILITIES) and name in table]
    if len(arms) < 2:
        raise BadInput(f"The trial table has no columns {PROBABILITIES}<arm>, one for each of two arms or more.")
    require(table, *arms)
    codes = _arms_chosen(table, len(arms))
    table = table[table[arms].notna().all(axis=1) & (codes >= 0)]
    if table.empty:
        raise BadInput("The trial table has no trial with a choice among arms whose probabilities are known.")
    p_reward, choice = table[arms].to_numpy(dtype=float), codes[table.index].to_numpy()
    lost = p_reward.max(axis=1) - p_reward[np.arange(len(choice)), choice]
    per_trial = table[["subject", "trial"]].assign(lost=lost, worse=(lost > 0).astype(float))
    means = per_trial.groupby(["subject", "trial"])[["lost", "worse"]].mean().unstack("trial")
    regret = np.cumsum(means["lost"].to_numpy(), axis=1)
    n_sessions = table.groupby("subject")["session"].nunique()
    dims = ("subject", "trial")
    return xr.Dataset(
        {
            "cumulative_regret": (dims, regret, {"units": "reward"}),
            "p_suboptimal": (dims, means["worse"].to_numpy()),
            "regret": ("subject", regret[:, -1], {"units": "reward"}),
            "n_sessions": ("subject", n_sessions.to_numpy()),
        },
        coords={"subject": subjects(table), "trial": means["lost"].columns.to_numpy()},
    )


def _arms_chosen(table: pd.DataFrame, n_arms: int) -> pd.Series:
    """Return the number of the arm chosen, −1 where there was no choice."""
    if "choice1" not in table:
        require(table, "choice1")
    codes = table[["choice1"]].set_axis(["choice"], axis=1)  # choice1 by its own name must be binary
    require(codes, "choice")
    choice = codes["choice"].astype("Float64").astype(float).fillna(-1.0)
    wrong = choice[~choice.isin(range(-1, n_arms))]
    if len(wrong):
        raise BadInput(
            f"choice1 = {wrong.iloc[0]:g} in the trial table: must be the number of an arm, 0 to {n_arms - 1}."
        )
    return choice.astype(int)
