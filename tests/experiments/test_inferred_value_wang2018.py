from pfc_metarl.experiments import inferred_value
from pfc_metarl.experiments.inferred_value_wang2018 import EXPERIMENT


def test_the_settings_are_those_of_the_paper():
    task, learner = EXPERIMENT.task, EXPERIMENT.learner  # Wang et al. 2018, Methods; science sheet 1 and 3.3
    assert (learner.learning_rate, learner.discount) == (7e-4, 0.9)
    assert (learner.value_cost, learner.entropy_cost) == (0.05, 0.05)
    assert (learner.optimiser, learner.trace) == ("rmsprop", 1)
    assert (learner.updates, learner.episodes, task.n_trials) == (100_000, 1, 5)
    assert (learner.final_learning_rate, learner.final_entropy_cost) == (1, 1)
    assert EXPERIMENT.probes["test"].episodes == 1200
    assert EXPERIMENT.variant


def test_there_is_room_for_a_reversal_and_a_trial_after_it():
    assert EXPERIMENT.task.min_block < EXPERIMENT.task.n_trials - 1


def test_animals_discount_as_the_networks_do():
    for animal in EXPERIMENT.probes["test"].animals.values():
        assert animal.discount == EXPERIMENT.learner.discount


def test_all_else_is_as_in_the_fast_experiment():
    original = inferred_value.EXPERIMENT
    assert EXPERIMENT.claim != original.claim
    for name in ("network", "networks", "measures"):
        assert getattr(EXPERIMENT, name) == getattr(original, name)
    labels = [[headline.label for headline in made.headlines] for made in (EXPERIMENT, original)]
    assert labels[0] == labels[1]
