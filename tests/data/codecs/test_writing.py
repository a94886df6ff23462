import pandas as pd
import pytest

from pfc_metarl.data.codecs import read_trials, write_trials
from pfc_metarl.data.codecs.bids import described
from pfc_metarl.settings import BadInput
from tests.data.codecs.sample_files import lists, text

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
