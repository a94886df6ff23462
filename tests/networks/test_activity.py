"""Buffers of an episode: where values are written, and which weights are used."""

import pytest
import torch

from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.network import Network
from tests.networks.test_network import N_ACTIONS, N_CHANNELS, N_STEPS, percepts, weights_of


@pytest.mark.parametrize("core", CORES)
def test_an_episode_uses_the_current_weights(core):
    network = Network(core=core, units=8)
    weights, seen = weights_of(network), percepts()
    activity = network.activity(weights, N_CHANNELS, N_ACTIONS, N_STEPS, 1, discount=0.9)
    for changed_name, changed in weights.items():
        if (core, changed_name) == ("feedforward", "initial"):
            continue
        values = []
        for _ in range(2):
            activity.rewind()
            activity.actor.steps[0].slots["observation"].copy_(seen[0].observation)
            activity.actor.forward(0)
            values.append([activity.step_outputs[0][name].clone() for name in ("logits", "value")])
            changed += 0.5 * (changed != 0) if changed_name == "core" else 0.5
        assert not torch.equal(values[0][0], values[1][0])
        assert not torch.equal(values[0][1], values[1][1])


def test_heads_are_logits_then_value():
    network = Network(units=4)
    plain = weights_of(network)
    heads = torch.zeros_like(plain["heads"])
    heads[:, -1] = torch.tensor([1.0, 2.0, 3.0])
    activity = network.activity({**plain, "heads": heads}, N_CHANNELS, N_ACTIONS, N_STEPS, 1, discount=0.9)
    activity.rewind()
    activity.actor.forward(0)
    assert activity.step_outputs[0]["logits"].tolist() == [[[1.0, 2.0]]]
    assert activity.step_outputs[0]["value"].tolist() == [[3.0]]
    assert activity.heads[0].tolist() == [[[1.0, 2.0, 3.0]]]
