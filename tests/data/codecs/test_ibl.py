import numpy as np
import pandas as pd
import pytest

from pfc_metarl.data.codecs import read_trials
from pfc_metarl.settings import BadInput
from tests.data.codecs.sample_files import lists


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


def test_ibl_takes_the_latest_revision_of_each_file_and_the_others_as_they_are(tmp_path):
    alf = tmp_path / "KS014" / "2019-12-03" / "001" / "alf"
    ibl_session(alf)
    for revision, choice in (("#2025-03-03#", (-1.0, -1, 0)), ("#2024-07-15#", (0.0, 0, 0))):
        (alf / revision).mkdir()
        pd.DataFrame({"choice": choice, "feedbackType": [1.0, 1, -1]}).to_parquet(
            alf / revision / "_ibl_trials.table.pqt"
        )
    for path in (tmp_path, alf / "#2025-03-03#" / "_ibl_trials.table.pqt", alf / "#2025-03-03#"):
        table = read_trials(path, "ibl")
        assert lists(table, "subject", "session", "choice1", "reward") == [
            ["KS014", "2019-12-03_001", 1, 1.0],
            ["KS014", "2019-12-03_001", 1, 1.0],
            ["KS014", "2019-12-03_001", None, None],
        ]
        np.testing.assert_allclose(table["rt1"], [0.5, 0.25, 60])
