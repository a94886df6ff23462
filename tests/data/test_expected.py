import pandas as pd
import pytest
import xarray as xr

from pfc_metarl.data.example import example_recording
from pfc_metarl.data.expected import not_a_recording, require_named, require_variable
from pfc_metarl.data.trial_table import trial_view, trials
from pfc_metarl.measures import condition_means, demixed_variance, mixed_selectivity, permuted_encoding, unit_encoding
from pfc_metarl.settings import BadInput


class OfARun:
    def recordings(self):
        return ["test"]


@pytest.mark.parametrize(
    ("given", "way"),
    [
        ("runs/two_step/test.nc", r"not str; pfc_metarl.open_recording\(PATH\) opens that of a file\.$"),
        (OfARun(), r'not OfARun; a run holds several, run.recording\("test"\) returns one\.$'),
        ({}, r"not dict\.$"),
    ],
    ids=["path", "run", "other"],
)
def test_what_is_no_recording_is_refused_with_what_opens_one(given, way):
    assert str(not_a_recording(given)).startswith("Expected a recording, not ")
    for read in (lambda: trials(given), lambda: trial_view(given, "reward")):
        with pytest.raises(BadInput, match=way):
            read()


def test_an_unknown_variable_is_refused_with_those_that_there_are():
    with pytest.raises(BadInput, match=r"it has .*hidden.*; did you mean 'reward'\?$"):
        trial_view(example_recording(), "rewards", "outcome")
    require_variable(xr.Dataset({"reward": 0}), "reward")


@pytest.mark.parametrize(
    "measure",
    [
        lambda recording, arrays: unit_encoding(recording, arrays, "outcome"),
        lambda recording, arrays: permuted_encoding(recording, arrays, "reward", "outcome", n_permutations=1),
        lambda recording, arrays: condition_means(recording, arrays, "outcome"),
        lambda recording, arrays: mixed_selectivity(recording, arrays, "outcome"),
        lambda recording, arrays: demixed_variance(recording, arrays, ("outcome",)),
    ],
    ids=["unit_encoding", "permuted_encoding", "condition_means", "mixed_selectivity", "demixed_variance"],
)
def test_arrays_without_names_are_refused_in_a_sentence(measure):
    recording = example_recording()
    reward = trial_view(recording, "reward", "outcome")
    with pytest.raises(BadInput, match=r"must be a mapping from names to arrays.*not list\.$"):
        measure(recording, [reward, reward])


def test_arrays_with_names_pass():
    require_named({"reward": 0}, "regressors")
    require_named(pd.Series(dtype=float).to_dict(), "regressors")
