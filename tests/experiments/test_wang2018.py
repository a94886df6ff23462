"""The learning settings of Wang et al. 2018 (Methods; science sheet, 1 and 3) in every experiment that has them."""

import pytest

from pfc_metarl import experiments

SETTINGS = {  # learning rate, discount, value cost, entropy cost, episodes of an update, updates
    "two_step": (7e-4, 0.9, 0.05, 0.05, 1, 40_000),
    "foraging": (7e-4, 0.75, 0.05, 0.05, 1, 30_000),
    "volatility": (5e-5, 0.1, 0.05, 1.0, 1, 40_000),
    "inferred_value": (7e-4, 0.9, 0.05, 0.05, 1, 100_000),
    "risky_lever": (7e-4, 0.9, 0.05, 0.05, 1, 66_700),
    "harlow_objects": (7.5e-4, 0.91, 0.4, 0.001, 32, 10_000),
}
SAME = {
    "two_step": ("task", "network", "networks", "probes", "headlines"),
    "foraging": ("task", "networks", "probes", "headlines"),
    "volatility": ("task", "network", "networks", "probes", "headlines"),
    "inferred_value": ("network", "networks", "measures"),
    "risky_lever": ("network", "networks", "probes", "headlines"),
    "harlow_objects": ("task", "networks", "probes", "headlines"),
}

pytestmark = pytest.mark.parametrize("name", SETTINGS)


def test_the_learning_settings_are_those_of_the_sources(name):
    learner = experiments.load(f"{name}_wang2018").learner
    assert SETTINGS[name] == (
        learner.initial_learning_rate,
        learner.discount,
        learner.value_cost,
        learner.initial_entropy_cost,
        learner.episodes,
        learner.updates,
    )
    assert (learner.optimiser, learner.rmsprop_decay, learner.epsilon) == ("rmsprop", 0.99, 0.1)
    last = learner.updates - 1
    assert (learner.trace_decay, learner.learning_rate(last)) == (1, learner.initial_learning_rate)
    final_cost = 0 if name == "volatility" else learner.initial_entropy_cost  # the replication lets it fall to 0
    assert learner.entropy_cost(last) == final_cost


def test_all_else_is_as_in_the_main_experiment(name):
    main, variant = experiments.load(name), experiments.load(f"{name}_wang2018")
    assert (main.variant, variant.variant) == (False, True)
    assert variant.claim != main.claim
    for field in SAME[name]:
        assert getattr(variant, field) == getattr(main, field)
