"""Signals: activity network by network, cut at the ends of episodes, and results labelled by unit."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.dataset import STEP_DIMS, clock, numbers
from pfc_metarl.measures.activity import labels, require_signal
from pfc_metarl.settings import BadInput

STEP_SECONDS = 0.1
"""Nominal duration of a step: that of neurogym's tasks."""

MIN_RANGE = 1e-6
"""Range of a unit's activity, as fraction of its largest value, below which it is rounding."""

GROUPS = 10
"""Groups of episodes that a jackknife leaves out, one after the other."""


class Signal(NamedTuple):
    """The activity of one network."""

    activity: np.ndarray
    """[unit, episode, step], without the trial-locked mean if requested; one unit for a plain signal."""
    reason: np.ndarray
    """[unit], why a unit cannot be used; nothing, if it can."""


def require_timed_signal(recording: xr.Dataset, variable: str, step_seconds: float) -> None:
    """Raise BadInput unless there is a recording with such a signal, and a duration of its steps.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> require_timed_signal(example_recording(), "hidden", step_seconds=0)
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: step_seconds = 0: must be above 0.
    """
    require_signal(recording, variable)
    if not 0 < step_seconds < np.inf:
        raise BadInput(f"step_seconds = {step_seconds}: must be above 0.")


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
    """Yield a signal network by network.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> recording = example_recording(n_networks=2, n_episodes=40, n_trials=10)
    >>> [signal.activity.shape for signal in signals(recording, "hidden", without_trial_mean=True)]
    [(6, 40, 20), (6, 40, 20)]
    """
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
        silent = np.ptp(activity, axis=(0, 1)) <= MIN_RANGE * np.abs(raw).reshape(activity.shape).max(axis=(0, 1))
        reason[silent] = f"its activity never changes{' but with the trial' if without_trial_mean else ''}"
        yield Signal(np.moveaxis(activity, -1, 0), reason)


def _slots(trial: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Return the place of each step in its trial: the same number for the same phase, as many steps into it."""
    step = np.broadcast_to(np.arange(trial.shape[-1]), trial.shape)
    new = np.ones(trial.shape, bool)
    new[..., 1:] = (np.diff(trial) != 0) | (np.diff(phase) != 0)
    began = np.maximum.accumulate(np.where(new, step, 0), axis=-1)
    return phase * trial.shape[-1] + step - began


def labelled(values: dict[str, Any], reason: np.ndarray, recording: xr.Dataset, variable: str) -> xr.Dataset:
    """Label results of dims (subject, unit, ...), [subject, unit] reasons beside them.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> recording = example_recording(n_networks=1)
    >>> reason = np.array([["", "", "", "", "", "silent"]])
    >>> made = labelled({"power": (("subject", "unit"), np.ones((1, 6)))}, reason, recording, "hidden")
    >>> made["n_units"].values.tolist(), made["reason"].sel(unit="noise").values.tolist()
    ([5], ['silent'])
    """
    dims = ("subject", "unit")
    valid = reason == ""
    own = {"valid": (dims, valid), "reason": (dims, reason.astype(str)), "n_units": ("subject", valid.sum(axis=1))}
    made = xr.Dataset(values | own, {"subject": labels(recording, "network")})
    if recording[variable].ndim == len(STEP_DIMS):
        return made.isel(unit=0, drop=True)
    return made.assign_coords(unit=labels(recording, recording[variable].dims[-1]))


def jackknife(estimates: np.ndarray) -> np.ndarray:
    """Return the standard error of what was estimated, along the first axis, with one group left out each.

    Examples
    --------
    >>> jackknife(np.array([1.0, 2.0, 3.0])).round(3)
    np.float64(1.155)
    """
    n = len(estimates)
    return np.asarray(np.sqrt((n - 1) * estimates.var(axis=0)))


def groups(episodes: np.ndarray) -> list[np.ndarray]:
    """Return the groups into which episodes, along the first axis, fall.

    Examples
    --------
    >>> [len(group) for group in groups(np.zeros((25, 3)))]
    [3, 3, 3, 3, 3, 2, 2, 2, 2, 2]
    """
    return np.array_split(episodes, min(GROUPS, len(episodes)))


def without_each(n: int) -> list[np.ndarray]:
    """Return, for each of the groups into which `n` episodes fall, the indices of all others.

    Examples
    --------
    >>> [indices.tolist() for indices in without_each(3)]
    [[1, 2], [0, 2], [0, 1]]
    """
    return [np.delete(np.arange(n), group) for group in groups(np.arange(n))]
