import numpy as np
import pytest
import xarray as xr

from pfc_metarl.measures import battery, choice_around_reversal, headlines, lagged_regression, stay_probability
from pfc_metarl.settings import BadInput
from tests.handmade import random_trials

TABLE = random_trials(np.random.default_rng(0), 3, 4, 30)


def test_two_step_has_its_measures_and_headlines_are_theirs():
    measured, left_out = battery(TABLE, "two_step")
    assert not left_out
    xr.testing.assert_identical(measured["stay"], stay_probability(TABLE))
    table, lags = headlines(measured), lagged_regression(TABLE)
    np.testing.assert_allclose(table["planning_index"], lags["planning_index"])
    stay = measured["stay"]["stay_probability"].sel(outcome="rewarded", transition="rare")
    np.testing.assert_allclose(table["stay_rewarded_rare"], stay)
    assert table.index.tolist() == [0, 1, 2]


def test_a_bandit_whose_worlds_are_known_has_regret_and_reversals():
    good = (TABLE["trial"] >= 15).astype(int)
    worlds = TABLE.assign(good_option=good, p_reward_0=0.8 - 0.6 * good, p_reward_1=0.2 + 0.6 * good)
    measured, _ = battery(worlds, "bandit")
    expected = choice_around_reversal(worlds, "good_option", "good_option")
    xr.testing.assert_identical(measured["reversal"], expected)
    table = headlines(measured)
    wrong = (worlds["choice1"] != good).groupby(worlds["subject"]).sum() / 4
    np.testing.assert_allclose(table["regret"], 0.6 * wrong)
    shift = measured["shift"]["shift_probability"]
    np.testing.assert_allclose(table["win_stay"], 1 - shift.sel(outcome="rewarded"))


def test_a_measure_that_the_trials_do_not_allow_is_left_out_with_its_reason():
    measured, left_out = battery(TABLE.assign(choice1=0), "bandit")
    assert "reward" in measured
    assert "matching needs choices of two options" in left_out["matching"]
    assert "matching_slope" not in headlines(measured)


def test_wrong_tasks_and_tables_without_any_measure_are_refused():
    with pytest.raises(BadInput, match="task = 'maze': must be one of two_step, bandit"):
        battery(TABLE, "maze")
    with pytest.raises(BadInput, match="no column"):
        battery(TABLE[["subject", "session", "trial"]], "bandit")


@pytest.mark.parametrize(
    ("table", "task", "sentence"),
    [
        (TABLE.drop(columns="common"), "two_step", "no column 'common'"),
        (TABLE.drop(columns="reward"), "bandit", "no column 'reward'"),
        (TABLE.drop(columns="choice1"), "bandit", "no column 'choice1'"),
        (
            TABLE.assign(choice1=TABLE["choice1"].where(TABLE.index != 3, 2)),
            "two_step",
            "choice1 = 2 in the trial table",
        ),
    ],
)
def test_a_column_that_the_task_needs_must_be_there_and_right(table, task, sentence):
    with pytest.raises(BadInput, match=sentence):
        battery(table, task)


def test_what_counts_as_a_reward_reaches_every_measure():
    points = TABLE.assign(reward=20 + 50 * TABLE["reward"])
    for task in ("two_step", "bandit"):
        found, left_out = battery(points, task, rewarded_above=30)
        expected, _ = battery(TABLE, task)
        assert not left_out
        for name in set(found) - {"reward"}:
            xr.testing.assert_equal(found[name], expected[name])
