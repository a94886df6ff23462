import numpy as np
import pytest
import xarray as xr

from pfc_metarl.agents import agent_of
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.models import BayesianLearner
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.simulation.yoked import with_yoked
from pfc_metarl.tasks import Volatility
from tests.simulation.test_recording import recorded


@pytest.mark.parametrize("n_episodes", [4, 52])
def test_agents_can_be_yoked_to_a_recording(n_episodes):
    agents = {name: REFERENCE_AGENTS_TWO_STEP[name] for name in ("model_based", "latent_state")}
    made = with_yoked(recorded(n_episodes=n_episodes), agents)
    xr.testing.assert_identical(made, recorded(n_episodes=n_episodes, yoked=agents)[list(made)])


def test_all_read_outs_of_a_yoked_agent_are_recorded():
    task = Volatility(n_trials=10)
    learner = agent_of(BayesianLearner(n_r=5, n_v=3, n_k=2), task)
    own = record(task, learner, 3, 0, networks=(0,))
    made = with_yoked(own, {"twin": learner})
    for name in ("action_value", "expected_volatility", "uncertainty", "rpe"):
        np.testing.assert_array_equal(made[f"{name}_twin"], own[name])
    assert "logits_twin" not in made


def test_a_recording_without_policy_is_enough_to_yoke_agents_to_it():
    agents = {"model_free": REFERENCE_AGENTS_TWO_STEP["model_free"]}
    made = with_yoked(recorded().drop_vars("policy"), agents)
    xr.testing.assert_identical(made["rpe_model_free"], with_yoked(recorded(), agents)["rpe_model_free"])


def test_agents_cannot_be_shown_what_was_not_recorded():
    with pytest.raises(BadInput, match="no variable 'observation', which agents must be shown"):
        with_yoked(recorded(only=("hidden",)), {"model_free": REFERENCE_AGENTS_TWO_STEP["model_free"]})
