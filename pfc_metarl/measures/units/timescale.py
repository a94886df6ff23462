"""Timescale: for how long the activity of a unit tells what it will be."""

import functools
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr
from scipy.optimize import elementwise

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures.activity import trial_activity
from pfc_metarl.measures.units.signals import (
    MIN_RANGE,
    STEP_SECONDS,
    groups,
    jackknife,
    labelled,
    require_timed_signal,
    signals,
    steps_per_trial,
)
from pfc_metarl.settings import BadInput

By = Literal["trial", "step"]

FEWEST_EPISODES = 5
"""Episodes over which a correlation says anything."""

FEWEST_LAGS = 5
"""Lags that hold a decay of three parameters."""

ABOVE_CHANCE = 3
"""Standard errors by which the correlation at the first lag must lie above 0."""

SHORTEST = 0.05
"""Timescale, in lags, below which a decay is over before the first one."""

LONGEST, N_GRID = 100, 60
"""Longest timescale that is tried, as multiple of all lags, and how many are tried first."""


def autocorrelation(
    recording: xr.Dataset,
    variable: str = "hidden",
    by: By = "trial",
    phase: str | None = None,
    max_lag: int | None = None,
    step_seconds: float = STEP_SECONDS,
) -> xr.Dataset:
    """Correlate the activity of each unit with its own, some trials or steps later in the same episode.

    Parameters
    ----------
    recording, variable, step_seconds
        As for `pfc_metarl.measures.power_spectrum`.
    by : {"trial", "step"}
        What lags are counted in. By trial, activity is compared at one phase: units that answer to the same thing
        with opposite signs in two phases, as those of trained networks do, else have an autocorrelation that jumps to
        and fro.
    phase : str, optional
        For lags by trial; by default the first of the recording's phases. A trial counts with its first step in it;
        trials that do not come to it in every episode are left out.
    max_lag : int, optional
        By default half of an episode.

    Returns
    -------
    Dataset, dims (subject, unit, lag)
        ``correlation``, with ``standard_error`` by a jackknife over ten groups of episodes; ``valid``, ``reason``,
        ``n_units`` and attributes as of `power_spectrum`. Beside the lags stand ``trials(lag)``, ``steps(lag)`` and
        ``seconds(lag)``.

    Raises
    ------
    BadInput
        If the recording has no such signal or phase, it is not finite, or episodes are too few or too short.

    Notes
    -----
    As Murray et al. 2014, doi:10.1038/nn.3862, did over trials: Pearson's correlation over episodes between activity at
    times t and t + lag, averaged over t. The mean over episodes at each time, and with it whatever is locked to trial
    and episode, drops out, and unlike the autocorrelation of single episodes it is not drawn below 0 in short ones.
    """
    found = list(_of_networks(recording, variable, by, phase, max_lag, step_seconds))
    dims = ("subject", "unit", "lag")
    values = {
        "correlation": (dims, np.stack([of.estimates[0] for of in found])),
        "standard_error": (dims, np.stack([jackknife(of.estimates[1:]) for of in found])),
    }
    made = labelled(values, np.stack([of.reason for of in found]), recording, variable)
    lags = np.arange(made.sizes["lag"])
    steps = lags * _steps_per_lag(recording, by)
    coords = {"lag": lags, "trials": ("lag", steps / steps_per_trial(recording)), "steps": ("lag", steps)}
    coords["seconds"] = ("lag", steps * step_seconds)
    return made.assign_coords(coords).assign_attrs(_attrs(recording, variable, by, step_seconds))


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
    doi:10.1038/nn.3862: what is new at each time, such as the noise of spikes or of choices, stands at lag 0 only and
    makes the amplitude smaller, but not the timescale. A poor fit is not left out: select by ``r_squared``.
    """
    found = list(_of_networks(recording, variable, by, phase, max_lag, step_seconds))
    rows, reason = (np.stack(each) for each in zip(*(_fitted(network, by) for network in found), strict=True))
    timescale, amplitude, offset, r_squared, error = rows.swapaxes(0, 1)
    dims, per_lag = ("subject", "unit"), _steps_per_lag(recording, by)
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
    return made.assign_attrs(_attrs(recording, variable, by, step_seconds), max_lag=found[0].estimates.shape[-1] - 1)


class _Correlated(NamedTuple):
    """The autocorrelations of a network's units."""

    estimates: np.ndarray
    """[1 + groups, unit, lag], of all episodes, then with one group of them left out each."""
    reason: np.ndarray
    """[unit], why there is none; nothing, if there is."""


class Decay(NamedTuple):
    """Exponential decays, arrays of one shape; timescale in lags."""

    timescale: np.ndarray
    amplitude: np.ndarray
    offset: np.ndarray
    r_squared: np.ndarray


def _of_networks(
    recording: xr.Dataset, variable: str, by: By, phase: str | None, max_lag: int | None, step_seconds: float
) -> Iterator[_Correlated]:
    require_timed_signal(recording, variable, step_seconds)
    if by not in ("trial", "step"):
        raise BadInput(f'by = {by!r}: must be "trial" or "step".')
    if by == "step" and phase is not None:
        raise BadInput(f'phase = {phase!r}: steps of all phases count with by = "step"; leave it out.')
    if (n := recording.sizes["episode"]) < FEWEST_EPISODES:
        raise BadInput(f"A correlation over {n} episodes says nothing; record at least {FEWEST_EPISODES}.")
    for activity in _activity(recording, variable, by, phase):
        n_times = activity.shape[-1]
        longest = n_times // 2 if max_lag is None else max_lag
        if n_times // 2 < FEWEST_LAGS:
            raise BadInput(f"Episodes of {n_times} {by}s are too short; it takes at least {2 * FEWEST_LAGS}.")
        if not FEWEST_LAGS <= longest < n_times:
            raise BadInput(f"max_lag = {longest}: must be from {FEWEST_LAGS} to {n_times - 1}.")
        yield _autocorrelated(activity, longest, by)


def _activity(recording: xr.Dataset, variable: str, by: By, phase: str | None) -> Iterator[np.ndarray]:
    """Yield the activity of each network, [unit, episode, time]."""
    if by == "step":
        yield from (signal.activity for signal in signals(recording, variable, without_trial_mean=False))
        return
    phase = phase_names(recording)[0] if phase is None else phase
    reached = trial_view(recording, "trial", phase).notnull().all(("network", "episode")).values
    for network in range(recording.sizes["network"]):
        values = trial_activity(recording, network, variable, phase)[:, reached]
        yield np.moveaxis(values.reshape(*values.shape[:2], -1), -1, 0)


def _autocorrelated(activity: np.ndarray, max_lag: int, by: By) -> _Correlated:
    estimates = np.stack([_correlations(unit, max_lag) for unit in activity], axis=1)
    reason = np.full(len(activity), "", dtype=object)
    reason[np.isnan(estimates).any((0, 2))] = f"its activity differs between episodes at too few {by}s"
    reason[np.ptp(activity, axis=(1, 2)) <= MIN_RANGE * np.abs(activity).max((1, 2))] = "its activity never changes"
    estimates[:, reason != ""] = np.nan
    return _Correlated(estimates, reason)


def _correlations(activity: np.ndarray, max_lag: int) -> np.ndarray:
    """Return the mean over t of the correlation of t and t + lag, for lags from 0, of activity [episode, time].

    First that over all episodes, then with one group of them left out each: sums of products over groups make them all.
    """
    parts = groups(activity - activity.mean(axis=0))
    n = np.array([len(part) for part in parts])[:, None, None]
    sums, products = np.stack([part.sum(axis=0) for part in parts]), np.stack([part.T @ part for part in parts])
    counts, sums, products = (np.concatenate([of.sum(0)[None], of.sum(0) - of]) for of in (n, sums, products))
    covariance = products / counts - sums[:, :, None] * sums[:, None] / counts**2
    deviation = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2).clip(min=0))
    deviation[deviation <= MIN_RANGE * np.abs(activity).max()] = np.nan
    earlier, later, of_lag = _pairs(activity.shape[1], max_lag)
    values = covariance[:, earlier, later] / (deviation[:, earlier] * deviation[:, later])
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray((np.where(known, values, 0) @ of_lag) / (known @ of_lag))


@functools.lru_cache(maxsize=4)
def _pairs(n_times: int, max_lag: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all pairs of times up to a lag apart, and which belong to each lag, [pair, lag]."""
    earlier, later = np.triu_indices(n_times)
    near = later - earlier <= max_lag
    lag = (later - earlier)[near, None]
    return earlier[near], later[near], (lag == np.arange(max_lag + 1)).astype(float)


def _fitted(network: _Correlated, by: By) -> tuple[np.ndarray, np.ndarray]:
    """Return decay and standard error of its timescale, [number, unit], and why there is none, [unit]."""
    estimates, reason = network.estimates[..., 1:], network.reason.copy()
    n_lags, error = estimates.shape[-1], jackknife(estimates[1:])
    reason[estimates[0, :, 0] <= ABOVE_CHANCE * error[:, 0]] = f"its activity tells nothing of the next {by}"
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
    kept = np.exp(-np.arange(1, correlation.shape[-1] + 1) / np.exp(log_timescale)[..., None])
    mean, level = kept.mean(axis=-1), correlation.mean(axis=-1)
    deviation = kept - mean[..., None]
    square = (deviation**2).mean(axis=-1)
    common = (deviation * correlation).mean(axis=-1)
    amplitude = (common / square.clip(min=1e-300)).clip(0, 1)
    misfit = correlation.var(axis=-1) - 2 * amplitude * common + amplitude**2 * square
    return amplitude, level - amplitude * mean, misfit


def _steps_per_lag(recording: xr.Dataset, by: By) -> float:
    return steps_per_trial(recording) if by == "trial" else 1.0


def _attrs(recording: xr.Dataset, variable: str, by: By, step_seconds: float) -> dict[str, str | float]:
    return {
        "variable": variable,
        "by": by,
        "n_episodes": recording.sizes["episode"],
        "steps_per_trial": steps_per_trial(recording),
        "step_seconds": step_seconds,
    }
