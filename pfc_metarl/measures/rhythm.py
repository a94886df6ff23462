"""Rhythm: the power spectrum of units and of dopamine, by the clock of the trial, and how steeply it falls."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from neurodsp.aperiodic import compute_irasa, fit_irasa
from neurodsp.spectral import compute_spectrum

from pfc_metarl.dataset import STEP_DIMS, clock, numbers
from pfc_metarl.settings import BadInput

STEP_SECONDS = 0.1
"""Nominal duration of a step: that of neurogym's tasks."""

SILENT = 1e-6
"""Range of a unit's activity, as share of its largest value, below which it is rounding."""

FEWEST_STEPS = 8
"""Steps of an episode, or segment, that have a spectrum at all."""

LARGEST_RESAMPLING = 1.9
"""Of IRASA: Wen & Liu 2016, and neurodsp's default. Segments are shorter than episodes by it."""

LOWEST_BIN, HIGHEST = 2, 0.25
"""Where the exponent is fitted: from this bin, as taking the mean out lowers the first one, to so many cycles a step;
beyond 0.5 / `LARGEST_RESAMPLING` resampled signals hold nothing."""

FEWEST_BINS = 6

UNITS_AT_ONCE = 64
"""Units that are resampled together; bounds the memory."""

GROUPS = 10
"""Groups of episodes that a jackknife leaves out, one after the other."""


class Signal(NamedTuple):
    """The activity of one network."""

    activity: np.ndarray
    """[unit, episode, step], without the trial-locked mean where that was asked for; one unit for a plain signal."""
    reason: np.ndarray
    """[unit], why a unit cannot be used; nothing, if it can."""


def power_spectrum(
    recording: xr.Dataset,
    variable: str = "hidden",
    without_trial_mean: bool = True,
    steps_per_segment: int | None = None,
    step_seconds: float = STEP_SECONDS,
) -> xr.Dataset:
    """Return the power spectrum of each unit, or of a signal such as dopamine, within episodes.

    Parameters
    ----------
    recording : Dataset
        It is read network by network. To leave the start of episodes out, select steps:
        ``recording.isel(step=slice(20, None))``.
    variable : str
        "hidden", "cell", "rpe" (dopamine), or any other signal with at most one axis beyond the step.
    without_trial_mean : bool
        Whether to subtract, before, the mean over all trials at each step of each phase of the trial. If not, whatever
        follows the trial stands as a peak at whole numbers of cycles per trial, which is no oscillation.
    steps_per_segment : int, optional
        Length of the segments of Welch's method, which overlap by half; by default whole episodes. No segment reaches
        over the end of an episode, where memory begins anew.
    step_seconds : float
        Nominal duration of a step.

    Returns
    -------
    Dataset, dims (subject, unit, frequency)
        ``power``, a density: variance per cycle per trial; its mean over episodes, with ``power_sem``;
        ``valid(subject, unit)`` and, where that is false and power is NaN, ``reason``; ``n_units(subject)`` that are
        valid. Of a signal without units there is no dimension unit. Frequencies are in cycles per trial, and beside
        it in ``hertz(frequency)``. Attributes ``n_episodes`` and ``steps_per_trial``, the mean where trials differ.

    Raises
    ------
    BadInput
        If the recording has no such signal, it is not finite, or episodes are too short.

    Notes
    -----
    Hann windows, neurodsp's `compute_spectrum`. The mean of a segment is removed, so there is no frequency 0.
    """
    n_networks = _checked(recording, variable, step_seconds)
    n_steps, per_trial = recording.sizes["step"], steps_per_trial(recording)
    segment = n_steps if steps_per_segment is None else steps_per_segment
    if n_steps < FEWEST_STEPS:
        raise BadInput(f"Episodes of {n_steps} steps have no spectrum; it takes at least {FEWEST_STEPS}.")
    if not FEWEST_STEPS <= segment <= n_steps:
        raise BadInput(f"steps_per_segment = {segment}: must be from {FEWEST_STEPS} to {n_steps}, those of an episode.")
    found = []
    for signal in signals(recording, variable, without_trial_mean):
        frequency, of_episode = compute_spectrum(
            signal.activity, per_trial, method="welch", nperseg=segment, noverlap=segment // 2
        )
        of_episode[signal.reason != ""] = np.nan
        found.append((of_episode[..., 1:].mean(axis=1), _sem(of_episode[..., 1:], axis=1), signal.reason))
    power, sem, reason = (np.stack(parts) for parts in zip(*found, strict=True))
    dims = ("subject", "unit", "frequency")
    coords = {"frequency": frequency[1:], "hertz": ("frequency", frequency[1:] / (per_trial * step_seconds))}
    attrs = {"n_episodes": recording.sizes["episode"], "steps_per_trial": per_trial, "variable": variable}
    made = labelled({"power": (dims, power), "power_sem": (dims, sem)}, reason, recording, variable)
    assert n_networks == made.sizes["subject"]
    return made.assign_coords(coords).assign_attrs(attrs)


def aperiodic_exponent(
    recording: xr.Dataset,
    variable: str = "hidden",
    without_trial_mean: bool = True,
    step_seconds: float = STEP_SECONDS,
) -> xr.Dataset:
    """Return how steeply the power of each unit falls with frequency, rhythms set aside.

    Parameters
    ----------
    recording, variable, without_trial_mean, step_seconds
        As for `power_spectrum`.

    Returns
    -------
    Dataset, dims (subject, unit)
        ``exponent`` χ of power ~ 1 / frequency^χ: 0 for white noise, 2 for a random walk; ``standard_error``, by a
        jackknife over ten groups of episodes (NaN for a single episode); ``r_squared`` of the line in logarithms, low
        also where the line is flat; ``valid``, ``reason``; ``n_units(subject)`` that are valid and their
        ``median_exponent(subject)``. The fitted range is told by attributes ``lowest`` and ``highest`` in cycles per
        trial, ``lowest_hertz`` and ``highest_hertz``.

    Raises
    ------
    BadInput
        If the recording has no such signal, it is not finite, or episodes are too short.

    Notes
    -----
    Irregular resampling (IRASA: Wen & Liu 2016, doi:10.1007/s10548-015-0448-0), neurodsp's `compute_irasa`, episode by
    episode; `fit_irasa` on the mean over episodes, up to a quarter of a cycle per step. What follows an exponential
    decay is steep above, and flat below, the frequency of its timescale: its exponent lies between 0 and 2.
    """
    _checked(recording, variable, step_seconds)
    per_trial, n_steps = steps_per_trial(recording), recording.sizes["step"]
    segment = int(n_steps / LARGEST_RESAMPLING)
    if int(HIGHEST * segment) - LOWEST_BIN + 1 < FEWEST_BINS:
        raise BadInput(f"Episodes of {n_steps} steps are too short for an exponent; it takes about 60.")
    found = []
    for signal in signals(recording, variable, without_trial_mean):
        fits = np.full((len(signal.reason), 3), np.nan)
        usable = np.flatnonzero(signal.reason == "")
        for batch in np.array_split(usable, max(1, -(-len(usable) // UNITS_AT_ONCE))):
            if len(batch):
                frequency, spectra = _aperiodic(signal.activity[batch], per_trial, segment)
                fits[batch] = [_exponent(frequency, of_unit) for of_unit in spectra]
        found.append((*fits.T, signal.reason))
    exponent, error, r_squared, reason = (np.stack(parts) for parts in zip(*found, strict=True))
    dims = ("subject", "unit")
    values = {"exponent": (dims, exponent), "standard_error": (dims, error), "r_squared": (dims, r_squared)}
    made = labelled(values, reason, recording, variable)
    ends = {"lowest": LOWEST_BIN / segment * per_trial, "highest": int(HIGHEST * segment) / segment * per_trial}
    attrs = ends | {f"{name}_hertz": end / (per_trial * step_seconds) for name, end in ends.items()}
    made = made.assign(median_exponent=made["exponent"].median(made["exponent"].dims[1:]))
    return made.assign_attrs(method="IRASA (neurodsp)", variable=variable, n_episodes=recording.sizes["episode"], **attrs)


def steps_per_trial(recording: xr.Dataset) -> float:
    """Return the number of steps of a trial; the mean, where trials differ.

    Examples
    --------
    >>> trial = xr.DataArray([[[0, 0, 1, 1]]], dims=STEP_DIMS)
    >>> phase = xr.zeros_like(trial).assign_attrs(flag_meanings=["choice"])
    >>> steps_per_trial(xr.Dataset({"trial": trial, "phase": phase}))
    2.0
    """
    trial = clock(recording)[0]
    n_trials = (np.diff(trial, axis=-1) != 0).sum() + trial[..., 0].size
    return float(trial.size / n_trials)


def signals(recording: xr.Dataset, variable: str, without_trial_mean: bool) -> Iterator[Signal]:
    """Yield a signal network by network."""
    trial, phase = clock(recording)
    slots = _slots(trial, phase)
    for network in range(recording.sizes["network"]):
        raw = numbers(recording.isel(network=[network]), variable)[0].astype(float)
        activity = raw.reshape(*raw.shape[:2], -1)
        if without_trial_mean:
            flat = activity.reshape(-1, activity.shape[-1])
            locked = pd.DataFrame(flat).groupby(slots[network].ravel()).transform("mean").to_numpy()
            activity = (flat - locked).reshape(activity.shape)
        reason = np.full(activity.shape[-1], "", dtype=object)
        silent = np.ptp(activity, axis=(0, 1)) <= SILENT * np.abs(raw).reshape(activity.shape).max(axis=(0, 1))
        reason[silent] = f"its activity never changes{' but with the trial' if without_trial_mean else ''}"
        yield Signal(np.moveaxis(activity, -1, 0), reason)


def _slots(trial: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Number the steps of a trial: by their phase, and their place in it."""
    step = np.broadcast_to(np.arange(trial.shape[-1]), trial.shape)
    new = np.ones(trial.shape, bool)
    new[..., 1:] = (np.diff(trial) != 0) | (np.diff(phase) != 0)
    began = np.maximum.accumulate(np.where(new, step, 0), axis=-1)
    return phase * trial.shape[-1] + step - began


def labelled(
    values: dict[str, Any], reason: np.ndarray, recording: xr.Dataset, variable: str
) -> xr.Dataset:
    """Label results of dims (subject, unit, ...), [subject, unit] reasons beside them."""
    dims = ("subject", "unit")
    valid = reason == ""
    own = {"valid": (dims, valid), "reason": (dims, reason.astype(str)), "n_units": ("subject", valid.sum(axis=1))}
    subjects = recording["network"].values if "network" in recording.coords else np.arange(len(reason))
    made = xr.Dataset(values | own, {"subject": subjects})
    if recording[variable].ndim == len(STEP_DIMS):
        return made.isel(unit=0, drop=True)
    units = recording[variable].dims[-1]
    names = recording[units].values if units in recording.coords else np.arange(reason.shape[1])
    return made.assign_coords(unit=names)


def jackknife(estimates: np.ndarray) -> np.ndarray:
    """Return the standard error of what was estimated, along the first axis, with one group left out each.

    Examples
    --------
    >>> jackknife(np.array([1.0, 2.0, 3.0])).round(3)
    np.float64(1.155)
    """
    n = len(estimates)
    return np.asarray(np.sqrt((n - 1) * estimates.var(axis=0)))


def without_each(n: int) -> list[np.ndarray]:
    """Return, for each of the groups into which `n` episodes fall, the indices of all others."""
    return [np.delete(np.arange(n), group) for group in np.array_split(np.arange(n), min(GROUPS, n))]


def _checked(recording: xr.Dataset, variable: str, step_seconds: float) -> int:
    """Return the number of networks of a recording that has such a signal."""
    if not isinstance(recording, xr.Dataset):
        raise BadInput(f"Expected a recording, not {type(recording).__name__}.")
    if variable not in recording:
        raise BadInput(f"variable = {variable!r}: the recording has none of that name.")
    dims = recording[variable].dims
    if dims[:3] != STEP_DIMS or len(dims) > len(STEP_DIMS) + 1:
        raise BadInput(f"variable = {variable!r}: its dims are {dims}; a signal has {STEP_DIMS} and at most one more.")
    if not 0 < step_seconds < np.inf:
        raise BadInput(f"step_seconds = {step_seconds}: must be above 0.")
    return int(recording.sizes["network"])


def _sem(values: np.ndarray, axis: int) -> np.ndarray:
    n = values.shape[axis]
    return np.asarray(values.std(axis=axis) / np.sqrt(n - 1)) if n > 1 else np.full_like(values.mean(axis), np.nan)


def _aperiodic(activity: np.ndarray, per_trial: float, segment: int) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies, and spectra without their peaks, [unit, episode, frequency]."""
    centred = activity - activity.mean(axis=-1, keepdims=True)
    all_rows_at_once = compute_irasa.__wrapped__  # its decorator takes them one by one: a hundred times slower
    frequency, spectra, _ = all_rows_at_once(centred, per_trial, nperseg=segment, noverlap=segment // 2)
    fitted = slice(LOWEST_BIN, int(HIGHEST * segment) + 1)
    return frequency[fitted], spectra[..., fitted]


def _exponent(frequency: np.ndarray, spectra: np.ndarray) -> tuple[float, float, float]:
    """Return exponent, standard error and r² of spectra [episode, frequency]."""
    slope, r_squared = _line(frequency, spectra.mean(axis=0))
    if len(spectra) == 1:
        return -slope, np.nan, r_squared
    others = [_line(frequency, spectra[rest].mean(axis=0))[0] for rest in without_each(len(spectra))]
    return -slope, float(jackknife(np.array(others))), r_squared


def _line(frequency: np.ndarray, power: np.ndarray) -> tuple[float, float]:
    intercept, slope = fit_irasa(frequency, power)
    left = np.log10(power) - intercept - slope * np.log10(frequency)
    return float(slope), float(1 - left.var() / np.log10(power).var())
