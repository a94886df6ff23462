from pfc_metarl.experiments.bandit_correlated_development import EXPERIMENT
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_BANDIT
from pfc_metarl.simulation.recording import record


def test_the_headline_of_an_optimal_learner():
    made = record(EXPERIMENT.task, REFERENCE_AGENTS_BANDIT["correlated_optimal"], n_episodes=60, seed=0)
    (row,) = EXPERIMENT.summary(EXPERIMENT.measures({"development": made}))
    assert abs(row["mean"] - 0.738) < 0.05  # exact, of the optimum


def test_what_the_figure_needs_is_recorded():
    assert set(EXPERIMENT.probes["development"].only) >= {"p_reward", "rpe", "hidden"}
