import numpy as np
import pytest
import xarray as xr

from analyses import species
from pfc_metarl.agents import agent_of
from pfc_metarl.data.trial_table import trials
from pfc_metarl.models import Hybrid
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep


@pytest.fixture(scope="module")
def planner():
    agent = agent_of(Hybrid(model_based_weight=1.0, inverse_temperature=5.0), TwoStep)
    return species.measured(trials(record(TwoStep(n_trials=100), agent, n_episodes=15, seed=0, networks=(0, 1))))


def test_a_planner_has_the_weights_and_the_best_predictor_of_a_planner(planner):
    assert (planner["planning_index"] > 0.5).all()
    assert (planner["model_based_weight"] > 0.8).all()
    by_name = planner["per_trial"]
    assert (by_name.sel(predictor="mb") > by_name.sel(predictor="mf") + 0.02).all()
    np.testing.assert_allclose(abs(planner["coefficient"]).sum(["trial_type", "lag"]), 1)


def test_a_predictor_is_added(planner):
    made = species.with_predictor(planner, "network", planner["per_trial"].sel(predictor="mf", drop=True) * 0 + 0.6)
    assert made["predictor"].values.tolist() == ["hybrid", "mb", "mf", "network"]
    np.testing.assert_allclose(made["per_trial"].sel(predictor="network"), 0.6)


def test_likelihoods_are_averaged_over_networks_as_logarithms():
    log_p = xr.DataArray(np.log([[0.25**10, 1.0]]), dims=("subject", "network"))
    likelihood = xr.Dataset({"log_likelihood": log_p, "n_trials": ("subject", [10])})
    np.testing.assert_allclose(species.per_trial_of_networks(likelihood), [0.5])
