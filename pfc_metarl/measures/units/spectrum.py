"""Rhythm: the power spectrum of units and of dopamine, by the clock of the trial, and how steeply it falls."""

import functools
from fractions import Fraction

import numpy as np
import xarray as xr
from neurodsp.spectral import compute_spectrum
from scipy.signal import resample_poly, spectrogram

from pfc_metarl.measures.units.signals import (
    STEP_SECONDS,
    jackknife,
    labelled,
    require_timed_signal,
    signals,
    steps_per_trial,
    without_each,
)
from pfc_metarl.settings import BadInput, counted

FEWEST_STEPS = 8
"""Steps of an episode, or segment, that have a spectrum at all."""

LARGEST_RESAMPLING = 1.9
"""Of IRASA: Wen & Liu 2016, and neurodsp's default. Segments are shorter than episodes by it."""

FACTORS = np.arange(1.1, LARGEST_RESAMPLING + 0.05, 0.05).tolist()
"""By which IRASA resamples: neurodsp's default."""

LOWEST_BIN, HIGHEST = 2, 0.25
"""Where the exponent is fitted: from this bin, as taking the mean out lowers the first one, to so many cycles a step;
beyond 0.5 / `LARGEST_RESAMPLING` resampled signals hold nothing."""

FEWEST_BINS = 6

UNITS_AT_ONCE = 64
"""Units that are resampled together; bounds the memory."""


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
        Whether to subtract, before, the mean over all trials at each step of each phase of the trial. If not,
        trial-locked activity appears as a peak at whole numbers of cycles per trial, which is not an oscillation.
    steps_per_segment : int, optional
        Length of the segments of Welch's method, which overlap by half; by default whole episodes. No segment crosses
        the end of an episode, where memory is reset.
    step_seconds : float
        Nominal duration of a step.

    Returns
    -------
    Dataset, dims (subject, unit, frequency)
        ``power``, a density: variance per cycle per trial; its mean over episodes, with ``power_sem``;
        ``valid(subject, unit)`` and, where that is false and power is NaN, ``reason``; ``n_units(subject)`` that are
        valid. Of a signal without units there is no dimension unit. Frequencies are in cycles per trial, and in
        Hz as ``hertz(frequency)``. Attributes ``n_episodes`` and ``steps_per_trial``, the mean where trials differ.

    Raises
    ------
    BadInput
        If the recording has no such signal, it is not finite, or episodes are too short.

    Notes
    -----
    Hann windows, neurodsp's `compute_spectrum`. The mean of a segment is removed, so there is no frequency 0.

    Examples
    --------
    A wave with a period of ten steps, where a trial has two, has 0.2 cycles per trial.

    >>> from pfc_metarl.data.example import example_recording
    >>> recording = example_recording(n_trials=20)
    >>> wave = np.cos(2 * np.pi * recording["step"] / 10) + 0 * recording["value"]
    >>> found = power_spectrum(recording.assign(wave=wave.transpose(*recording["value"].dims)), "wave")
    >>> found["power"].idxmax("frequency").round(3).values.tolist()
    [0.2, 0.2]
    """
    require_timed_signal(recording, variable, step_seconds)
    n_steps, per_trial = recording.sizes["step"], steps_per_trial(recording)
    segment = n_steps if steps_per_segment is None else steps_per_segment
    if n_steps < FEWEST_STEPS:
        raise BadInput(f"Episodes of {counted(n_steps, 'step')} have no spectrum; it takes at least {FEWEST_STEPS}.")
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
        also where the line is flat; ``valid``, ``reason`` and ``n_units`` as of `power_spectrum`, and the
        ``median_exponent(subject)`` of valid units. The fitted range is in the attributes ``lowest`` and ``highest``
        in cycles per trial, ``lowest_hertz`` and ``highest_hertz``.

    Raises
    ------
    BadInput
        As `power_spectrum` does.

    Notes
    -----
    Irregular resampling (IRASA: Wen & Liu 2016, doi:10.1007/s10548-015-0448-0), as neurodsp's `compute_irasa` does
    it, episode by episode; a line through logarithms, as by its `fit_irasa`, fits the mean over episodes up to a
    quarter of a cycle per step. In episodes of some hundred steps it finds planted exponents, up to a tenth too
    large; oscillations of a few cycles a segment (half an episode) are not removed. A signal with exponential
    autocorrelation has a spectrum that is flat below the frequency of its timescale and falls with exponent 2 above:
    the exponent depends on this frequency, and no line fits.

    Examples
    --------
    White noise has the same power at all frequencies.

    >>> from pfc_metarl.data.example import example_recording
    >>> recording = example_recording(n_networks=1, n_trials=60).sel(unit=["noise"])
    >>> bool(abs(aperiodic_exponent(recording)["exponent"].item()) < 0.1)
    True
    """
    require_timed_signal(recording, variable, step_seconds)
    per_trial, n_steps = steps_per_trial(recording), recording.sizes["step"]
    segment = int(n_steps / LARGEST_RESAMPLING)
    if int(HIGHEST * segment) - LOWEST_BIN + 1 < FEWEST_BINS:
        raise BadInput(f"Episodes of {counted(n_steps, 'step')} are too short for an exponent; it takes about 60.")
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
    return made.assign_attrs(method="IRASA", variable=variable, n_episodes=recording.sizes["episode"], **attrs)


def _sem(values: np.ndarray, axis: int) -> np.ndarray:
    n = values.shape[axis]
    return np.asarray(values.std(axis=axis) / np.sqrt(n - 1)) if n > 1 else np.full_like(values.mean(axis), np.nan)


def _aperiodic(activity: np.ndarray, per_trial: float, segment: int) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies, and spectra without their peaks, [unit, episode, frequency].

    Equal to `neurodsp.aperiodic.compute_irasa`, ten times faster: before power is taken, all operations on a signal
    are linear, so they are computed once as a matrix and applied to all signals as a product.
    """
    centred = activity - activity.mean(axis=-1, keepdims=True)
    flat = centred.reshape(-1, centred.shape[-1]).astype(np.float32)
    factors = _resampled(flat.shape[-1], segment)
    whole = np.empty((len(flat), factors[0][0].shape[-1], len(factors)), np.float32)
    for number, (longer, shorter) in enumerate(factors):
        whole[..., number] = np.sqrt(_power_of(flat, longer) * _power_of(flat, shorter))
    spectra = np.median(whole, axis=-1, overwrite_input=True).astype(float) / per_trial
    frequency = np.arange(LOWEST_BIN, LOWEST_BIN + spectra.shape[-1]) / segment * per_trial
    return frequency, spectra.reshape(*activity.shape[:2], -1)


def _power_of(signals: np.ndarray, waves: np.ndarray) -> np.ndarray:
    """Return the power of signals [signal, step] at each frequency; waves are [step, part, frequency]."""
    found = (signals @ waves.reshape(len(waves), -1)).reshape(len(signals), *waves.shape[1:])
    return np.asarray(np.einsum("spf,spf->sf", found, found))


@functools.lru_cache(maxsize=2)
def _resampled(n_steps: int, segment: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return, for each factor and its inverse, the spectrogram of single steps resampled by it.

    [step, part, frequency], parts being real and imaginary ones in each segment; the sum of squares is the density.
    """
    ratios = [Fraction(str(round(factor, 4))) for factor in FACTORS]
    both = [((ratio.numerator, ratio.denominator), (ratio.denominator, ratio.numerator)) for ratio in ratios]
    return [(_waves(n_steps, segment, *longer), _waves(n_steps, segment, *shorter)) for longer, shorter in both]


def _waves(n_steps: int, segment: int, up: int, down: int) -> np.ndarray:
    steps = resample_poly(np.eye(n_steps), up, down, axis=-1)
    options = {"window": "hann", "nperseg": segment, "noverlap": segment // 2, "mode": "complex"}
    found = spectrogram(steps, up / down, **options)[2][:, LOWEST_BIN : int(HIGHEST * segment) + 1]
    parts = np.concatenate([found.real, found.imag], axis=-1).swapaxes(1, 2)
    return np.ascontiguousarray(parts * np.sqrt(2 / found.shape[-1]), np.float32)  # two sides, mean over segments


def _exponent(frequency: np.ndarray, spectra: np.ndarray) -> tuple[float, float, float]:
    """Return exponent, standard error and r² of spectra [episode, frequency]."""
    n = len(spectra)
    means = [spectra.mean(axis=0), *(spectra[rest].mean(axis=0) for rest in (without_each(n) if n > 1 else []))]
    x, y = np.log10(frequency), np.log10(means)
    slope, intercept = np.polyfit(x, y.T, 1)  # as in neurodsp's fit_irasa, all lines at once
    r_squared = float(1 - (y[0] - intercept[0] - slope[0] * x).var() / y[0].var())
    return float(-slope[0]), float(jackknife(slope[1:])) if n > 1 else np.nan, r_squared
