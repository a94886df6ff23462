import pandas as pd
import pytest

from pfc_metarl.measures.behaviour.battery import battery
from pfc_metarl.measures.behaviour.headlines import headlines


def two_rats():
    parts = {"a": ([0, 0, 1, 1, 0, 0], [1, 0, 1, 0, 1, 0]), "b": ([0, 1, 0, 1, 0, 1], [1, 1, 1, 1, 1, 1])}
    rows = [
        pd.DataFrame({"subject": name, "session": 0, "trial": range(6), "choice1": choice, "reward": reward})
        for name, (choice, reward) in parts.items()
    ]
    return pd.concat(rows, ignore_index=True)


def test_a_row_of_each_subject_has_its_own_numbers():
    found = headlines(battery(two_rats(), "bandit")[0])
    assert found.index.tolist() == ["a", "b"]
    assert found["reward"].tolist() == [0.5, 1.0]
    assert found.loc["a", "win_stay"] == pytest.approx(1.0)  # rewarded in trials 0, 2, 4, each time repeated
    assert found.loc["a", "lose_shift"] == pytest.approx(1.0)
    assert found.loc["b", "win_stay"] == pytest.approx(0.0)  # always rewarded, never repeated


def test_what_was_not_measured_has_no_column():
    assert "planning_index" not in headlines(battery(two_rats(), "bandit")[0])


def test_reversals_are_told_by_what_is_chosen_before_and_just_after_them():
    table = pd.DataFrame({"subject": "a", "session": 0, "trial": range(20), "reward": [0, 1] * 10})
    table = table.assign(good_option=[0] * 10 + [1] * 10, choice1=[0] * 9 + [1] + [0, 0, 1, 0, 0] + [1] * 5)
    found = headlines(battery(table, "bandit")[0]).loc["a"]
    assert found["correct_before_reversal"] == 4 / 5
    assert found["correct_after_reversal"] == 1 / 5
    assert found["perseveration"] == 2
