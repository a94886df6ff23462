"""What is fitted under a prior: trials, free parameters and their scale, the prior, and where searches begin."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.effort import repeats
from pfc_metarl.fitting.estimation import Problems
from pfc_metarl.fitting.laplace import Densities, Prior
from pfc_metarl.fitting.layout import Trials, checked, laid_out
from pfc_metarl.fitting.maximum_likelihood import distinct
from pfc_metarl.fitting.transforms import Scale
from pfc_metarl.models.base import Model, bounds, required_model
from pfc_metarl.settings import BadInput

PRIOR_SD = {"fraction": 1.5, "positive": 1.0, "any": 2.0}
"""Standard deviation of a parameter on the scale without bounds, unless another is given."""

MOST_EXTREME = 2.0
"""Of a mean of the prior that is taken from the model, on the scale without bounds."""


class Setting(NamedTuple):
    """What is fitted."""

    model: Model
    table: pd.DataFrame
    trials: Trials
    problems: Problems
    names: tuple[str, ...]
    scale: Scale
    prior: Prior

    @property
    def densities(self) -> Densities:
        """The posterior densities of the subjects under the prior."""
        return Densities(self.problems, self.scale, self.prior)


def setting_of(
    model: Model,
    data: xr.Dataset | pd.DataFrame,
    free: Sequence[str],
    prior: Mapping[str, tuple[float, float]] | None,
    choice: str,
    reward_range: tuple[float, float] | None,
) -> Setting:
    """Return what is fitted; arguments as of `pfc_metarl.fitting.map_fit`.

    Raises
    ------
    BadInput
        If a name is not that of a free parameter, a prior is impossible, or the table lacks what the model learns from.
    """
    model, names = required_model(model), distinct(free)
    table = checked(data)
    scale = scale_of(model, names)
    low, high = scale
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
    return Setting(model, table, laid, Problems(model, laid, laid.target[None], names), names, scale, Prior(mean, sd))


def scale_of(model: Model, names: Sequence[str]) -> Scale:
    """Return the scale without bounds of some parameters of a model.

    Raises
    ------
    BadInput
        If it has no such parameter.
    """
    low, high = np.array([_own_bounds(model, name) for name in names]).T
    return Scale(low, high)


def _own_bounds(model: Model, name: str) -> tuple[float, float]:
    own = bounds(model, name)
    if own is None:
        raise BadInput(f"free = {name!r}: {type(model).__name__} has no such parameter.")
    return own


def first_starts(prior: Prior, n_problems: int, n_starts: int) -> np.ndarray:
    """Return where searches begin, [start, problem, parameter]: the prior's mean, and random places around it."""
    noise = np.random.default_rng(0).normal(size=(max(repeats(n_starts, in_rehearsal=2) - 1, 0), len(prior.mean)))
    starts = np.concatenate([prior.mean[None], prior.mean + prior.sd * noise])
    return np.repeat(starts[:, None], n_problems, axis=1)
