"""Values of a recording gathered by trial: at the first step, at the last step, or summed over the steps."""

import numpy as np
import xarray as xr

from pfc_metarl.data.columns import READS, Read
from pfc_metarl.data.dataset import clock, numbers_by_network, phase_names
from pfc_metarl.data.expected import not_a_recording, require_variable
from pfc_metarl.settings import BadInput


def trial_view(recording: xr.Dataset, variable: str, phase: str | None = None, read: Read = "first") -> xr.DataArray:
    """Gather a variable by trial.

    Parameters
    ----------
    recording : Dataset
    variable : str
    phase : str, optional
        Steps of the trial that are in this phase; all steps of the trial by default.
    read : {"first", "last", "sum"}
        Value at the first or the last of these steps, or the sum over them.

    Returns
    -------
    DataArray, dims (network, episode, trial, ...)
        Trials are numbered from 0. NaN where a trial has no such step.

    Raises
    ------
    BadInput
        If variable, phase or read is unknown.

    Examples
    --------
    >>> from pfc_metarl.data.dataset import variable
    >>> steps = {"trial": [0, 0, 1], "phase": [0, 0, 0], "action": [2, 1, 0], "reward": [0, 1, 1]}
    >>> made = xr.Dataset({name: variable(name, np.array([[values]])) for name, values in steps.items()})
    >>> made["phase"].attrs["flag_meanings"] = ["choice"]
    >>> [trial_view(made, "action", "choice", read).values.tolist() for read in ("first", "last", "sum")]
    [[[[2, 0]]], [[[1, 0]]], [[[3, 0]]]]
    """
    if not isinstance(recording, xr.Dataset):
        raise not_a_recording(recording)
    require_variable(recording, variable)
    if read not in READS:
        raise BadInput(f"read = {read!r}: must be one of {', '.join(READS)}.")
    trial, inside = _steps(recording, phase)
    views, start = [], 0
    for values in numbers_by_network(recording, variable):
        rows = slice(start, start + len(values))
        gather = _summed if read == "sum" else _at_first if read == "first" else _at_last
        views.append(gather(values, trial[rows], inside[rows], int(trial.max()) + 1))
        start += len(values)
    gathered = views[0] if len(views) == 1 else np.concatenate(views)
    dims = ("network", "episode", "trial", *recording[variable].dims[3:])
    coords = {name: recording[name] for name in dims if name in recording.coords}
    numbered = {**coords, "trial": np.arange(gathered.shape[2])}
    return xr.DataArray(gathered, dims=dims, coords=numbered, name=variable)


def trials_begun(recording: xr.Dataset) -> np.ndarray:
    """Return which trials have a step, [network, episode, trial]."""
    trial, inside = _steps(recording, None)
    return _counts(trial, inside, int(trial.max()) + 1) > 0


def _steps(recording: xr.Dataset, phase: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the trial of each step and whether the step is in the phase, [network, episode, step]."""
    names = phase_names(recording)
    if phase is not None and phase not in names:
        raise BadInput(f"phase = {phase!r}: the recording has no such phase; it has {', '.join(names)}.")
    trial, phases = clock(recording)
    return trial, np.ones(trial.shape, dtype=bool) if phase is None else phases == names.index(phase)


def _counts(trial: np.ndarray, inside: np.ndarray, n_trials: int) -> np.ndarray:
    network, episode, step = np.nonzero(inside)
    counts = np.zeros((*trial.shape[:2], n_trials), dtype=np.int64)
    np.add.at(counts, (network, episode, trial[network, episode, step]), 1)
    return counts


def _at_first(values: np.ndarray, trial: np.ndarray, inside: np.ndarray, n_trials: int) -> np.ndarray:
    network, episode, step = np.nonzero(inside)
    never = trial.shape[2]
    first = np.full((*trial.shape[:2], n_trials), never)
    np.minimum.at(first, (network, episode, trial[network, episode, step]), step)
    return _taken(values, np.where(first == never, -1, first))


def _at_last(values: np.ndarray, trial: np.ndarray, inside: np.ndarray, n_trials: int) -> np.ndarray:
    network, episode, step = np.nonzero(inside)
    last = np.full((*trial.shape[:2], n_trials), -1)
    np.maximum.at(last, (network, episode, trial[network, episode, step]), step)
    return _taken(values, last)


def _taken(values: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Take values [network, episode, step, ...] at one step of each trial; NaN where there is none."""
    index = steps.clip(min=0).reshape(*steps.shape, *(1,) * (values.ndim - 3))
    gathered = np.take_along_axis(values, index, axis=2)
    return np.where(index == steps.reshape(index.shape), gathered, np.nan) if (steps < 0).any() else gathered


def _summed(values: np.ndarray, trial: np.ndarray, inside: np.ndarray, n_trials: int) -> np.ndarray:
    """Sum values [network, episode, step, ...] over the steps of each trial; NaN where there is none."""
    network, episode, step = np.nonzero(inside)
    wide = np.float64 if values.dtype.kind == "f" else np.int64
    total = np.zeros((*trial.shape[:2], n_trials, *values.shape[3:]), dtype=wide)
    np.add.at(total, (network, episode, trial[network, episode, step]), values[network, episode, step])
    total = total.astype(values.dtype) if values.dtype.kind == "f" else total
    empty = _counts(trial, inside, n_trials) == 0
    return np.where(empty.reshape(*empty.shape, *(1,) * (total.ndim - 3)), np.nan, total) if empty.any() else total
