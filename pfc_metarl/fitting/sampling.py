"""Hierarchical fits by sampling: draws from the joint posterior of subjects and group by the No-U-Turn sampler."""

import importlib.util
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.labels import subjects
from pfc_metarl.data.validity import validity
from pfc_metarl.effort import repeats
from pfc_metarl.fitting.laplace import posterior
from pfc_metarl.fitting.layout import UNIT_RANGE
from pfc_metarl.fitting.prior_setting import Setting, first_starts, setting_of
from pfc_metarl.fitting.sampler import Draws, draws_of
from pfc_metarl.models.base import Model
from pfc_metarl.settings import BadInput, Caution

N_DRAWS, N_CHAINS = 500, 2

AGREED = 1.05
"""Largest split R-hat at which chains are taken to have found the same distribution."""

INTERVAL = (2.5, 97.5)
"""Percentiles of the draws that bound a credible interval."""

LEAST_SD = 0.1
"""Standard deviation over subjects at which chains begin, at least."""

INSTALL = 'pip install "pfc_metarl[nuts]"'


class Group(NamedTuple):
    """A point in the space of draws, or the slope there: of the group and of each subject.

    Parameters
    ----------
    mean, log_sd : array, shape [parameter]
        Of the group's normal distribution, on the scale without bounds.
    standard : array, shape [subject, parameter]
        Distance of each subject from the group's mean, in standard deviations.

    Examples
    --------
    >>> point = Group(np.array([1.0]), np.log([2.0]), np.array([[0.0], [-1.0]]))
    >>> point.subjects.tolist(), len(point.flat())
    ([[1.0], [-1.0]], 4)
    """

    mean: np.ndarray
    log_sd: np.ndarray
    standard: np.ndarray

    @property
    def subjects(self) -> np.ndarray:
        """Return the parameters of each subject on the scale without bounds, [..., subject, parameter]."""
        return np.asarray(self.mean[..., None, :] + np.exp(self.log_sd)[..., None, :] * self.standard)

    def flat(self) -> np.ndarray:
        """Return all numbers one after another."""
        return np.concatenate([self.mean, self.log_sd, self.standard.ravel()])

    @classmethod
    def of(cls, flat: np.ndarray, n_parameters: int) -> "Group":
        """Return the point of which `flat` has the numbers, in its last axis."""
        mean, log_sd, standard = np.split(flat, [n_parameters, 2 * n_parameters], axis=-1)
        return cls(mean, log_sd, standard.reshape(*flat.shape[:-1], -1, n_parameters))


class Potential:
    """−log of the joint density of the choices, the subjects' parameters and the group's distribution, and its slope.

    The group's mean has the prior of `map_fit`; its standard deviation is half-normal, as wide as that prior.

    Parameters
    ----------
    setting : Setting
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.which = np.flatnonzero(setting.problems.n_trials > 0)

    def __call__(self, flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the value at a point, and its slope with respect to all numbers of the point."""
        prior = self.setting.prior
        point = Group.of(np.asarray(flat, dtype=float), len(prior.mean))
        with np.errstate(over="ignore", invalid="ignore"):
            misfit, slope = self._misfit(point.subjects)
            sd = np.exp(point.log_sd)
            distance, width = (point.mean - prior.mean) / prior.sd, sd / prior.sd
            value = misfit + (distance**2).sum() / 2 + (width**2).sum() / 2 - point.log_sd.sum()
            value += (point.standard**2).sum() / 2
            slopes = Group(
                slope.sum(0) + distance / prior.sd,
                (slope * sd * point.standard).sum(0) + width**2 - 1,
                slope * sd + point.standard,
            )
        return np.asarray(value), slopes.flat()

    def _misfit(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return −log-likelihood of all subjects, and its slope with respect to their parameters."""
        scale, problems = self.setting.scale, self.setting.problems
        own, n_trials = z[self.which], problems.n_trials[self.which]
        value, slope = problems.misfit(scale.natural(own), self.which)
        every = np.zeros(z.shape)
        every[self.which] = slope * scale.slope(own) * n_trials[:, None]
        return (value * n_trials).sum(), every


def nuts_fit(
    model: Model,
    data: xr.Dataset | pd.DataFrame,
    free: Sequence[str],
    prior: Mapping[str, tuple[float, float]] | None = None,
    choice: str = "choice1",
    reward_range: tuple[float, float] | None = UNIT_RANGE,
    n_draws: int = N_DRAWS,
    n_chains: int = N_CHAINS,
    seed: int = 0,
) -> xr.Dataset:
    """Sample the parameters of a model and of its group by NUTS; needs numpyro, of the extra ``nuts``.

    Parameters
    ----------
    model, data, free, choice, reward_range
        As of `map_fit`.
    prior : mapping, optional
        Of the group's mean, as of `map_fit`; the group's standard deviation is half-normal, as wide as this prior.
    n_draws : int
        Of each chain, after as many of warm-up.
    n_chains : int
        Two or more, so that they can be compared.
    seed : int

    Returns
    -------
    Dataset, dims (subject, parameter)
        ``estimate``, the mean of the draws, ``standard_error``, their standard deviation, ``lower`` and ``upper``, the
        bounds of the central 95 %, all within the parameter's bounds; ``r_hat`` (split) and ``n_effective``, the size
        of an independent sample; ``group_median``, with ``group_lower`` and ``group_upper``, and on the scale without
        bounds ``prior_mean`` and ``prior_sd`` of the group (parameter); ``log_likelihood`` at the mean of the draws on
        that scale, ``aic``, ``bic``, ``converged``, ``n_trials``, ``n_left_out``, ``valid``, ``reason`` (subject).
        ``group_r_hat`` and ``group_n_effective`` (parameter), the worse of the group's mean and standard deviation.
        Attributes ``n_divergent``, ``n_chains``, ``n_draws`` and ``seed``.

    Raises
    ------
    BadInput
        As of `hierarchical_fit`, if numpyro is not installed, or there are fewer than four draws or two chains.

    Warns
    -----
    Caution
        If draws are divergent, or chains differ in the group's distribution.

    Notes
    -----
    Hoffman & Gelman 2014, Journal of Machine Learning Research 15:1593; the sampler is that of Phan, Pradhan &
    Jankowiak 2019, arXiv:1912.11554. The likelihood and its slope are those of all other fits. Subjects are drawn as
    distances from the group's mean (non-centred). R-hat: Vehtari et al. 2021, doi:10.1214/20-BA1221.

    Examples
    --------
    >>> from pfc_metarl.models import RescorlaWagner
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame({"subject": np.repeat(range(4), 50), "session": 0, "trial": [*range(50)] * 4})
    >>> table = table.assign(choice1=rng.integers(0, 2, 200), reward=rng.integers(0, 2, 200))
    >>> fit = nuts_fit(RescorlaWagner(), table, ["inverse_temperature"])  # doctest: +SKIP
    >>> bool(fit["r_hat"].max() < 1.05)  # doctest: +SKIP
    True
    """
    if importlib.util.find_spec("numpyro") is None:
        raise BadInput(f'method = "nuts": numpyro is not installed; {INSTALL}.')
    if n_draws < 4 or n_chains < 2:
        raise BadInput(f"n_draws = {n_draws}, n_chains = {n_chains}: give four draws and two chains, or more.")
    setting = setting_of(model, data, free, prior, choice, reward_range)
    if len(setting.problems.n_trials) < 2:
        raise BadInput("A hierarchical fit needs two subjects or more; use map_fit for one.")
    n = repeats(n_draws, in_rehearsal=4)
    fit = _labelled(draws_of(Potential(setting), _first_points(setting, n_chains, seed), n, seed), setting, seed)
    for warning in cautions(fit):
        warnings.warn(Caution(warning), stacklevel=2)
    return fit


def cautions(fit: xr.Dataset) -> list[str]:
    """Return what a fit by sampling must be read with caution for, a sentence each.

    Examples
    --------
    >>> group = {"group_r_hat": ("parameter", [1.01, 1.2])}
    >>> fit = xr.Dataset(group, {"parameter": ["rate", "trace"]}, {"n_divergent": 0, "n_chains": 2, "n_draws": 9})
    >>> cautions(fit)
    ['Chains differ in the group of trace (R-hat 1.20): give more draws.']
    """
    found, worst = [], fit["group_r_hat"]
    if n := fit.attrs["n_divergent"]:
        n_draws = fit.attrs["n_chains"] * fit.attrs["n_draws"]
        found.append(
            f"{n} of {n_draws} draws are divergent: the density is too narrow somewhere for the sampler, so intervals "
            f"may leave out a part of it; give more draws, fewer free parameters or a prior."
        )
    for name in worst["parameter"].values[worst.values >= AGREED].tolist():
        r_hat = float(worst.sel(parameter=name))
        found.append(f"Chains differ in the group of {name} (R-hat {r_hat:.2f}): give more draws.")
    return found


def _first_points(setting: Setting, n_chains: int, seed: int) -> np.ndarray:
    """Return where chains begin, [chain, number]: around the subjects' most probable parameters."""
    prior, problems = setting.prior, setting.problems
    mode = posterior(setting.densities, first_starts(prior, len(problems.n_trials), 2)).mode
    mean, sd = mode.mean(0), mode.std(0).clip(min=LEAST_SD)
    first = Group(mean, np.log(sd), (mode - mean) / sd).flat()
    return first + LEAST_SD * np.random.default_rng(seed).normal(size=(n_chains, len(first)))


def _labelled(found: Draws, setting: Setting, seed: int) -> xr.Dataset:
    k, n_trials, scale = len(setting.names), setting.problems.n_trials, setting.scale
    points = Group.of(found.values, k)
    subject, group = (
        {"estimate": values.mean((0, 1)), "standard_error": values.std((0, 1)), **_interval(values)}
        for values in (scale.natural(points.subjects), scale.natural(points.mean))
    )
    r_hat, n_effective = (Group.of(each, k) for each in (found.r_hat, found.n_effective))
    converged = (r_hat.standard < AGREED).all(-1) & (max(r_hat.mean.max(), r_hat.log_sd.max()) < AGREED)
    log_likelihood = np.zeros(len(n_trials))
    which = np.flatnonzero(n_trials > 0)
    at_mean, _ = setting.problems.misfit(scale.natural(points.subjects.mean((0, 1))[which]), which)
    log_likelihood[which] = -at_mean * n_trials[which]
    reason = np.where(converged, "", f"chains differ (R-hat up to {np.max(found.r_hat):.2f}): give more draws")
    reason = np.where(n_trials == 0, "no trial has a free choice and a reward", reason)
    each: dict[str, Any] = {name: (("subject", "parameter"), values) for name, values in subject.items()}
    each |= {"r_hat": (("subject", "parameter"), r_hat.standard)}
    each |= {"n_effective": (("subject", "parameter"), n_effective.standard)}
    each |= {f"group_{name}": ("parameter", group[name]) for name in ("lower", "upper")}
    each["group_r_hat"] = ("parameter", np.maximum(r_hat.mean, r_hat.log_sd))
    each["group_n_effective"] = ("parameter", np.minimum(n_effective.mean, n_effective.log_sd))
    each["group_median"] = ("parameter", np.median(scale.natural(points.mean), axis=(0, 1)))
    each |= {"prior_mean": ("parameter", points.mean.mean((0, 1)))}
    each |= {"prior_sd": ("parameter", np.exp(points.log_sd).mean((0, 1)))}
    per_subject = {"log_likelihood": log_likelihood, "aic": 2 * k - 2 * log_likelihood, "n_trials": n_trials}
    per_subject["bic"] = k * np.log(np.maximum(n_trials, 1)) - 2 * log_likelihood
    per_subject["n_left_out"] = setting.trials.n_left_out(setting.trials.row[None] >= 0)[:, 0]
    each |= {name: ("subject", values) for name, values in {**per_subject, "converged": converged}.items()}
    n_chains, n_draws = found.values.shape[:2]
    return xr.Dataset(
        {**each, **validity(reason)},
        coords={"subject": subjects(setting.table), "parameter": list(setting.names)},
        attrs={"n_divergent": found.n_divergent, "n_chains": n_chains, "n_draws": n_draws, "seed": seed},
    )


def _interval(values: np.ndarray) -> dict[str, np.ndarray]:
    lower, upper = np.percentile(values, INTERVAL, axis=(0, 1))
    return {"lower": lower, "upper": upper}
