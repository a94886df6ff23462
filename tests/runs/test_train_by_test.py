import numpy as np
import pytest
import xarray as xr

from pfc_metarl.runs.train_by_test import headline_of, train_by_test
from pfc_metarl.settings import BadInput


class Made:
    """A run whose recordings hold one number for each network."""

    def __init__(self, offset, n_networks=2):
        self.offset, self.n_networks = offset, n_networks

    def recording(self, name):
        return xr.Dataset(
            {"number": ("subject", self.offset + np.arange(self.n_networks))}, {"subject": range(self.n_networks)}
        ) + len(name)


def test_rows_are_the_training_and_columns_the_test():
    found = train_by_test({"a": Made(100), "b": Made(200)}, {"first": "x", "second": "xxx"}, lambda each: each)[
        "number"
    ]
    assert found.dims == ("trained", "tested", "network")
    assert found.sel(trained="a", tested="first").values.tolist() == [101, 102]
    assert found.sel(trained="b", tested="second").values.tolist() == [203, 204]


def test_networks_that_a_smaller_cohort_lacks_are_nan():
    found = train_by_test({"a": Made(0, 3), "b": Made(0, 2)}, {"x": "x", "y": "y"}, lambda each: each)["number"]
    assert found["network"].values.tolist() == [0, 1, 2]
    assert np.isnan(found.sel(trained="b", network=2)).all()
    assert not np.isnan(found.sel(trained="a")).any()


def test_a_measure_without_subjects_is_refused():
    for result in (xr.Dataset({"number": ("trial", [1])}), 3):
        with pytest.raises(BadInput, match="no dimension subject"):
            train_by_test({"a": Made(0), "b": Made(0)}, {"x": "x"}, lambda each, result=result: result)


def test_the_headline_is_a_number_for_each_cell():
    cells = xr.Dataset({"by_trial": (("network", "trial"), [[1.0]]), "reward": ("network", [1.0])})
    assert headline_of(cells.expand_dims(trained=1, tested=1)) == "reward"
    with pytest.raises(BadInput, match="one number for each subject"):
        headline_of(cells[["by_trial"]].expand_dims(trained=1, tested=1))
