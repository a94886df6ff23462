"""The variants that put earlier simulations on the architecture of Simulation 6."""

import dataclasses

import pytest

from pfc_metarl import experiments
from pfc_metarl.experiments import risky_lever
from pfc_metarl.experiments.risky_lever_wang2018 import EXPERIMENT as WANG
from pfc_metarl.networks.network import Network


@pytest.mark.parametrize("original", ["two_step", "bandit_correlated"])
def test_all_but_the_network_is_as_in_the_original(original):
    first, variant = experiments.load(original), experiments.load(f"{original}_rpe_input")
    assert variant.network == Network(core="lstm", units=48, critic="separate")  # Wang et al. 2018, Methods
    assert variant.network.has_rpe_input
    assert variant.variant
    same = {"network": first.network, "claim": first.claim, "variant": first.variant}
    for name in ("task", "networks", "probes", "headlines"):
        assert getattr(variant, name) == getattr(dataclasses.replace(variant, **same), name) == getattr(first, name)


def test_the_learning_settings_of_the_lever_are_those_of_the_paper():
    learner = WANG.learner  # Wang et al. 2018, Methods; science sheet 1 and 3.6
    assert (learner.learning_rate, learner.discount) == (7e-4, 0.9)
    assert (learner.value_cost, learner.entropy_cost) == (0.05, 0.05)
    assert (learner.optimiser, learner.trace, learner.episodes) == ("rmsprop", 1, 1)
    assert WANG.variant
    for name in ("network", "networks", "probes", "headlines"):
        assert getattr(WANG, name) == getattr(risky_lever.EXPERIMENT, name)
