import pytest

from pfc_metarl.experiments.bandit_independent import EXPERIMENT
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_BANDIT
from pfc_metarl.simulation.recording import record


def test_the_numbers_are_those_of_the_papers():
    task, network = EXPERIMENT.task, EXPERIMENT.network  # Wang et al. 2016, 3.1.2; 2018, Methods; science sheet 1, 2.1
    assert (task.n_trials, task.n_arms, task.arms, task.p_first, task.show_trial) == (100, 2, "independent", (), True)
    assert (network.core, network.units, network.learned_initial_state) == ("gru", 48, True)  # theirs is an LSTM
    assert [EXPERIMENT.probes[name].episodes for name in ("test", "quarter")] == [300, 300]
    assert EXPERIMENT.networks >= 8


def test_the_probes_are_the_own_arms_and_the_problem_of_the_figure():
    own, quarter = (EXPERIMENT.probes[name].task(EXPERIMENT.task, name) for name in ("test", "quarter"))
    assert own == EXPERIMENT.task
    assert (quarter.arms, quarter.p_first) == ("correlated", (0.25, 0.75))
    for name in ("test", "quarter"):
        assert set(EXPERIMENT.probes[name].reference_agents) == set(REFERENCE_AGENTS_BANDIT)


@pytest.fixture(scope="module")
def rows():
    """The headlines of the optimum instead of networks; it has no units, so its values replace activity."""
    recordings = {}
    for name, probe in EXPERIMENT.probes.items():
        task = probe.task(EXPERIMENT.task, name)
        made = record(task, REFERENCE_AGENTS_BANDIT["bayes_optimal"], n_episodes=300, seed=0, networks=(0, 1, 2))
        hidden = made["action_value"].values[..., [0, 1, 1]]
        recordings[name] = made.assign(hidden=(("network", "episode", "step", "unit"), hidden))
    return {row["measure"]: row for row in EXPERIMENT.summary(EXPERIMENT.measures(recordings))}


def test_the_optimum_has_the_expected_headlines(rows):
    assert len(rows) == len(EXPERIMENT.headlines)
    assert all(row["n"] == 3 and row["expected"] for row in rows.values())
    assert rows["reward per trial"]["mean"] == pytest.approx(0.649, abs=0.03)  # science sheet 2.1, and the next
    assert rows["regret"]["mean"] == pytest.approx(1.75, abs=0.4)
    assert rows["regret on .25/.75"]["mean"] == pytest.approx(1.35, abs=0.25)  # simulated, 40,000 episodes
    assert rows["regret on .25/.75, first 10 trials"]["mean"] == pytest.approx(0.96, abs=0.15)
    assert 0.85 < rows["R of end point with difference of payoffs"]["mean"] < 1
