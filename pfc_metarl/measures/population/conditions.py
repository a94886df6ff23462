"""Activity by condition: what the geometry of a network's activity is measured on."""

import itertools
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures.activity import labels, numbers_of_trials, require_activity
from pfc_metarl.settings import BadInput

Factors = Mapping[str, xr.DataArray]
"""What trials are sorted by: name -> a value for each trial, dims (network, episode, trial), aligned with the recording
by its labels; NaN leaves a trial out."""

MOST_LEVELS = 20
"""Values of a factor: more than these are no conditions."""


class Trials(NamedTuple):
    """The trials of a network that count."""

    activity: np.ndarray
    """[trial, unit]; if several phases were asked for [trial, phase, unit]."""
    condition: np.ndarray
    """[trial], a number in the order of the levels, the last factor running fastest."""
    episode: np.ndarray
    """[trial]"""


class Sample(NamedTuple):
    """A recording sorted by conditions."""

    networks: list[Trials]
    levels: dict[str, np.ndarray]
    """Values of each factor, in order."""
    coords: dict[str, Any]
    """Of subjects and units."""
    attrs: dict[str, Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of levels."""
        return tuple(len(values) for values in self.levels.values())


def condition_trials(
    recording: xr.Dataset,
    factors: Factors,
    phase: str | tuple[str, ...] | None = None,
    variable: str = "hidden",
    at_least: int = 1,
) -> Sample:
    """Sort the trials of a recording by conditions, network by network.

    Parameters
    ----------
    recording : Dataset
    factors : mapping
    phase : str or tuple of str, optional
        By default the first of the recording's phases. A trial that never comes to one of them is left out.
    variable : str
        The activity: any variable with one axis beyond the step.
    at_least : int
        Trials that every network must have of every condition.

    Raises
    ------
    BadInput
        If the recording lacks variable or phase, a factor does not fit it or never changes, or a network has too few
        trials of a condition.
    """
    require_activity(recording, variable)
    phases = (phase_names(recording)[0] if phase is None else phase,) if not isinstance(phase, tuple) else phase
    views = [trial_view(recording, variable, name) for name in phases]
    activity = np.stack([view.values for view in views], axis=3)
    codes, levels = _coded(factors, activity.shape[:3], recording)
    if not isinstance(phase, tuple):
        activity = activity[:, :, :, 0]
    known = np.isfinite(activity).reshape(*activity.shape[:3], -1).all(axis=-1) & (codes >= 0)
    networks = [
        Trials(own[keep].astype(float), code[keep], np.nonzero(keep)[0])
        for own, code, keep in zip(activity, codes, known, strict=True)
    ]
    coords = {"subject": labels(recording, "network"), "unit": labels(recording, recording[variable].dims[-1])}
    sample = Sample(networks, levels, coords, {"variable": variable, "phase": list(phases)})
    _require(sample, at_least)
    return sample


def condition_means(
    recording: xr.Dataset, factors: Factors, phase: str | None = None, variable: str = "hidden"
) -> xr.Dataset:
    """Return the mean activity of each unit in each condition.

    Parameters
    ----------
    recording : Dataset
    factors : mapping of DataArray, dims (network, episode, trial)
        Such as ``{"choice": trial_view(recording, "choice1", "second_stage")}``; all that combine are conditions.
    phase, variable : str, optional
        Where and what to read; by default "hidden" at the first of the recording's phases.

    Returns
    -------
    Dataset, dims (subject, one for each factor, unit)
        ``activity``; ``standard_error`` of it, over episodes (NaN with one episode only); ``n_trials`` (no unit).

    Raises
    ------
    BadInput
        As `condition_trials` does: a condition that a network never met is named.
    """
    sample = condition_trials(recording, factors, phase, variable)
    n = int(np.prod(sample.shape))
    found = [_mean(each, code) for each in sample.networks for code in range(n)]
    mean, error, count = (np.array(values) for values in zip(*found, strict=True))
    dims, n_units = ("subject", *sample.levels, "unit"), mean.shape[-1]
    shape = (len(sample.networks), *sample.shape)
    return xr.Dataset(
        {
            "activity": (dims, mean.reshape(*shape, n_units)),
            "standard_error": (dims, error.reshape(*shape, n_units)),
            "n_trials": (dims[:-1], count.reshape(shape)),
        },
        coords={**sample.coords, **sample.levels},
        attrs={**sample.attrs, "phase": sample.attrs["phase"][0]},
    )


def _mean(trials: Trials, code: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Return mean, standard error and number of trials of a condition; episodes are what is independent."""
    here = trials.condition == code
    activity, episode = trials.activity[here], np.unique(trials.episode[here], return_inverse=True)[1]
    mean, n = activity.mean(axis=0), episode.max() + 1
    sums = np.zeros((n, activity.shape[1]))
    np.add.at(sums, episode, activity - mean)
    spread = (sums**2).sum(axis=0) * n / (n - 1) if n > 1 else np.full(activity.shape[1], np.nan)
    error = np.sqrt(spread) / len(activity)
    return mean, error, len(activity)


def _coded(factors: Factors, shape: tuple[int, ...], recording: xr.Dataset) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the condition of each trial, [network, episode, trial], -1 where there is none; and the levels."""
    codes, levels = np.zeros(shape, int), {}
    for name, factor in factors.items():
        if name in ("subject", "unit", "part", "time"):
            raise BadInput(f"factors[{name!r}]: call it something else, results have a dimension of that name.")
        values = numbers_of_trials(factor, recording, f"factors[{name!r}]")
        known = np.isfinite(values)
        levels[name] = found = np.unique(values[known])
        if not 2 <= len(found) <= MOST_LEVELS:
            raise BadInput(f"factors[{name!r}] has {len(found)} values; conditions need 2 to {MOST_LEVELS}.")
        code = np.searchsorted(found, np.where(known, values, found[0]))
        codes = np.where(known & (codes >= 0), codes * len(found) + code, -1)
    return codes, levels


def _require(sample: Sample, at_least: int) -> None:
    """Raise BadInput, naming it, if a network has too few trials of a condition."""
    n = int(np.prod(sample.shape))
    levels = list(itertools.product(*sample.levels.values()))
    for network, trials in zip(sample.coords["subject"], sample.networks, strict=True):
        counts = np.bincount(trials.condition, minlength=n)
        if (counts < at_least).any():
            code = int(counts.argmin())
            named = ", ".join(f"{name} = {value:g}" for name, value in zip(sample.levels, levels[code], strict=True))
            where = f" with {named}" if named else ""
            raise BadInput(f"Network {network} has {counts[code]} trials{where}, fewer than {at_least}.")
