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

N_SESSIONS = 6


def lived(model, n_episodes=N_SESSIONS):
    task = TwoStepReversing()
    return trials(record(task, agent_of(model, task), n_episodes=n_episodes, seed=0, networks=(0,)))


@pytest.fixture(scope="module")
def compared():
    """An observer and a planner, choices by chance, and an observer who avoids reward in every other session."""
    observer = lived(TransitionObserver(inverse_temperature=8.0))
    coin = np.random.default_rng(0).integers(2, size=len(observer)).astype(float)
    tables = {
        "observer": observer,
        "model_based": lived(TransitionLearner(initial_value=0.5, transition_learning_rate=0.3)),
        "coin": observer.assign(choice1=coin),
        "two minds": observer.assign(
            reward=observer["reward"].where(observer["session"] % 2 == 0, 1 - observer["reward"])
        ),
    }
    together = pd.concat([table.assign(subject=name) for name, table in tables.items()])
    return two_step_comparison(together, n_starts=1)


@pytest.mark.parametrize("name", ["observer", "model_based"])
def test_the_learner_that_chose_is_found_and_needs_no_other(compared, name):
    found = compared.sel(subject=name)
    assert found["model"][found["log_likelihood"].argmax("model")] == name
    given_truth, beyond_others = found["beyond"].sel(given=name), found["beyond"].sel(model=name)
    assert (given_truth < 0.01).all()
    assert (beyond_others.drop_sel(given=name) > given_truth.max()).all()
    assert found["n_trials"] == 100 * N_SESSIONS


def test_choices_by_chance_are_predicted_no_better_than_by_chance(compared):
    assert (compared["log_likelihood"].sel(subject="coin") < -math.log(2) + 0.01).all()


def test_each_half_is_predicted_by_the_fit_to_the_other(compared):
    """A fit to the same sessions would find two observers, one of each kind; neither predicts the other."""
    found = compared["log_likelihood"].sel(model="observer")
    assert found.sel(subject="two minds") < found.sel(subject="observer") - 0.2


def test_one_session_is_not_enough():
    with pytest.raises(BadInput, match="one session only"):
        two_step_comparison(lived(TransitionObserver(), n_episodes=1), n_starts=1)


def test_planner_and_observer_have_as_many_free_parameters():
    assert len(RIVALS["observer"].free) == len(RIVALS["model_based"].free)
