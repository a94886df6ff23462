import h5py
import numpy as np
import pytest
from scipy.io import savemat

from pfc_metarl.data.codecs import read_trials
from pfc_metarl.settings import BadInput
from tests.data.codecs.sample_files import lists, text

RAT = {
    "sides1": "lrlr",
    "sides2": "rlvr",
    "rewards": [1.0, 0.0, 0.0, 1.0],
    "trans_common": [1.0, 1.0, 0.0, 0.0],
    "new_sess": [1.0, 0.0, 0.0, 1.0],
    "viols": [0.0, 0.0, 1.0, 0.0],
    "better_choices": [1.0, np.nan, 1.0, 1.0],
    "leftprobs": [0.8, 0.2, 0.2, 0.8],
    "p_congruent": 0.2,
}
RAT_TABLE = [
    ["R1", 1, 0, 0, 0, 1, 1.0, 0, 0, 1],
    ["R1", 1, 1, 1, 1, 1, 0.0, 1, 0, 1],
    ["R1", 1, 2, 0, None, 0, 0.0, 0, 1, 0],
    ["R1", 2, 0, 1, 0, 0, 1.0, 0, 0, 1],
]
RAT_COLUMNS = (
    "subject",
    "session",
    "trial",
    "choice1",
    "state2",
    "common",
    "reward",
    "forced",
    "excluded",
    "good_state",
)


def test_matlab_5_file_of_rats_with_crossed_transitions(tmp_path):
    fields = {**RAT, "sides1": np.array(list(RAT["sides1"])), "sides2": np.array(list(RAT["sides2"]))}
    savemat(tmp_path / "rats.mat", {"ratdata": {"ratname": "R1", **fields}})
    assert lists(read_trials(tmp_path / "rats.mat", "miller"), *RAT_COLUMNS) == RAT_TABLE


def test_matlab_73_file_with_a_cell_of_rats(tmp_path):
    with h5py.File(tmp_path / "rats.mat", "w") as file:
        cell = file.create_dataset("ratdata", (1, 2), dtype=h5py.ref_dtype)
        for i, name in enumerate(("R1", "R2")):
            group = file.create_group(f"#refs#/{name}")
            for field, value in {"ratname": name, **RAT}.items():
                coded = [ord(letter) for letter in value] if isinstance(value, str) else np.atleast_1d(value)
                group[field] = np.array(coded)[:, None]
                group[field].attrs["MATLAB_class"] = np.bytes_("char" if isinstance(value, str) else "double")
            cell[0, i] = group.ref
    table = read_trials(tmp_path / "rats.mat", "miller")
    assert lists(table[table["subject"] == "R1"], *RAT_COLUMNS) == RAT_TABLE
    assert (table["subject"] == "R2").sum() == 4


def test_matlab_file_of_something_else_is_refused(tmp_path):
    savemat(tmp_path / "other.mat", {"x": np.ones(3)})
    with pytest.raises(BadInput, match="no struct with the fields ratname"):
        read_trials(tmp_path / "other.mat", "miller")
    with pytest.raises(BadInput, match="cannot be read as a MATLAB file"):
        read_trials(text(tmp_path, "no MATLAB file" * 20, "y.mat"), "miller")
