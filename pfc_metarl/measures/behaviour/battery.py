"""All measures of behaviour that suit a task, over the trials of animals, people or networks."""

from collections.abc import Callable

import pandas as pd
import xarray as xr

from pfc_metarl.data.trial_table import numeric, trials
from pfc_metarl.measures.behaviour.choice import reward_per_trial, shift_probability, stay_probability
from pfc_metarl.measures.behaviour.history import history_regression
from pfc_metarl.measures.behaviour.matching import matching
from pfc_metarl.measures.behaviour.perseveration import perseveration
from pfc_metarl.measures.behaviour.regression import lagged_regression, stay_regression
from pfc_metarl.measures.behaviour.regret import PROBABILITIES, cumulative_regret
from pfc_metarl.measures.behaviour.reversal import choice_around_reversal
from pfc_metarl.settings import BadInput, shown

Measure = Callable[[pd.DataFrame], xr.Dataset]

N_LAGS = 5

NEEDS = {"two_step": ("choice1", "common", "reward"), "bandit": ("choice1", "reward")}
"""Task -> columns of its trials."""


def battery(
    data: xr.Dataset | pd.DataFrame, task: str, rewarded_above: float = 0.0
) -> tuple[dict[str, xr.Dataset], dict[str, str]]:
    """Measure behaviour by all that suits a task.

    Parameters
    ----------
    data : recording or trial table
    task : {"two_step", "bandit"}
        "bandit" is any choice among options, with or without reversals: where the table has the best option in
        ``good_option`` choices around reversals and perseveration are measured too, and where it has the probabilities
        of reward of all options, regret.
    rewarded_above : float
        A trial counts as rewarded if its reward is larger.

    Returns
    -------
    measured : dict
        Name of a measure -> its result.
    left_out : dict
        Name of a measure that the trials do not allow -> why.

    Raises
    ------
    BadInput
        If there is no such task, a column that it needs is missing or has wrong values, or no measure has a result.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(6), "choice1": [0, 1, 1, 0, 0, 1]})
    >>> found, left_out = battery(table.assign(reward=[1, 0, 1, 1, 0, 0]), "bandit")
    >>> sorted(found), "cumulative_regret" in left_out
    (['history', 'matching', 'reward', 'shift'], False)
    """
    if task not in NEEDS:
        raise BadInput(f"task = {shown(task)}: must be one of {', '.join(NEEDS)}.")
    table = trials(data)
    for name in NEEDS[task]:
        numeric(table, name, binary=False if task == "bandit" and name == "choice1" else None)
    measures = _two_step(rewarded_above) if task == "two_step" else _bandit(table, rewarded_above)
    measured: dict[str, xr.Dataset] = {}
    left_out: dict[str, str] = {}
    for name, measure in measures.items():
        try:
            measured[name] = measure(table)
        except BadInput as error:
            left_out[name] = str(error)
    if not measured:
        raise BadInput(next(iter(left_out.values())))
    return measured, left_out


def _two_step(above: float) -> dict[str, Measure]:
    return {
        "reward": reward_per_trial,
        "stay": lambda table: stay_probability(table, above),
        "stay_regression": lambda table: stay_regression(table, above),
        "lags": lambda table: lagged_regression(table, rewarded_above=above),
    }


def _bandit(table: pd.DataFrame, above: float) -> dict[str, Measure]:
    """Return the measures of bandits, with settings that suit short sessions."""
    found: dict[str, Measure] = {
        "reward": reward_per_trial,
        "shift": lambda table: shift_probability(table, rewarded_above=above),
        "history": lambda table: history_regression(table, n_lags=N_LAGS, skip=0, rewarded_above=above),
        "matching": lambda table: matching(table, skip=0, rewarded_above=above),
    }
    return found | _of_worlds(table)


def _of_worlds(table: pd.DataFrame) -> dict[str, Measure]:
    """Return the measures for which the table must tell what the options were worth."""
    found: dict[str, Measure] = {}
    if "good_option" in table:
        found["reversal"] = lambda table: choice_around_reversal(table, "good_option", "good_option")
        found["perseveration"] = lambda table: perseveration(table, "good_option", "good_option")
    if sum(str(name).startswith(PROBABILITIES) for name in table) > 1:
        found["regret"] = cumulative_regret
    return found
