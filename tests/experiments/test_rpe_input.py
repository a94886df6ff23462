"""The variants that put earlier simulations on the architecture of Simulation 6."""

import dataclasses

import pytest

from pfc_metarl import experiments
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
