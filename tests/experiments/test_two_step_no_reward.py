import numpy as np
import pytest

from pfc_metarl.agents import ANIMALS
from pfc_metarl.experiments import two_step
from pfc_metarl.experiments.two_step_feedforward import EXPERIMENT as FEEDFORWARD
from pfc_metarl.experiments.two_step_no_reward import EXPERIMENT as NO_REWARD
from pfc_metarl.simulation.recording import record


@pytest.mark.parametrize("experiment", [NO_REWARD, FEEDFORWARD])
def test_all_but_the_network_is_as_in_the_main_experiment(experiment):
    for name in ("task", "learner", "networks"):
        assert getattr(experiment, name) == getattr(two_step.EXPERIMENT, name)


def test_one_thing_is_taken_away_from_each():
    assert NO_REWARD.network.inputs == ("observation", "previous_action")
    assert NO_REWARD.network.core == two_step.EXPERIMENT.network.core
    assert FEEDFORWARD.network.core == "feedforward"
    assert FEEDFORWARD.network.inputs == two_step.EXPERIMENT.network.inputs


def test_who_learns_within_an_episode_is_no_control():
    found = {}
    for name in ("random", "model_based"):
        test = record(NO_REWARD.task, ANIMALS[name], n_episodes=20, seed=0, networks=(0, 1))
        found[name] = {row["measure"]: row for row in NO_REWARD.summary(NO_REWARD.measures({"test": test}))}
    assert found["random"]["reward per trial"]["reached"] == 2
    assert found["model_based"]["reward per trial"]["reached"] == 0
    np.testing.assert_allclose(found["random"]["planning index"]["mean"], 0, atol=2)
