import warnings

import numpy as np
import pytest
import xarray as xr

from pfc_metarl.measures.uncertainty import across_subjects
from pfc_metarl.settings import BadInput


@pytest.fixture
def result():
    values = [[1.0, 5.0], [3.0, np.nan], [8.0, np.nan]]
    return xr.Dataset({"x": (("subject", "lag"), values), "n": ("subject", [1, 2, 3]), "other": ("lag", [0.0, 0.0])})


def test_mean_sem_and_n_by_hand(result):
    got = across_subjects(result)["x"][:, 0]
    assert got.sel(statistic="mean") == 4
    assert got.sel(statistic="sem") == pytest.approx(np.sqrt((9 + 1 + 16) / 2 / 3))
    assert got.sel(statistic="n") == 3


def test_a_subject_without_a_value_is_left_out(result):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # also where, with the lowest versions, warnings are no errors
        got = across_subjects(result)["x"][:, 1]
    np.testing.assert_array_equal(got, [5, np.nan, 1])  # and one subject has no standard error


def test_a_mean_of_no_subjects_is_nan():
    got = across_subjects(xr.DataArray([np.nan, np.nan], dims="subject", name="x"))["x"]
    np.testing.assert_array_equal(got, [np.nan, np.nan, 0])


def test_what_does_not_belong_to_subjects_is_dropped(result):
    got = across_subjects(result)
    assert list(got) == ["x", "n"]
    assert got["statistic"].values.tolist() == ["mean", "sem", "n"]
    assert got["x"].dims == ("statistic", "lag")


def test_subjects_left_out_are_named(result):
    got = across_subjects(result.assign_coords(subject=["a", "b", "c"]))
    assert got["x"].attrs == {"n_left_out": 2, "left_out": ["b", "c"]}
    assert got["n"].attrs == {"n_left_out": 0, "left_out": []}


def test_text_has_no_mean(result):
    got = across_subjects(result.assign(reason=("subject", ["", "", "few"]), valid=("subject", [True, True, False])))
    assert list(got) == ["x", "n", "valid"]
    assert got["valid"].sel(statistic="mean") == pytest.approx(2 / 3)


def test_what_has_no_subjects_is_refused():
    with pytest.raises(BadInput, match="no dimension subject"):
        across_subjects(xr.DataArray([1.0], dims="unit", name="x"))
