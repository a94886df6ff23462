"""Activity by condition: what the geometry of a network's activity is measured on."""

import itertools
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.expected import require_named
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.data.validity import refuse_all, validity
from pfc_metarl.measures.activity import labels, numbers_of_trials, require_activity
from pfc_metarl.settings import BadInput, counted

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
    reasons: list[str]
    """Why a network cannot be measured; nothing, if it can."""
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

    A network that has too few trials of a condition gets a reason.

    Parameters
    ----------
    recording : Dataset
    factors : mapping
    phase : str or tuple of str, optional
        By default the first of the recording's phases. A trial that does not reach one of them is left out.
    variable : str
        The activity: any variable with one axis beyond the step.
    at_least : int
        Trials that a network must have of every condition.

    Raises
    ------
    BadInput
        If the recording lacks variable or phase, a factor does not fit it or never changes, or all networks have too
        few trials of a condition.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> recording = example_recording()
    >>> sample = condition_trials(recording, {"choice": trial_view(recording, "action", "choice")}, phase="choice")
    >>> sample.shape, np.unique(sample.networks[0].condition).tolist()
    ((2,), [0, 1])
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
    reasons = [
        _too_few(network, trials, levels, at_least) for network, trials in zip(coords["subject"], networks, strict=True)
    ]
    refuse_all(reasons)
    return Sample(networks, reasons, levels, coords, {"variable": variable, "phase": list(phases)})


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
        ``activity``; ``standard_error`` of it, over episodes (NaN with one episode only); ``n_trials`` (no unit). A
        network without a condition has NaN, ``valid(subject)`` is false and ``reason(subject)`` says why.

    Raises
    ------
    BadInput
        If recording and factors do not fit, or every network lacks a condition.

    Examples
    --------
    The mean of a unit that encodes the sum of choice and reward (−1 or 1 each) is −2, 0, 0 and 2.

    >>> from pfc_metarl.data.example import example_recording
    >>> from pfc_metarl.data.trial_table import trial_view
    >>> recording = example_recording(n_episodes=100)
    >>> factors = {
    ...     "choice": trial_view(recording, "action", "choice"),
    ...     "reward": trial_view(recording, "reward", "outcome"),
    ... }
    >>> means = condition_means(recording, factors, phase="outcome")["activity"].sel(unit="sum").mean("subject")
    >>> (abs(means - [[-2, 0], [0, 2]]) < 0.2).all().item()
    True
    """
    sample = condition_trials(recording, factors, phase, variable)
    shape, dims = (len(sample.networks), *sample.shape), ("subject", *sample.levels, "unit")
    n, n_units = int(np.prod(sample.shape)), len(sample.coords["unit"])
    mean, error = (np.full((len(sample.networks), n, n_units), np.nan) for _ in range(2))
    count = np.zeros(mean.shape[:2], int)
    for network, (trials, reason) in enumerate(zip(sample.networks, sample.reasons, strict=True)):
        for code in range(n) if not reason else ():
            at = network, code
            mean[at], error[at], count[at] = _mean(trials, code)
    data = {
        "activity": (dims, mean.reshape(*shape, n_units)),
        "standard_error": (dims, error.reshape(*shape, n_units)),
        "n_trials": (dims[:-1], count.reshape(shape)),
        **validity(sample.reasons),
    }
    coords = {**sample.coords, **sample.levels}
    return xr.Dataset(data, coords, {**sample.attrs, "phase": sample.attrs["phase"][0]})


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
    require_named(factors, "factors")
    codes, levels = np.zeros(shape, int), {}
    for name, factor in factors.items():
        if name in ("subject", "unit", "part", "time"):
            raise BadInput(f"factors[{name!r}]: call it something else, results have a dimension of that name.")
        values = numbers_of_trials(factor, recording, f"factors[{name!r}]")
        known = np.isfinite(values)
        levels[name] = found = np.unique(values[known])
        if not 2 <= len(found) <= MOST_LEVELS:
            raise BadInput(f"factors[{name!r}] has {counted(len(found), 'value')}; conditions need 2 to {MOST_LEVELS}.")
        code = np.searchsorted(found, np.where(known, values, found[0]))
        codes = np.where(known & (codes >= 0), codes * len(found) + code, -1)
    return codes, levels


def _too_few(network: Any, trials: Trials, levels: dict[str, np.ndarray], at_least: int) -> str:
    """Return of which condition a network has too few trials; nothing, if of none."""
    combinations = list(itertools.product(*levels.values()))
    counts = np.bincount(trials.condition, minlength=len(combinations))
    if not (counts < at_least).any():
        return ""
    code = int(counts.argmin())
    named = ", ".join(f"{name} = {value:g}" for name, value in zip(levels, combinations[code], strict=True))
    where = f" with {named}" if named else ""
    return f"Network {network} has {counted(counts[code], 'trial')}{where}, fewer than {at_least}"
