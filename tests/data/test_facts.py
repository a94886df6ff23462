import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import load, save
from pfc_metarl.data.facts import facts


def test_attributes_are_those_of_the_whole_dataset(tmp_path):
    attrs = {"intervention": "silence([3])", "seed": 3, "discount": 0.5, "trial_columns": ["a = b", "c = d"]}
    path = save(xr.Dataset({"reward": ("step", np.ones(2))}, attrs=attrs), tmp_path / "x.nc")
    found, whole = facts(path), load(path).attrs
    assert found.keys() == whole.keys()
    assert {name: np.array(found[name]).tolist() for name in found} == attrs
