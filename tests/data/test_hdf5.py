import pickle

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import load, save
from pfc_metarl.data.hdf5 import UNLOCKED, store


def saved(path):
    data = {"reward": (("network", "step"), np.arange(6.0).reshape(2, 3)), "name": ("network", ["a", "b"])}
    coords = {"network": [4, 7], "option": ["left", "right"]}
    return save(xr.Dataset(data, coords, {"probe": "test", "trial_columns": ["x = y", "u = v"]}), path)


def test_a_file_is_read_as_xarray_reads_it(tmp_path):
    path = saved(tmp_path / "x.nc")
    with xr.open_dataset(path, engine="h5netcdf", driver_kwds=UNLOCKED) as usual:
        xr.testing.assert_identical(load(path).load(), usual.load())


def test_an_opened_dataset_can_be_sent_to_another_process(tmp_path):
    opened = load(saved(tmp_path / "x.nc"))
    xr.testing.assert_identical(pickle.loads(pickle.dumps(opened)).load(), opened.load())


def test_a_closed_dataset_leaves_no_file_open(tmp_path):
    path = saved(tmp_path / "x.nc")
    held = store(path)
    file = held.ds.opened
    xr.open_dataset(held).close()
    assert not file  # as h5py says of a closed file


def test_objects_are_looked_up_once(tmp_path, monkeypatch):
    held = store(saved(tmp_path / "x.nc"))
    file = held.ds.opened
    assert file["reward"] is file["reward"]
    xr.open_dataset(held)
    assert "/reward" in file.found
