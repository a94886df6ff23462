"""Results of several conditions in one Dataset."""

from collections.abc import Mapping
from typing import Any

import xarray as xr


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
