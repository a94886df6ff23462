from pfc_metarl.experiments import volatility
from pfc_metarl.experiments.volatility_wang2018 import EXPERIMENT


def test_the_learning_settings_are_those_of_the_sources():
    learner = EXPERIMENT.learner  # science sheet 3.2: the paper's main text, and a public replication of it
    assert (learner.learning_rate, learner.discount, learner.updates * learner.episodes) == (5e-5, 0.1, 40_000)
    assert (learner.entropy_cost, learner.entropy_cost * learner.final_entropy_cost) == (1, 0)
    assert (learner.optimiser, learner.value_cost, learner.episodes) == ("rmsprop", 0.05, 1)


def test_all_else_is_as_in_the_fast_experiment():
    assert EXPERIMENT.variant
    assert not volatility.EXPERIMENT.variant
    for name in ("task", "network", "networks", "probes", "headlines"):
        assert getattr(EXPERIMENT, name) == getattr(volatility.EXPERIMENT, name)
