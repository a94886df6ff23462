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


def test_hbayesdm_numbers_of_trials_count_and_a_gap_stays(tmp_path):
    path = text(tmp_path, "subjID\ttrial\tchoice\toutcome\n1\t2\t1\t1\n1\t3\t2\t-1\n1\t5\t1\t1\n", "prl.txt")
    assert read_trials(path, "hbayesdm")["trial"].tolist() == [2, 3, 5]
    assert read_trials(path, "hbayesdm", consecutive=True)["trial"].tolist() == [0, 1, 2]


def test_hbayesdm_blocks_are_sessions(tmp_path):
    rows = "subjID\tblock\ttrial\tchoice\toutcome\n1\t1\t1\t1\t25\n1\t1\t2\t2\t-25\n1\t2\t1\t2\t25\n"
    table = read_trials(text(tmp_path, rows, "prl.txt"), "hbayesdm")
    assert lists(table, "session", "trial", "reward") == [[1, 1, 1.0], [1, 2, 0.0], [2, 1, 1.0]]


def test_hbayesdm_points_need_the_possible_rewards(tmp_path):
    path = text(tmp_path, "subjID\tchoice\toutcome\n1\t4\t33\n1\t3\t84\n", "bandit4.txt")
    with pytest.raises(BadInput, match="line 2: reward = 33 must be 0 or 1; state the possible rewards"):
        read_trials(path, "hbayesdm")
    assert read_trials(path, "hbayesdm", rewards=None, reward_unit=100)["reward"].tolist() == [0.33, 0.84]
