"""What subjects earn, and how they respond to what they got."""

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.trial_table import lagged, require, subjects, trials
from pfc_metarl.settings import BadInput


def reward_per_trial(data: xr.Dataset | pd.DataFrame) -> xr.Dataset:
    """Return the mean reward of a trial.

    Parameters
    ----------
    data : recording or trial table

    Returns
    -------
    Dataset, dim subject
        ``reward_per_trial`` and ``n_trials``.
    """
    table = trials(data)
    require(table, "reward")
    reward = table.groupby("subject", sort=True)["reward"]
    return xr.Dataset(
        {
            "reward_per_trial": ("subject", reward.mean().to_numpy(dtype=float), {"units": "reward/trial"}),
            "n_trials": ("subject", reward.count().to_numpy()),
        },
        coords={"subject": subjects(table)},
    )


def stay_trials(data: xr.Dataset | pd.DataFrame) -> pd.DataFrame:
    """Return the trials with a first-stage choice in two successive trials, and what the first of the two brought.

    Returns
    -------
    DataFrame
        The trial table with columns ``stay``, ``previous_reward``, ``previous_common`` and, if the table says which
        second-stage state was good, ``previous_correct``: whether the last choice commonly led to the good state.
        Trials marked ``forced`` are left out as targets, as nothing was decided there.
    """
    table = trials(data)
    require(table, "choice1", "common", "reward")
    choice = table["choice1"].astype("Float64").astype(float)
    earlier = {name: lagged(table, name, 1) for name in ("choice1", "reward", "common")}
    columns = {
        "stay": (choice == earlier["choice1"]).astype(float),
        "previous_reward": (earlier["reward"] > 0).astype(float),
        "previous_common": earlier["common"],
    }
    if "good_state" in table:
        good = lagged(table, "good_state", 1)
        columns["previous_correct"] = (earlier["choice1"] == good).astype(float).where(good.notna())
    valid = choice.notna() & pd.DataFrame(earlier).notna().all(axis=1)
    if "forced" in table:
        valid &= table["forced"] != 1
    if not valid.any():
        raise BadInput("The trial table has no two successive trials with a choice in both.")
    return table.assign(**columns)[valid]


def stay_probability(data: xr.Dataset | pd.DataFrame) -> xr.Dataset:
    """Return the probability of repeating the first-stage choice, by what the last trial brought.

    Parameters
    ----------
    data : recording or trial table

    Returns
    -------
    Dataset, dims (subject, outcome, transition)
        ``stay_probability`` (NaN where a subject never met the condition) and ``n_trials``.

    Notes
    -----
    Daw et al. 2011, doi:10.1016/j.neuron.2011.02.027. With rewards in long blocks a purely model-free learner shows
    the model-based interaction as well: see `pfc_metarl.measures.lagged_regression`.
    """
    table = stay_trials(data)
    groups = table.groupby(["subject", "previous_reward", "previous_common"])["stay"]
    labels = np.sort(table["subject"].unique())
    index = pd.MultiIndex.from_product([labels, [1.0, 0.0], [1.0, 0.0]])
    shape = (len(labels), 2, 2)
    dims = ("subject", "outcome", "transition")
    return xr.Dataset(
        {
            "stay_probability": (dims, groups.mean().reindex(index).to_numpy(dtype=float).reshape(shape)),
            "n_trials": (dims, groups.count().reindex(index, fill_value=0).to_numpy().reshape(shape)),
        },
        coords={
            "subject": subjects(table),
            "outcome": ["rewarded", "unrewarded"],
            "transition": ["common", "rare"],
        },
    )


def shift_probability(data: xr.Dataset | pd.DataFrame, condition: str | None = None) -> xr.Dataset:
    """Return the probability of another choice than on the last trial, by what that one brought.

    Parameters
    ----------
    data : recording or trial table
    condition : str, optional
        Column of the trial table with a few values; trials of each are counted by themselves.

    Returns
    -------
    Dataset, dims (subject, outcome) and that of the condition
        ``shift_probability`` (NaN where a subject never met it) and ``n_trials``.

    Notes
    -----
    A learner shifts more readily after a loss the faster it learns: between two arms of which one pays, after each loss
    if its learning rate is 1.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(5)})
    >>> table = table.assign(choice1=[0, 0, 1, 1, 0], reward=[1, 0, 1, 0, 1])
    >>> shift_probability(table)["shift_probability"].sel(outcome="unrewarded").values
    array([1.])
    """
    table = trials(data)
    require(table, "choice1", "reward", *([condition] if condition else []))
    choice = table["choice1"].astype("Float64").astype(float)
    last_choice, last_reward = (lagged(table, name, 1) for name in ("choice1", "reward"))
    known = choice.notna() & last_choice.notna() & last_reward.notna()
    table = table.assign(shift=(choice != last_choice).astype(float), outcome=np.where(last_reward > 0, 0, 1))
    names = ["subject", "outcome", *([condition] if condition else [])]
    levels = {name: np.sort(table[name].dropna().unique()) for name in names} | {"outcome": np.array([0, 1])}
    groups = table[known].groupby(names)["shift"]
    index, shape = pd.MultiIndex.from_product(list(levels.values())), [len(values) for values in levels.values()]
    return xr.Dataset(
        {
            "shift_probability": (names, groups.mean().reindex(index).to_numpy(dtype=float).reshape(shape)),
            "n_trials": (names, groups.count().reindex(index, fill_value=0).to_numpy().reshape(shape)),
        },
        coords={**levels, "subject": subjects(table), "outcome": ["rewarded", "unrewarded"]},
    )
