import numpy as np
import pandas as pd
import pytest

from pfc_metarl.fitting.layout import laid_out
from pfc_metarl.models import Hybrid, RescorlaWagner
from pfc_metarl.settings import BadInput

TABLE = pd.DataFrame(
    {
        "subject": ["b", "b", "b", "a", "a"],
        "session": [1, 1, 2, 1, 1],
        "trial": [0, 1, 0, 0, 1],
        "choice1": [1, np.nan, 0, 1, 0],
        "state2": [0, 1, 1, np.nan, 1],
        "reward": [1.0, 0.0, 0.5, 0.0, 1.0],
        "forced": [0, 0, 1, 0, 0],
    }
)


def test_subjects_stand_in_the_order_of_their_labels_and_sessions_side_by_side():
    trials = laid_out(TABLE, RescorlaWagner())
    assert trials.row.tolist() == [[[3, 4], [-1, -1]], [[0, 1], [2, -1]]]
    assert trials.experience.choice.tolist() == [[[1, 0], [-1, -1]], [[1, -1], [0, -1]]]
    assert trials.experience.reward.tolist() == [[[0, 1], [0, 0]], [[1, 0], [0.5, 0]]]


def test_lost_trials_are_trials_and_forced_ones_no_targets():
    trials = laid_out(TABLE, RescorlaWagner())
    assert trials.experience.finished.tolist() == [[[True, True], [False, False]], [[True, True], [True, False]]]
    assert trials.target.tolist() == [[[True, True], [False, False]], [[True, False], [False, False]]]


def test_a_trial_without_what_the_model_learns_from_is_lost():
    assert laid_out(TABLE, Hybrid()).target[0, 0].tolist() == [False, True]
    assert laid_out(TABLE, Hybrid()).experience.state.tolist() == [[[-1, 1], [-1, -1]], [[0, -1], [1, -1]]]


def test_rewards_are_rescaled_to_their_range():
    trials = laid_out(TABLE.assign(reward=[-1, 1, 1, -1, 0]), RescorlaWagner(), reward_range=(-1, 1))
    assert trials.experience.reward[0, 0].tolist() == [0, 0.5]
    kept = laid_out(TABLE.assign(reward=[4, 0, 0, -1, 0]), RescorlaWagner(), reward_range=None)
    assert kept.experience.reward[0, 0].tolist() == [-1, 0]


def test_options_are_as_many_as_there_are_codes():
    assert laid_out(TABLE, RescorlaWagner()).n_options == 2
    assert laid_out(TABLE.assign(choice1=[0, 1, 2, 0, 0]), RescorlaWagner(unchosen="kept")).n_options == 3


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"reward": [-1, 1, 1, 1, 1]}, {}, r"reward = -1 .*must lie between 0 and 1; .*reward_range=\(low, high\)"),
        ({"reward": [0, 1, 3, 1, 1]}, {"reward_range": (0, 2)}, "reward = 3 .*between 0 and 2"),
        ({}, {"reward_range": (1, 0)}, "reward_range = .*two numbers"),
        ({"choice": [0.5, 1, 1, 1, 1]}, {"choice": "choice"}, "choice in the trial table must be a whole number"),
        ({"choice": [-1, 1, 1, 1, 1]}, {"choice": "choice"}, "choice in the trial table must be a whole number"),
    ],
)
def test_what_is_outside_its_domain_is_refused(change, options, message):
    with pytest.raises(BadInput, match=message):
        laid_out(TABLE.assign(**change), RescorlaWagner(), **options)


def test_options_that_are_numbered_from_1_are_refused_unless_their_number_is_given():
    from_1 = TABLE.assign(choice1=[1, 2, 1, 1, 1])
    with pytest.raises(BadInput, match=r"the codes are 1 to 2, and options are numbered from 0 on"):
        laid_out(from_1, RescorlaWagner(unchosen="kept"))
    assert laid_out(from_1, RescorlaWagner(unchosen="kept"), n_options=3).n_options == 3


def test_missing_columns_are_named():
    with pytest.raises(BadInput, match="no column 'state2'"):
        laid_out(TABLE.drop(columns="state2"), Hybrid())
