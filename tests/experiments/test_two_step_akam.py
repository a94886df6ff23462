import numpy as np
import pytest

from pfc_metarl.experiments.two_step import EXPERIMENT as TWO_STEP
from pfc_metarl.experiments.two_step_akam import EXPERIMENT
from pfc_metarl.simulation.recording import record


def test_only_the_reversing_of_transitions_differs_from_the_task_of_2018():
    for name in ("n_trials", "p_common", "p_reward_good", "p_reward_bad", "p_reversal"):
        assert getattr(EXPERIMENT.task, name) == getattr(TWO_STEP.task, name)
    assert EXPERIMENT.task.p_transition_reversal == EXPERIMENT.task.p_reversal


@pytest.fixture(scope="module")
def rows():
    """The headlines of some reference agents, by agent and measure."""
    agents = EXPERIMENT.probes["test"].reference_agents
    found = {}
    for name in ("observer", "model_based", "model_free", "latent_state"):
        test = record(EXPERIMENT.task, agents[name], n_episodes=100, seed=0, networks=(0, 1))
        found[name] = {row["measure"]: row for row in EXPERIMENT.summary(EXPERIMENT.measures({"test": test}))}
    return found


def test_the_criteria_are_met_by_the_observer_and_by_no_habit_or_fixed_transition(rows):
    reached = {name: [row["reached"] == 2 for row in of_agent.values()] for name, of_agent in rows.items()}
    assert all(reached["observer"])
    for name in ("model_free", "latent_state"):
        assert not any(reached[name])
    assert rows["model_based"]["planning index"]["reached"] == 2
    assert rows["model_based"]["reward per trial"]["reached"] == 0


def test_what_is_expected_is_what_the_agents_do(rows):
    labels = {"optimum": "observer", "model-based": "model_based", "model-free": "model_free"}
    labels |= {"ideal observer": "observer", "fixed transitions": "latent_state"}
    for measure in ("reward per trial", "better option, 15 trials after transitions reversed"):
        for part in rows["observer"][measure]["expected"].split(", "):
            label, _, number = part.rpartition(" ")
            if label in labels:
                mean = rows[labels[label]][measure]["mean"]
                np.testing.assert_allclose(mean, float(number), atol=0.025, err_msg=f"{measure}: {label}")
