import numpy as np
import pytest
import xarray as xr

from pfc_metarl import measures
from pfc_metarl.agents import Random
from pfc_metarl.data.dataset import save
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.sweeps.networks import measure_networks
from pfc_metarl.tasks import Bandit


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A recording of five networks whose three units follow the action, the reward and nothing."""
    recording = record(Bandit(n_trials=6), Random(), 24, seed=0, networks=range(5))
    random = np.random.default_rng(0)
    shape = tuple(recording.sizes[dim] for dim in ("network", "episode", "step"))
    units = [recording["action"].values, recording["reward"].values, np.zeros(shape)]
    hidden = np.stack(units, -1) + random.normal(size=(*shape, 3))
    recording = recording.assign(hidden=(("network", "episode", "step", "unit"), hidden.astype("f4")))
    return save(recording, tmp_path_factory.mktemp("recording") / "test.nc")


def encoding(recording):
    action, reward = (trial_view(recording, name, "choice").astype(float) for name in ("action", "reward"))
    return measures.unit_encoding(recording, {"action": action, "reward": reward})


def decoding(recording):
    target = trial_view(recording, "action", "choice").astype(float)
    return measures.population_decoding(recording, target, "classes", n_shuffles=3)


@pytest.mark.parametrize("measure", [encoding, decoding])
def test_networks_that_are_measured_apart_are_those_of_the_whole_recording(path, measure):
    with xr.open_dataset(path, engine="h5netcdf") as recording:
        whole = measure(recording).load()
    for size in (1, 2):
        apart = measure_networks(measure, path, networks_per_task=size)
        assert dict(apart.sizes) == dict(whole.sizes)
        for name in whole.data_vars:
            xr.testing.assert_equal(apart[name], whole[name])


def test_a_client_measures_the_same(path):
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": False, "dashboard_address": "127.0.0.1:0"}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster, set_as_default=False) as client:
        xr.testing.assert_identical(measure_networks(encoding, path, client), measure_networks(encoding, path))
        with pytest.raises(BadInput, match="no dimension subject"):
            measure_networks(lambda recording: recording, path, client)


def test_bad_input_is_refused(path):
    with pytest.raises(BadInput, match="networks_per_task = 0"):
        measure_networks(encoding, path, networks_per_task=0)
    with pytest.raises(BadInput, match="there is no such file"):
        measure_networks(encoding, "nowhere.nc")
