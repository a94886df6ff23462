"""Encoding: what the activity of each unit tells of the trial, and of what came before."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
import statsmodels.api as sm
import xarray as xr
from scipy import linalg, stats
from statsmodels.multivariate.multivariate_ols import MultivariateLS
from statsmodels.stats.multitest import multipletests

from pfc_metarl.data.dataset import STEP_DIMS, phase_names
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.settings import BadInput

TRIAL_DIMS = ("network", "episode", "trial")

Clusters = Literal["episode"] | None

ESTIMATES = ("coefficient", "standard_error", "p_value", "partial_correlation", "unique_r_squared")
"""What is found of each unit and regressor."""

UNITS_AT_ONCE = 64
"""Units of one multivariate fit, whose covariance is a square of units x regressors; bounds the memory."""

COLLINEAR = 1e-8
"""Eigenvalue of the regressors' correlation matrix below which they depend on one another."""

SILENT = 1e-7
"""Range of a unit's activity, as share of its largest value, below which it is rounding."""

WHOLE = 1e-9
"""Share of a unit's variance that must be left unexplained for there to be an error."""


def previous(of_trial: xr.DataArray, lag: int = 1) -> xr.DataArray:
    """Return what held some trials before, in the same episode; NaN where there was no such trial.

    Parameters
    ----------
    of_trial : DataArray with dimension trial
        As of `pfc_metarl.data.trial_table.trial_view`.
    lag : int
        Trials back, at least 1.

    Examples
    --------
    >>> reward = xr.DataArray([[[1.0, 0.0, 1.0]]], dims=TRIAL_DIMS)
    >>> previous(reward).values.tolist()
    [[[nan, 1.0, 0.0]]]
    """
    if lag < 1:
        raise BadInput(f"lag = {lag}: must be at least 1.")
    return of_trial.astype(float).shift(trial=lag)


def unit_encoding(
    recording: xr.Dataset,
    regressors: Mapping[str, xr.DataArray],
    phase: str | None = None,
    variable: str = "hidden",
    clusters: Clusters = None,
    level: float = 0.05,
) -> xr.Dataset:
    """Regress the activity of each unit at a phase of the trial on named regressors, all together.

    Parameters
    ----------
    recording : Dataset
        It is read network by network.
    regressors : mapping of DataArray, dims (network, episode, trial)
        By name, as `pfc_metarl.data.trial_table.trial_view` and `previous` give them. A trial in which any of them is
        NaN is left out. They are z-scored over the trials that are left.
    phase : str, optional
        By default the first of the recording's phases; a trial counts with its first step in it.
    variable : str
        What to explain: "hidden", "cell", or any other variable with one axis beyond the step.
    clusters : {"episode"}, optional
        Let standard errors and p values allow for trials of an episode that are alike.
    level : float
        False discovery rate, over the units of a network.

    Returns
    -------
    Dataset, dims (subject, unit, regressor)
        ``coefficient`` (activity per standard deviation of the regressor), ``standard_error``, ``p_value``,
        ``partial_correlation`` (Pearson's, given all other regressors), ``unique_r_squared`` (what r² loses without the
        regressor), ``significant`` (after Benjamini and Hochberg); ``r_squared(subject, unit)``,
        ``p_significant(subject, regressor)`` as share of the ``n_units(subject)`` units that could be fitted,
        ``n_trials(subject)``; ``valid(subject, unit)`` and, where that is false and results are NaN, ``reason``.

    Raises
    ------
    BadInput
        If the recording lacks the variable or phase, regressors do not fit the recording, or no network can be fitted:
        too few trials, a regressor that is constant, several that depend on one another.

    Notes
    -----
    Ordinary least squares by statsmodels' `MultivariateLS`. With one regressor's t and ν residual degrees of freedom,
    its partial correlation is t / √(t² + ν) and its unique r² is t² (1 − r²) / ν. In noise the p values are uniform,
    but where both activity and regressor drift slowly over trials, ordinary ones are far too small; those clustered by
    episode are not, as memory begins anew with each episode (they want some 20 episodes; their t has as many degrees
    of freedom as there are episodes, less one). What a regressor explains, unlike its p value, is the same for both.

    Wang et al. 2018, doi:10.1038/s41593-018-0147-8, Fig. 2e, shows absolute partial correlations of units.
    """
    if clusters not in (None, "episode"):
        raise BadInput(f'clusters = {clusters!r}: must be "episode", or nothing.')
    if not 0 < level < 1:
        raise BadInput(f"level = {level}: must lie between 0 and 1.")
    n_networks = _checked(recording, regressors, variable)
    phase = phase_names(recording)[0] if phase is None else phase
    fits = []
    for network in range(n_networks):
        own = {name: array.isel(network=network) for name, array in regressors.items()}
        sample = _sample(recording.isel(network=[network]), own, phase, variable)
        fits.append(_fit(sample, list(regressors), clusters is not None, level))
    if all(fit["n_units"] == 0 for fit in fits):
        raise BadInput(f"Nothing can be regressed in any network: {fits[0]['reason'][0]}.")
    return _labelled(fits, recording, variable, list(regressors), phase)


def _checked(recording: xr.Dataset, regressors: Mapping[str, xr.DataArray], variable: str) -> int:
    """Return the number of networks of a recording that fits its regressors."""
    if not isinstance(recording, xr.Dataset):
        raise BadInput(f"Expected a recording, not {type(recording).__name__}.")
    if variable not in recording:
        raise BadInput(f"variable = {variable!r}: the recording has none of that name.")
    dims = recording[variable].dims
    if dims[:3] != STEP_DIMS or len(dims) != len(STEP_DIMS) + 1:
        raise BadInput(f"variable = {variable!r}: its dims are {dims}; activity has one more than {STEP_DIMS}.")
    if not regressors:
        raise BadInput("regressors: give at least one.")
    for name, array in regressors.items():
        if not isinstance(array, xr.DataArray) or set(array.dims) != set(TRIAL_DIMS):
            raise BadInput(f"regressors[{name!r}] must be a DataArray with dims {TRIAL_DIMS}.")
        for dim in ("network", "episode"):
            if array.sizes[dim] != recording.sizes[dim]:
                n, expected = array.sizes[dim], recording.sizes[dim]
                raise BadInput(f"regressors[{name!r}] has {n} along {dim}; the recording has {expected}.")
        if array.dtype.kind not in "biuf" or bool(np.isinf(array.values.astype(float)).any()):
            raise BadInput(f"regressors[{name!r}] must hold finite numbers, or NaN for trials to leave out.")
    return int(recording.sizes["network"])


class _Sample(NamedTuple):
    """The trials of a network that count."""

    activity: np.ndarray
    """[trial, unit]"""
    design: np.ndarray
    """[trial, regressor]"""
    episode: np.ndarray
    """[trial]"""


def _sample(network: xr.Dataset, regressors: Mapping[str, xr.DataArray], phase: str, variable: str) -> _Sample:
    activity = trial_view(network, variable, phase).values[0].astype(float)
    n_trials = activity.shape[1]
    columns = []
    for name, array in regressors.items():
        if array.sizes["trial"] < n_trials:
            raise BadInput(f"regressors[{name!r}] has {array.sizes['trial']} trials; the recording has {n_trials}.")
        columns.append(array.transpose(*TRIAL_DIMS[1:]).values[:, :n_trials].astype(float))
    design = np.stack(columns, axis=-1)
    keep = np.isfinite(design).all(-1) & np.isfinite(activity).all(-1)
    return _Sample(activity[keep], design[keep], np.nonzero(keep)[0])


def _fit(sample: _Sample, names: list[str], clustered: bool, level: float) -> dict[str, np.ndarray]:
    n_units = sample.activity.shape[1]
    found = np.full((len(ESTIMATES), n_units, len(names)), np.nan)
    significant, r_squared = np.zeros((n_units, len(names)), bool), np.full(n_units, np.nan)
    reason = _reasons(sample, _problem(sample, names, clustered))
    if (reason == "").any():
        fitted = reason == ""
        found[:, fitted], r_squared[fitted] = _regressed(sample, fitted, clustered)
        reason[r_squared > 1 - WHOLE] = "the regressors explain it wholly, so there is no error to measure them by"
    valid = reason == ""
    found[:, ~valid] = np.nan
    if valid.any():
        for column, p_values in enumerate(found[ESTIMATES.index("p_value"), valid].T):
            significant[valid, column] = multipletests(p_values, alpha=level, method="fdr_bh")[0]
    return {
        **dict(zip(ESTIMATES, found, strict=True)),
        "significant": significant,
        "r_squared": r_squared,
        "valid": valid,
        "reason": reason.astype(str),
        "p_significant": significant[valid].mean(axis=0) if valid.any() else np.full(len(names), np.nan),
        "n_units": np.asarray(valid.sum()),
        "n_trials": np.asarray(len(sample.episode)),
    }


def _reasons(sample: _Sample, problem: str) -> np.ndarray:
    """Say of each unit why it cannot be fitted; nothing, if it can."""
    reason = np.full(sample.activity.shape[1], problem, dtype=object)
    if not problem:
        silent = np.ptp(sample.activity, axis=0) <= SILENT * np.abs(sample.activity).max(axis=0)
        reason[silent] = "its activity never changes"
    return reason


def _problem(sample: _Sample, names: list[str], clustered: bool) -> str:
    """Say why a network cannot be fitted, if so."""
    n_trials, n_regressors = sample.design.shape
    if n_trials < n_regressors + 2:
        return f"{n_trials} trials are too few for {n_regressors} regressors"
    if clustered and len(np.unique(sample.episode)) < 2:
        return "there is one episode only, so nothing can be clustered by episode"
    constant = np.ptp(sample.design, axis=0) <= SILENT * np.abs(sample.design).max(axis=0)
    if constant.any():
        return f"regressor {_listed(names, constant)} is the same in all trials"
    scaled = _z_scored(sample.design)
    values, vectors = linalg.eigh(scaled.T @ scaled / n_trials)
    involved = (np.abs(vectors[:, values < COLLINEAR]) > 0.01).any(axis=1)
    return f"regressors {_listed(names, involved)} depend on one another" if involved.any() else ""


def _listed(names: list[str], which: np.ndarray) -> str:
    return ", ".join(repr(name) for name, is_one in zip(names, which, strict=True) if is_one)


def _z_scored(design: np.ndarray) -> np.ndarray:
    return np.asarray((design - design.mean(axis=0)) / design.std(axis=0))


def _regressed(sample: _Sample, which: np.ndarray, clustered: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the estimates for some units, [estimate, unit, regressor], and r² [unit]."""
    design, units = sm.add_constant(_z_scored(sample.design)), np.flatnonzero(which)
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
    if episodes is not None:
        error = _clustered_error(np.asarray(fit.resid)[:, :n], design, episodes)[:, 1:]
        p_value = 2 * stats.t.sf(np.abs(beta / error), len(np.unique(episodes)) - 1)
    return np.stack([beta * scale[:, None], error * scale[:, None], p_value, partial, unique]), 1 - left


def _clustered_error(residuals: np.ndarray, design: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return standard errors that allow for residuals [trial, unit] of a group to be alike, [unit, regressor].

    The sandwich of `statsmodels.stats.sandwich_covariance.cov_cluster`, its correction for few groups included, for all
    units at once: Liang & Zeger 1986, doi:10.1093/biomet/73.1.13.
    """
    (n_trials, n_regressors), labels = design.shape, np.unique(groups)
    bread = np.linalg.pinv(design)  # (X'X)⁻¹ X', [regressor, trial]
    meat = np.zeros((n_regressors, residuals.shape[1]))
    for label in labels:
        own = groups == label
        meat += (bread[:, own] @ residuals[own]) ** 2
    few = len(labels) / (len(labels) - 1) * (n_trials - 1) / (n_trials - n_regressors)
    return np.asarray(np.sqrt(few * meat).T)


def _labelled(
    fits: list[dict[str, np.ndarray]], recording: xr.Dataset, variable: str, names: list[str], phase: str
) -> xr.Dataset:
    dims: dict[str, tuple[str, ...]] = dict.fromkeys((*ESTIMATES, "significant"), ("subject", "unit", "regressor"))
    dims |= dict.fromkeys(("r_squared", "valid", "reason"), ("subject", "unit"))
    dims |= {"p_significant": ("subject", "regressor"), "n_units": ("subject",), "n_trials": ("subject",)}
    units, networks = recording[variable].dims[-1], recording.sizes["network"]
    coords = {
        "subject": recording["network"].values if "network" in recording.coords else np.arange(networks),
        "unit": recording[units].values if units in recording.coords else np.arange(recording.sizes[units]),
        "regressor": names,
    }
    data = {name: (dims[name], np.stack([fit[name] for fit in fits])) for name in dims}
    return xr.Dataset(data, coords, {"variable": variable, "phase": phase})
