"""Autocorrelation: how well the activity of a unit predicts itself, some trials or steps later."""

import functools
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr

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
from pfc_metarl.settings import BadInput, counted

By = Literal["trial", "step"]

FEWEST_EPISODES = 5
"""Episodes below which a correlation over them means nothing."""

FEWEST_LAGS = 5
"""Lags that an exponential decay of three parameters can be fitted to."""


def autocorrelation(
    recording: xr.Dataset,
    variable: str = "hidden",
    by: By = "trial",
    phase: str | None = None,
    max_lag: int | None = None,
    step_seconds: float = STEP_SECONDS,
) -> xr.Dataset:
    """Correlate the activity of each unit with its own activity some trials or steps later in the same episode.

    Parameters
    ----------
    recording, variable, step_seconds
        As for `pfc_metarl.measures.power_spectrum`.
    by : {"trial", "step"}
        Unit of the lags. By trial, activity is compared at one phase: units that respond to the same signal with
        opposite signs in two phases, as in trained networks, would else have an autocorrelation that alternates.
    phase : str, optional
        For lags by trial; by default the first of the recording's phases. A trial counts with its first step in it;
        trials that do not reach it in every episode of every network are left out; attribute ``n_times`` is the
        number of the others.
    max_lag : int, optional
        By default half of an episode.

    Returns
    -------
    Dataset, dims (subject, unit, lag)
        ``correlation``, with ``standard_error`` by a jackknife over ten groups of episodes; ``valid``, ``reason``,
        ``n_units`` and attributes as of `power_spectrum`. The lags have coordinates ``trials(lag)``, ``steps(lag)`` and
        ``seconds(lag)``.

    Raises
    ------
    BadInput
        If the recording has no such signal or phase, it is not finite, or episodes are too few or too short.

    Notes
    -----
    As Murray et al. 2014, doi:10.1038/nn.3862, did over trials: Pearson's correlation over episodes between activity at
    times t and t + lag, averaged over t. The mean over episodes at each time is subtracted, and with it everything
    locked to trial and episode. Unlike the autocorrelation of single episodes it is not biased below 0 in short ones.

    Examples
    --------
    The value drifts with a timescale of two trials: its autocorrelation is exp(−lag / 2).

    >>> from pfc_metarl.data.example import example_recording
    >>> recording = example_recording(n_networks=1, n_episodes=200)
    >>> found = autocorrelation(recording)["correlation"].sel(unit="value", subject=0)
    >>> (abs(found - np.exp(-found["lag"] / 2)) < 0.1).all().item()
    True
    """
    found = list(correlated(recording, variable, by, phase, max_lag, step_seconds))
    dims = ("subject", "unit", "lag")
    values = {
        "correlation": (dims, np.stack([of.estimates[0] for of in found])),
        "standard_error": (dims, np.stack([jackknife(of.estimates[1:]) for of in found])),
    }
    made = labelled(values, np.stack([of.reason for of in found]), recording, variable)
    lags = np.arange(made.sizes["lag"])
    steps = lags * steps_per_lag(recording, by)
    coords = {"lag": lags, "trials": ("lag", steps / steps_per_trial(recording)), "steps": ("lag", steps)}
    coords["seconds"] = ("lag", steps * step_seconds)
    return made.assign_coords(coords).assign_attrs(
        attributes_of(recording, variable, by, step_seconds), n_times=found[0].n_times
    )


class Correlated(NamedTuple):
    """The autocorrelations of a network's units."""

    estimates: np.ndarray
    """[1 + groups, unit, lag], of all episodes, then with one group of them left out each."""
    reason: np.ndarray
    """[unit], why there is none; nothing, if there is."""
    n_times: int
    """Times that were compared, those that every episode reaches."""


def correlated(
    recording: xr.Dataset, variable: str, by: By, phase: str | None, max_lag: int | None, step_seconds: float
) -> Iterator[Correlated]:
    """Yield the autocorrelations of each network's units; the parameters are those of `autocorrelation`.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> recording = example_recording(n_networks=1, n_episodes=40)
    >>> next(correlated(recording, "hidden", "trial", None, 5, 0.5)).estimates.shape  # of all, and without each group
    (11, 6, 6)
    """
    require_timed_signal(recording, variable, step_seconds)
    if by not in ("trial", "step"):
        raise BadInput(f'by = {by!r}: must be "trial" or "step".')
    if by == "step" and phase is not None:
        raise BadInput(f'phase = {phase!r}: steps of all phases count with by = "step"; leave it out.')
    if (n := recording.sizes["episode"]) < FEWEST_EPISODES:
        raise BadInput(f"A correlation over {counted(n, 'episode')} says nothing; record at least {FEWEST_EPISODES}.")
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


def _autocorrelated(activity: np.ndarray, max_lag: int, by: By) -> Correlated:
    estimates = np.stack([_correlations(unit, max_lag) for unit in activity], axis=1)
    reason = np.full(len(activity), "", dtype=object)
    reason[np.isnan(estimates).any((0, 2))] = f"its activity differs between episodes at too few {by}s"
    reason[np.ptp(activity, axis=(1, 2)) <= MIN_RANGE * np.abs(activity).max((1, 2))] = "its activity never changes"
    estimates[:, reason != ""] = np.nan
    return Correlated(estimates, reason, activity.shape[-1])


def _correlations(activity: np.ndarray, max_lag: int) -> np.ndarray:
    """Return the mean over t of the correlation of t and t + lag, for lags from 0, of activity [episode, time].

    First over all episodes, then with one group of them left out each; all are computed from sums over groups.
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


def steps_per_lag(recording: xr.Dataset, by: By) -> float:
    """Return how many steps a lag has.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> steps_per_lag(example_recording(), "trial"), steps_per_lag(example_recording(), "step")
    (2.0, 1.0)
    """
    return steps_per_trial(recording) if by == "trial" else 1.0


def attributes_of(recording: xr.Dataset, variable: str, by: By, step_seconds: float) -> dict[str, str | float]:
    """Return the attributes of a result: what was correlated, and the clock.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> attributes_of(example_recording(n_episodes=40), "hidden", "trial", 0.5)["n_episodes"]
    40
    """
    return {
        "variable": variable,
        "by": by,
        "n_episodes": recording.sizes["episode"],
        "steps_per_trial": steps_per_trial(recording),
        "step_seconds": step_seconds,
    }
