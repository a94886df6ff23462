"""Logistic regression by maximum likelihood, and by penalised likelihood where that has no finite estimate."""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special, stats
from statsmodels.discrete.discrete_model import Logit
from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationError, PerfectSeparationWarning

from pfc_metarl.measures.jackknife import jackknife_error

MAX_STANDARD_ERROR = 10.0
"""In log odds: above it, outcomes are (nearly) separated by the regressors and there is no finite estimate."""

MAX_STEP, MAX_ITERATIONS, TOLERANCE = 5.0, 500, 1e-8
"""Of the penalised fit: largest change of a coefficient in an iteration, iterations, and change at which it ends."""

TOO_FEW = "no more trials than coefficients"
ONE_OUTCOME = "all choices are the same"
COLLINEAR = "regressors that are linearly dependent"
NOT_CONVERGED = "the penalised fit did not converge"
NO_ERRORS = "choices are separated: penalised estimates, without clustered standard errors"


class Fit(NamedTuple):
    """A logistic regression.

    Attributes
    ----------
    coefficient, standard_error, p_value : array, shape [regressor]
        NaN where `reason` says why.
    reason : str
        Why a number is missing; empty if none is.
    penalised : bool
        Whether the outcomes are separated, so that the estimates are Firth's.
    """

    coefficient: np.ndarray
    standard_error: np.ndarray
    p_value: np.ndarray
    reason: str = ""
    penalised: bool = False

    @property
    def valid(self) -> bool:
        """Whether there are finite estimates."""
        return bool(np.isfinite(self.coefficient).all())


def logistic_fit(
    outcome: pd.Series | np.ndarray, design: pd.DataFrame | np.ndarray, groups: np.ndarray | None = None
) -> Fit:
    """Fit a logistic regression.

    Estimates are those of maximum likelihood where they are finite. Where outcomes are separated by the regressors, so
    that some coefficient is unbounded (or its standard error above `MAX_STANDARD_ERROR`), they are Firth's.

    Parameters
    ----------
    outcome : array, shape [trial]
        0 or 1.
    design : array, shape [trial, regressor]
    groups : array, shape [trial], optional
        Clusters of the standard errors (`jackknife_error`); without them, or with one, trials count as independent.

    Examples
    --------
    Outcomes that a regressor separates have a finite estimate all the same. With two groups it is the log odds ratio
    of counts to which ½ was added:

    >>> fit = logistic_fit(np.repeat([0, 1, 1], 4), np.column_stack([np.ones(12), np.repeat([0, 1], [4, 8])]))
    >>> fit.penalised, bool(np.isclose(fit.coefficient[1], np.log(8.5 / 0.5) + np.log(4.5 / 0.5)))
    (True, True)
    """
    y, x = np.asarray(outcome, dtype=float), np.asarray(design, dtype=float)
    clustered = groups is not None and len(np.unique(groups)) > 1
    nothing = np.full(x.shape[1], np.nan)
    if len(x) <= x.shape[1]:
        return Fit(nothing, nothing, nothing, TOO_FEW)
    if len(np.unique(y)) < 2:
        return Fit(nothing, nothing, nothing, ONE_OUTCOME)
    if (found := _maximum_likelihood(y, x, groups if clustered else None)) is not None:
        return found
    if np.linalg.matrix_rank(x) < x.shape[1]:
        return Fit(nothing, nothing, nothing, COLLINEAR)
    if (estimate := firth(y, x)) is None:
        return Fit(nothing, nothing, nothing, NOT_CONVERGED)
    if clustered:
        return Fit(estimate, nothing, nothing, NO_ERRORS, penalised=True)
    error = np.sqrt(np.diag(np.linalg.inv(_information(x, special.expit(x @ estimate)))))
    return Fit(estimate, error, 2 * stats.norm.sf(abs(estimate / error)), penalised=True)


def _maximum_likelihood(y: np.ndarray, x: np.ndarray, groups: np.ndarray | None) -> Fit | None:
    with warnings.catch_warnings(), np.errstate(over="ignore"):  # e^x, where a choice is all but certain
        warnings.simplefilter("error", PerfectSeparationWarning)
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            fit = Logit(y, x, check_rank=False).fit(disp=False)  # the rank is needed for likelihood ratios only
        except (PerfectSeparationError, PerfectSeparationWarning, ConvergenceWarning, np.linalg.LinAlgError):
            return None
    error, p_value = np.asarray(fit.bse), np.asarray(fit.pvalues)
    if groups is not None:
        p = fit.predict()
        error = jackknife_error(x, p * (1 - p), (y - p)[:, None], groups)[0]
        p_value = 2 * stats.t.sf(np.abs(fit.params / error), len(np.unique(groups)) - 1)
    if not (fit.bse < MAX_STANDARD_ERROR).all():
        return None
    return Fit(fit.params, error, p_value)


def fit_flags(fits: Sequence[Fit]) -> dict[str, tuple[str, np.ndarray]]:
    """Return the variables on the fit of each subject: ``valid``, ``penalised`` and ``reason``, dim subject.

    Examples
    --------
    >>> nothing = np.full(1, np.nan)
    >>> fit_flags([Fit(nothing, nothing, nothing, "too few trials")])["reason"]
    ('subject', array(['too few trials'], dtype='<U14'))
    """
    return {
        "valid": ("subject", np.array([fit.valid for fit in fits])),
        "penalised": ("subject", np.array([fit.penalised for fit in fits])),
        "reason": ("subject", np.array([fit.reason for fit in fits], dtype=str)),
    }


def firth(outcome: np.ndarray, design: np.ndarray) -> np.ndarray | None:
    """Return Firth's estimates of a logistic regression, which are finite for separated outcomes too.

    The log-likelihood is penalised by ½ log |I|, with I the information; this removes the bias of first order. None if
    the search does not end.

    Notes
    -----
    Firth 1993, doi:10.1093/biomet/80.1.27; for separated data Heinze & Schemper 2002, doi:10.1002/sim.1047.

    Examples
    --------
    All of five outcomes are 1. With a constant only, the estimate is log((5 + 1/2) / (0 + 1/2)).

    >>> bool(np.isclose(firth(np.ones(5), np.ones((5, 1)))[0], np.log(11)))
    True
    """
    estimate = np.zeros(design.shape[1])
    objective = _penalised(estimate, outcome, design)
    for _ in range(MAX_ITERATIONS):
        p = special.expit(design @ estimate)
        try:
            inverse = np.linalg.inv(_information(design, p))
        except np.linalg.LinAlgError:
            return None
        leverage = p * (1 - p) * ((design @ inverse) * design).sum(axis=1)
        step = inverse @ (design.T @ (outcome - p + leverage * (0.5 - p)))
        step *= min(1.0, MAX_STEP / max(float(abs(step).max()), 1e-300))
        while (value := _penalised(estimate + step, outcome, design)) < objective and abs(step).max() > TOLERANCE:
            step = step / 2
        estimate, objective = estimate + step, value
        if abs(step).max() <= TOLERANCE:
            return estimate
    return None


def _information(design: np.ndarray, p: np.ndarray) -> np.ndarray:
    return np.asarray(design.T @ (design * (p * (1 - p))[:, None]))


def _penalised(estimate: np.ndarray, outcome: np.ndarray, design: np.ndarray) -> float:
    """Return the penalised log-likelihood; −∞ where the information is singular."""
    logit = design @ estimate
    sign, log_determinant = np.linalg.slogdet(_information(design, special.expit(logit)))
    if sign <= 0:
        return -np.inf
    return float((outcome * logit - np.logaddexp(0, logit)).sum() + log_determinant / 2)
