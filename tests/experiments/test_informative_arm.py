import pytest

from pfc_metarl.experiments.informative_arm import EXPERIMENT, VARIANTS
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_INFORMATIVE_ARM
from pfc_metarl.simulation.recording import record


def test_the_numbers_are_those_of_the_paper():
    task, network = EXPERIMENT.task, EXPERIMENT.network
    assert (task.n_trials, len(task.action_names), task.target_payoff, task.other_payoff) == (5, 11, 5.0, 1.0)
    assert (network.core, network.reward_codes) == ("lstm", task.reward_values)
    assert EXPERIMENT.networks == 32


def test_the_other_cohort_differs_in_its_entropy_alone():
    other = VARIANTS["informative_arm_low_entropy"]
    assert (other.task, other.network, other.probes) == (EXPERIMENT.task, EXPERIMENT.network, EXPERIMENT.probes)
    assert other.learner.initial_entropy_cost < EXPERIMENT.learner.initial_entropy_cost


@pytest.mark.parametrize(("agent", "reward", "first"), [("informed_search", 20.55, 1), ("search", 11.0, 0)])
def test_headlines_of_both_strategies(agent, reward, first):
    test = record(EXPERIMENT.task, REFERENCE_AGENTS_INFORMATIVE_ARM[agent], n_episodes=1000, seed=0, networks=(0, 1))
    rows = {row["measure"]: row for row in EXPERIMENT.summary(EXPERIMENT.measures({"test": test}))}
    assert rows["reward per episode"]["mean"] == pytest.approx(reward, abs=0.4)
    assert rows["informative arm first"]["mean"] == first
    reached = 2 if agent == "informed_search" else 0
    assert [row["reached"] for row in rows.values()] == [reached, reached]
