import math

import numpy as np
import pandas as pd
import pytest

from pfc_metarl.agents import agent_of
from pfc_metarl.data.trial_table import trials
from pfc_metarl.fitting import two_step_comparison
from pfc_metarl.fitting.two_step_comparison import RIVALS
from pfc_metarl.models import TransitionLearner, TransitionObserver
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStepReversing

N_SESSIONS, N_TRIALS = 6, 60


def lived(model, n_episodes=N_SESSIONS):
    task = TwoStepReversing()
    return trials(record(task, agent_of(model, task), n_episodes=n_episodes, seed=0, networks=(0,)))


def compare(**tables):
    together = pd.concat([table.assign(subject=name) for name, table in tables.items()])
    short = together[together["trial"] < N_TRIALS]
    return two_step_comparison(short, rivals=("observer", "model_based"), n_starts=1)


@pytest.fixture(scope="module")
def observer():
    return lived(TransitionObserver(inverse_temperature=8.0))


@pytest.fixture(scope="module")
def compared(observer):
    planner = lived(TransitionLearner(initial_value=0.5, transition_learning_rate=0.3))
    return compare(observer=observer, model_based=planner)


@pytest.mark.parametrize("name", ["observer", "model_based"])
def test_the_learner_that_chose_is_found_and_needs_no_other(compared, name):
    found = compared.sel(subject=name)
    assert found["model"][found["log_likelihood"].argmax("model")] == name
    given_truth, beyond_others = found["beyond"].sel(given=name), found["beyond"].sel(model=name)
    assert (given_truth < 0.01).all()
    assert (beyond_others.drop_sel(given=name) > given_truth.max()).all()
    assert found["n_trials"] == N_TRIALS * N_SESSIONS


@pytest.mark.slow
def test_each_half_is_predicted_by_the_fit_to_the_other(observer):
    """Choices by chance are predicted no better than that; of two observers in one, neither predicts the other."""
    coin = np.random.default_rng(0).integers(2, size=len(observer)).astype(float)
    avoids = observer["reward"].where(observer["session"] % 2 == 0, 1 - observer["reward"])
    found = compare(observer=observer, coin=observer.assign(choice1=coin), two=observer.assign(reward=avoids))
    likely = found["log_likelihood"].sel(model="observer")
    assert likely.sel(subject="coin") < -math.log(2) + 0.01
    assert likely.sel(subject="two") < likely.sel(subject="observer") - 0.2


def test_one_session_is_not_enough():
    with pytest.raises(BadInput, match="one session only"):
        two_step_comparison(lived(TransitionObserver(), n_episodes=1), n_starts=1)


def test_an_unknown_rival_is_refused():
    with pytest.raises(BadInput, match="rivals = 'habit': unknown; there are observer, "):
        two_step_comparison(lived(TransitionObserver(), n_episodes=2), rivals=["habit", "observer"])


def test_planner_and_observer_have_as_many_free_parameters():
    assert len(RIVALS["observer"].free) == len(RIVALS["model_based"].free)


NEAR = {"rtol": 1e-4, "atol": 1e-4}
"""The two searches take their steps from sums in another order, and end a little apart."""


def fast(table):
    """The comparison of two rivals that are fitted in no time."""
    return two_step_comparison(table, rivals=("observer", "fixed_transitions"), n_starts=1)


@pytest.fixture(scope="module")
def two(observer):
    short = observer[(observer["trial"] < 40) & (observer["session"] < 4)]
    return pd.concat([short.assign(subject=name) for name in ("b", "a")], ignore_index=True)


@pytest.fixture(scope="module")
def usual(two):
    return fast(two)


def require_near(got, expected, without=()):
    for name in set(expected) - set(without):
        values = got[name].sel(subject=expected["subject"]).transpose(*expected[name].dims)
        np.testing.assert_allclose(values, expected[name], err_msg=str(name), **NEAR)


@pytest.mark.parametrize("keys", [["subject", "session", "trial"], ["trial", "session"], ["session", "trial"]])
def test_the_order_of_rows_does_not_matter(two, usual, keys):
    require_near(fast(two.sort_values(keys, kind="stable")), usual)


def test_numbers_of_trials_may_start_at_one(two, usual):
    require_near(fast(two.assign(trial=two["trial"] + 1)), usual)


def test_excluded_trials_count_for_nothing(two):
    excluded = two["trial"].isin([10, 11])
    got = fast(two.assign(excluded=excluded))
    require_near(got, fast(two[~excluded]), without=["n_left_out"])
    assert (got["n_left_out"] == 2 * 4).all()


def test_forced_choices_are_not_predicted(two, usual):
    last = two["trial"] == 39
    turned = two.assign(choice1=two["choice1"].where(~last, 1 - two["choice1"]))
    got = fast(turned.assign(forced=last))
    require_near(got, fast(two.assign(forced=last)))
    assert (got["n_trials"] == usual["n_trials"] - 4).all()


def test_a_lost_trial_is_one_without_a_choice(two):
    lost = two["trial"] == 20
    require_near(fast(two.assign(lost=lost)), fast(two.assign(choice1=two["choice1"].where(~lost))))
