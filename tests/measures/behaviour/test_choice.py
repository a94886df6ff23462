import numpy as np
import pandas as pd
import pytest

from pfc_metarl.agents import Random
from pfc_metarl.measures.behaviour.choice import reward_per_trial, shift_probability, stay_probability, stay_trials
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Foraging
from tests.handmade import table

# Science sheet 3.4: reward per trial; stay after rewarded common, rewarded rare, unrewarded common, unrewarded rare.
# Its learners start from values of 0, ours from 0.5, which makes the model-free one stay up to 0.05 less.
SHEET = {
    "latent_state": (0.707, [1.00, 0.67, 0.67, 1.00]),
    "model_based": (0.656, [0.90, 0.41, 0.46, 0.89]),
    "model_free": (0.635, [0.96, 0.87, 0.55, 0.73]),
    "random": (0.50, [0.5, 0.5, 0.5, 0.5]),
}


@pytest.fixture
def two():
    """A reference agent that stays after a reward and only then, and one with a single pair of trials."""
    first = table([0, 0, 1, 1, 0, 0], [1, 1, 0, 0, 1, 0], [1, 0, 1, 0, 1, 0])
    return pd.concat([first, table([0, 1], [1, 1], [1, 0], subject=3)], ignore_index=True)


def test_reward_per_trial_counts(two):
    got = reward_per_trial(two)
    assert got["subject"].values.tolist() == [0, 3]
    assert got["reward_per_trial"].values.tolist() == [0.5, 0.5]
    assert got["n_trials"].values.tolist() == [6, 2]


def test_reward_per_trial_leaves_out_what_is_empty():
    got = reward_per_trial(table([0, 1, 0], [1, 1, 1], [1, np.nan, 0]))
    assert got["reward_per_trial"].item() == 0.5
    assert got["n_trials"].item() == 2


def test_stay_probability_counts_by_what_came_before(two):
    got = stay_probability(two)
    assert got["stay_probability"].dims == ("subject", "outcome", "transition")
    assert got["outcome"].values.tolist() == ["rewarded", "unrewarded"]
    assert got["transition"].values.tolist() == ["common", "rare"]
    np.testing.assert_array_equal(got["stay_probability"].sel(subject=0), [[1, 1], [0, 0]])
    np.testing.assert_array_equal(got["n_trials"].sel(subject=0), [[2, 1], [1, 1]])
    np.testing.assert_array_equal(got["stay_probability"].sel(subject=3), [[0, np.nan], [np.nan, np.nan]])
    np.testing.assert_array_equal(got["n_trials"].sel(subject=3), [[1, 0], [0, 0]])


def test_stay_is_not_counted_across_sessions_gaps_and_empty_trials():
    mine = table([0, 0, 0, np.nan, 0, 0], [1] * 6, [1] * 6)
    mine["session"] = [0, 1, 1, 1, 1, 1]
    mine["trial"] = [0, 1, 2, 3, 4, 6]
    assert stay_trials(mine).index.tolist() == [2]


def test_forced_trials_are_no_decisions_but_are_remembered():
    mine = table([0, 0, 1, 1], [1] * 4, [1] * 4, forced=[0, 0, 1, 0])
    got = stay_trials(mine)
    assert got.index.tolist() == [1, 3]
    assert got["stay"].tolist() == [1, 1]


def test_any_gain_is_a_reward():
    mine = table([0, 0, 0, 0], [1] * 4, [0.2, -1, 0, 5])
    assert stay_trials(mine)["previous_reward"].tolist() == [1, 0, 0]


def test_a_choice_is_correct_if_it_commonly_leads_to_the_good_state():
    mine = table([0, 1, 1, 0], [1, 0, 0, 1], [0, 0, 1, 1], good_state=[0, 0, 1, 1])
    assert stay_trials(mine)["previous_correct"].tolist() == [1, 0, 1]
    assert "previous_correct" not in stay_trials(mine.drop(columns="good_state"))


def test_what_cannot_be_measured_is_refused(two):
    with pytest.raises(BadInput, match="no column 'common'"):
        stay_probability(two.drop(columns="common"))
    with pytest.raises(BadInput, match="no column 'reward'"):
        reward_per_trial(two.drop(columns="reward"))
    with pytest.raises(BadInput, match="no two successive trials"):
        stay_probability(two.groupby("subject").head(1))


@pytest.mark.parametrize("name", SHEET)
def test_reference_agents_earn_and_stay_as_computed_elsewhere(reference_agent, name):
    reward, stay = SHEET[name]
    assert reward_per_trial(reference_agent(name))["reward_per_trial"].mean() == pytest.approx(reward, abs=0.015)
    got = stay_probability(reference_agent(name))["stay_probability"].mean("subject")
    np.testing.assert_allclose(got.values.ravel(), stay, atol=0.06)


def test_win_stay_lose_shift_stays_after_wins_and_shifts_after_losses(reference_agent):
    got = stay_probability(reference_agent("win_stay_lose_shift"))["stay_probability"]
    assert (got.sel(outcome="rewarded") > 0.98).all()
    assert (got.sel(outcome="unrewarded") < 0.02).all()


def test_shifts_are_counted_by_what_came_before(two):
    got = shift_probability(two)["shift_probability"]
    assert got.dims == ("subject", "outcome")
    # The first agent stays after its rewards, and only then.
    assert got.isel(subject=0).sel(outcome=["rewarded", "unrewarded"]).values.tolist() == [0, 1]


def test_shifts_are_counted_by_condition():
    rng = np.random.default_rng(0)
    reward, half = rng.integers(0, 2, 4000), np.repeat([0, 1], 2000)
    shifts = rng.random(4000) < np.where(half, 0.8, 0.3)
    choice = np.cumsum(np.roll(shifts, 1)) % 2
    made = table(choice, 1, np.roll(reward, 1), half=half)
    got = shift_probability(made, "half")
    assert got["shift_probability"].dims == ("subject", "outcome", "half")
    for value, p in ((0, 0.3), (1, 0.8)):
        np.testing.assert_allclose(got["shift_probability"].sel(half=value), p, atol=0.05)
    assert got["n_trials"].sum() == 3999
    lost = shift_probability(made[made["trial"] % 3 > 0])  # only the pairs that are left follow one another
    assert lost["n_trials"].sum() == 1333


def test_shifts_want_a_condition_that_is_there(two):
    with pytest.raises(BadInput, match="no column 'half'"):
        shift_probability(two, "half")


def test_lost_trials_count_at_what_they_paid():
    mine = table([0, np.nan, 1, 0], 1, [1, -1, 0, 1])
    got = reward_per_trial(mine)
    assert got["reward_per_trial"].item() == 0.25
    assert got["fraction_lost"].item() == 0.25
    assert got["n_trials"].item() == 4
    marked = reward_per_trial(mine.assign(lost=["no", "yes", "no", "yes"], total_reward=[0, -2, 0, 1]))
    assert marked["reward_per_trial"].item() == -0.25  # of the whole trial
    assert marked["fraction_lost"].item() == 0.5
    assert reward_per_trial(mine.drop(columns="choice1"))["fraction_lost"].isnull().all()
    left_out = reward_per_trial(mine.assign(excluded=[1, 0, 0, 0], reward=[1, np.nan, 0, 1]))
    assert left_out["n_left_out"].item() == 2
    assert left_out["reward_per_trial"].item() == 0.5


def test_an_agent_that_errs_earns_what_its_rewards_add_up_to():
    """Who presses at random loses a third of the trials; what remains must not be all that counts."""
    made = record(Foraging(n_trials=50), Random(), n_episodes=20, seed=0, networks=(0, 1))
    got = reward_per_trial(made)
    np.testing.assert_allclose(got["reward_per_trial"], made["reward"].sum(["episode", "step"]) / 1000, rtol=1e-5)
    assert (got["reward_per_trial"] < -0.5).all()
    np.testing.assert_allclose(got["fraction_lost"], 1 / 3, atol=0.05)
    assert got["n_trials"].values.tolist() == [1000, 1000]


def test_each_label_has_its_own_number():
    mine = pd.concat([table([0] * 3, 1, [1] * 3, subject="b"), table([0] * 3, 1, [0] * 3, subject="a")])
    mine["subject"] = pd.Categorical(mine["subject"], ["b", "a"])
    got = reward_per_trial(mine)["reward_per_trial"]
    assert got["subject"].values.tolist() == ["b", "a"]
    assert (got.sel(subject="b").item(), got.sel(subject="a").item()) == (1, 0)


@pytest.mark.parametrize("kind", [bool, int, str])
def test_forced_trials_are_no_targets_of_shifts(kind):
    mine = table([0, 1, 1, 0, 1, 0], 1, [0, 0, 1, 1, 0, 1])
    forced = pd.Series([False, True, False, False, False, True])
    got = shift_probability(mine.assign(forced=forced.astype(kind)))
    assert got["n_trials"].sum() == 3
    assert got["n_left_out"].item() == 3
    np.testing.assert_array_equal(got["shift_probability"], [[1, 0]])  # trials 3 and 4 shift after 1, 2 stays after 0


def test_the_good_state_has_the_codes_of_the_choices():
    mine = table([0, 1, 1, 0], [1, 0, 0, 1], [0, 0, 1, 1], good_state=[1, 1, 2, 2])
    with pytest.raises(BadInput, match="good_state = 2 in the trial table: must be 0 or 1"):
        stay_probability(mine)


def test_a_mean_of_single_precision_rewards_is_not_rounded_to_it():
    table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(3), "choice1": 0})
    found = reward_per_trial(table.assign(reward=np.array([1, 0, 0], dtype=np.float32)))
    assert found["reward_per_trial"].item() == 1 / 3
