"""The schema of recordings: one labelled dataset, written by simulation and read by measures.

Dims come in the order network, episode, step, then the variable's own. Names are strings, numbers are small integers;
attributes are numbers, strings and lists of strings, without time stamps, so the same run gives the same bytes.

A prediction error ``rpe`` (or ``rpe_<name>``, of a yoked agent) is reward[t] + discount · next value − value[t], at
every step t. Its attributes name the variable of the values (``value``, or ``action_value`` at the action taken), the
``discount``, and ``next_value_within``: the next value is that of step t + 1 of the same "episode" or "trial", else 0.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from pfc_metarl.data.expected import not_a_recording
from pfc_metarl.data.files import replacing, require_file
from pfc_metarl.data.hdf5 import encoded, store
from pfc_metarl.settings import BadInput, counted

STEP_DIMS = ("network", "episode", "step")


class Variable(NamedTuple):
    """A row of the schema."""

    extra_dims: tuple[str, ...]
    dtype: str
    meaning: str
    units: str = "1"


SCHEMA = {
    "observation": Variable(("channel",), "float32", "what the task showed"),
    "action": Variable((), "int8", "action chosen, an index into option"),
    "reward": Variable((), "float32", "reward that followed the action"),
    "trial": Variable((), "int16", "trial of the episode, from 0"),
    "phase": Variable((), "int8", "phase of the trial"),
    "policy": Variable(("option",), "float32", "probability of each action"),
    "value": Variable((), "float32", "value of the state, as estimated by the agent", "reward"),
    "action_value": Variable(("option",), "float32", "value of each action, as estimated by the agent", "reward"),
    "rpe": Variable((), "float32", "reward-prediction error that followed the action (dopamine)", "reward"),
    "rpe_input": Variable(
        (), "float32", "dopamine that reached the actor: rpe of the step before, stimulated", "reward"
    ),
    "hidden": Variable(("unit",), "float32", "activity of the units after the percept"),
    "cell": Variable(("unit",), "float32", "cell state of the units after the percept"),
}
"""Every variable with a fixed name; the fields of the task's state are further variables."""

REQUIRED = ("action", "reward", "trial", "phase")

AT_ONCE = 2**27
"""Bytes of a variable above which it is read network by network and not kept in memory."""


def variable(name: str, values: np.ndarray, extra_dims: tuple[str, ...] = ()) -> xr.Variable:
    """Label an array of shape [network, episode, step, ...] and give it the type of the schema.

    Parameters
    ----------
    name : str
        A name of `SCHEMA`, or any other for a field of a task's state or a derived signal.
    values : array
    extra_dims : tuple of str
        Names of the axes after step; for a name of `SCHEMA` they are known.
    """
    known = SCHEMA.get(name)
    extra = known.extra_dims if known else extra_dims
    dtype = known.dtype if known else _small(values)
    attrs = {"long_name": known.meaning, "units": known.units} if known else {}
    held = np.ascontiguousarray(values, dtype=dtype)
    if held.dtype.kind == "i" and not np.array_equal(held, values):
        raise BadInput(f"Variable {name!r} holds values that do not fit its type {dtype}.")
    return xr.Variable((*STEP_DIMS, *extra), held, attrs)


def _small(values: np.ndarray) -> str:
    if values.dtype.kind == "f":
        return "float32"
    if values.dtype.kind == "b" or (values.min(initial=0) >= -128 and values.max(initial=0) <= 127):
        return "int8"
    return "int32"


def validate(recording: xr.Dataset) -> xr.Dataset:
    """Check a recording against the schema and return it.

    Raises
    ------
    BadInput
        Names the variable that is missing, misshapen or not finite.
    """
    for name in (*REQUIRED, *map(str, recording.data_vars)):
        for _ in numbers_by_network(recording, name):
            pass
    clock(recording)
    return recording


def numbers(recording: xr.Dataset, name: str) -> np.ndarray:
    """Return a variable of a recording as finite numbers, shape [network, episode, step, ...].

    Raises
    ------
    BadInput
        If there is none, or it has other dims, is empty, or holds something else.
    """
    return _finite(np.asarray(_described(recording, name).values), name)


def numbers_by_network(recording: xr.Dataset, name: str) -> Iterator[np.ndarray]:
    """Yield a variable as `numbers` does; above `AT_ONCE` bytes network by network, without keeping it in memory.

    Raises
    ------
    BadInput
        As `numbers`.
    """
    array = _described(recording, name)
    if array.nbytes <= AT_ONCE:
        yield numbers(recording, name)
        return
    for network in range(array.sizes["network"]):
        yield _finite(np.asarray(array.isel(network=[network]).values), name)


def _described(recording: xr.Dataset, name: str) -> xr.DataArray:
    """Return a variable of a recording that has the right dims and holds numbers; it is not read."""
    if name not in recording:
        raise BadInput(f"The recording has no variable {name!r}; it needs {', '.join(REQUIRED)}.")
    array = recording[name]
    expected = STEP_DIMS + (SCHEMA[name].extra_dims if name in SCHEMA else ())
    if array.dims != expected and (name in SCHEMA or array.dims[: len(expected)] != expected):
        raise BadInput(f"Variable {name!r} of the recording has dims {array.dims}, expected {expected}.")
    if array.dtype.kind not in "biuf" or array.size == 0:
        raise BadInput(
            f"Variable {name!r} of the recording holds {counted(array.size, 'value')} of type {array.dtype}, "
            "no numbers."
        )
    return array


def _finite(values: np.ndarray, name: str) -> np.ndarray:
    if values.dtype.kind == "f" and not bool(np.isfinite(values).all()):
        raise BadInput(f"Variable {name!r} of the recording holds values that are not finite.")
    return values


def clock(recording: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return trial and phase of every step of a recording.

    Raises
    ------
    BadInput
        If there are more trials than steps, or phases without a name.
    """
    ends = {"trial": recording.sizes.get("step", 0), "phase": len(phase_names(recording))}
    trial, phase = (numbers(recording, name) for name in ends)
    for (name, end), values in zip(ends.items(), (trial, phase), strict=True):
        if values.min() < 0 or values.max() >= end:
            raise BadInput(f"Variable {name!r} of the recording must be at least 0 and below {end}.")
    return trial.astype(np.int64), phase.astype(np.int64)


def phase_names(recording: xr.Dataset) -> list[str]:
    """Return the names of the phases, in the order of their numbers."""
    if not isinstance(recording, xr.Dataset):
        raise not_a_recording(recording)
    names = recording["phase"].attrs.get("flag_meanings") if "phase" in recording else None
    if names is None or not np.size(names):
        raise BadInput(
            "The recording has no variable 'phase' with an attribute flag_meanings, the names of the phases."
        )
    return [str(name) for name in np.atleast_1d(names)]


def in_phase(recording: xr.Dataset, phase: str) -> xr.DataArray:
    """Return where a recording is in a phase, by its name.

    Raises
    ------
    BadInput
        If the recording has no such phase.
    """
    names = phase_names(recording)
    if phase not in names:
        raise BadInput(f"phase = {phase!r}: the recording has no such phase; it has {', '.join(names)}.")
    clock(recording)
    return recording["phase"] == names.index(phase)


def save(dataset: xr.Dataset, path: str | Path) -> Path:
    """Write a dataset as netCDF; the file appears whole or not at all."""
    path = Path(path)
    with replacing(path) as temporary:
        temporary.write_bytes(encoded(dataset))  # HDF5 itself crashes where a disk is full
    return path


def load(path: str | Path) -> xr.Dataset:
    """Open a netCDF file of the package; arrays are read when they are needed.

    Raises
    ------
    BadInput
        If the file is missing, truncated or no netCDF file, or the system does not let it be read.
    """
    require_file(Path(path))
    try:
        return xr.open_dataset(store(path), cache=True)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise BadInput(f"{path} {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """Return why a file cannot be opened; only HDF5 can tell that a file is truncated."""
    text = (str(error).splitlines() or [""])[0]
    if "truncated file" in text:
        return "is truncated; make it again, or copy it again."
    if isinstance(error, OSError) and error.errno:
        return f"cannot be read now: {os.strerror(error.errno)}; the file itself may be good."
    if "signature not found" in text:
        return "cannot be read as netCDF; give a netCDF file, as recordings of a run are, or make this one again."
    return f"cannot be read as netCDF; make it again ({text[:100]})."


def open_recording(path: str | Path, checked: bool = False) -> xr.Dataset:
    """Open a recording and check it against the schema.

    Parameters
    ----------
    path : str or Path
    checked : bool
        Whether the file was checked already, as those of a run are.

    Examples
    --------
    >>> open_recording("nowhere.nc")
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: nowhere.nc: there is no such file.
    """
    try:
        opened = load(path)
        for name in REQUIRED if checked else ():
            _described(opened, name)
        return _with_lists(opened if checked else validate(opened))
    except BadInput as error:
        message = str(error)
        raise BadInput(message if str(path) in message else f"{path}: {message}") from None


def _with_lists(recording: xr.Dataset) -> xr.Dataset:
    """Give lists of one entry back, which netCDF returns as the entry, for a task with one phase or one column."""
    for name in ("trial_columns", "no_response_actions"):
        if name in recording.attrs:
            recording.attrs[name] = [str(entry) for entry in np.atleast_1d(recording.attrs[name])]
    phase = recording["phase"].attrs
    phase["flag_meanings"] = phase_names(recording)
    if "flag_values" in phase:
        phase["flag_values"] = np.atleast_1d(phase["flag_values"])
    return recording


def attributes(**values: Any) -> dict[str, Any]:
    """Return attributes that netCDF can hold; refuses anything else by TypeError."""
    for name, value in values.items():
        texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
        if isinstance(value, bool) or not (texts or isinstance(value, str | int | float)):
            raise TypeError(f"attribute {name} = {value!r} must be a number, a string or a list of strings")
    return values
