"""Regression of a network's units on regressors, all units at once, with standard errors clustered by episode."""

from typing import NamedTuple

import numpy as np
from scipy import linalg, stats
from scipy.stats import false_discovery_control
from statsmodels.multivariate.multivariate_ols import MultivariateLS
from statsmodels.tools.tools import add_constant

from pfc_metarl.measures.jackknife import jackknife_error
from pfc_metarl.settings import counted

ESTIMATES = ("coefficient", "standard_error", "p_value", "partial_correlation", "unique_r_squared")
"""What is estimated for each unit and regressor."""

FEWEST_EPISODES = 20
"""Clusters below which standard errors are too small: Cameron & Miller 2015, doi:10.3368/jhr.50.2.317, section VI, put
the limit at 20 to 50. With one to four regressors that drift as slowly as the activity, `unit_encoding` finds a p value
below 0.05 in 0.05 to 0.06 of all tests with 20 episodes of 20 or 100 trials, and in 0.04 to 0.06 with 40. If trials are
taken as independent, in 0.53 to 0.65."""

UNITS_AT_ONCE = 64
"""Units of one multivariate fit, whose covariance is a square of units x regressors; bounds the memory."""

MIN_EIGENVALUE = 1e-8
"""Eigenvalue of the regressors' correlation matrix below which they depend on one another."""

MIN_RANGE = 1e-7
"""Range of a unit's activity, as fraction of its largest value, below which it is rounding."""

MIN_RESIDUAL_VARIANCE = 1e-9
"""Fraction of a unit's variance that must be left unexplained for there to be an error."""


class Sample(NamedTuple):
    """The trials of a network that count."""

    activity: np.ndarray
    """[trial, unit]"""
    design: np.ndarray
    """[trial, regressor]"""
    episode: np.ndarray
    """[trial]"""


def fitted(sample: Sample, names: list[str], clustered: bool, level: float) -> dict[str, np.ndarray]:
    """Regress all units of a network.

    Parameters
    ----------
    sample : Sample
    names : list of str
        Of the regressors.
    clustered : bool
        Whether standard errors allow for trials of an episode that are alike.
    level : float
        False discovery rate.

    Returns
    -------
    dict of array
        `ESTIMATES` and significant, [unit, regressor]; r_squared, valid and reason, [unit]; p_significant [regressor];
        n_units and n_trials. NaN where a unit cannot be fitted; without standard errors and p values where there are
        too few episodes to cluster by.

    Examples
    --------
    The first of two units is twice the regressor, with noise.

    >>> random = np.random.default_rng(0)
    >>> regressor, noise = random.normal(size=(400, 1)), random.normal(size=(400, 2))
    >>> sample = Sample(noise + regressor * [2, 0], regressor, np.arange(400))
    >>> fitted(sample, ["a"], clustered=False, level=0.05)["significant"].ravel().tolist()
    [True, False]
    """
    n_units = sample.activity.shape[1]
    found = np.full((len(ESTIMATES), n_units, len(names)), np.nan)
    r_squared = np.full(n_units, np.nan)
    reason = _reasons(sample, _problem(sample, names))
    possible = reason == ""
    if possible.any():
        found[:, possible], r_squared[possible] = _regressed(sample, possible, clustered)
        no_error = "the regressors explain it wholly, so there is no error to measure them by"
        reason[r_squared > 1 - MIN_RESIDUAL_VARIANCE] = no_error
    valid = reason == ""
    found[:, ~valid] = np.nan
    if too_few := _too_few(sample) if clustered else "":
        found[[ESTIMATES.index(name) for name in ("standard_error", "p_value")]] = np.nan
        reason[valid] = too_few
    tested = valid & (not too_few)
    significant = _significant(found[ESTIMATES.index("p_value")], tested, level)
    return {
        **dict(zip(ESTIMATES, found, strict=True)),
        "significant": significant,
        "r_squared": r_squared,
        "valid": valid,
        "reason": reason.astype(str),
        "p_significant": significant[tested].mean(axis=0) if tested.any() else np.full(len(names), np.nan),
        "n_units": np.asarray(valid.sum()),
        "n_trials": np.asarray(len(sample.episode)),
    }


def problem_of(activity: np.ndarray, design: np.ndarray, names: list[str]) -> str:
    """Return why activity [trial, unit] cannot be regressed on a design [trial, regressor]; nothing, if it can.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> same = np.repeat(random.normal(size=(50, 1)), 2, axis=1)
    >>> problem_of(random.normal(size=(50, 3)), random.normal(size=(50, 2)), ["a", "b"])
    ''
    >>> bool(problem_of(random.normal(size=(50, 3)), same, ["a", "b"]))
    True
    """
    return _problem(Sample(activity, design, np.zeros(len(design))), names)


def _too_few(sample: Sample) -> str:
    """Return why standard errors cannot be clustered by episode; nothing, if they can."""
    n_episodes = len(np.unique(sample.episode))
    if n_episodes >= FEWEST_EPISODES:
        return ""
    few = f"{counted(n_episodes, 'episode')} {'is' if n_episodes == 1 else 'are'}"
    return (
        f"{few} too few for p values clustered by episode, which need {FEWEST_EPISODES}; "
        "clusters=None takes all trials as independent"
    )


def _significant(p_values: np.ndarray, valid: np.ndarray, level: float) -> np.ndarray:
    """Return which p values [unit, regressor] hold, at a false discovery rate over the valid units."""
    significant = np.zeros(p_values.shape, bool)
    if valid.any():
        for column, of_units in enumerate(p_values[valid].T):
            significant[valid, column] = false_discovery_control(of_units) <= level
    return significant


def _reasons(sample: Sample, problem: str) -> np.ndarray:
    """Return why a unit cannot be fitted; nothing, if it can."""
    reason = np.full(sample.activity.shape[1], problem, dtype=object)
    if not problem:
        silent = np.ptp(sample.activity, axis=0) <= MIN_RANGE * np.abs(sample.activity).max(axis=0)
        reason[silent] = "its activity never changes"
    return reason


def _problem(sample: Sample, names: list[str]) -> str:
    """Return why a network cannot be fitted; nothing, if it can."""
    n_trials, n_regressors = sample.design.shape
    if n_trials < n_regressors + 2:
        return f"too few trials, {n_trials}, for {counted(n_regressors, 'regressor')}"
    constant = np.ptp(sample.design, axis=0) <= MIN_RANGE * np.abs(sample.design).max(axis=0)
    if constant.any():
        return f"regressor {_listed(names, constant)} is the same in all trials"
    scaled = _z_scored(sample.design)
    values, vectors = linalg.eigh(scaled.T @ scaled / n_trials)
    involved = (np.abs(vectors[:, values < MIN_EIGENVALUE]) > 0.01).any(axis=1)
    return f"regressors {_listed(names, involved)} depend on one another" if involved.any() else ""


def _listed(names: list[str], which: np.ndarray) -> str:
    return ", ".join(repr(name) for name, is_one in zip(names, which, strict=True) if is_one)


def _z_scored(design: np.ndarray) -> np.ndarray:
    return np.asarray((design - design.mean(axis=0)) / design.std(axis=0))


def _regressed(sample: Sample, which: np.ndarray, clustered: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the estimates for some units, [estimate, unit, regressor], and r² [unit]."""
    design, units = add_constant(_z_scored(sample.design)), np.flatnonzero(which)
    batches = np.array_split(units, -(-len(units) // UNITS_AT_ONCE))
    episodes = sample.episode if clustered else None
    with np.errstate(divide="ignore", invalid="ignore"):  # where nothing is left to explain
        parts = [_estimates(sample.activity[:, batch], design, episodes) for batch in batches]
    estimates, r_squared = (np.concatenate(part, axis=-2) for part in zip(*parts, strict=True))
    return estimates, r_squared[:, 0]


def _estimates(activity: np.ndarray, design: np.ndarray, episodes: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return what `ESTIMATES` names, [estimate, unit, regressor], and r² [unit, 1]."""
    scale, n = activity.std(axis=0), activity.shape[1]
    scaled = (activity - activity.mean(axis=0)) / scale  # for the sake of rounding only
    fit = MultivariateLS(np.repeat(scaled, 2, axis=1) if n == 1 else scaled, design).fit()  # one unit it refuses
    beta, error, p_value = (np.asarray(values)[1:, :n].T for values in (fit.params, fit.bse, fit.pvalues))
    left = np.diag(fit.cov_resid)[:n, None] * fit.df_resid / len(activity)  # 1 - r²
    t = beta / error
    partial = np.sin(np.arctan(t / np.sqrt(fit.df_resid)))  # t / √(t² + ν)
    unique = t**2 * left / fit.df_resid
    if episodes is not None and len(np.unique(episodes)) > 1:
        error = jackknife_error(design, np.ones(len(design)), np.asarray(fit.resid)[:, :n], episodes)[:, 1:]
        p_value = 2 * stats.t.sf(np.abs(beta / error), len(np.unique(episodes)) - 1)
    return np.stack([beta * scale[:, None], error * scale[:, None], p_value, partial, unique]), 1 - left
