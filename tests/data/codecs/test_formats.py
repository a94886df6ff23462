"""Each format, from files as the software writes them."""

import json

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.io import savemat

from pfc_metarl.data.codecs import read_trials, write_trials
from pfc_metarl.data.codecs.bids import described
from pfc_metarl.settings import BadInput


def lists(table, *columns):
    return [[None if pd.isna(value) else value for value in row] for row in table[list(columns)].values.tolist()]


def text(tmp_path, content, name):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def test_hbayesdm_two_step(tmp_path):
    path = text(
        tmp_path, "subjID\tlevel1_choice\tlevel2_choice\treward\n1\t2\t3\t0\n1\t1\t4\t1\n1\t1\t2\t0\n", "ts.txt"
    )
    table = read_trials(path, "hbayesdm")
    assert lists(table, "trial", "choice1", "state2", "choice2", "common", "reward") == [
        [0, 1, 1, 0, 1, 0.0],
        [1, 0, 1, 1, 0, 1.0],
        [2, 0, 0, 1, 1, 0.0],
    ]


def test_hbayesdm_reversal_and_gains(tmp_path):
    path = text(tmp_path, "subjID\tchoice\toutcome\na\t1\t1\na\t2\t-1\n", "prl.txt")
    assert lists(read_trials(path, "hbayesdm"), "subject", "choice1", "reward") == [["a", 0, 1.0], ["a", 1, 0.0]]
    path = text(tmp_path, "subjID\tchoice\tgain\tloss\na\t4\t50\t-20\na\t1\t0\t30\n", "bandit4.txt")
    assert lists(read_trials(path, "hbayesdm"), "choice1", "reward") == [[3, 30.0], [0, -30.0]]


def test_hbayesdm_wrong_codes_are_named(tmp_path):
    path = text(tmp_path, "subjID\tlevel1_choice\tlevel2_choice\treward\n1\t2\t5\t0\n", "ts.txt")
    with pytest.raises(BadInput, match="line 2: level2_choice = 5 must be 1, 2, 3 or 4"):
        read_trials(path, "hbayesdm")
    with pytest.raises(BadInput, match="has a column 'subjID'"):
        read_trials(text(tmp_path, "id,choice\n1,1\n", "x.csv"), "hbayesdm")


def test_bids_reads_sessions_and_empty_cells(tmp_path):
    text(
        tmp_path,
        "trial\tchoice1\treward\tresponse_time\n1\t0\t1\t0.5\n2\tn/a\tn/a\tn/a\n",
        "sub-01/ses-b/beh/sub-01_ses-b_task-bandit_beh.tsv",
    )
    text(tmp_path, "trial\tchoice1\treward\tresponse_time\n1\t1\t0\t0.4\n", "sub-02/beh/sub-02_task-bandit_beh.tsv")
    table = read_trials(tmp_path, "bids")
    assert lists(table, "subject", "session", "trial", "choice1", "reward", "rt1") == [
        ["01", "b", 1, 0, 1.0, 0.5],
        ["01", "b", 2, None, None, None],
        ["02", "0", 1, 1, 0.0, 0.4],
    ]


def test_bids_refuses_two_tasks_and_no_files(tmp_path):
    with pytest.raises(BadInput, match="there is no file such as"):
        read_trials(tmp_path, "bids")
    for task in ("x", "y"):
        text(tmp_path, "trial\tchoice1\n1\t0\n", f"sub-1/beh/sub-1_task-{task}_beh.tsv")
    with pytest.raises(BadInput, match="there are tasks x, y"):
        read_trials(tmp_path, "bids")


def ibl_session(folder, choice=(1, -1, 0), feedback=(1, -1, -1)):
    folder.mkdir(parents=True)
    for name, values in {
        "choice": choice,
        "feedbackType": feedback,
        "goCue_times": (1.0, 5.0, 9.0),
        "response_times": (1.5, 5.25, 69.0),
    }.items():
        np.save(folder / f"_ibl_trials.{name}.npy", np.array(values, dtype=float))
    np.save(folder / "_ibl_trials.intervals.npy", np.zeros((3, 2)))


def test_ibl_reads_a_clockwise_turn_as_left(tmp_path):
    ibl_session(tmp_path / "KS014" / "2019-12-03" / "001" / "alf")
    table = read_trials(tmp_path, "ibl")
    assert lists(table, "subject", "session", "trial", "choice1", "reward") == [
        ["KS014", "2019-12-03_001", 0, 0, 1.0],
        ["KS014", "2019-12-03_001", 1, 1, 0.0],
        ["KS014", "2019-12-03_001", 2, None, None],
    ]
    np.testing.assert_allclose(table["rt1"], [0.5, 0.25, 60])


def test_ibl_reads_the_table_and_several_sessions(tmp_path):
    for number in ("001", "002"):
        folder = tmp_path / "KS014" / "2019-12-03" / number / "alf"
        folder.mkdir(parents=True)
        pd.DataFrame({"choice": [1.0], "feedbackType": [1.0], "probabilityLeft": 0.8}).to_parquet(
            folder / "_ibl_trials.table.pqt"
        )
    table = read_trials(tmp_path, "ibl")
    assert table["session"].tolist() == ["2019-12-03_001", "2019-12-03_002"]
    assert table["probabilityLeft"].tolist() == [0.8, 0.8]


def test_ibl_refuses_wrong_codes_and_lengths(tmp_path):
    ibl_session(tmp_path / "a", choice=(1, 2, 0))
    with pytest.raises(BadInput, match="row 1: choice = 2 must be 1, 0 or -1"):
        read_trials(tmp_path / "a", "ibl")
    np.save(tmp_path / "a" / "_ibl_trials.choice.npy", np.ones(2))
    with pytest.raises(BadInput, match=r"_ibl_trials.choice has 2 trials, others 3"):
        read_trials(tmp_path / "a", "ibl")


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


def test_jspsych_keeps_the_screens_with_a_choice_and_reads_milliseconds(tmp_path):
    screens = [
        {"trial_type": "instructions", "rt": 4000, "response": None},
        {"trial_type": "html-keyboard-response", "rt": 500, "response": "f", "coins": 1},
        {"trial_type": "html-keyboard-response", "rt": None, "response": None, "coins": 0},
        {"trial_type": "html-keyboard-response", "rt": 250, "response": "j", "coins": 0},
    ]
    path = text(tmp_path, json.dumps(screens), "p7.json")
    options = {"columns": {"choice1": "response", "reward": "coins"}, "keys": {"f": 0, "j": 1}}
    expected = [["p7", 0, 0, 1.0, 0.5], ["p7", 1, None, 0.0, None], ["p7", 2, 1, 0.0, 0.25]]
    assert lists(read_trials(path, "jspsych", **options), "subject", "trial", "choice1", "reward", "rt1") == expected
    pd.DataFrame(screens).to_csv(tmp_path / "q.csv", index=False)
    found = read_trials(tmp_path / "q.csv", "jspsych", **options)
    assert lists(found, "trial", "choice1", "reward", "rt1") == [row[1:] for row in expected]
    assert read_trials(tmp_path, "jspsych", **options)["subject"].unique().tolist() == ["p7", "q"]


def test_jspsych_needs_the_name_of_the_choice(tmp_path):
    with pytest.raises(BadInput, match="say which column holds the choice"):
        read_trials(text(tmp_path, "[]", "p.json"), "jspsych")
    with pytest.raises(BadInput, match="must be a list of screens"):
        read_trials(tmp_path / "p.json", "jspsych", columns={"choice1": "response"})


def test_psychopy_leaves_out_other_loops_and_reads_no_response(tmp_path):
    header = "practice.thisN,trials.thisN,key_resp.keys,key_resp.rt,won,participant\n"
    path = text(tmp_path, header + "0,,,,,007\n,0,left,0.5,1,007\n,1,None,,0,007\n,2,right,0.4,0,007\n", "007.csv")
    columns = {"choice1": "key_resp.keys", "reward": "won"}
    table = read_trials(path, "psychopy", columns=columns, keys={"left": 0, "right": 1})
    assert lists(table, "subject", "trial", "choice1", "reward", "rt1") == [
        ["007", 0, 0, 1.0, 0.5],
        ["007", 1, None, 0.0, None],
        ["007", 2, 1, 0.0, 0.4],
    ]


TABLE = pd.DataFrame(
    {
        "subject": ["01", "01", "02"], "session": ["a", "a", "b"], "trial": [0, 2, 1],
        "choice1": pd.array([0, 1, 1], dtype="Int64"), "state2": pd.array([1, 1, 0], dtype="Int64"),
        "choice2": pd.array([1, 0, 0], dtype="Int64"), "common": pd.array([0, 1, 0], dtype="Int64"),
        "reward": [1.0, 0.0, 1.0],
    }
)  # fmt: skip


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.parquet"])
def test_a_table_that_was_written_is_read_back(tmp_path, name):
    write_trials(TABLE, tmp_path / name)
    pd.testing.assert_frame_equal(read_trials(tmp_path / name), TABLE, check_dtype=False)


def test_a_bids_dataset_that_was_written_is_read_back(tmp_path):
    write_trials(TABLE, tmp_path / "set", "bids")
    pd.testing.assert_frame_equal(read_trials(tmp_path / "set", "bids"), TABLE, check_dtype=False, check_like=True)
    assert (tmp_path / "set" / "participants.tsv").read_text() == "participant_id\nsub-01\nsub-02\n"
    assert set(described(tmp_path / "set")) <= set(TABLE)
    with pytest.raises(BadInput, match="subject = 'a-b': a label of BIDS has letters and numbers only"):
        write_trials(TABLE.assign(subject="a-b"), tmp_path / "other", "bids")


def test_an_hbayesdm_file_has_free_choices_only(tmp_path):
    table = TABLE.assign(forced=[0, 1, 0])
    write_trials(table, tmp_path / "ts.txt", "hbayesdm")
    found = read_trials(tmp_path / "ts.txt", "hbayesdm")
    columns = ("choice1", "state2", "choice2", "common", "reward")
    assert lists(found, *columns) == lists(table[table["forced"] == 0], *columns)
    with pytest.raises(BadInput, match=r"reward = 0\.5"):
        write_trials(TABLE.assign(reward=0.5), tmp_path / "x.txt", "hbayesdm")


def test_an_unknown_format_or_place_is_refused(tmp_path):
    with pytest.raises(BadInput, match="format = 'spss': must be one of table, hbayesdm, bids"):
        write_trials(TABLE, tmp_path / "t.sav", "spss")
    text(tmp_path, "", "file")
    with pytest.raises(BadInput, match="choose a file that can be written"):
        write_trials(TABLE, tmp_path / "file" / "t.csv")
