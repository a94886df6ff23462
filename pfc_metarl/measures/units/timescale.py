"""Timescale: how long the activity of a unit predicts itself."""

from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.optimize import elementwise

from pfc_metarl.measures.units.autocorrelation import By, Correlated, attributes_of, correlated, steps_per_lag
from pfc_metarl.measures.units.signals import MIN_RANGE, STEP_SECONDS, jackknife, labelled, steps_per_trial

ABOVE_CHANCE = 3
"""Standard errors by which the correlation at the first lag must exceed 0."""

SHORTEST = 0.05
"""Timescale, in lags, below which a decay is over before the first one."""

LONGEST, N_GRID = 100, 60
"""Longest timescale that is tried, as multiple of all lags, and how many are tried first."""


def intrinsic_timescale(
    recording: xr.Dataset,
    variable: str = "hidden",
    by: By = "trial",
    phase: str | None = None,
    max_lag: int | None = None,
    step_seconds: float = STEP_SECONDS,
) -> xr.Dataset:
    """Return how slowly the autocorrelation of each unit decays.

    Parameters
    ----------
    recording, variable, by, phase, max_lag, step_seconds
        As for `autocorrelation`.

    Returns
    -------
    Dataset, dims (subject, unit)
        ``timescale`` τ in steps, and in ``timescale_trials`` and ``timescale_seconds``; ``standard_error`` of it, in
        steps, by a jackknife over ten groups of episodes; ``amplitude`` and ``offset`` of the decay, ``r_squared`` of
        the fit; ``valid``, ``reason`` and ``n_units`` as of `autocorrelation`, and the ``median_timescale(subject)`` of
        valid units in steps.

    Raises
    ------
    BadInput
        As `autocorrelation` does.

    Notes
    -----
    amplitude · exp(−lag / τ) + offset, fitted by least squares to lags from 1 on, as by Murray et al. 2014,
    doi:10.1038/nn.3862: independent noise at each time, such as that of spikes or of choices, is at lag 0 only and
    reduces the amplitude, but not the timescale. A poor fit is not left out: select by ``r_squared``.

    Examples
    --------
    The value drifts with a timescale of two trials, which are four steps.

    >>> from pfc_metarl.data.example import example_recording
    >>> found = intrinsic_timescale(example_recording(n_networks=1, n_episodes=200, n_trials=20))
    >>> bool(abs(found["timescale"].sel(unit="value") - 4).item() < 0.7)
    True
    >>> found["reason"].sel(unit="noise").item()
    'its activity does not predict the next trial'
    """
    found = list(correlated(recording, variable, by, phase, max_lag, step_seconds))
    rows, reason = (np.stack(each) for each in zip(*(_fitted(network, by) for network in found), strict=True))
    timescale, amplitude, offset, r_squared, error = rows.swapaxes(0, 1)
    dims, per_lag = ("subject", "unit"), steps_per_lag(recording, by)
    steps = timescale * per_lag
    values = {
        "timescale": (dims, steps, {"units": "steps"}),
        "timescale_trials": (dims, steps / steps_per_trial(recording), {"units": "trials"}),
        "timescale_seconds": (dims, steps * step_seconds, {"units": "s"}),
        "standard_error": (dims, error * per_lag, {"units": "steps"}),
        "amplitude": (dims, amplitude),
        "offset": (dims, offset),
        "r_squared": (dims, r_squared),
    }
    made = labelled(values, reason, recording, variable)
    made = made.assign(median_timescale=made["timescale"].median(made["timescale"].dims[1:], keep_attrs=True))
    return made.assign_attrs(
        attributes_of(recording, variable, by, step_seconds),
        n_times=found[0].n_times,
        max_lag=found[0].estimates.shape[-1] - 1,
    )


class Decay(NamedTuple):
    """Exponential decays, arrays of one shape; timescale in lags."""

    timescale: np.ndarray
    amplitude: np.ndarray
    offset: np.ndarray
    r_squared: np.ndarray


def _fitted(network: Correlated, by: By) -> tuple[np.ndarray, np.ndarray]:
    """Return decay and standard error of its timescale, [number, unit], and why there is none, [unit]."""
    estimates, reason = network.estimates[..., 1:], network.reason.copy()
    n_lags, error = estimates.shape[-1], jackknife(estimates[1:])
    reason[estimates[0, :, 0] <= ABOVE_CHANCE * error[:, 0]] = f"its activity does not predict the next {by}"
    too_slow = f"its decay is slower than {n_lags} {by}s can show"
    reason[(reason == "") & (np.ptp(estimates[0], axis=-1) <= MIN_RANGE)] = too_slow
    usable, numbers = np.flatnonzero(reason == ""), np.full((len(Decay._fields) + 1, len(reason)), np.nan)
    if usable.size:
        decay = _decay(estimates[:, usable])
        quick = decay.timescale[0] <= n_lags
        reason[usable[~quick]] = too_slow
        numbers[:, usable] = [*(of[0] for of in decay), jackknife(decay.timescale[1:])]
        numbers[:, usable[~quick]] = np.nan
    return numbers, reason


def _decay(correlation: np.ndarray) -> Decay:
    """Fit an exponential decay to correlations [..., lag from 1].

    Given its timescale, amplitude and offset are those of a line. So one number is sought, between the neighbours of
    the best of a grid of timescales.
    """
    flat = correlation.reshape(-1, correlation.shape[-1])
    grid = np.linspace(np.log(SHORTEST), np.log(LONGEST * flat.shape[-1]), N_GRID)
    middle = (best := np.argmin(_line(grid[:, None], flat)[-1], axis=0)).clip(1, N_GRID - 2)

    def misfit(log_timescale: np.ndarray, row: np.ndarray) -> np.ndarray:
        return _line(log_timescale, flat[row.astype(int)])[-1]

    bracket = (grid[middle - 1], grid[middle], grid[middle + 1])
    sought = elementwise.find_minimum(misfit, bracket, args=(np.arange(len(flat)),))
    log_timescale = np.where(sought.success, sought.x, grid[best])
    amplitude, offset, left = _line(log_timescale, flat)
    fits = np.exp(log_timescale), amplitude, offset, 1 - left / flat.var(axis=-1)
    return Decay(*(of.reshape(correlation.shape[:-1]) for of in fits))


def _line(log_timescale: np.ndarray, correlation: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the best amplitude, from 0 to 1, and offset for each timescale, and the mean square that is left."""
    left = np.exp(-np.arange(1, correlation.shape[-1] + 1) / np.exp(log_timescale)[..., None])
    mean, level = left.mean(axis=-1), correlation.mean(axis=-1)
    deviation = left - mean[..., None]
    square = (deviation**2).mean(axis=-1)
    common = (deviation * correlation).mean(axis=-1)
    amplitude = (common / square.clip(min=1e-300)).clip(0, 1)
    misfit = correlation.var(axis=-1) - 2 * amplitude * common + amplitude**2 * square
    return amplitude, level - amplitude * mean, misfit
