import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import binomtest

from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_FORAGING
from pfc_metarl.measures import history_regression
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Foraging
from tests.handmade import random_trials

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


def test_what_cannot_be_used_is_refused(planted):
    with pytest.raises(BadInput, match="n_lags = 0"):
        history_regression(planted, n_lags=0)
    with pytest.raises(BadInput, match="skip = 1"):
        history_regression(planted, skip=1)
    with pytest.raises(BadInput, match="no column 'reward'"):
        history_regression(planted.drop(columns="reward"))
    with pytest.raises(BadInput, match="the codes are 1 to 2, and options are numbered from 0 on"):
        history_regression(planted.assign(choice1=planted["choice1"] + 1))
    with pytest.raises(BadInput, match="choice1 = 999"):
        history_regression(planted.assign(choice1=planted["choice1"].where(planted["trial"] > 3, 999)))
    few = history_regression(planted[planted["trial"] < 5], n_lags=4)
    assert few["n_trials"].values.tolist() == [40, 40]
    short = history_regression(planted[(planted["trial"] < 5) & (planted["session"] == 0)], n_lags=4)
    assert short["coefficient"].isnull().all()


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


@pytest.mark.parametrize("n_options", [3, 4])
def test_planted_histories_of_more_options_are_recovered(n_options):
    rng = np.random.default_rng(5)
    n_sessions, n_trials, preference = 60, 150, np.linspace(0.5, 0, n_options)
    choice, reward = (np.zeros((n_sessions, n_trials), int) for _ in range(2))
    for trial in range(n_trials):
        logit = np.tile(preference, (n_sessions, 1))
        for lag in range(1, min(trial, 3) + 1):
            before = choice[:, trial - lag]
            logit[np.arange(n_sessions), before] += CHOICE[lag - 1] + REWARD[lag - 1] * reward[:, trial - lag]
        choice[:, trial] = (logit + rng.gumbel(size=logit.shape)).argmax(1)
        reward[:, trial] = rng.random(n_sessions) < 0.5
    session, trial = np.indices(choice.shape).reshape(2, -1)
    made = pd.DataFrame({"subject": "a", "session": session, "trial": trial, "choice1": choice.ravel()})
    got = history_regression(made.assign(reward=reward.ravel()), n_lags=4, skip=0).sel(subject="a")
    for name, weights in (("reward", [*REWARD, 0]), ("choice", [*CHOICE, 0])):
        own = got.sel(history=name)
        assert (abs(own["coefficient"] - weights) < 4.5 * own["standard_error"]).all()
        assert (own["standard_error"] < 0.15).all()
    assert got["bias"].dims == ("option",)
    np.testing.assert_allclose(got["bias"], preference, atol=0.2)
