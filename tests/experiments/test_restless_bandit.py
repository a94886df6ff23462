import pytest

from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_RESTLESS_BANDIT
from pfc_metarl.experiments.restless_bandit import BEST_RATE, EXPERIMENT
from pfc_metarl.simulation.recording import record


@pytest.fixture(scope="module")
def rows():
    """Headlines of the ideal observer, and of the best learner of a fixed rate, by measure."""
    found = {}
    for name in ("drift_observer", "rescorla_wagner"):
        agent = REFERENCE_AGENTS_RESTLESS_BANDIT[name]
        test = record(EXPERIMENT.task, agent, n_episodes=60, seed=0, networks=(0, 1))
        found[name] = {row["measure"]: row for row in EXPERIMENT.summary(EXPERIMENT.measures({"test": test}))}
    return found


def test_the_ideal_observer_reaches_every_criterion(rows):
    assert all(row["reached"] == 2 for row in rows["drift_observer"].values() if "criterion" in row)


def test_a_fixed_rate_reaches_no_criterion_of_rates(rows):
    fixed = rows["rescorla_wagner"]
    assert fixed["learning rate, fast − slow"]["reached"] == 0
    assert fixed["BIC, fixed − fitted learning rate"]["reached"] == 0
    assert fixed["learning rate, slow"]["mean"] == pytest.approx(BEST_RATE, abs=0.02)
