import numpy as np

from analyses import tiny_networks
from pfc_metarl.agents import agent_of
from pfc_metarl.data.trial_table import trials
from pfc_metarl.models import RescorlaWagner
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Volatility


def test_one_unit_predicts_a_learner_and_moves_towards_what_paid(monkeypatch):
    monkeypatch.setattr(tiny_networks, "UNITS", (1,))
    monkeypatch.setattr(tiny_networks, "TRAINING", {**tiny_networks.TRAINING, "most_epochs": 60})
    agent = agent_of(RescorlaWagner(learning_rate=0.4, inverse_temperature=5.0), Volatility)
    table = trials(record(Volatility(n_trials=40), agent, n_episodes=20, seed=0, networks=(0,)))
    found = tiny_networks.measured(table, "bandits")
    assert found["n_trials"].item() == 40 * tiny_networks.N_SESSIONS
    assert (found["per_trial"] > found["chance"] + 0.05).all()
    change = found["change"].mean(["subject", "bin"])
    assert change.sel(trial_type="rewarded") > 0.2
    assert change.sel(trial_type="unrewarded") < -0.2
    assert np.isfinite(found["model_per_trial"]).all()
    np.testing.assert_allclose(found["nested_per_trial"], found["per_trial"].sel(units=1))  # one size to choose from
