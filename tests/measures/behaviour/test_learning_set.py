import numpy as np
import pandas as pd
import pytest

from pfc_metarl.measures import intraproblem_learning, second_trial
from pfc_metarl.settings import BadInput


def problems(correct, subject="monkey", first_trial=0):
    """A trial table of one subject; correct is [problem, trial], NaN where there was none."""
    correct = np.asarray(correct, dtype=float)
    session, trial = np.indices(correct.shape)
    columns = {"session": session.ravel(), "trial": trial.ravel() + first_trial, "correct": correct.ravel()}
    return pd.DataFrame({"subject": subject, **columns})


def test_proportions_are_counted_by_hand():
    made = pd.concat([problems([[0, 1, 1], [1, 1, np.nan]], "a"), problems([[1, 0, 1]], "b")])
    got = intraproblem_learning(made)
    assert got["subject"].values.tolist() == ["a", "b"]
    assert got["p_correct"].values.tolist() == [[0.5, 1, 1], [1, 0, 1]]
    assert got["n_trials"].values.tolist() == [[2, 2, 1], [1, 1, 1]]
    assert got["p_correct_first"].values.tolist() == [0.5, 1]
    assert got["p_correct_later"].values.tolist() == [1, 0.5]


def test_every_later_trial_has_the_same_weight_and_those_never_reached_have_none():
    correct = [[1, 0, 1, np.nan], [1, 0, np.nan, np.nan], [1, 0, np.nan, np.nan]]
    made = pd.concat([problems(correct, 0), problems([[1, 1, 1, 1]], 1)])
    got = intraproblem_learning(made)
    assert got["p_correct_later"].values.tolist() == [0.5, 1]
    assert np.isnan(got["p_correct"].values[0, 3])
    assert got["n_trials"].values[0].tolist() == [3, 3, 1, 0]
    assert np.isnan(intraproblem_learning(problems([[1]]))["p_correct_later"]).all()


def test_a_planted_curve_is_recovered_and_coins_show_none():
    rng = np.random.default_rng(0)
    planted = np.array([0.5, 0.8, 0.85, 0.9, 0.95, 0.97])
    got = intraproblem_learning(problems(rng.random((4000, 6)) < planted))
    np.testing.assert_allclose(got["p_correct"][0], planted, atol=3 * 0.5 / np.sqrt(4000))
    np.testing.assert_allclose(got["p_correct_later"], planted[1:].mean(), atol=0.01)
    coins = intraproblem_learning(problems(rng.random((4000, 6)) < 0.5))
    np.testing.assert_allclose(coins["p_correct"], 0.5, atol=0.025)


def test_the_second_trial_is_sorted_by_the_first():
    correct = [[1, 1, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1], [0, 0, 1], [0, 1, 1]]
    got = second_trial(problems(correct)).sel(subject="monkey")
    assert got["p_correct"].sel(first_choice=["correct", "wrong"]).values.tolist() == [0.75, 0.5]
    assert got["n_problems"].values.tolist() == [4, 2]


def test_without_a_second_trial_there_is_no_result():
    never_wrong = second_trial(problems([[1, 1]]))
    assert never_wrong["n_problems"].values.tolist() == [[1, 0]]
    assert np.isnan(never_wrong["p_correct"].values[0, 1])
    with pytest.raises(BadInput, match="no problem whose first and second trial"):
        second_trial(problems([[1], [0]]))
    with pytest.raises(BadInput, match="no problem whose first and second trial"):
        second_trial(problems([[np.nan, 1, 1]]))


@pytest.mark.parametrize("measure", [intraproblem_learning, second_trial])
def test_invalid_input_is_refused_in_a_sentence(measure):
    good = problems([[0, 1], [1, 1]])
    for bad, said in (
        (good.drop(columns="correct"), "no column 'correct'"),
        (good.assign(correct=[0, 1, 2, 1]), "correct = 2"),
        (good.assign(correct=np.nan), "empty in all trials"),
        (good.assign(trial=good["trial"] - 1), "trial = -1"),
    ):
        with pytest.raises(BadInput, match=said) as caught:
            measure(bad)
        assert "\n" not in str(caught.value)


def test_trials_may_count_from_one():
    correct = [[0, 1, 1], [1, 1, 0], [0, 1, 1]]
    one, zero = (intraproblem_learning(problems(correct, first_trial=first)) for first in (1, 0))
    for name in ("p_correct", "p_correct_first", "p_correct_later"):
        assert one[name].values.tolist() == zero[name].values.tolist()
    assert one["trial"].values.tolist() == [1, 2, 3]
    assert second_trial(problems(correct, first_trial=1)).equals(second_trial(problems(correct)))
    with pytest.raises(BadInput, match="trial = 2: trials of a problem count from 0 or from 1"):
        second_trial(problems(correct, first_trial=2))
