"""Opening netCDF files for reading, each object in them once; and datasets as the bytes of such a file.

h5netcdf looks up an object by its path whenever it needs one of its properties, fifty times for a variable. A file that
remembers what was looked up is opened in half the time.
"""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5netcdf
import h5py
import xarray as xr
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
        super().__init__(opened, "r", decode_vlen_strings=True)

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


def groups(path: str | Path) -> tuple[dict[str, xr.Dataset], dict[str, Any]]:
    """Read a netCDF file of groups: each as a dataset in memory, by name, and the attributes of the file.

    Examples
    --------
    >>> import tempfile
    >>> tree = xr.DataTree.from_dict({"/test": xr.Dataset({"reward": ("step", [1.0, 0.0])})})
    >>> tree.attrs["seed"] = "0"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     tree.to_netcdf(f"{folder}/x.nc", engine="h5netcdf")
    ...     found, attributes = groups(f"{folder}/x.nc")
    >>> found["test"]["reward"].values.tolist(), attributes
    ([1.0, 0.0], {'seed': '0'})
    """
    manager = CachingFileManager(_opened, str(path), mode="r")
    try:
        with manager.acquire_context() as file:
            names, attributes = list(file.groups), dict(file.attrs)
        stores = {name: H5NetCDFStore(manager, group=name, mode="r") for name in names}
        return {name: xr.open_dataset(opened).load() for name, opened in stores.items()}, attributes
    finally:
        manager.close()


def encoded(made: xr.Dataset | xr.DataTree, **options: Any) -> memoryview:
    """Return a dataset, or a tree of datasets, as the bytes of a netCDF file.

    Parameters
    ----------
    made : Dataset or DataTree
    options
        Of its method ``to_netcdf``.
    """
    with _own_locks():
        return memoryview(made.to_netcdf(engine="h5netcdf", **options))


@contextlib.contextmanager
def _own_locks() -> Iterator[None]:
    """Let xarray use locks of this process, even if a client of dask is active: its locks cannot be named for bytes."""
    dask = sys.modules.get("dask")
    if dask is None:
        yield
        return
    with dask.config.set(scheduler="synchronous"):
        yield
