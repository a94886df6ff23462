import pytest

from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_VOLATILITY
from pfc_metarl.experiments.volatility_development import EXPERIMENT
from pfc_metarl.simulation.recording import record


def test_probes_are_the_halves_of_the_experiment():
    tasks = {order: probe.task(EXPERIMENT.task, order) for order, probe in EXPERIMENT.probes.items()}
    assert {order: task.schedule for order, task in tasks.items()} == {name: name for name in tasks}
    assert all(task.p_good_volatile == (0.8,) for task in tasks.values())


def test_the_headlines_of_a_learner_with_a_fixed_rate():
    learner = REFERENCE_AGENTS_VOLATILITY["rescorla_wagner"]
    made = {
        order: record(probe.task(EXPERIMENT.task, order), learner, n_episodes=30, seed=0, networks=(0, 1))
        for order, probe in EXPERIMENT.probes.items()
    }
    rows = {row["measure"]: row for row in EXPERIMENT.summary(EXPERIMENT.measures(made))}
    assert rows["reward per trial, stable first"]["mean"] > 0.6
    assert rows["learning rate, volatile − stable, stable first"]["mean"] == pytest.approx(0, abs=0.04)
