"""Which learner explains choices in the two-step task with reversing transitions: planner, observer, or habits."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from statsmodels.discrete.discrete_model import Logit

from pfc_metarl.data.labels import coded, subjects
from pfc_metarl.fitting.layout import checked
from pfc_metarl.fitting.likelihood import predictions
from pfc_metarl.fitting.maximum_likelihood import maximum_likelihood
from pfc_metarl.models import Hybrid, LatentState, Model, TransitionLearner, TransitionObserver
from pfc_metarl.settings import BadInput

BOUNDS = {"inverse_temperature": (0.0, 100.0), "perseveration": (-1.0, 1.0)}
"""Of what models leave unbounded. With gain 100 choices between the values of this task are all but certain."""

SURE = 30.0
"""Log odds beyond which a choice is taken to be no surer."""


class Rival(NamedTuple):
    """A model, and which of its parameters are fitted."""

    model: Model
    free: tuple[str, ...]


RIVALS: Mapping[str, Rival] = {
    "observer": Rival(
        TransitionObserver(inverse_temperature=10.0),
        ("p_reversal", "p_transition_reversal", "p_common", "inverse_temperature"),
    ),
    "model_based": Rival(
        TransitionLearner(),
        ("second_stage_learning_rate", "transition_learning_rate", "perseveration", "inverse_temperature"),
    ),
    "model_free": Rival(
        Hybrid(model_based_weight=0.0),
        ("learning_rate", "second_stage_learning_rate", "trace", "perseveration", "inverse_temperature"),
    ),
    "fixed_transitions": Rival(
        LatentState(inverse_temperature=10.0), ("p_reversal", "p_common", "inverse_temperature")
    ),
}
"""Inference of hidden states; a planner that learns by error correction; habits; inference with fixed transitions.

The first two have as many free parameters each.
"""


def two_step_comparison(
    data: xr.Dataset | pd.DataFrame, rivals: Sequence[str] = tuple(RIVALS), n_starts: int = 2
) -> xr.Dataset:
    """Fit rival learners to each subject's choices, and predict the choices of other sessions with them.

    Parameters
    ----------
    data : recording or trial table
        Of a two-step task without a choice at the second stage: ``choice1``, ``state2`` and ``reward``.
    rivals : sequence of {"observer", "model_based", "model_free", "fixed_transitions"}
        Two or more. "observer" infers the hidden states of rewards and transitions, "model_based" is a planner that
        learns both by error correction, "model_free" learns habits, and "fixed_transitions" infers the hidden state of
        rewards alone.
    n_starts : int
        Searches of each fit.

    Returns
    -------
    Dataset, dims (subject, model)
        ``log_likelihood``: of a predicted choice, mean over both halves of the sessions (odd and even ones by their
        order), each predicted with the parameters that were fitted to the other; chance is −log 2. ``beyond(subject,
        model, given)``: what a model's log odds add to those of another, as the gain in log-likelihood per choice of a
        logistic regression on both over that on the other alone, with free weights; 0 where both are the same.
        ``estimate(subject, model, parameter)``: means over the two fits. ``n_trials`` and ``n_left_out`` (subject).

    Raises
    ------
    BadInput
        If a column is missing, a subject has fewer than two sessions, or a rival is unknown.

    Notes
    -----
    The rivals of Akam, Costa & Dayan 2015, doi:10.1371/journal.pcbi.1004648, for transitions that reverse.
    Cross-validation takes the place of a penalty for the number of parameters.

    Examples
    --------
    A learner without a model of the task, which is described best by itself:

    >>> from pfc_metarl import record, trials
    >>> from pfc_metarl.agents import agent_of
    >>> from pfc_metarl.models import model_free
    >>> from pfc_metarl.tasks import TwoStep
    >>> recording = record(TwoStep(n_trials=60), agent_of(model_free(), TwoStep), n_episodes=4, seed=0)
    >>> found = two_step_comparison(trials(recording), ["model_based", "model_free"], n_starts=1)
    >>> found["log_likelihood"].idxmax("model").values.tolist()
    ['model_free']
    """
    for name in rivals:
        if name not in RIVALS:
            raise BadInput(f"rivals = {name!r}: unknown; there are {', '.join(RIVALS)}.")
    table = checked(data)
    halves = _halves(table)
    fits = {name: [_predicted(RIVALS[name], table, half, n_starts) for half in (0, 1)] for name in rivals}
    labels = subjects(table)
    log_p, odds = {}, {}
    for name, pair in fits.items():
        log_p[name], odds[name] = (
            pd.Series(np.where(halves == 0, *(made[column] for made, _ in reversed(pair))), index=table.index)
            for column in ("log_p", "log_odds")
        )
    estimates = [xr.concat([found for _, found in pair], "half").mean("half") for pair in fits.values()]
    predicted = log_p[rivals[0]].notna()
    return xr.Dataset(
        {
            "log_likelihood": (
                ("subject", "model"),
                np.stack([_mean(values, table, labels) for values in log_p.values()], axis=1),
            ),
            "beyond": (("subject", "model", "given"), _beyond(pd.DataFrame(odds)[predicted], table[predicted], labels)),
            "n_trials": ("subject", predicted.groupby(table["subject"]).sum().reindex(labels).to_numpy(int)),
            "n_left_out": ("subject", (~predicted).groupby(table["subject"]).sum().reindex(labels).to_numpy(int)),
            "estimate": xr.concat(estimates, xr.IndexVariable("model", list(rivals)), join="outer"),
        },
        {"subject": labels, "model": list(rivals), "given": list(rivals)},
    )


def _halves(table: pd.DataFrame) -> np.ndarray:
    """Return 0 for odd and 1 for even sessions of each subject, by their order."""
    keys = table.drop_duplicates(["subject", "session"])[["subject", "session"]]
    place = pd.Series(coded(keys["session"])[1], index=keys.index).groupby(keys["subject"], observed=True).rank()
    keys = keys.assign(half=(place.astype(int) - 1) % 2)
    if (keys.groupby("subject", observed=True).size() < 2).any():
        raise BadInput("session: a subject has one session only, and other sessions than those fitted are predicted.")
    return table.merge(keys, on=["subject", "session"], how="left")["half"].to_numpy()


def _predicted(
    rival: Rival, table: pd.DataFrame, half: int, n_starts: int
) -> tuple[dict[str, np.ndarray], xr.DataArray]:
    """Fit one half of the sessions; return log-probabilities and log odds of all choices, and the estimates."""
    part = table[_halves(table) == half]
    bounds = {name: limits for name, limits in BOUNDS.items() if name in rival.free}
    estimate = maximum_likelihood(rival.model, part, rival.free, bounds, n_starts=n_starts)["estimate"]
    log_p, log_odds = (pd.Series(np.nan, index=table.index) for _ in range(2))
    for subject in estimate["subject"].values:
        values = {name: float(estimate.sel(subject=subject, parameter=name)) for name in rival.free}
        own = table["subject"] == subject
        made = predictions(dataclasses.replace(rival.model, **values), table[own])
        log_p[own] = made["log_p"].to_numpy()
        p = made["p_1"].clip(1e-300, 1).to_numpy(float)
        log_odds[own] = (np.log(p) - np.log1p(-p.clip(max=1 - 1e-16))).clip(-SURE, SURE)
    return {"log_p": log_p.to_numpy(), "log_odds": log_odds.to_numpy()}, estimate


def _mean(values: pd.Series, table: pd.DataFrame, labels: np.ndarray) -> np.ndarray:
    return values.groupby(table["subject"], observed=True).mean().reindex(labels).to_numpy(float)


def _beyond(odds: pd.DataFrame, table: pd.DataFrame, labels: np.ndarray) -> np.ndarray:
    """Return the gain of each model beyond each other, [subject, model, given]."""
    gains = np.zeros((len(labels), odds.shape[1], odds.shape[1]))
    for place, subject in enumerate(labels):
        own = (table["subject"] == subject).to_numpy()
        choice = table["choice1"].to_numpy(float)[own]
        x = odds.to_numpy(float)[own]
        alone = [_per_choice(choice, x[:, [one]]) for one in range(x.shape[1])]
        for one in range(x.shape[1]):
            for other in range(one):
                both = _per_choice(choice, x[:, [one, other]])
                gains[place, one, other], gains[place, other, one] = both - alone[other], both - alone[one]
    return gains


def _per_choice(choice: np.ndarray, log_odds: np.ndarray) -> float:
    """Return the log-likelihood per choice of a logistic regression without intercept."""
    varying = log_odds[:, np.ptp(log_odds, axis=0) > 0]
    if not varying.size:
        return -math.log(2)
    fit = Logit(choice, varying).fit(method="bfgs", skip_hessian=True, disp=0, maxiter=500)
    return float(fit.llf / len(choice))
