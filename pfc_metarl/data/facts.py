"""What is read of a recording without describing its twenty variables, which takes ten times as long."""

from pathlib import Path
from typing import Any

import h5netcdf
import numpy as np

from pfc_metarl.data.hdf5 import UNLOCKED


def facts(path: str | Path) -> dict[str, Any]:
    """Return the attributes of a netCDF file.

    Examples
    --------
    >>> import tempfile
    >>> from pfc_metarl.data.dataset import save
    >>> import xarray as xr
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     facts(save(xr.Dataset(attrs={"probe": "test"}), f"{folder}/test.nc"))
    {'probe': 'test'}
    """
    with h5netcdf.File(path, "r", **UNLOCKED) as file:
        return dict(file.attrs)


def mean_rewards(path: str | Path) -> np.ndarray:
    """Return what each network of a recording earned per trial, in all steps of all its trials, as in the training.

    Examples
    --------
    >>> import tempfile
    >>> from pfc_metarl.data.dataset import save
    >>> from pfc_metarl.data.example import example_recording
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     mean_rewards(save(example_recording(), f"{folder}/test.nc")).shape
    (2,)
    """
    with h5netcdf.File(path, "r", **UNLOCKED) as file:
        reward, n_trials = file.variables["reward"], int(file.variables["trial"][...].max()) + 1
        episode, step = (reward.dimensions.index(name) for name in ("episode", "step"))
        total: np.ndarray = np.asarray(reward[...], dtype=float).sum(axis=(episode, step))
        return total / (reward.shape[episode] * n_trials)
