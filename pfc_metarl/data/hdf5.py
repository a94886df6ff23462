"""Opening netCDF files for reading, each object in them once.

h5netcdf looks up an object by its path whenever it needs one of its properties, fifty times for a variable. A file that
remembers what was looked up is opened in half the time.
"""

from pathlib import Path
from typing import Any

import h5netcdf
import h5py
from xarray.backends import CachingFileManager, H5NetCDFStore

UNLOCKED = {"locking": False}
"""HDF5 opens files without locks: some file systems have none, and files get their name only when complete."""


class _Remembering(h5py.File):
    """A file that is only read, which looks up every object once."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "r", **UNLOCKED)
        self.found: dict[Any, Any] = {}

    def __getitem__(self, name: Any) -> Any:
        if not isinstance(name, str):  # a reference
            return super().__getitem__(name)
        if name not in self.found:
            self.found[name] = super().__getitem__(name)
        return self.found[name]

    def close(self) -> None:
        self.found.clear()
        super().close()


class _File(h5netcdf.File):
    """A netCDF file that is only read; it closes the HDF5 file that it opened."""

    def __init__(self, opened: _Remembering) -> None:
        self.opened = opened
        super().__init__(opened, "r")

    def close(self) -> None:
        super().close()
        self.opened.close()


def _opened(path: str, mode: str) -> _File:
    return _File(_Remembering(path))


def store(path: str | Path) -> H5NetCDFStore:
    """Return what ``xarray.open_dataset`` reads a netCDF file from; it can be pickled, and is opened again there.

    Examples
    --------
    >>> import tempfile
    >>> import xarray as xr
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     xr.Dataset({"reward": ("step", [1.0, 0.0])}).to_netcdf(f"{folder}/x.nc", engine="h5netcdf")
    ...     with xr.open_dataset(store(f"{folder}/x.nc")) as opened:
    ...         opened["reward"].values.tolist()
    [1.0, 0.0]
    """
    return H5NetCDFStore(CachingFileManager(_opened, str(path), mode="r"), mode="r")
