import pytest

from pfc_metarl.experiments.two_step_wang2016 import EXPERIMENT
from pfc_metarl.simulation.recording import record


def test_the_numbers_are_those_of_the_paper():
    task = EXPERIMENT.task
    assert (task.n_trials, task.p_common, task.p_reversal) == (10, 0.75, 0)
    assert (task.p_reward_good, task.p_reward_bad) == (0.9, 0.1)


def test_the_ideal_observer_reaches_every_criterion_and_chance_none():
    agents = EXPERIMENT.probes["test"].reference_agents
    reached = {}
    for name in ("latent_state", "random"):
        test = record(EXPERIMENT.task, agents[name], n_episodes=1000, seed=0, networks=(0, 1))
        rows = EXPERIMENT.summary(EXPERIMENT.measures({"test": test}))
        reached[name] = [row["reached"] for row in rows]
        if name == "latent_state":
            assert rows[0]["mean"] == pytest.approx(0.664, abs=0.01)  # science sheet 2.5
    assert reached == {"latent_state": [2] * 5, "random": [0] * 5}
