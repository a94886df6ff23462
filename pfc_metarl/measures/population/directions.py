"""Coding directions: the line in the space of units along which two classes of trials differ."""

from typing import Any

import numpy as np
import xarray as xr
from scipy import linalg, optimize

from pfc_metarl.data.validity import refuse_all, validity
from pfc_metarl.measures.activity import generator, ordered
from pfc_metarl.measures.population.conditions import Sample, Trials, condition_trials
from pfc_metarl.settings import BadInput

STEEPEST, BY_CHANCE = 60.0, 1.0
"""Exponents of a draw, see `matched_directions`: the largest there is, which leaves one axis only; and the one of draws
that cannot vary as much as they should."""

OF_UNITS = ("direction", "centre", "d_prime")
"""What `coding_direction` finds of each unit."""


def coding_direction(
    recording: xr.Dataset, label: xr.DataArray, phase: str | None = None, variable: str = "hidden"
) -> xr.Dataset:
    """Return the direction in which the mean activity of two classes of trials differs.

    Parameters
    ----------
    recording : Dataset
    label : DataArray, dims (network, episode, trial)
        Two values, such as which state is good; NaN leaves a trial out.
    phase : str, optional
        By default the first of the recording's phases.
    variable : str
        The activity: "hidden" or "cell".

    Returns
    -------
    Dataset, dims (subject, unit)
        ``direction``, of length 1, from the lower class to the upper; ``centre``, the mean activity over trials of
        both classes; ``d_prime`` of each unit: difference of means over the standard deviation within classes, NaN for
        a silent one. By subject: ``variance`` of activity along the direction, ``separation``, d′ along it, and
        ``n_trials``. A network that lacks a class, or whose classes have the same mean, has NaN, ``valid(subject)`` is
        false and ``reason(subject)`` says why.

    Raises
    ------
    BadInput
        If the label has not two values, or no network has a direction.

    Notes
    -----
    With activity along it removed, no linear reader can tell the classes apart better than by chance, at this
    phase: Belrose et al. 2023, arXiv:2306.03819, theorem 3.1. Li et al. 2016, doi:10.1038/nature17643, name it so.

    Examples
    --------
    Two of six units encode the choice, each with −1 or 1: their means differ by 2, along (1, 1) / √2.

    >>> from pfc_metarl.data.example import example_recording
    >>> from pfc_metarl.data.trial_table import trial_view
    >>> recording = example_recording(n_episodes=200)
    >>> found = coding_direction(recording, trial_view(recording, "action", "choice"), phase="outcome")
    >>> found["direction"].sel(unit=["choice", "sum"]).mean("subject").round(1).values.tolist()
    [0.7, 0.7]
    >>> found["d_prime"].sel(unit="choice").mean().round().item()
    2.0
    """
    sample = condition_trials(recording, {"label": label}, phase, variable)
    if sample.shape != (2,):
        raise BadInput(f"label: must have two values, not {sample.shape[0]}.")
    reasons = [
        why or _problem(each, own)
        for each, own, why in zip(sample.networks, sample.coords["subject"], sample.reasons, strict=True)
    ]
    refuse_all(reasons)
    n_units = len(sample.coords["unit"])
    found = [
        _nothing(n_units) if why else _direction(each.activity, each.condition)
        for each, why in zip(sample.networks, reasons, strict=True)
    ]
    data = {name: np.stack([each[name] for each in found]) for name in found[0]}
    return xr.Dataset(
        {name: (("subject", "unit") if name in OF_UNITS else "subject", values) for name, values in data.items()}
        | validity(reasons),
        coords=sample.coords,
        attrs=sample.attrs,
    )


def _problem(trials: Trials, network: Any) -> str:
    """Return why a network has no direction; nothing, if it has one."""
    low, high = (trials.activity[trials.condition == code].mean(axis=0) for code in (0, 1))
    return f"label: the mean activity of both classes is the same in network {network}" if (low == high).all() else ""


def _nothing(n_units: int) -> dict[str, np.ndarray]:
    unknown = {name: np.full(n_units, np.nan) for name in OF_UNITS}
    return unknown | {"variance": np.asarray(np.nan), "separation": np.asarray(np.nan), "n_trials": np.asarray(0)}


def _direction(activity: np.ndarray, condition: np.ndarray) -> dict[str, np.ndarray]:
    low, high = (activity[condition == code] for code in (0, 1))
    difference = high.mean(axis=0) - low.mean(axis=0)
    length = np.linalg.norm(difference)
    within = np.concatenate([low - low.mean(axis=0), high - high.mean(axis=0)])
    direction = difference / length
    with np.errstate(divide="ignore", invalid="ignore"):
        d_prime = difference / within.std(axis=0, ddof=2)
    spread = (within @ direction).std(ddof=2)
    return {
        "direction": direction,
        "centre": activity.mean(axis=0),
        "d_prime": np.where(np.ptp(activity, axis=0) > 0, d_prime, np.nan),
        "variance": (activity @ direction).var(ddof=1),
        "separation": length / spread if spread > 0 else np.asarray(np.inf),
        "n_trials": np.asarray(len(activity)),
    }


def matched_directions(
    recording: xr.Dataset,
    directions: xr.DataArray,
    n_draws: int,
    seed: int,
    phase: str | None = None,
    variable: str = "hidden",
) -> xr.Dataset:
    """Draw random directions, orthogonal to given ones, along which activity has the same variance.

    Parameters
    ----------
    recording : Dataset
    directions : DataArray, dims (subject, direction, unit)
        As of `coding_direction`; for each of them one is drawn.
    n_draws, seed : int
        Every network has draws of its own.
    phase, variable : str
        As for `coding_direction`.

    Returns
    -------
    Dataset
        ``direction(subject, draw, direction, unit)``, of length 1; ``variance(subject, draw, direction)`` of activity
        along it, and the ``target_variance(subject, direction)``. They are the same where activity orthogonal to
        the given directions varies enough; otherwise draws have a smaller variance. A network whose activity
        never changes, or whose given directions are not finite, has NaN, ``valid(subject)`` is false and
        ``reason(subject)`` says why.

    Notes
    -----
    A direction is Gaussian on the principal axes of the remaining activity, whose variances are λ, with standard
    deviations λ^p; the exponent p of each draw is chosen to give the required variance. If there is no such p, it is
    1 (or −1), so that draws still differ.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> from pfc_metarl.data.trial_table import trial_view
    >>> recording = example_recording()
    >>> from pfc_metarl.measures import coding_direction
    >>> found = coding_direction(recording, trial_view(recording, "action", "choice"), phase="outcome")
    >>> noise = xr.where(found["unit"] == "noise", 1.0, 0 * found["direction"])  # the axis of that unit, variance 1
    >>> given = noise.expand_dims("direction")
    >>> drawn = matched_directions(recording, given, n_draws=3, seed=0, phase="outcome")
    >>> bool(abs((drawn["direction"] * given).sum("unit")).max() < 1e-9)  # at right angles
    True
    >>> bool(abs(drawn["variance"] / drawn["target_variance"] - 1).max() < 1e-6)
    True
    """
    if n_draws < 1:
        raise BadInput(f"n_draws = {n_draws}: must be at least 1.")
    sample = condition_trials(recording, {}, phase, variable)
    given = _given(directions, sample)
    reasons = [_no_draws(each, own) for each, own in zip(sample.networks, given, strict=True)]
    refuse_all(reasons)
    drawn, variance, target = [], [], []
    for label, each, own, reason in zip(sample.coords["subject"], sample.networks, given, reasons, strict=True):
        if reason:
            drawn.append(np.full((n_draws, *own.shape), np.nan))
            variance.append(np.full((n_draws, len(own)), np.nan))
            target.append(np.full(len(own), np.nan))
            continue
        covariance = np.cov(each.activity.T)
        wanted = np.einsum("du,uv,dv->d", own, covariance, own) / (own**2).sum(axis=-1)
        axes = _axes_left(covariance, own)
        noise = generator(seed, label).normal(size=(n_draws, len(own), axes.shape[1]))
        made = np.array([[_drawn(row, axes, covariance, v) for row, v in zip(d, wanted, strict=True)] for d in noise])
        drawn.append(made)
        variance.append(np.einsum("sdu,uv,sdv->sd", made, covariance, made))
        target.append(wanted)
    return xr.Dataset(
        {
            "direction": (("subject", "draw", "direction", "unit"), np.stack(drawn)),
            "variance": (("subject", "draw", "direction"), np.stack(variance)),
            "target_variance": (("subject", "direction"), np.stack(target)),
            **validity(reasons),
        },
        coords=sample.coords,
        attrs={**sample.attrs, "seed": seed},
    )


def _given(directions: xr.DataArray, sample: Sample) -> np.ndarray:
    """Return directions in the order of the recording, [subject, direction, unit]."""
    wanted = {"subject", "direction", "unit"}
    if not isinstance(directions, xr.DataArray) or set(directions.dims) != wanted:
        raise BadInput("directions must be a DataArray with dims subject, direction and unit.")
    made = directions.transpose("subject", "direction", "unit")
    for dim in ("subject", "unit"):
        made = ordered(made, dim, sample.coords[dim], "directions")
    return np.asarray(made.values)


def _no_draws(trials: Trials, given: np.ndarray) -> str:
    """Return why no direction can be drawn; nothing, if one can."""
    if not np.isfinite(given).all():
        return "directions: must be finite, one set for each network of the recording"
    return "" if np.ptp(trials.activity, axis=0).any() else "its activity never changes"


def _axes_left(covariance: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the principal axes of the activity at right angles to the given directions, [unit, axis]."""
    left = linalg.null_space(own)
    variances, axes = linalg.eigh(left.T @ covariance @ left)
    used = variances > variances[-1] * 1e-9
    return np.asarray(left @ axes[:, used])


def _drawn(noise: np.ndarray, axes: np.ndarray, covariance: np.ndarray, wanted: float) -> np.ndarray:
    variances = np.einsum("ua,uv,va->a", axes, covariance, axes)
    logarithms = np.log(variances / variances.max())

    def at(exponent: float) -> np.ndarray:
        scores = noise * np.exp(exponent * logarithms - (exponent * logarithms).max())
        return np.asarray(scores / np.linalg.norm(scores))

    def surplus(exponent: float) -> float:
        return float(np.log(at(exponent) ** 2 @ variances / wanted))

    if surplus(STEEPEST) <= 0 or surplus(-STEEPEST) >= 0:
        return np.asarray(axes @ at(BY_CHANCE if surplus(STEEPEST) <= 0 else -BY_CHANCE))
    return np.asarray(axes @ at(optimize.brentq(surplus, -STEEPEST, STEEPEST)))
