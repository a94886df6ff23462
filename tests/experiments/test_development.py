import dataclasses

import pytest

from pfc_metarl import experiments
from pfc_metarl.experiments.development import PARTS, development


@pytest.mark.parametrize(
    "name", ["two_step", "inferred_value", "volatility", "bandit_correlated", "foraging", "risky_lever"]
)
def test_the_training_is_that_of_the_experiment(name):
    first, variant = experiments.load(name), experiments.load(f"{name}_development")
    assert variant.variant
    assert variant.claim.startswith("A control: ")
    assert variant.claim.endswith(" during training.")
    assert (variant.task, variant.network, variant.networks) == (first.task, first.network, first.networks)
    assert variant.learner == dataclasses.replace(first.learner, snapshots=PARTS)
    assert all(probe.untrained and probe.snapshots for probe in variant.probes.values())


def test_recordings_are_before_on_the_way_and_at_the_end():
    first = experiments.load("two_step")
    variant = development(first, "choices", {"test": first.probes["test"]}, first.measures, networks=3)
    assert variant.networks == 3
    assert list(PARTS) == sorted(PARTS)
    assert 0 < PARTS[0] < PARTS[-1] < 1
    assert variant.headlines == first.headlines
