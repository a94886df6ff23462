"""Reward per trial, and how choices follow the outcome of the trial before."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.labels import conditions
from pfc_metarl.data.table_values import flag, numeric
from pfc_metarl.data.trial_roles import RoleTable, at_rows, lagged, role_table, rows_before
from pfc_metarl.data.trial_table import trials
from pfc_metarl.measures.behaviour.outcomes import rewarded
from pfc_metarl.settings import BadInput


def reward_per_trial(data: xr.Dataset | pd.DataFrame) -> xr.Dataset:
    """Return the mean reward of a trial, lost trials included.

    Parameters
    ----------
    data : recording or trial table
        The column ``total_reward``, or ``reward`` if there is none. Rewards may be any numbers.

    Returns
    -------
    Dataset, dim subject
        ``reward_per_trial``; ``fraction_lost``, the fraction of these trials that were lost: marked so in the column
        ``lost``, or without a choice in ``choice1``; NaN if the table has neither. ``n_trials``, and ``n_left_out``:
        trials that are excluded or have no reward.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": "rat", "session": 0, "trial": range(4), "choice1": [0, 1, None, 1]})
    >>> found = reward_per_trial(table.assign(reward=[1, 0, -1, 1])).sel(subject="rat")
    >>> found["reward_per_trial"].item(), found["fraction_lost"].item(), found["n_trials"].item()
    (0.25, 0.25, 4)
    """
    name = "total_reward" if "total_reward" in (table := trials(data)) else "reward"
    found = role_table(table, name, response=None)
    rows = found.rows.assign(lost=_lost(table))
    counted = rows[rows[name].notna()]
    numbers = counted[[name, "lost"]].astype(float)  # a mean keeps the precision of its column
    means = numbers.groupby(counted["subject"]).agg(_mean).reindex(range(len(found.subjects)))
    return xr.Dataset(
        {
            "reward_per_trial": ("subject", means[name].to_numpy(dtype=float), {"units": "reward/trial"}),
            "fraction_lost": ("subject", means["lost"].to_numpy(dtype=float)),
            **found.counts(rows[name].notna()),
        },
        coords={"subject": found.subjects},
    )


def _mean(values: pd.Series) -> float:
    """Return the mean of numbers, rounded once: the order of trials, and of subjects, makes no difference."""
    return math.fsum(values) / len(values)


def _lost(table: pd.DataFrame) -> pd.Series:
    """Return 1 for lost trials and 0 for others; NaN where the table does not show it."""
    if "lost" not in table and "choice1" not in table:
        return pd.Series(np.nan, index=table.index)
    no_choice = numeric(table, "choice1", binary=False).isna() if "choice1" in table else False
    return (flag(table, "lost") | no_choice).astype(float)


class StayTable(NamedTuple):
    """Which trials stayed or shifted, and what the trial before brought."""

    found: RoleTable
    columns: pd.DataFrame
    """``stay``, ``previous_reward``, ``previous_common`` and, if the good state is known, ``previous_correct``."""
    used: pd.Series
    """Whether a row counts: a choice in both trials, not forced in the second."""

    @property
    def rows(self) -> pd.DataFrame:
        """The rows that count; subject and session as places of their labels."""
        return self.found.rows.assign(**self.columns)[self.used]


def stay_table(data: xr.Dataset | pd.DataFrame, rewarded_above: float = 0.0) -> StayTable:
    """Compare the first-stage choice of each trial with that of the trial before.

    Raises
    ------
    BadInput
        If no two successive trials have a choice, or ``good_state`` is not coded as the choice that commonly leads to
        that state.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": "rat", "session": 0, "trial": range(3), "choice1": [0, 0, 1]})
    >>> rows = stay_table(table.assign(common=1, reward=[1, 0, 1])).rows
    >>> rows[["stay", "previous_reward"]].astype(int).values.tolist()
    [[1, 1], [0, 0]]
    """
    found = role_table(data, "common", "reward", optional=("good_state",), two_options=False)
    rows, n_options = found.rows, found.n_options()
    before = rows_before(rows, 1)
    choice, reward, common = (at_rows(rows, name, before) for name in ("choice1", "reward", "common"))
    used = found.target & choice.notna() & reward.notna() & common.notna()
    columns = {
        "stay": (rows["choice1"] == choice).astype(float),
        "previous_reward": rewarded(reward, rewarded_above),
        "previous_common": common,
    }
    if "good_state" in rows:
        good = at_rows(rows.assign(good_state=_states(rows["good_state"], n_options)), "good_state", before)
        columns["previous_correct"] = (choice == good).astype(float).where(good.notna())
    del before, choice, reward
    if not used.any():
        raise BadInput("The trial table has no two successive trials with a choice in both.")
    return StayTable(found, pd.DataFrame(columns, copy=False), used)


def stay_trials(data: xr.Dataset | pd.DataFrame, rewarded_above: float = 0.0) -> pd.DataFrame:
    """Return the trials of a table with a first-stage choice in two successive trials.

    Returns
    -------
    DataFrame
        The trial table with columns ``stay``, ``previous_reward``, ``previous_common`` and, if the table shows which
        second-stage state was good, ``previous_correct``: whether the last choice commonly led to the good state.
        Trials marked ``forced`` are left out as targets, as nothing was decided there.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(3), "common": 1})
    >>> stay_trials(table.assign(choice1=[0, 0, 1], reward=[1, 0, 1]))["stay"].tolist()
    [1.0, 0.0]
    """
    table = trials(data)
    stays = stay_table(table, rewarded_above)
    return table.assign(**stays.columns)[stays.used]


def _states(good_state: pd.Series, n_options: int) -> pd.Series:
    wrong = good_state[good_state.notna() & ~good_state.isin(range(n_options))]
    if len(wrong):
        codes = "0 or 1" if n_options == 2 else f"0 to {n_options - 1}"
        raise BadInput(
            f"good_state = {wrong.iloc[0]:g} in the trial table: must be {codes}, the code of the choice that commonly "
            f"leads to the good state."
        )
    return good_state


def stay_probability(data: xr.Dataset | pd.DataFrame, rewarded_above: float = 0.0) -> xr.Dataset:
    """Return the probability of repeating the first-stage choice, by what the last trial brought.

    Parameters
    ----------
    data : recording or trial table
        With ``choice1`` (0, 1 and so on), ``common`` (0 or 1) and ``reward``.
    rewarded_above : float
        A trial counts as rewarded if its reward is larger.

    Returns
    -------
    Dataset, dims (subject, outcome, transition)
        ``stay_probability`` (NaN where a subject had no such trial) and ``n_trials``; ``n_left_out(subject)``:
        trials that are not targets, or do not follow a trial whose choice and outcome are known.

    Raises
    ------
    BadInput
        If a column is missing or holds something else, or no two successive trials have a choice.

    Notes
    -----
    Daw et al. 2011, doi:10.1016/j.neuron.2011.02.027. With rewards in long blocks a purely model-free learner shows
    the model-based interaction as well: see `pfc_metarl.measures.lagged_regression`.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(5), "common": 1})
    >>> table = table.assign(choice1=[0, 0, 1, 1, 0], reward=[1, 0, 1, 0, 1])
    >>> stay_probability(table)["stay_probability"].sel(transition="common").values
    array([[1., 0.]])
    """
    stays = stay_table(data, rewarded_above)
    found = stays.found
    rows = stays.columns[stays.used].assign(subject=found.rows["subject"][stays.used])
    groups = rows.groupby(["subject", "previous_reward", "previous_common"])["stay"]
    index = pd.MultiIndex.from_product([range(len(found.subjects)), [1.0, 0.0], [1.0, 0.0]])
    shape = (len(found.subjects), 2, 2)
    dims = ("subject", "outcome", "transition")
    return xr.Dataset(
        {
            "stay_probability": (dims, groups.mean().reindex(index).to_numpy(dtype=float).reshape(shape)),
            "n_trials": (dims, groups.count().reindex(index, fill_value=0).to_numpy().reshape(shape)),
            "n_left_out": found.counts(stays.used)["n_left_out"],
        },
        coords={
            "subject": found.subjects,
            "outcome": ["rewarded", "unrewarded"],
            "transition": ["common", "rare"],
        },
    )


def shift_probability(
    data: xr.Dataset | pd.DataFrame, condition: str | None = None, rewarded_above: float = 0.0
) -> xr.Dataset:
    """Return the probability of another choice than on the last trial, by what that one brought.

    Parameters
    ----------
    data : recording or trial table
        With first-stage choices, 0, 1 and so on, and ``reward``. Trials marked ``forced`` are past only.
    condition : str, optional
        Column of the trial table with a few values; trials of each are counted separately.
    rewarded_above : float
        A trial counts as rewarded if its reward is larger.

    Returns
    -------
    Dataset, dims (subject, outcome) and that of the condition
        ``shift_probability`` (NaN where a subject had no such trial) and ``n_trials``; ``n_left_out(subject)``: trials
        that are not targets, or do not follow a trial whose choice and outcome are known.

    Raises
    ------
    BadInput
        If a column is missing or holds something else.

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
    found = role_table(table, "reward", two_options=False)
    found.n_options()
    last_choice, last_reward = (lagged(found.rows, name, 1) for name in ("choice1", "reward"))
    used = found.target & last_choice.notna() & last_reward.notna()
    rows = found.rows.assign(
        shift=(found.rows["choice1"] != last_choice).astype(float),
        outcome=1 - rewarded(last_reward, rewarded_above),
    )
    dims, levels = ["subject", "outcome"], [np.arange(len(found.subjects)), np.arange(2)]
    coords = {"subject": found.subjects, "outcome": np.array(["rewarded", "unrewarded"])}
    if condition is not None:
        coords[condition], rows[condition] = conditions(table, condition, (*dims, "shift"))
        used &= rows[condition] >= 0
        dims, levels = [*dims, condition], [*levels, np.arange(len(coords[condition]))]
    groups, index = rows[used].groupby(dims)["shift"], pd.MultiIndex.from_product(levels)
    shape = [len(values) for values in levels]
    return xr.Dataset(
        {
            "shift_probability": (dims, groups.mean().reindex(index).to_numpy(dtype=float).reshape(shape)),
            "n_trials": (dims, groups.count().reindex(index, fill_value=0).to_numpy().reshape(shape)),
            "n_left_out": found.counts(used)["n_left_out"],
        },
        coords=coords,
    )
