"""Tables of a figure: one netCDF file in data/derived, a group for each table."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from pfc_metarl.data.files import replacing
from pfc_metarl.data.hdf5 import encoded, groups
from pfc_metarl.settings import BadInput

Tables = Mapping[str, xr.Dataset]
"""Tables of a figure, by name."""


def save(tables: Tables, origin: Mapping[str, Any], path: Path) -> Path:
    """Write the tables of a figure and their origin; the same tables give the same bytes."""
    tree = xr.DataTree.from_dict({f"/{name}": _small(table) for name, table in tables.items()})
    tree.attrs["origin"] = json.dumps(origin)
    compressed = {
        f"/{name}": {v: {"zlib": True} for v in table.data_vars if table[v].ndim} for name, table in tables.items()
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(encoded(tree, encoding=compressed))
    except OSError as error:
        raise BadInput(f"--out {path.parent}: {error.strerror}; choose a folder that can be written.") from None
    return path


def load(path: Path) -> tuple[dict[str, xr.Dataset], dict[str, Any]]:
    """Read the tables of a figure, and their origin.

    Raises
    ------
    BadInput
        If the file is no such file.
    """
    try:
        tables, attributes = groups(path)
        return tables, json.loads(attributes["origin"])
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = str(error).splitlines()[0][:100]
        raise BadInput(f"{path} holds no tables of a figure; make it again from its run ({reason}).") from None


def _small(table: xr.Dataset) -> xr.Dataset:
    """Store numbers in four bytes, which is precise enough for a figure."""
    return table.map(lambda array: array.astype(np.float32) if array.dtype == np.float64 else array, keep_attrs=True)


def storable(roles: xr.Dataset) -> xr.Dataset:
    """Return causal roles with their text as objects, as it is read from files."""
    roles = roles.drop_vars(["valid", "reason"])
    return roles.assign({name: roles[name].astype(object) for name in ("role", "role_of_networks")})
