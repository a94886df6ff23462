import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import binomtest

from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_FORAGING
from pfc_metarl.measures import allocation, history_regression, matching
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Foraging
from tests.handmade import random_trials, table

REWARD, CHOICE = np.array([1.5, 0.8, 0.0]), np.array([-1.0, 0.0, 0.6])
"""Planted weights at lags 1 to 3."""


@pytest.fixture(scope="module")
def forager():
    """Two individuals of a reference agent in baited foraging, 100 episodes."""
    agents = {
        name: record(
            Foraging(p_left=((0.0, 0.5),)), REFERENCE_AGENTS_FORAGING[name], n_episodes=100, seed=3, networks=(0, 1)
        )
        for name in REFERENCE_AGENTS_FORAGING
    }
    return agents.__getitem__


@pytest.fixture(scope="module")
def planted():
    """Two subjects, 40 sessions of 200 trials, who choose by the planted weights; reward is a toss of a coin."""
    rng = np.random.default_rng(0)
    n_sessions, n_trials = 80, 200
    choice, reward = (np.zeros((n_sessions, n_trials), int) for _ in range(2))
    for trial in range(n_trials):
        evidence = np.zeros(n_sessions)
        for lag in range(1, min(trial, 3) + 1):
            side = 1 - 2 * choice[:, trial - lag]
            evidence += side * (CHOICE[lag - 1] + REWARD[lag - 1] * reward[:, trial - lag])
        choice[:, trial] = rng.random(n_sessions) >= expit(evidence)
        reward[:, trial] = rng.random(n_sessions) < 0.5
    keys = np.indices((n_sessions, n_trials)).reshape(2, -1)
    return pd.DataFrame(
        {
            "subject": keys[0] // 40,
            "session": keys[0] % 40,
            "trial": keys[1],
            "choice1": choice.ravel(),
            "reward": reward.ravel(),
        }
    )


def test_planted_histories_are_recovered(planted):
    got = history_regression(planted, n_lags=3)
    assert got["coefficient"].dims == ("subject", "history", "lag")
    for name, weights in (("reward", REWARD), ("choice", CHOICE)):
        own = got.sel(history=name)
        assert (abs(own["coefficient"] - weights) < 4.5 * own["standard_error"]).all()
        assert (own["standard_error"] < 0.15).all()
    assert (abs(got["bias"]) < 0.15).all()
    assert got["n_trials"].values.tolist() == [40 * 133] * 2  # from trial 67 on


def test_later_lags_that_were_not_planted_are_not_found(planted):
    got = history_regression(planted, n_lags=8).sel(lag=slice(4, None))
    assert (abs(got["coefficient"]) < 4.5 * got["standard_error"]).all()


def test_flipped_choices_keep_weights_and_flip_bias(planted):
    turned = (planted["choice1"] == 1) & (planted["trial"] % 4 == 0)
    biased = planted.assign(choice1=planted["choice1"].mask(turned, 0))
    one = history_regression(biased, n_lags=1)
    other = history_regression(biased.assign(choice1=1 - biased["choice1"]), n_lags=1)
    np.testing.assert_allclose(one["coefficient"], other["coefficient"], atol=1e-6)
    np.testing.assert_allclose(one["bias"], -other["bias"], atol=1e-6)
    assert (one["bias"] > 0.2).all()


def test_nothing_is_found_in_noise_at_the_nominal_rate():
    got = history_regression(random_trials(np.random.default_rng(1), 30, 4, 150), n_lags=5)
    z = abs(got["coefficient"] / got["standard_error"])
    assert binomtest(int((z > 1.96).sum()), z.size, 0.05).pvalue > 0.001


def test_the_first_third_of_a_session_is_past_only(planted):
    early = planted["trial"] < 20
    kept = planted[planted["trial"] < 60]
    scrambled = kept.assign(choice1=kept["choice1"].mask(early & (kept["trial"] < 17), 0))
    for skip, same in ((1 / 3, True), (0.0, False)):
        one, other = (history_regression(t, n_lags=3, skip=skip)["coefficient"] for t in (kept, scrambled))
        assert np.allclose(one, other) == same
    assert history_regression(kept, n_lags=3, skip=0.5)["n_trials"][0] == 40 * 30


def test_histories_of_reference_agents(forager):
    local = history_regression(forager("local_matching"), n_lags=6)["coefficient"].mean("subject")
    reward = local.sel(history="reward")
    assert reward.sel(lag=1) > reward.sel(lag=6) > 0.1
    assert reward.sel(lag=1) > 0.3
    assert abs(local.sel(history="choice")).max() < 0.3
    chance = history_regression(forager("random"), n_lags=6)["coefficient"].mean("subject")
    assert abs(chance).max() < 0.15
    observer = history_regression(forager("observer"), n_lags=6)["coefficient"].mean("subject")
    assert observer.sel(history="choice", lag=1) < -0.5  # what was just taken is empty
    assert history_regression(forager("alternation"), n_lags=6)["coefficient"].isnull().all()


def test_matching_of_reference_agents(forager):
    slopes = {name: matching(forager(name))["slope"].values for name in REFERENCE_AGENTS_FORAGING}
    assert np.all(np.abs(slopes["alternation"]) < 0.02)  # 33 and 34 choices
    assert np.all(np.abs(slopes["random"]) < 0.1)
    assert np.all((slopes["observer"] > 0.78) & (slopes["observer"] < 1))
    assert np.all((slopes["local_matching"] > 0.7) & (slopes["local_matching"] < 1))
    whole = matching(forager("observer"), skip=0)["slope"].values
    assert np.all(whole < slopes["observer"])  # who has to find out matches less at first
    assert np.all(matching(forager("alternation"), skip=0)["slope"] == 0)


@pytest.mark.parametrize("slope", [0.5, 1.0, 1.5])
def test_a_planted_line_is_recovered(slope):
    """Sessions with a reward ratio of 4^x and a choice ratio of 4^(slope x)."""
    sessions = []
    for session, x in enumerate([-1, 0, 1]):
        left, right = 64, round(64 * 4 ** (slope * x))
        paid_left, paid_right = (8, 2) if x < 0 else (2, 2 * 4**x)
        reward = [1] * paid_left + [0] * (left - paid_left) + [1] * paid_right + [0] * (right - paid_right)
        sessions.append(table([0] * left + [1] * right, 1, reward, session=session))
    got = matching(pd.concat(sessions), skip=0)
    assert got["n_sessions"] == 3
    for name, expected in (("slope", slope), ("orthogonal_slope", slope), ("intercept", 0), ("standard_error", 0)):
        np.testing.assert_allclose(got[name], expected, atol=1e-9)
    np.testing.assert_allclose(got["reward_ratio"], [[-2, 0, 2]])
    np.testing.assert_allclose(got["choice_ratio"], [[-2 * slope, 0, 2 * slope]])


def test_the_beginning_of_a_session_does_not_count():
    late = [1, 1, 0, 1, 0, 1]
    sessions = [table([early] * 3 + late, 1, [0, 1, 0] + [1] * 6, session=s) for s, early in enumerate([0, 1])]
    np.testing.assert_allclose(matching(pd.concat(sessions))["choice_ratio"], 1)  # 4 : 2, whatever came first


def test_sessions_without_a_ratio_are_left_out():
    never_left = table([1, 1, 1, 1], 1, [1, 0, 1, 0], session=1)
    never_paid = table([1, 0, 1, 0], 1, [1, 0, 1, 0], session=2)
    usual = [table([0, 1] * 4, 1, [1, 1] * n + [0, 0] * (4 - n), session=n + 3) for n in (1, 2)]
    got = matching(pd.concat([never_left, never_paid, *usual]), skip=0)
    assert np.isfinite(got["choice_ratio"].values).tolist() == [[False, False, True, True]]
    assert got["n_sessions"] == 2
    assert got["slope"].isnull().all()  # two sessions are too few for a line


def test_what_cannot_be_used_is_refused(planted):
    with pytest.raises(BadInput, match="n_lags = 0"):
        history_regression(planted, n_lags=0)
    with pytest.raises(BadInput, match="skip = 1"):
        history_regression(planted, skip=1)
    with pytest.raises(BadInput, match="skip = -1"):
        matching(planted, skip=-1)
    with pytest.raises(BadInput, match="two options"):
        matching(planted[planted["choice1"] == 1])
    with pytest.raises(BadInput, match="choice1 = 2"):
        matching(planted.assign(choice1=2))
    with pytest.raises(BadInput, match="no column 'reward'"):
        matching(planted.drop(columns="reward"))
    few = history_regression(planted[planted["trial"] < 5], n_lags=4)
    assert few["n_trials"].values.tolist() == [40, 40]
    short = history_regression(planted[(planted["trial"] < 5) & (planted["session"] == 0)], n_lags=4)
    assert short["coefficient"].isnull().all()


WORTH = ("p_base_0", "p_base_1")


def allocated(fraction_of, n_sessions=60, n_trials=300):
    """Sessions of one subject that chooses option 1 with a probability, a function of its fraction of the worth."""
    rng = np.random.default_rng(2)
    worth = rng.random(n_sessions)
    choice = rng.random((n_sessions, n_trials)) < fraction_of(worth)[:, None]
    session, trial = np.indices(choice.shape).reshape(2, -1)
    columns = {"choice1": choice.ravel().astype(int), "reward": 0, "p_base_0": 1 - worth[session]}
    return pd.DataFrame({"subject": 0, "session": session, "trial": trial, **columns, "p_base_1": worth[session]})


@pytest.mark.parametrize(
    ("fraction_of", "slope"),
    [(lambda worth: worth, 1), (lambda worth: 0.7 - 0.4 * worth, -0.4), (np.ones_like, 0), (np.zeros_like, 0)],
)
def test_planted_allocation_is_recovered(fraction_of, slope):
    got = allocation(allocated(fraction_of), WORTH)
    assert abs(got["slope"] - slope) <= 3 * got["standard_error"] + 1e-12
    assert got["standard_error"] < 0.03


def test_the_start_of_a_session_does_not_count():
    made = allocated(lambda worth: worth)
    late = made.assign(choice1=made["choice1"].where(made["trial"] >= 100, 0))
    assert allocation(late, WORTH).equals(allocation(made, WORTH))
    assert allocation(late, WORTH, skip=0)["slope"] < 0.8


def test_a_matching_agent_allocates_and_a_random_one_does_not(forager):
    assert (allocation(forager("observer"), WORTH)["slope"] > 0.7).all()
    for name in ("alternation", "random"):
        assert (abs(allocation(forager(name), WORTH)["slope"]) < 0.1).all()


def test_two_sessions_make_no_line():
    made = allocated(lambda worth: worth)
    assert np.isnan(allocation(made[made["session"] < 2], WORTH)["slope"]).all()


def test_forced_trials_explain_nothing_but_are_remembered(planted):
    mine = planted[planted["subject"] == 0]
    forced = mine["trial"] % 10 == 0
    got, free = (history_regression(t, n_lags=3, skip=0) for t in (mine.assign(forced=forced), mine))
    assert free["n_trials"] - got["n_trials"] == 40 * 19  # trial 0 has no past anyway
    turned = mine.assign(forced=forced, choice1=mine["choice1"].where(~forced, 1 - mine["choice1"]))
    assert not np.allclose(history_regression(turned, n_lags=3, skip=0)["coefficient"], got["coefficient"])


def test_separated_choices_are_penalised_and_flagged(planted):
    perfect = planted[planted["session"] == 0].copy()
    shifts = 1 - perfect.groupby("subject")["reward"].shift(1, fill_value=1)
    perfect["choice1"] = shifts.groupby(perfect["subject"]).cumsum() % 2
    got = history_regression(perfect, n_lags=1, skip=0)
    assert got["penalised"].all()
    assert (got["coefficient"].sel(history="reward", lag=1) > 3).all()
    assert np.isfinite(got["standard_error"]).all()
    assert (got["reason"] == "").all()


def test_a_reason_is_given_where_there_is_no_estimate(planted):
    mine = planted[planted["subject"] == 0]
    got = history_regression(pd.concat([mine, mine.assign(subject=5, choice1=0)]), n_lags=2)
    assert got["valid"].values.tolist() == [True, False]
    assert got["reason"].values.tolist() == ["", "all choices are the same"]
    assert got["coefficient"].sel(subject=5).isnull().all()


def test_what_options_are_worth_is_not_negative():
    made = allocated(lambda worth: worth).assign(p_base_1=-1.0)
    with pytest.raises(BadInput, match="must not be negative"):
        allocation(made, WORTH)
