import pickle

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import load, save
from pfc_metarl.data.hdf5 import UNLOCKED, encoded, groups, store


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


def test_labels_may_have_any_letters(tmp_path):
    made = xr.Dataset({"reward": ("option", [1.0, 0.0])}, {"option": ["π", "größer"]}, {"note": "β"})
    path = save(made, tmp_path / "x.nc")
    xr.testing.assert_identical(load(path).load(), made)


def test_groups_are_read_as_xarray_reads_them_and_leave_no_file_open(tmp_path):
    path = tmp_path / "x.nc"
    whole = {name: load(saved(tmp_path / "part.nc")).load().assign_attrs(name=name) for name in ("a", "b")}
    tree = xr.DataTree.from_dict({f"/{name}": part for name, part in whole.items()})
    tree.attrs["origin"] = "a β"
    path.write_bytes(encoded(tree))
    found, attributes = groups(path)
    with xr.open_datatree(path, engine="h5netcdf") as usual:
        assert list(found) == list(usual.children)
        for name, part in found.items():
            xr.testing.assert_identical(part, usual[name].to_dataset(inherit=False).load())
        assert attributes == usual.attrs
    path.write_bytes(b"")  # fails on Windows if the file is open
    assert found["b"].attrs["name"] == "b"
