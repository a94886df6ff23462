import json
import time

import numpy as np
import pytest
import xarray as xr

from pfc_metarl.sweeps import collection as module
from pfc_metarl.sweeps.collection import COMPLETE, FAILED, MISSING, Collection, variable_name
from tests.sweeps.conftest import tiny


@pytest.fixture
def summaries(monkeypatch):
    """Give cells summaries with planted values: 10 times the discount plus the units, plus the network."""
    known = set()

    def summary(sweep, cell):
        if cell.name not in known:
            return None
        n = sweep.sources[cell.experiment].experiment.networks
        value = 10 * cell.settings["learner.discount"] + cell.settings["network.units"]
        row = {"measure": "reward per trial", "subjects": [value + network for network in range(n)]}
        other = {"measure": "rest", "subjects": [None] * n, "criterion": [None, 0.0]}
        return {"measures": [{**row, "criterion": [10.0, None]}, other][: 1 + (n > 2)], "seconds": value}

    monkeypatch.setattr(module, "summary_of", summary)
    return known


def test_values_stand_at_the_settings_of_their_cell(sweep, summaries):
    made = sweep()
    cells = {cell.name: cell for cell in made.cells()}
    summaries |= {"discount=0.5,units=4", "discount=0.9,units=2"}
    found = Collection(made)
    added = {name for name, cell in cells.items() if found.add(cell)}
    assert added == summaries
    found.fail(cells["discount=0.9,units=4"])
    dataset = found.dataset()
    reward = dataset["reward_per_trial"]
    assert reward.dims == ("discount", "units", "network")
    assert reward.sel(discount=0.5, units=4).values.tolist() == [9, 10]
    assert reward.sel(discount=0.9, units=2).values.tolist() == [11, 12]
    assert np.isnan(reward.sel(discount=0.5, units=2)).all()
    assert dataset["reached"].sel(discount=0.5, units=4).values.tolist() == [0, 1]
    assert dataset["status"].values.tolist() == [[MISSING, COMPLETE], [COMPLETE, FAILED]]
    assert dataset["discount"].attrs == {"setting": "learner.discount"}


def test_several_experiments_have_a_dimension_and_may_differ_in_networks(sweep, summaries):
    made = sweep(experiments={"a": tiny(), "b": tiny(networks=3)})
    summaries |= {cell.name for cell in made.cells()}
    found = Collection(made)
    for cell in made.cells():
        assert found.add(cell)
    dataset = found.dataset()
    assert dict(dataset.sizes) == {"experiment": 2, "discount": 2, "units": 2, "network": 3}
    assert np.isnan(dataset["reward_per_trial"].sel(experiment="a", network=2)).all()
    assert not dataset["reached"].sel(experiment="b").any(), "no network reached the second criterion"
    assert np.isnan(dataset["rest"]).all()


def test_zipped_settings_and_draws_are_coordinates_of_one_dimension(sweep):
    zipped = sweep({"zip": {"learner.discount": [0.5, 0.9], "network.units": [2, 4]}})
    dataset = Collection(zipped).dataset()
    assert dataset["units"].dims == ("discount",)
    drawn = sweep({"latin": {"learner.discount": "0.1:0.9", "network.core": ["lstm", "gru"]}}, draws=3)
    dataset = Collection(drawn).dataset()
    assert dataset["discount"].dims == dataset["core"].dims == ("draw",)
    assert set(dataset["core"].values) <= {"lstm", "gru"}


def test_a_dataset_without_a_complete_cell_is_written_and_read_back(sweep, tmp_path):
    made = sweep({"grid": {"network.core": ["lstm", "gru"]}})
    made.folder.mkdir()
    Collection(made).write()
    stored = xr.load_dataset(made.folder / "sweep.nc")
    assert stored["status"].values.tolist() == [MISSING, MISSING]
    assert stored["core"].values.tolist() == ["lstm", "gru"]
    assert json.dumps(stored.attrs["seed"].item()) == "0"


def test_the_dataset_of_a_thousand_cells_takes_less_than_a_second(sweep):
    grid = {"learner.discount": [n / 1000 for n in range(500)], "network.units": [2, 4]}
    found = Collection(sweep({"grid": grid}, experiments=tiny(networks=8)))
    rows = [{"measure": f"measure {n}", "subjects": [None, *[0.5] * 7], "criterion": [0.4, None]} for n in range(4)]
    found.summaries = {found.place(cell): {"measures": rows, "seconds": 1.0} for cell in found.sweep.cells()}
    start = time.process_time()
    reached = found.dataset()["reached"].sum(("discount", "units")).values.tolist()
    assert time.process_time() - start < 1
    assert reached == [0, *[1000] * 7]


def test_the_dataset_is_written_seldom_while_cells_finish(sweep, monkeypatch):
    made = sweep()
    written = []
    monkeypatch.setattr(module, "save", lambda dataset, path: written.append(path))
    found = Collection(made)
    for _ in range(5):
        found.write()
    assert len(written) == 1
    found.write(at_once=True)
    assert len(written) == 2


def test_names_of_variables_are_plain():
    assert variable_name("stay after common, rewarded") == "stay_after_common_rewarded"
