"""Maximum a posteriori and hierarchical fits: subjects of a group are estimated with what the group tells."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.labels import subjects
from pfc_metarl.data.validity import validity
from pfc_metarl.effort import repeats
from pfc_metarl.fitting.estimation import Problems
from pfc_metarl.fitting.laplace import Posterior, Prior, posterior
from pfc_metarl.fitting.layout import UNIT_RANGE, Trials, checked, laid_out
from pfc_metarl.fitting.maximum_likelihood import distinct
from pfc_metarl.fitting.transforms import Scale
from pfc_metarl.models.base import Model, bounds, required_model
from pfc_metarl.settings import BadInput

PRIOR_SD = {"fraction": 1.5, "positive": 1.0, "any": 2.0}
"""Standard deviation of a parameter on the scale without bounds, unless another is given."""

N_STARTS = 4
"""Searches of each subject in the first round; later ones begin where the last ended."""

MOST_ROUNDS, FEWEST_ROUNDS = 100, 4

CHANGE = 0.01
"""Change of the group's mean, in standard deviations, at which a hierarchical fit has converged."""

LEAST_SD = 0.05
"""Standard deviation of a parameter over subjects, on the scale without bounds, at least."""


class Setting(NamedTuple):
    """What is fitted."""

    table: pd.DataFrame
    trials: Trials
    problems: Problems
    names: tuple[str, ...]
    scale: Scale
    prior: Prior


def map_fit(
    model: Model,
    data: xr.Dataset | pd.DataFrame,
    free: Sequence[str],
    prior: Mapping[str, tuple[float, float]] | None = None,
    choice: str = "choice1",
    reward_range: tuple[float, float] | None = UNIT_RANGE,
    n_starts: int = N_STARTS,
) -> xr.Dataset:
    """Fit parameters of a model to each subject's choices under a prior (maximum a posteriori).

    Parameters
    ----------
    model : Model
        The parameters that are not free are taken from it; those that are free are the medians of the prior.
    data : recording or trial table
    free : sequence of str
        Names of the parameters to fit.
    prior : mapping, optional
        Name of a parameter -> mean and standard deviation on the scale without bounds: logit of a parameter between two
        bounds, logarithm of one above a bound. By default the mean is the model's own value and the standard deviation
        1.5 of a logit, 1 of a logarithm, 2 of a parameter without bounds.
    choice, reward_range
        As of `maximum_likelihood`.
    n_starts : int
        Searches of each subject: from the prior's mean, and from random places, the same in every fit.

    Returns
    -------
    Dataset, dims (subject, parameter)
        ``estimate``, the mode, and ``standard_error``, both within the bounds; ``mode`` and ``sd`` on the scale without
        bounds; ``log_likelihood`` at the mode, ``log_evidence`` (Laplace's approximation of the probability of the
        choices under the prior), ``bic``, ``aic``, ``converged``, ``n_trials``, ``n_left_out``, ``valid``, ``reason``
        (subject). The prior in ``prior_mean`` and ``prior_sd`` (parameter).

    Raises
    ------
    BadInput
        If a name is not that of a parameter, or the table lacks what the model learns from.

    Examples
    --------
    >>> from pfc_metarl.models import RescorlaWagner
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(8)})
    >>> table = table.assign(choice1=[0, 1, 1, 0, 1, 1, 0, 0], reward=[0, 1, 0, 1, 1, 0, 1, 0])
    >>> model = RescorlaWagner(inverse_temperature=1.8)
    >>> fit = map_fit(model, table, free=["learning_rate"], prior={"learning_rate": (0.0, 1.0)})
    >>> 0.5 < fit["estimate"].item() < 1  # between the median of the prior and the largest likelihood, which is at 1
    True
    """
    setting = _setting(model, data, free, prior, choice, reward_range)
    found = posterior(setting.problems, setting.scale, setting.prior, _first_starts(setting, n_starts))
    return _labelled(found, setting, setting.prior)


def hierarchical_fit(
    model: Model,
    data: xr.Dataset | pd.DataFrame,
    free: Sequence[str],
    prior: Mapping[str, tuple[float, float]] | None = None,
    choice: str = "choice1",
    reward_range: tuple[float, float] | None = UNIT_RANGE,
    n_starts: int = N_STARTS,
    most_rounds: int = MOST_ROUNDS,
) -> xr.Dataset:
    """Fit parameters of a model to the choices of a group: empirical Bayes by expectation-maximisation.

    Parameters
    ----------
    model, data, free, choice, reward_range, n_starts
        As of `map_fit`.
    prior : mapping, optional
        Where the group's mean and standard deviation begin.
    most_rounds : int
        Of expectation and maximisation; it ends earlier if the group's distribution has settled.

    Returns
    -------
    Dataset, dims (subject, parameter)
        As of `map_fit`, under the group's distribution, which is in ``prior_mean`` and ``prior_sd``; ``group_median``
        (parameter), its median within the bounds; ``ibic``, the integrated BIC, lower for a better model; attributes
        ``n_rounds`` and ``group_converged``.

    Raises
    ------
    BadInput
        As of `map_fit`, or if there are fewer than two subjects.

    Notes
    -----
    Expectation: each subject's mode and curvature under the group's distribution. Maximisation: the group's mean is the
    mean of the modes, its variance that of the modes plus the mean of the subjects' own variances. Huys et al. 2011,
    doi:10.1371/journal.pcbi.1002028. Parameters are independent in the group. The standard deviation is at least 0.05:
    where subjects do not differ, it would go to 0 slowly.

    Examples
    --------
    >>> from pfc_metarl.models import RescorlaWagner
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame({"subject": np.repeat(range(4), 50), "session": 0, "trial": [*range(50)] * 4})
    >>> table = table.assign(choice1=rng.integers(0, 2, 200), reward=rng.integers(0, 2, 200))
    >>> fit = hierarchical_fit(RescorlaWagner(), table, free=["inverse_temperature"])
    >>> fit["group_median"].item() < 1  # choices at random
    True
    """
    setting = _setting(model, data, free, prior, choice, reward_range)
    n_subjects = len(setting.problems.n_trials)
    if n_subjects < 2:
        raise BadInput("A hierarchical fit needs two subjects or more; use map_fit for one.")
    group, found = (
        setting.prior,
        posterior(setting.problems, setting.scale, setting.prior, _first_starts(setting, n_starts)),
    )
    n_rounds, change = 0, np.inf
    for n_rounds in range(1, repeats(most_rounds, in_rehearsal=1) + 1):
        before, group = group, _distribution(found)
        precision = np.linalg.inv(found.covariance)
        found = posterior(setting.problems, setting.scale, group, found.mode[None], precision)
        change = float((np.abs(group.mean - before.mean) / group.sd).max())
        change = max(change, float(np.abs(np.log(group.sd / before.sd)).max()))
        if n_rounds >= FEWEST_ROUNDS and change < CHANGE:
            break
    result = _labelled(found, setting, group)
    n_trials = max(int(setting.problems.n_trials.sum()), 1)
    ibic = -2 * found.log_evidence.sum() + 2 * len(setting.names) * np.log(n_trials)
    return result.assign(group_median=("parameter", setting.scale.natural(group.mean)), ibic=ibic).assign_attrs(
        n_rounds=n_rounds, group_converged=int(change < CHANGE)
    )


def _distribution(found: Posterior) -> Prior:
    """Return the normal distribution of the parameters over subjects, with what is not known of each."""
    mean = found.mode.mean(0)
    own = np.diagonal(found.covariance, axis1=1, axis2=2)
    variance = ((found.mode - mean) ** 2 + own).mean(0)
    return Prior(mean, np.sqrt(variance).clip(min=LEAST_SD))


def _setting(
    model: Model,
    data: xr.Dataset | pd.DataFrame,
    free: Sequence[str],
    prior: Mapping[str, tuple[float, float]] | None,
    choice: str,
    reward_range: tuple[float, float] | None,
) -> Setting:
    model, names = required_model(model), distinct(free)
    table = checked(data)
    low, high = np.array([_own_bounds(model, name) for name in names]).T
    scale = Scale(low, high)
    mean = scale.unbounded(np.array([float(np.mean(getattr(model, name))) for name in names]))
    mean = mean.clip(-MOST_EXTREME, MOST_EXTREME)
    kind = np.where(np.isfinite(low) & np.isfinite(high), "fraction", np.where(np.isfinite(low), "positive", "any"))
    sd = np.array([PRIOR_SD[each] for each in kind.tolist()])
    for name, given in dict(prior or {}).items():
        if name not in names:
            raise BadInput(f"prior = {name!r}: this parameter is not free; those are {', '.join(names)}.")
        if len(given) != 2 or not np.isfinite(given).all() or given[1] <= 0:
            raise BadInput(f"prior of {name} = {given}: give a mean and a standard deviation above 0.")
        mean[names.index(name)], sd[names.index(name)] = given
    laid = laid_out(table, model, choice, reward_range)
    return Setting(table, laid, Problems(model, laid, laid.target[None], names), names, scale, Prior(mean, sd))


MOST_EXTREME = 2.0
"""Of a mean of the prior that is taken from the model, on the scale without bounds."""


def _own_bounds(model: Model, name: str) -> tuple[float, float]:
    own = bounds(model, name)
    if own is None:
        raise BadInput(f"free = {name!r}: {type(model).__name__} has no such parameter.")
    return own


def _first_starts(setting: Setting, n_starts: int) -> np.ndarray:
    """Return where the searches begin, [start, subject, parameter]: the prior's mean, and random places around it."""
    mean, sd = setting.prior
    noise = np.random.default_rng(0).normal(size=(max(repeats(n_starts, in_rehearsal=2) - 1, 0), len(mean)))
    starts = np.concatenate([mean[None], mean + sd * noise])
    return np.repeat(starts[:, None], len(setting.problems.n_trials), axis=1)


def _labelled(found: Posterior, setting: Setting, group: Prior) -> xr.Dataset:
    n_trials, k = setting.problems.n_trials, len(setting.names)
    sd = np.sqrt(np.diagonal(found.covariance, axis1=1, axis2=2))
    reason = np.where(found.converged, "", "the search for the most probable parameters did not end")
    reason = np.where(n_trials == 0, "no trial has a free choice and a reward", reason)
    dims = ("subject", "parameter")
    each = {
        "log_likelihood": found.log_likelihood,
        "log_evidence": found.log_evidence,
        "aic": 2 * k - 2 * found.log_likelihood,
        "bic": k * np.log(np.maximum(n_trials, 1)) - 2 * found.log_likelihood,
        "converged": found.converged,
        "n_trials": n_trials,
        "n_left_out": setting.trials.n_left_out(setting.trials.row[None] >= 0)[:, 0],
    }
    return xr.Dataset(
        {
            "estimate": (dims, setting.scale.natural(found.mode)),
            "standard_error": (dims, sd * setting.scale.slope(found.mode)),
            "mode": (dims, found.mode),
            "sd": (dims, sd),
            **{name: ("subject", values) for name, values in each.items()},
            "prior_mean": ("parameter", group.mean),
            "prior_sd": ("parameter", group.sd),
            **validity(reason),
        },
        coords={"subject": subjects(setting.table), "parameter": list(setting.names)},
    )
