from pfc_metarl.experiments import two_step
from pfc_metarl.experiments.two_step_wang2018 import EXPERIMENT


def test_the_learning_settings_are_those_of_the_paper():
    learner = EXPERIMENT.learner  # Wang et al. 2018, Methods; science sheet 1 and 3.4
    assert (learner.learning_rate, learner.discount) == (7e-4, 0.9)
    assert (learner.value_cost, learner.entropy_cost) == (0.05, 0.05)
    assert (learner.optimiser, learner.trace) == ("rmsprop", 1)
    assert learner.episodes == 1
    assert (learner.final_learning_rate, learner.final_entropy_cost) == (1, 1)


def test_all_else_is_as_in_the_fast_experiment():
    assert EXPERIMENT.claim != two_step.EXPERIMENT.claim
    for name in ("task", "network", "networks", "probes", "headlines"):
        assert getattr(EXPERIMENT, name) == getattr(two_step.EXPERIMENT, name)
