"""Maximum a posteriori and hierarchical fits: subjects of a group are estimated with what the group tells."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.labels import subjects
from pfc_metarl.data.validity import validity
from pfc_metarl.effort import repeats
from pfc_metarl.fitting.laplace import Densities, Posterior, Prior, finished, posterior
from pfc_metarl.fitting.layout import UNIT_RANGE
from pfc_metarl.fitting.prior_setting import Setting, first_starts, setting_of
from pfc_metarl.models.base import Model
from pfc_metarl.settings import BadInput

N_STARTS = 4
"""Searches of each subject in the first round; later ones begin where the last ended."""

MOST_ROUNDS, FEWEST_ROUNDS = 100, 4

CHANGE = 0.01
"""Change of the group's mean, in standard deviations, at which a hierarchical fit has converged."""

LEAST_SD = 0.05
"""Standard deviation of a parameter over subjects, on the scale without bounds, at least."""


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
    model, data, free, choice, reward_range
        As of `maximum_likelihood`; the model's own values of its free parameters are the medians of the prior.
    prior : mapping, optional
        Name of a parameter -> mean and standard deviation on the scale without bounds: logit of a parameter between two
        bounds, logarithm of one above a bound. By default the mean is the model's own value and the standard deviation
        1.5 of a logit, 1 of a logarithm, 2 of a parameter without bounds.
    n_starts : int
        Searches of each subject: from the prior's mean, and from random places, the same in every fit.

    Returns
    -------
    Dataset, dims (subject, parameter)
        ``estimate``, the mode, and ``standard_error``, both within the bounds; ``mode``, ``sd`` and ``covariance``
        (subject, parameter, other_parameter) on the scale without bounds; ``log_likelihood`` at the mode,
        ``log_evidence`` (Laplace's approximation of the probability of the choices under the prior), ``bic``, ``aic``,
        ``converged``, ``n_trials``, ``n_left_out``, ``valid``, ``reason`` (subject). The prior in ``prior_mean`` and
        ``prior_sd`` (parameter).

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
    setting = setting_of(model, data, free, prior, choice, reward_range)
    starts = first_starts(setting.prior, len(setting.problems.n_trials), n_starts)
    found = finished(posterior(setting.densities, starts), setting.densities)
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
    setting = setting_of(model, data, free, prior, choice, reward_range)
    if len(setting.problems.n_trials) < 2:
        raise BadInput("A hierarchical fit needs two subjects or more; use map_fit for one.")
    group = group_posterior(setting.densities, n_starts, most_rounds)
    result = _labelled(group.subjects, setting, group.distribution)
    n_trials = max(int(setting.problems.n_trials.sum()), 1)
    ibic = -2 * group.subjects.log_evidence.sum() + 2 * len(setting.names) * np.log(n_trials)
    median = setting.scale.natural(group.distribution.mean)
    return result.assign(group_median=("parameter", median), ibic=ibic).assign_attrs(
        n_rounds=group.n_rounds, group_converged=int(group.change < CHANGE)
    )


class Group(NamedTuple):
    """What expectation-maximisation found."""

    subjects: Posterior
    distribution: Prior
    """Of the parameters over subjects."""
    n_rounds: int
    change: float
    """Of the distribution in the last round, in standard deviations."""


def group_posterior(first: Densities, n_starts: int, most_rounds: int) -> Group:
    """Alternate between the subjects' estimates and the group's distribution.

    Parameters
    ----------
    first : Densities
        Under the prior where the group's distribution begins.
    n_starts, most_rounds : int
        As of `hierarchical_fit`.
    """
    n_subjects, own, group = len(first.problems.n_trials), first, first.prior
    found = posterior(own, first_starts(group, n_subjects, n_starts))
    n_rounds, change = 0, np.inf
    for n_rounds in range(1, repeats(most_rounds, in_rehearsal=1) + 1):
        before, group = group, _distribution(found)
        precision = np.linalg.inv(found.covariance)
        own = Densities(first.problems, first.scale, group)
        found = posterior(own, found.mode[None], precision)
        change = float((np.abs(group.mean - before.mean) / group.sd).max())
        change = max(change, float(np.abs(np.log(group.sd / before.sd)).max()))
        if n_rounds >= FEWEST_ROUNDS and change < CHANGE:
            break
    return Group(finished(found, own), group, n_rounds, change)


def _distribution(found: Posterior) -> Prior:
    """Return the normal distribution of the parameters over subjects, with what is not known of each."""
    mean = found.mode.mean(0)
    own = np.diagonal(found.covariance, axis1=1, axis2=2)
    variance = ((found.mode - mean) ** 2 + own).mean(0)
    return Prior(mean, np.sqrt(variance).clip(min=LEAST_SD))


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
            "covariance": ((*dims, "other_parameter"), found.covariance),
            **{name: ("subject", values) for name, values in each.items()},
            "prior_mean": ("parameter", group.mean),
            "prior_sd": ("parameter", group.sd),
            **validity(reason),
        },
        coords={
            "subject": subjects(setting.table),
            **{name: list(setting.names) for name in ("parameter", "other_parameter")},
        },
    )
