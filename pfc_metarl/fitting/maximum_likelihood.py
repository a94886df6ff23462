"""Maximum-likelihood fits of any model of trials, subject by subject."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.labels import subjects
from pfc_metarl.data.validity import validity
from pfc_metarl.fitting.estimation import Estimates, Problems, estimated
from pfc_metarl.fitting.layout import UNIT_RANGE, checked, laid_out
from pfc_metarl.models.base import Model, bounds, required_model
from pfc_metarl.settings import BadInput

N_STARTS = 6

PER_PARAMETER = ("estimate", "standard_error", "at_bound")

LIMITS = {"inverse_temperature": (0.0, 50.0), "second_stage_inverse_temperature": (0.0, 50.0)}
"""Bounds of parameters that a model leaves unbounded."""

INSIDE = 1e-6
"""Fraction of its range by which a parameter stays away from a bound that its model refuses."""


def maximum_likelihood(
    model: Model,
    data: xr.Dataset | pd.DataFrame,
    free: Sequence[str],
    bounds: Mapping[str, tuple[float, float]] | None = None,
    choice: str = "choice1",
    reward_range: tuple[float, float] | None = UNIT_RANGE,
    n_starts: int = N_STARTS,
) -> xr.Dataset:
    """Fit parameters of a model to each subject's choices.

    Parameters
    ----------
    model : Model
        The parameters that are not free are taken from it.
    data : recording or trial table
    free : sequence of str
        Names of the parameters to fit.
    bounds : mapping, optional
        Lowest and highest value of free parameters, where they are not those of the model.
    choice : str
        Column of the choice.
    reward_range : pair of float or None
        Lowest and highest reward that there can be, which become 0 and 1. None leaves rewards as they are.
    n_starts : int
        Searches of each subject: from the model's own parameters, and from random ones, the same in every fit.

    Returns
    -------
    Dataset, dims (subject, parameter)
        ``estimate`` and ``standard_error`` (from the curvature of the log-likelihood; NaN at a bound); without
        parameter ``log_likelihood``, ``aic``, ``bic`` and ``converged``; ``at_bound``, which estimates are at a bound;
        ``n_trials``, whose choices are predicted, and
        ``n_left_out``, the subject's others; ``valid`` and, where that is false, ``reason``: why there is no estimate,
        or why it must not be used.

    Raises
    ------
    BadInput
        If a name is not that of a parameter, a bound is missing, or the table lacks what the model learns from.

    Examples
    --------
    >>> from pfc_metarl.models import RescorlaWagner
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(8)})
    >>> table = table.assign(choice1=[0, 1, 1, 0, 1, 1, 0, 0], reward=[0, 1, 0, 1, 1, 0, 1, 0])
    >>> fit = maximum_likelihood(RescorlaWagner(), table, free=["learning_rate", "inverse_temperature"])
    >>> fit["estimate"].round(1).to_series()[0].to_dict()
    {'learning_rate': 1.0, 'inverse_temperature': 1.8}
    """
    model, names = required_model(model), distinct(free)
    table = checked(data)
    low, high = limits(model, names, bounds)
    laid = laid_out(table, model, choice, reward_range)
    problems = Problems(model, laid, laid.target[None], names)
    found = estimated(problems, starts(model, names, low, high, n_starts), low, high)
    n_left_out = laid.n_left_out(laid.row[None] >= 0)
    return labelled(found, names, {"subject": subjects(table), "part": [0]}, n_left_out).squeeze("part", drop=True)


def distinct(free: Sequence[str]) -> tuple[str, ...]:
    """Return names of parameters, each once.

    Raises
    ------
    BadInput
        If there is none, or one twice.
    """
    if isinstance(free, str) or not isinstance(free, Iterable):
        raise BadInput(f"free = {free!r}: give a list of names, as free=[{str(free)!r}].")
    names = tuple(free)
    if not names or len(set(names)) < len(names):
        raise BadInput(f"free = {list(names)}: name each parameter to fit once, and one at least.")
    return names


def limits(
    model: Model, names: tuple[str, ...], given: Mapping[str, tuple[float, float]] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest value of each parameter.

    Raises
    ------
    BadInput
        If the model has no such parameter, or a bound is missing or impossible.
    """
    low, high = np.array([_limits(model, name, dict(given or {})) for name in names]).T
    return low, high


def _limits(model: Model, name: str, given: dict[str, tuple[float, float]]) -> tuple[float, float]:
    own = bounds(model, name)
    if own is None:
        known = [field.name for field in dataclasses.fields(model) if bounds(model, field.name)]
        raise BadInput(f"free = {name!r}: {type(model).__name__} has no such parameter; it has {', '.join(known)}.")
    low, high = given.get(name, LIMITS.get(name, own))
    if not np.isfinite([low, high]).all() or not own[0] <= low < high <= own[1]:
        raise BadInput(
            f"bounds of {name} = ({low:g}, {high:g}): give two numbers in order, between {own[0]:g} and {own[1]:g}, "
            f'as bounds={{"{name}": (low, high)}}.'
        )
    margin = INSIDE * (high - low)
    return low + margin * (low == own[0] and _refused(model, name, low)), high - margin * (
        high == own[1] and _refused(model, name, high)
    )


def _refused(model: Model, name: str, value: float) -> bool:
    """Return whether a model refuses a bound as value of its parameter."""
    try:
        dataclasses.replace(model, **{name: value})
    except ValueError:
        return True
    return False


def starts(model: Model, names: tuple[str, ...], low: np.ndarray, high: np.ndarray, n: int) -> np.ndarray:
    """Return where searches begin, [start, parameter]: at the model's own parameters, and at random ones."""
    own = np.array([float(np.mean(getattr(model, name))) for name in names])
    random = np.random.default_rng(0).uniform(low, high, size=(max(n - 1, 0), len(names)))
    return np.concatenate([own.clip(low, high)[None], random])


def labelled(found: Estimates, free: tuple[str, ...], coords: dict[str, object], n_left_out: np.ndarray) -> xr.Dataset:
    """Return estimates as a Dataset with the dims of `coords`, and parameter; `n_left_out` has the dims of `coords`."""
    dims = tuple(coords)
    n_trials = found.n_trials
    aic = 2 * len(free) - 2 * found.log_likelihood
    bic = len(free) * np.log(np.maximum(n_trials, 1)) - 2 * found.log_likelihood
    per_parameter = {name: ((*dims, "parameter"), getattr(found, name)) for name in PER_PARAMETER}
    others = {"log_likelihood": found.log_likelihood, "n_trials": n_trials, "converged": found.converged}
    others |= {"aic": aic, "bic": bic}
    data = {**per_parameter, **{name: (dims, values) for name, values in others.items()}}
    data |= {"n_left_out": (dims, n_left_out), **validity(_reasons(found, len(free)), dims)}
    return xr.Dataset(data, coords={**coords, "parameter": list(free)})


def _reasons(found: Estimates, n_free: int) -> np.ndarray:
    """Return why there are no estimates, or none to be used; nothing where there are."""
    too_few = found.n_trials < n_free
    reason = np.where(found.converged, "", "the search for the largest likelihood did not end")
    reason = np.where(too_few, f"fewer trials with a free choice than the {n_free} free parameters", reason)
    return np.where(found.n_trials == 0, "no trial has a free choice and a reward", reason)
