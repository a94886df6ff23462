"""Several recordings, or results of several conditions, in one Dataset."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import validate
from pfc_metarl.settings import BadInput


def along(dim: str, parts: Mapping[Any, xr.Dataset]) -> xr.Dataset:
    """Concatenate Datasets along a new dimension, labelled by their keys.

    Parameters
    ----------
    dim : str
        Name of the new dimension, the first of every variable.
    parts : mapping of Dataset
        By label.

    Returns
    -------
    Dataset
        With the labels as coordinate of the new dimension; NaN where a part lacks a label that others have.

    Examples
    --------
    >>> made = along("p_win", {0.5: xr.Dataset({"shift": 1.0}), 0.125: xr.Dataset({"shift": 2.0})})
    >>> made["shift"].sel(p_win=0.125).item()
    2.0
    """
    return xr.concat(list(parts.values()), xr.IndexVariable(dim, list(parts)), join="outer")


def joined(*recordings: xr.Dataset) -> xr.Dataset:
    """Join recordings of the same networks: the episodes of one after those of the other.

    Variables and attributes that are not in all of them are left out.

    Parameters
    ----------
    *recordings : Dataset

    Returns
    -------
    Dataset
        Episodes are numbered from 0 throughout.

    Raises
    ------
    BadInput
        If they are not recordings of the same networks, or episodes differ in length.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> recording = example_recording()
    >>> joined(recording, recording).sizes["episode"] == 2 * recording.sizes["episode"]
    True
    """
    for recording in recordings:
        validate(recording)
        if not recording["network"].equals(recordings[0]["network"]):
            raise BadInput("Recordings of other networks cannot be joined; give recordings of the same run.")
        if recording.sizes["step"] != recordings[0].sizes["step"]:
            raise BadInput("Recordings can be joined only if their episodes have the same length.")
    shared = [name for name in recordings[0].data_vars if all(name in recording for recording in recordings)]
    made = xr.concat(
        [recording[shared].drop_vars("episode", errors="ignore") for recording in recordings],
        dim="episode",
        combine_attrs="drop_conflicts",
        join="exact",
    )
    return made.assign_coords(episode=np.arange(made.sizes["episode"]))
