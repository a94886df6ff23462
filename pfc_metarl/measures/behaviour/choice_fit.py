"""Regression of choices among two options or more: by logistic regression, or by conditional logistic regression."""

from typing import Any, NamedTuple

import numpy as np
from scipy import special, stats

from pfc_metarl.data.labels import rows_of
from pfc_metarl.data.trial_roles import RoleTable
from pfc_metarl.measures.behaviour.logistic_fit import (
    COLLINEAR,
    MAX_ITERATIONS,
    MAX_STANDARD_ERROR,
    MAX_STEP,
    NOT_CONVERGED,
    ONE_OUTCOME,
    TOLERANCE,
    TOO_FEW,
    Fit,
    logistic_fit,
)


class Past(NamedTuple):
    """What may draw a choice to an option that was chosen before.

    Attributes
    ----------
    option, weight : array, shape [trial, regressor]
        The option chosen before, from 0, and the value of the regressor for that option; it is 0 for all others. Whole
        numbers of one byte are enough for both.
    """

    option: np.ndarray
    weight: np.ndarray


def choice_fit(choice: np.ndarray, past: Past, n_options: int) -> Fit:
    """Regress the choice of an option on what was chosen before.

    Parameters
    ----------
    choice : array of int, shape [trial]
    past : Past
    n_options : int

    Returns
    -------
    Fit
        First how much each option but the last is preferred to the last, then the regressors: log odds.

    Notes
    -----
    Of two options this is a logistic regression of the choice of option 0 on regressors that are `past.weight` where
    option 0 was chosen, and −`past.weight` where option 1 was. Of more options it is McFadden's conditional logit, with
    the same coefficients: p(option) ∝ exp(preference + Σ coefficient · weight where the option was chosen before).

    Examples
    --------
    Among three options, each trial repeats the choice before it in eight of ten cases:

    >>> rng = np.random.default_rng(0)
    >>> before = rng.integers(0, 3, 2000)
    >>> choice = np.where(rng.random(2000) < 0.8, before, (before + rng.integers(1, 3, 2000)) % 3)
    >>> fit = choice_fit(choice, Past(before[:, None], np.ones((2000, 1))), 3)
    >>> bool(abs(fit.coefficient[-1] - np.log(0.8 / 0.1)) < 0.2), fit.coefficient.shape
    (True, (3,))
    """
    if n_options == 2:
        design = np.ones((len(choice), 1 + past.weight.shape[1]))
        np.multiply(past.weight, 1 - 2 * past.option, out=design[:, 1:])
        return logistic_fit(1 - choice, design)
    options = np.arange(n_options)
    preference = np.broadcast_to(np.eye(n_options)[:, :-1], (len(choice), n_options, n_options - 1))
    regressors = past.weight[:, None] * (past.option[:, None] == options[:, None])
    return conditional_fit(choice, np.concatenate([preference, regressors], axis=2))


def choice_fits(found: RoleTable, used: np.ndarray, past: Past, n_options: int) -> list[Fit]:
    """Regress the choices of each subject, `choice_fit`, over the rows that are used.

    Examples
    --------
    Two of three choices repeat the one before.

    >>> import pandas as pd
    >>> from pfc_metarl.data.trial_roles import role_table
    >>> choice1 = np.array([0, 0, 0, 1, 1, 1] * 20)
    >>> table = pd.DataFrame({"subject": "rat", "session": 0, "trial": range(120), "choice1": choice1})
    >>> past = Past(np.roll(choice1, 1)[:, None], np.ones((120, 1)))
    >>> (fit,) = choice_fits(role_table(table, "choice1"), np.ones(120, bool), past, n_options=2)
    >>> bool(fit.coefficient[-1] > 0)
    True
    """
    choice, subject = found.rows["choice1"].to_numpy(), found.rows["subject"].to_numpy()
    own = rows_of(np.where(used, subject, -1), len(found.subjects))
    return [choice_fit(choice[rows], Past(past.option[rows], past.weight[rows]), n_options) for rows in own]


def biases(estimate: np.ndarray, n_options: int) -> tuple[Any, ...]:
    """Return the preferences of `choice_fit` as a variable.

    For option 0, of two; for each in comparison with the last, of more.

    Examples
    --------
    >>> biases(np.array([[0.5, 2.0]]), n_options=2)[1].tolist()  # the second number is no bias
    [0.5]
    >>> biases(np.array([[0.5, -1.0]]), n_options=3)[1].tolist()
    [[0.5, -1.0, 0.0]]
    """
    units = {"units": "log odds"}
    if n_options == 2:
        return "subject", estimate[:, 0], units
    last = np.where(np.isnan(estimate[:, :1]), np.nan, 0.0)
    return ("subject", "option"), np.concatenate([estimate[:, : n_options - 1], last], axis=1), units


def option_labels(n_options: int) -> dict[str, np.ndarray]:
    """Return the coordinate of options, which results have that are about more than two.

    Examples
    --------
    >>> option_labels(2), option_labels(3)["option"].tolist()
    ({}, [0, 1, 2])
    """
    return {"option": np.arange(n_options)} if n_options > 2 else {}


def conditional_fit(choice: np.ndarray, design: np.ndarray) -> Fit:
    """Fit McFadden's conditional logit: p(option) ∝ exp(design · coefficient).

    Estimates are those of maximum likelihood where they are finite, and Firth's where choices are separated, as of
    `logistic_fit`.

    Parameters
    ----------
    choice : array of int, shape [trial]
    design : array, shape [trial, option, regressor]

    Notes
    -----
    McFadden 1974; it is statsmodels' ``ConditionalLogit`` with a trial as a group, whose search takes minutes for some
    tens of regressors: the likelihood is concave, so that Newton's method needs a few steps. Firth's penalty is that of
    all exponential families: Firth 1993, doi:10.1093/biomet/80.1.27; Kosmidis & Firth 2011, doi:10.1093/biomet/asr026.

    Examples
    --------
    Of two options that differ by 1, the better one is chosen in three quarters of the trials: log odds of log 3.

    >>> choice = np.tile([0, 0, 0, 1], 20)
    >>> design = np.zeros((80, 2, 1))
    >>> design[:, 0] = 1.0
    >>> bool(np.isclose(conditional_fit(choice, design).coefficient[0], np.log(3)))
    True
    """
    n, n_options, k = design.shape
    nothing = np.full(k, np.nan)
    if n * (n_options - 1) <= k:
        return Fit(nothing, nothing, nothing, TOO_FEW)
    if len(np.unique(choice)) < 2:
        return Fit(nothing, nothing, nothing, ONE_OUTCOME)
    centred = design - design.mean(axis=1, keepdims=True)
    if np.linalg.matrix_rank(centred.reshape(-1, k)) < k:
        return Fit(nothing, nothing, nothing, COLLINEAR)
    chosen = np.arange(n_options) == choice[:, None]
    for penalised in (False, True):
        estimate = _maximum(chosen, design, penalised)
        error = None if estimate is None else _standard_errors(_moments(estimate, design).information)
        if estimate is None or error is None:
            continue
        if penalised or (error < MAX_STANDARD_ERROR).all():
            return Fit(estimate, error, 2 * stats.norm.sf(abs(estimate / error)), penalised=penalised)
    return Fit(nothing, nothing, nothing, NOT_CONVERGED)


def _standard_errors(information: np.ndarray) -> np.ndarray | None:
    """Return the standard errors of estimates; None where their information is singular, as far out on a plateau."""
    try:
        with np.errstate(invalid="ignore"):
            return np.asarray(np.sqrt(np.diag(np.linalg.inv(information))))
    except np.linalg.LinAlgError:
        return None


class _Moments(NamedTuple):
    log_p: np.ndarray
    """[trial, option]"""
    centred: np.ndarray
    """Design less its mean over the options under the model, [trial, option, regressor]."""
    information: np.ndarray


def _moments(estimate: np.ndarray, design: np.ndarray) -> _Moments:
    log_p = special.log_softmax(design @ estimate, axis=1)
    p = np.exp(log_p)[:, :, None]
    centred = design - (p * design).sum(axis=1, keepdims=True)
    k = design.shape[2]
    return _Moments(log_p, centred, (p * centred).reshape(-1, k).T @ centred.reshape(-1, k))


def _maximum(chosen: np.ndarray, design: np.ndarray, penalised: bool) -> np.ndarray | None:
    """Return the estimates by Newton's method with shortened steps; None if the search does not end."""
    estimate = np.zeros(design.shape[2])
    objective = _objective(estimate, chosen, design, penalised)
    for _ in range(MAX_ITERATIONS if penalised else MAX_ITERATIONS // 10):
        moments = _moments(estimate, design)
        try:
            inverse = np.linalg.inv(moments.information)
        except np.linalg.LinAlgError:
            return None
        step = inverse @ _score(moments, inverse, chosen, penalised)
        step *= min(1.0, MAX_STEP / max(float(abs(step).max()), 1e-300))
        while (value := _objective(estimate + step, chosen, design, penalised)) < objective and abs(
            step
        ).max() > TOLERANCE:
            step = step / 2
        estimate, objective = estimate + step, value
        if abs(step).max() <= TOLERANCE:
            return estimate
    return None


def _score(moments: _Moments, inverse: np.ndarray, chosen: np.ndarray, penalised: bool) -> np.ndarray:
    p = np.exp(moments.log_p)
    residual = chosen - p
    if penalised:  # ½ p · leverage, which is the slope of ½ log |information|
        residual = residual + p * ((moments.centred @ inverse) * moments.centred).sum(axis=2) / 2
    return np.asarray((residual[:, :, None] * moments.centred).sum(axis=(0, 1)))


def _objective(estimate: np.ndarray, chosen: np.ndarray, design: np.ndarray, penalised: bool) -> float:
    """Return the log-likelihood, penalised if asked for; −∞ where the information is singular."""
    moments = _moments(estimate, design)
    log_likelihood = float(moments.log_p[chosen].sum())
    if not penalised:
        return log_likelihood
    sign, log_determinant = np.linalg.slogdet(moments.information)
    return log_likelihood + log_determinant / 2 if sign > 0 else -np.inf
