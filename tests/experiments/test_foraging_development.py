from pfc_metarl.experiments.foraging_development import EXPERIMENT
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_FORAGING
from pfc_metarl.simulation.recording import record


def test_probes_have_all_base_probabilities():
    task = EXPERIMENT.probes["development"].task(EXPERIMENT.task, "development")
    assert task.p_left == ((0.0, 0.5),)
    assert len(EXPERIMENT.task.p_left) == 3  # two intervals between them are held out in training


def test_the_headlines_of_alternation():
    task = EXPERIMENT.probes["development"].task(EXPERIMENT.task, "development")
    made = record(task, REFERENCE_AGENTS_FORAGING["alternation"], n_episodes=40, seed=0, networks=(0, 1))
    rows = {row["measure"]: row for row in EXPERIMENT.summary(EXPERIMENT.measures({"development": made}))}
    assert abs(rows["reward per trial"]["mean"] - 0.416) < 0.02
    assert abs(rows["matching slope"]["mean"]) < 0.05  # as often left as right, whatever it pays
