"""Recordings that come in parts, each of some episodes: joined in memory, or written part by part if they are large.

A large recording needs the memory of a few parts, however long it is. HDF5 ends the process where a disk fills up, so
there must be room on the disk for a part before it is written.
"""

import errno
import itertools
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import h5netcdf
import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import SCHEMA, save, validate
from pfc_metarl.data.files import replacing
from pfc_metarl.data.hdf5 import UNLOCKED, encoded

LARGEST_IN_MEMORY = 512 * 2**20
"""Bytes of a recording that is written at once; making the file takes about three times as much memory."""

MARGIN = 16 * 2**20
"""Bytes that must remain free on the disk, besides twice the size of the file."""


def joined_parts(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Return a recording as one: the episodes of each part after those of the part before; validated."""
    first = parts[0]
    data = {name: xr.Variable.concat([part.variables[name] for part in parts], "episode") for name in first.data_vars}
    coords = {
        name: np.concatenate([part[name].values for part in parts]) if name == "episode" else coordinate.values
        for name, coordinate in first.coords.items()
    }
    return validate(xr.Dataset(data, coords, first.attrs))


def save_parts(parts: Iterable[xr.Dataset], path: str | Path) -> Path:
    """Write a recording as netCDF, part by part; the file appears only when it is complete.

    Up to `LARGEST_IN_MEMORY` it is the file that `pfc_metarl.data.dataset.save` makes of the whole. A larger one
    grows along its episodes, and fields of a task's state are then int32, since no later part is known to need less.

    Parameters
    ----------
    parts : iterable of Dataset
        The same networks, variables and attributes in each.
    path : str or Path

    Raises
    ------
    OSError
        If there is no room on the disk for the next part.
    """
    held, coming = [], iter(parts)
    for part in coming:
        held.append(part)
        if sum(each.nbytes for each in held) > LARGEST_IN_MEMORY:
            return _streamed(itertools.chain(held, coming), Path(path))
    return save(joined_parts(held), path)


def _streamed(parts: Iterable[xr.Dataset], path: Path) -> Path:
    with replacing(path) as temporary:
        for number, part in enumerate(parts):
            validate(part)
            _require_room(path.parent, part.nbytes)
            if number == 0:
                whole = _with_wide_integers(part)
                temporary.write_bytes(encoded(whole, unlimited_dims=["episode"]))
            else:
                _append(part, temporary)
    return path


def _require_room(folder: Path, n_bytes: int) -> None:
    if shutil.disk_usage(folder).free < 2 * n_bytes + MARGIN:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _with_wide_integers(part: xr.Dataset) -> xr.Dataset:
    small = [name for name, array in part.data_vars.items() if name not in SCHEMA and array.dtype.kind == "i"]
    return part.assign({name: part[name].astype("int32") for name in small})


def _append(part: xr.Dataset, path: Path) -> None:
    with h5netcdf.File(path, "a", **UNLOCKED) as file:
        start = file.dimensions["episode"].size
        file.resize_dimension("episode", start + part.sizes["episode"])
        for name, array in part.variables.items():
            if "episode" in array.dims:
                where = tuple(slice(start, None) if dim == "episode" else slice(None) for dim in array.dims)
                file.variables[str(name)][where] = array.values
