"""Buffers of an episode: where values are written, and which weights are used."""

import pytest
import torch

from pfc_metarl.agents import Percept, Prefrontal
from pfc_metarl.networks import tape
from pfc_metarl.networks.compiled_engine import CompiledEngine
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.encoder import Encoder
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
            values.append([field.clone() for field in activity.readouts[0][:2]])
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
    assert activity.readouts[0].logits.tolist() == [[[1.0, 2.0]]]
    assert activity.readouts[0].value.tolist() == [[3.0]]
    assert activity.heads[0].tolist() == [[[1.0, 2.0, 3.0]]]


def lived(network, weights, edit=None):
    """Activity, actions and gradients of an episode of random images."""
    generator, shape = torch.Generator().manual_seed(0), (2, 3)
    agent = Prefrontal(network, weights, 27, N_ACTIONS, N_STEPS, discount=0.9)
    memory, actions = agent.begin(shape), []
    for _ in range(N_STEPS):
        seen = torch.rand(*shape, 27, generator=generator), torch.randint(-1, N_ACTIONS, shape, generator=generator)
        percept = Percept(*seen, torch.randn(shape, generator=generator), edit=edit)
        action, _, memory = agent.act(percept, memory, torch.randn(*shape, N_ACTIONS, generator=generator))
        actions.append(action)
    heads = agent.activity.heads.clone()
    return (
        agent.activity,
        torch.stack(actions),
        heads,
        agent.activity.backward(torch.randn(heads.shape, generator=generator)),
    )


@pytest.mark.parametrize(
    "encoder", [None, Encoder(filters=(3, 2), kernels=(2, 1), strides=(1, 1))], ids=["", "encoder"]
)
@pytest.mark.parametrize("critic", ["shared", "separate"])
@pytest.mark.parametrize("core", CORES)
def test_every_network_computes_with_compiled_loops_as_with_the_plain_equations(core, critic, encoder, monkeypatch):
    network = Network(core=core, units=5, critic=critic, encoder=encoder)
    weights = weights_of(network, networks=(0, 1), n_channels=27)
    weights = {name: tensor + 0.3 * (name.endswith("heads")) for name, tensor in weights.items()}
    found = lived(network, weights)
    monkeypatch.setattr(tape, "runs_compiled", lambda like: False)
    plain = lived(network, weights)
    engines = {type(part.engine) for activity in (found[0], plain[0]) for part in activity.tapes.values()}
    assert len(engines) == 2
    assert isinstance(found[0].actor.engine, CompiledEngine)
    assert torch.equal(found[1], plain[1])
    assert set(found[3]) == set(plain[3]) == set(weights)
    for name, (own, true) in {
        "heads": (found[2], plain[2]),
        **{n: (found[3][n], plain[3][n]) for n in weights},
    }.items():
        assert (own - true).abs().max() <= 1e-5 * max(1, true.abs().max()), name


@pytest.mark.parametrize("core", CORES)
def test_an_edited_step_is_chosen_from_the_edited_activity(core, monkeypatch):
    network = Network(core=core, units=5)
    weights = weights_of(network, networks=(0, 1), n_channels=27)
    weights["heads"] = 3 * weights["heads"].sign()
    found = lived(network, weights, edit=lambda hidden: -hidden)
    assert not torch.equal(found[1], lived(network, weights)[1])
    monkeypatch.setattr(tape, "runs_compiled", lambda like: False)
    plain = lived(network, weights, edit=lambda hidden: -hidden)
    assert torch.equal(found[1], plain[1])
    assert (found[2] - plain[2]).abs().max() <= 1e-5 * max(1, plain[2].abs().max())
