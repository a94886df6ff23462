from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_RISKY_LEVER
from pfc_metarl.experiments.risky_lever import P_WIN
from pfc_metarl.experiments.risky_lever_development import EXPERIMENT, probe_name
from pfc_metarl.simulation.recording import record


def test_probes_have_one_probability_each_and_the_safe_lever_pays_1():
    for odds, p_win in P_WIN.items():
        task = EXPERIMENT.probes[probe_name(odds)].task(EXPERIMENT.task, probe_name(odds))
        assert (task.p_risky, task.safe_reward) == ((p_win,), (1.0,))
    assert len(EXPERIMENT.task.safe_reward) > 1  # in training it varies


def test_the_headline_of_a_learner_that_tells_the_odds_apart():
    made = {
        name: record(
            probe.task(EXPERIMENT.task, name),
            REFERENCE_AGENTS_RISKY_LEVER["lever_learner"],
            n_episodes=40,
            seed=0,
            networks=(0, 1),
        )
        for name, probe in EXPERIMENT.probes.items()
    }
    (row,) = EXPERIMENT.summary(EXPERIMENT.measures(made))
    assert row["mean"] > 0.1
