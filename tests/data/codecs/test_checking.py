import numpy as np
import pandas as pd
import pytest

from pfc_metarl.data.codecs.checking import checked_columns, checked_keys, to_numbers
from pfc_metarl.data.codecs.problems import Problems
from pfc_metarl.settings import BadInput


@pytest.fixture
def problems():
    return Problems("t.csv", "line")


def kinds(problems):
    return [(problem.column, problem.row, problem.n) for problem in problems.found]


def test_numbers_are_read_from_text_and_categories():
    for column in (pd.Series(["1", "", "x"]), pd.Series(["1", "", "x"]).astype("category")):
        values, wrong = to_numbers(column)
        np.testing.assert_array_equal(values, [1, np.nan, np.nan])
        assert wrong.tolist() == [False, False, True]
    assert to_numbers(pd.Series([np.inf, 1.0]))[1].tolist() == [True, False]


def test_codes_are_counted_from_0_and_wrong_ones_are_noted(problems):
    table = pd.DataFrame({"choice1": [1, 2, 0, 1.5], "state2": [1, 2, 1, 2]})
    got = checked_columns(table, problems, base={"choice1": 1, "state2": 1})
    assert got["choice1"].tolist()[:2] == [0, 1]
    assert got["choice1"].isna().tolist() == [False, False, True, True]
    assert got["state2"].tolist() == [0, 1, 0, 1]
    assert sorted(kinds(problems)) == [("choice1", 2, 1), ("choice1", 3, 1)]


def test_codes_that_seem_to_start_at_1_are_not_guessed(problems):
    checked_columns(pd.DataFrame({"choice1": [1, 2, 2]}), problems)
    assert kinds(problems) == [("choice1", 1, 2)]
    assert "give base = 1" in problems.found[0].must


def test_flags_rewards_probabilities_and_times_have_their_domains(problems):
    table = pd.DataFrame(
        {
            "forced": ["yes", "0", "perhaps"],
            "reward": [1, 0.7, 0],
            "p_reward_0": [0.5, 1.5, -0.5],
            "rt1": [-1.0, 2.0, 3.0],
        }
    )
    got = checked_columns(table, problems)
    assert got["forced"].tolist()[:2] == [1, 0]
    assert sorted(kinds(problems)) == [("forced", 2, 1), ("p_reward_0", 1, 2), ("reward", 1, 1), ("rt1", 0, 1)]
    others = Problems("t.csv")
    checked_columns(table[["reward"]], others, rewards=None)
    assert not others.found


def test_keys_that_are_empty_repeated_or_out_of_order_are_noted(problems):
    table = pd.DataFrame({"subject": ["a", "a", "a", ""], "trial": [2, 2, 1, 1]})
    checked_keys(table, problems, consecutive=False)
    assert kinds(problems) == [("subject", 3, 1), ("trial", 1, 1), ("trial", 2, 1)]


def test_consecutive_rows_are_numbered_by_session(problems):
    table = pd.DataFrame({"subject": [1, 2, 1], "session": 0, "trial": [9, 9, 5]})
    assert checked_keys(table, problems, consecutive=True)["trial"].tolist() == [0, 0, 1]
    with pytest.raises(BadInput, match="say that the rows are consecutive"):
        checked_keys(table.drop(columns="trial"), problems, consecutive=False)
    assert not problems.found
