import pytest

from pfc_metarl.experiments import load, two_step


@pytest.mark.parametrize("core", ["gru", "rnn"])
def test_another_core_meets_the_same_worlds_and_measures(core):
    variant = load(f"two_step_{core}")
    assert variant.network.core == core
    assert not variant.variant  # a figure needs it
    for name in ("task", "networks", "probes", "headlines"):
        assert getattr(variant, name) == getattr(two_step.EXPERIMENT, name)


def test_gated_units_learn_by_the_same_recipe():
    assert load("two_step_gru").learner == two_step.EXPERIMENT.learner
