import numpy as np
import pytest

from analyses import species_bandits
from pfc_metarl.agents import agent_of
from pfc_metarl.data.trial_table import trials
from pfc_metarl.models import ValueLearner
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Volatility


@pytest.fixture(scope="module")
def table():
    agent = agent_of(ValueLearner(positive_rate=0.8, negative_rate=0.2, inverse_temperature=6.0), Volatility)
    task = Volatility(schedule="volatile_first", n_trials=100)
    made = trials(record(task, agent, n_episodes=12, seed=0, networks=(0, 1)))
    return species_bandits.with_good_option(made, "p_reward_left", "p_reward_right")


def test_a_learner_has_its_own_rates_weights_and_recovery(table):
    found = species_bandits.measured(table)
    np.testing.assert_allclose(found["rate"].sel(parameter="positive_rate"), 0.8, atol=0.15)
    np.testing.assert_allclose(found["rate"].sel(parameter="negative_rate"), 0.2, atol=0.1)
    np.testing.assert_allclose(abs(found["weight"]).sum(["history", "lag"]), 1)
    assert (found["weight"].sel(history="reward", lag=1) > 0.2).all()
    assert (found["correct"].sel(trial=-1) > found["correct"].sel(trial=0) + 0.3).all()
    assert (found["correct"].sel(trial=14) > found["correct"].sel(trial=0) + 0.2).all()
    assert (found["per_trial"].sel(predictor="rw2") > found["chance"] + 0.1).all()
    assert (found["win_stay"] > 1 - found["lose_shift"]).all()


def test_without_reversals_there_is_no_recovery(table):
    found = species_bandits.measured(table.drop(columns="good_option"))
    assert found["correct"].sizes == {"subject": 2, "trial": 19}
    assert np.isnan(found["correct"]).all()
