"""Regret: what a subject forgoes by not pulling the best arm."""

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.settings import BadInput
from pfc_metarl.trial_table import require, subjects, trials

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
    table = trials(data)
    arms = [name for name in table if str(name).startswith(PROBABILITIES)]
    if len(arms) < 2:
        raise BadInput(f"The trial table has no columns {PROBABILITIES}<arm>, one for each of two arms or more.")
    require(table, "subject")
    table = table[table["choice1"].notna()]
    p_reward, choice = table[arms].to_numpy(dtype=float), table["choice1"].to_numpy(dtype=int)
    if choice.min(initial=0) < 0 or choice.max(initial=0) >= len(arms):
        raise BadInput(
            f"choice1 = {choice.max()} in the trial table: must be the number of an arm, 0 to {len(arms) - 1}."
        )
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
