"""Activity by trial, and what is compared with it: the checks and the alignment that all measures of recordings use.

Arrays that belong together are aligned by their labels, never by position: a target whose networks, episodes or trials
are in another order gives the same result, and one with other labels is refused. An axis without labels is taken in
order, and must have the right length.
"""

import zlib
from collections.abc import Hashable
from typing import Any

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import STEP_DIMS, clock
from pfc_metarl.data.expected import not_a_recording, require_variable
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.settings import BadInput

TRIAL_DIMS = ("network", "episode", "trial")


def previous(of_trial: xr.DataArray, lag: int = 1) -> xr.DataArray:
    """Return the value some trials before, in the same episode; NaN where there was no such trial.

    Parameters
    ----------
    of_trial : DataArray with dimension trial
        As returned by `pfc_metarl.data.trial_table.trial_view`.
    lag : int
        Trials back, at least 1.

    Returns
    -------
    DataArray of float, same dims and labels

    Raises
    ------
    BadInput
        If the lag is below 1.

    Examples
    --------
    >>> reward = xr.DataArray([[[1.0, 0.0, 1.0]]], dims=("network", "episode", "trial"))
    >>> previous(reward).values.tolist()
    [[[nan, 1.0, 0.0]]]
    """
    if lag < 1:
        raise BadInput(f"lag = {lag}: must be at least 1.")
    return of_trial.astype(float).shift(trial=lag)


def following(of_trial: xr.DataArray) -> xr.DataArray:
    """Return the value of the next trial, in the same episode; NaN where there is none.

    Examples
    --------
    >>> following(xr.DataArray([[[1.0, 0.0, 1.0]]], dims=TRIAL_DIMS)).values.tolist()
    [[[0.0, 1.0, nan]]]
    """
    return of_trial.astype(float).shift(trial=-1)


def require_signal(recording: Any, variable: str) -> None:
    """Raise BadInput unless there is a recording, with a variable that has at most one axis beyond the step.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> require_signal(example_recording(), "reward")  # nothing: it is a signal
    >>> require_signal(example_recording(), "dopamine")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: variable = 'dopamine': the recording has none of that name; it has ...
    """
    if not isinstance(recording, xr.Dataset):
        raise not_a_recording(recording)
    require_variable(recording, variable)
    dims = recording[variable].dims
    if dims[:3] != STEP_DIMS or len(dims) > len(STEP_DIMS) + 1:
        raise BadInput(f"variable = {variable!r}: its dims are {dims}; a signal has {STEP_DIMS} and at most one more.")


def require_activity(recording: Any, variable: str) -> None:
    """Raise BadInput unless there is a recording, with a variable that has one axis beyond the step: units.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> require_activity(example_recording(), "hidden")  # nothing: it has units
    >>> require_activity(example_recording(), "reward")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: variable = 'reward': its dims are ('network', 'episode', 'step'); ...
    """
    if isinstance(recording, xr.Dataset) and variable in recording:
        dims = recording[variable].dims
        if dims[:3] != STEP_DIMS or len(dims) != len(STEP_DIMS) + 1:
            raise BadInput(f"variable = {variable!r}: its dims are {dims}; activity has one more than {STEP_DIMS}.")
    require_signal(recording, variable)


def trial_activity(recording: xr.Dataset, network: int, variable: str, phase: str) -> np.ndarray:
    """Return the activity of one network at a phase; other networks are not read.

    Parameters
    ----------
    recording : Dataset
    network : int
        Its position in the recording.
    variable, phase : str

    Returns
    -------
    array, shape [episode, trial, unit]
        As many trials as any network of the recording has; NaN in those that this one did not have, or that never came
        to the phase.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> recording = example_recording(n_episodes=40, n_trials=10)
    >>> trial_activity(recording, network=1, variable="hidden", phase="outcome").shape
    (40, 10, 6)
    """
    values = trial_view(recording.isel(network=[network]), variable, phase).values[0].astype(float)
    missing = n_trials(recording) - values.shape[1]
    return np.pad(values, [(0, 0), (0, missing), *[(0, 0)] * (values.ndim - 2)], constant_values=np.nan)


def n_trials(recording: xr.Dataset) -> int:
    """Return the largest number of trials of an episode of a recording.

    Examples
    --------
    >>> trial = xr.DataArray([[[0, 0, 1, 1]]], dims=STEP_DIMS)
    >>> phase = xr.zeros_like(trial).assign_attrs(flag_meanings=["choice"])
    >>> n_trials(xr.Dataset({"trial": trial, "phase": phase}))
    2
    """
    return int(clock(recording)[0].max()) + 1


def labels(data: xr.Dataset | xr.DataArray, dim: Hashable) -> np.ndarray:
    """Return the labels along a dimension: those it has, or the numbers from 0.

    Examples
    --------
    >>> labels(xr.DataArray([0.0, 0.0], dims="network"), "network").tolist()
    [0, 1]
    """
    return np.asarray(data[dim].values if dim in data.coords else np.arange(data.sizes[dim]))


def generator(seed: int, label: Any) -> np.random.Generator:
    """Return the random generator of a network, by its label: it is independent of the other networks.

    Examples
    --------
    >>> generator(0, 3).random() == np.random.default_rng([0, 3]).random()
    True
    """
    whole = isinstance(label, int | np.integer) and label >= 0
    return np.random.default_rng([seed, int(label) if whole else zlib.crc32(str(label).encode())])


def of_trials(array: Any, recording: xr.Dataset, name: str) -> xr.DataArray:
    """Return an array of trials in the order of a recording.

    Parameters
    ----------
    array : DataArray, dims network, episode and trial in any order
        Trials are counted from 0. Beyond the last trial of the recording there may be nothing but NaN.
    recording : Dataset
    name : str
        What the array is called in messages.

    Returns
    -------
    DataArray, dims (network, episode, trial)

    Raises
    ------
    BadInput
        If it has other dims, or other networks, episodes or trials than the recording.

    Examples
    --------
    Its networks may come in any order:

    >>> from pfc_metarl.data.example import example_recording
    >>> from pfc_metarl.data.trial_table import trial_view
    >>> recording = example_recording()
    >>> reward = trial_view(recording, "reward", "outcome")
    >>> of_trials(reward.isel(network=[1, 0]), recording, "reward").identical(reward)
    True
    """
    if not isinstance(array, xr.DataArray) or set(array.dims) != set(TRIAL_DIMS):
        raise BadInput(
            f"{name} must be a DataArray with dims {TRIAL_DIMS}; "
            "pfc_metarl.trial_view(recording, VARIABLE, PHASE) returns one."
        )
    expected = {dim: labels(recording, dim) for dim in TRIAL_DIMS[:2]}
    known = {dim: dim in recording.coords for dim in expected}
    made = array.transpose(*TRIAL_DIMS)
    for dim, its_labels in expected.items():
        made = ordered(made, dim, its_labels, name, by_label=known[dim])
    return ordered(_without_empty_trials(made, n_trials(recording)), "trial", np.arange(n_trials(recording)), name)


def numbers_of_trials(array: Any, recording: xr.Dataset, name: str) -> np.ndarray:
    """Return numbers of trials in the order of a recording, [network, episode, trial], as `of_trials` does.

    Raises
    ------
    BadInput
        As `of_trials`, or if it holds something else than finite numbers and NaN.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> from pfc_metarl.data.trial_table import trial_view
    >>> recording = example_recording(n_episodes=40, n_trials=10)
    >>> numbers_of_trials(trial_view(recording, "reward", "outcome"), recording, "reward").shape
    (2, 40, 10)
    """
    values = of_trials(array, recording, name).values
    if values.dtype.kind not in "biuf" or bool(np.isinf(values.astype(float)).any()):
        raise BadInput(f"{name} must hold finite numbers, or NaN for trials to leave out.")
    return np.asarray(values.astype(float))


def _without_empty_trials(array: xr.DataArray, n: int) -> xr.DataArray:
    """Leave trials out that the recording does not have, if nothing is known of them."""
    beyond = labels(array, "trial") >= n
    if beyond.any() and array.dtype.kind == "f" and bool(np.isnan(array.values[..., beyond]).all()):
        return array.isel(trial=~beyond)
    return array


def ordered(array: xr.DataArray, dim: str, wanted: np.ndarray, name: str, by_label: bool = True) -> xr.DataArray:
    """Return an array with its labels along a dimension in a given order.

    Parameters
    ----------
    array : DataArray
    dim : str
    wanted : array
        The labels, in the order asked for.
    name : str
        What the array is called in messages.
    by_label : bool
        Whether what it is aligned with has labels; without labels on both sides, order counts.

    Raises
    ------
    BadInput
        If its labels differ from those wanted, or one is repeated; without labels, if the length differs.

    Examples
    --------
    >>> array = xr.DataArray([1.0, 2.0], {"network": [3, 0]}, ["network"])
    >>> ordered(array, "network", np.array([0, 3]), "target").values.tolist()
    [2.0, 1.0]
    """
    n, expected = array.sizes[dim], len(wanted)
    if n != expected:
        what = "trials" if dim == "trial" else f"along {dim}"
        raise BadInput(f"{name} has {n} {what}; the recording has {expected}.")
    if not by_label or dim not in array.coords:
        return array
    own = array[dim].values
    places = positions(wanted, own)
    if places is None:
        raise BadInput(
            f"{name} has {dim} {_listed(own)}; the recording has {_listed(wanted)}: labels must be the same."
        )
    return array if np.array_equal(own, wanted) else array.isel({dim: places})


def positions(wanted: np.ndarray, there: np.ndarray) -> list[int] | None:
    """Return the position of each wanted label; None if the labels differ, or one is repeated.

    Examples
    --------
    >>> positions(np.array([0, 3]), np.array([3, 0]))
    [1, 0]
    >>> positions(np.array([0, 3]), np.array([3, 1])) is None
    True
    """
    place = {label: number for number, label in enumerate(there.tolist())}
    if len(place) != len(there) or place.keys() != set(wanted.tolist()):
        return None
    return [place[label] for label in wanted.tolist()]


def _listed(values: np.ndarray, most: int = 6) -> str:
    texts = [str(value) for value in values.tolist()]
    return ", ".join(texts if len(texts) <= most else [*texts[: most - 1], "...", texts[-1]])
