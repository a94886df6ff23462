"""The variants that put earlier simulations on the architecture of Simulation 6."""

import dataclasses

import pytest

from pfc_metarl import experiments
from pfc_metarl.experiments.base import Probe
from pfc_metarl.experiments.rpe_input import with_rpe_input

SIMULATIONS = ("foraging", "volatility", "inferred_value", "two_step", "harlow_objects")  # 1 to 5
UNITS = 48  # Wang et al. 2018, Methods; in Simulation 5 ours


@pytest.mark.parametrize("original", [*SIMULATIONS, "bandit_correlated"])
def test_task_worlds_and_criteria_are_those_of_the_original(original):
    first, variant = experiments.load(original), experiments.load(f"{original}_rpe_input")
    assert variant.variant
    assert (variant.task, variant.networks) == (first.task, first.networks)
    for name, probe in variant.probes.items():
        assert (probe.episodes, probe.changes) == (first.probes[name].episodes, first.probes[name].changes)
    with_criterion = [each for each in first.headlines if each.criterion is not None]
    assert with_criterion
    assert [each for each in variant.headlines if each.criterion is not None] == with_criterion


@pytest.mark.parametrize("original", [*SIMULATIONS, "bandit_correlated"])
def test_the_actor_sees_the_error_of_a_critic_of_its_own_instead_of_the_reward(original):
    first, network = experiments.load(original).network, experiments.load(f"{original}_rpe_input").network
    assert (network.core, network.units, network.critic) == ("lstm", UNITS, "separate")  # Wang et al. 2018, Methods
    assert network.has_rpe_input
    assert network.learned_initial_state == first.learned_initial_state


def test_only_what_is_named_differs():
    first = experiments.load("two_step")
    variant = with_rpe_input(first, {"updates": 7})
    assert variant.learner == dataclasses.replace(first.learner, updates=7)
    assert (variant.probes, variant.headlines, variant.measures) == (first.probes, first.headlines, first.measures)
    probes = {"test": Probe(episodes=2)}
    assert with_rpe_input(first, probes=probes).probes == probes
