import pytest

from pfc_metarl.data.codecs import read_trials
from pfc_metarl.settings import BadInput
from tests.data.codecs.sample_files import lists, text


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
