import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import load, save
from pfc_metarl.data.example import example_recording
from pfc_metarl.data.facts import facts, mean_rewards


def test_attributes_are_those_of_the_whole_dataset(tmp_path):
    attrs = {"intervention": "silence([3])", "seed": 3, "discount": 0.5, "trial_columns": ["a = b", "c = d"]}
    path = save(xr.Dataset({"reward": ("step", np.ones(2))}, attrs=attrs), tmp_path / "x.nc")
    found, whole = facts(path), load(path).attrs
    assert found.keys() == whole.keys()
    assert {name: np.array(found[name]).tolist() for name in found} == attrs


def test_rewards_are_summed_along_their_dims_in_any_order(tmp_path):
    recording = example_recording(n_networks=3)
    wanted = recording["reward"].astype(float).sum("step").mean("episode") / (int(recording["trial"].max()) + 1)
    for number, each in enumerate((recording, recording.transpose("step", "network", "episode", ...))):
        np.testing.assert_allclose(mean_rewards(save(each, tmp_path / f"{number}.nc")), wanted)
