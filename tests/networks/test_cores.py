"""The hand-written forward and backward passes against torch."""

import pytest
import torch
from torch import nn

from pfc_metarl.agents import Percept, Prefrontal
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.network import Network
from pfc_metarl.networks.tape import Part, Tape

N_NETWORKS, N_EPISODES, N_STEPS, N_CHANNELS, N_ACTIONS, UNITS = 2, 3, 19, 4, 2, 5
N_INPUTS = N_CHANNELS + N_ACTIONS + 1
WIDTHS = {"observation": N_CHANNELS, "previous_action": N_ACTIONS, "previous_reward": 1}


def random_weights(core, seed=0):
    """Weights far from small, an initial state far from zero."""
    generator = torch.Generator().manual_seed(seed)
    kind = CORES[core]
    shape = (N_NETWORKS, N_INPUTS + UNITS + 1, len(kind.gates), UNITS)
    weight = torch.randn(shape, generator=generator) * kind.connected(N_INPUTS, UNITS)
    heads = torch.randn(N_NETWORKS, UNITS + 1, N_ACTIONS + 1, generator=generator)
    initial = torch.randn(N_NETWORKS, 1 + kind.has_cell, UNITS, generator=generator)
    return {"core": weight.flatten(2) * 0.7, "heads": heads, "initial": initial}


def random_percepts(seed=1):
    return torch.randn(N_STEPS, N_NETWORKS, N_EPISODES, N_INPUTS, generator=torch.Generator().manual_seed(seed))


def lived_tape(core, weights, percepts):
    part = Part(core, UNITS, WIDTHS, {"logits": N_ACTIONS, "value": 1})
    tape = Tape(part, weights, N_STEPS, N_EPISODES)
    tape.rewind()
    for t, percept in enumerate(percepts):
        for name, part in zip(WIDTHS, percept.split(list(WIDTHS.values()), dim=-1), strict=True):
            slot = tape.steps[t].slots[name]
            slot.copy_(part.reshape(slot.shape))
        tape.forward(t)
    return tape


def textbook_step(core, x, h, c, weight):
    """One step of each core as the papers write it; blocks of `weight` in the package's order."""
    from_x, from_h, bias = weight[:, :N_INPUTS], weight[:, N_INPUTS:-1], weight[:, -1:]
    blocks = zip((x @ from_x).split(UNITS, -1), (h @ from_h).split(UNITS, -1), bias.split(UNITS, -1), strict=True)
    if core == "lstm":
        o, i, f, g = (a + b + k for a, b, k in blocks)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c
    if core == "gru":
        (rx, rh, rk), (zx, zh, zk), (nx, _, nk), (_, nh, mk) = blocks
        z = (zx + zh + zk).sigmoid()
        n = (nx + nk + (rx + rh + rk).sigmoid() * (nh + mk)).tanh()
        return (1 - z) * n + z * h, c
    return (x @ from_x + bias + (h @ from_h if core == "rnn" else 0)).tanh(), c


def textbook_heads(core, weights, percepts):
    h = weights["initial"][:, :1].expand(-1, N_EPISODES, -1)
    c = weights["initial"][:, -1:].expand(-1, N_EPISODES, -1)
    heads = []
    for x in percepts:
        h, c = textbook_step(core, x, h, c, weights["core"])
        heads.append(h @ weights["heads"][:, :-1] + weights["heads"][:, -1:])
    return torch.stack(heads)


@pytest.mark.parametrize("core", CORES)
def test_both_passes_equal_autograd_through_the_textbook(core):
    weights, percepts = random_weights(core), random_percepts()
    tape = lived_tape(core, weights, percepts)
    d_heads = torch.randn(tape.heads.shape, generator=torch.Generator().manual_seed(2))
    precise = {name: tensor.double().requires_grad_() for name, tensor in weights.items()}
    heads = textbook_heads(core, precise, percepts.double())
    torch.testing.assert_close(tape.heads.double(), heads, rtol=1e-5, atol=1e-5)
    scalar, found = (heads * d_heads).sum(), tape.backward(d_heads)
    expected = dict(zip(precise, torch.autograd.grad(scalar, precise.values(), materialize_grads=True), strict=True))
    assert set(found) == set(expected)
    for name, its_expected in expected.items():
        error = (found[name] - its_expected).abs().max()
        assert error <= 1e-5 * its_expected.abs().max(), name
    if core != "feedforward":
        assert expected["initial"].abs().min() > 0


@pytest.mark.parametrize("core", CORES)
def test_a_second_episode_on_the_same_tape_equals_the_first(core):
    weights, percepts = random_weights(core), random_percepts()
    tape = lived_tape(core, weights, percepts)
    d_heads = torch.ones_like(tape.heads)
    first = tape.heads.clone(), *tape.backward(d_heads).values()
    tape.rewind()
    for t in range(N_STEPS):
        tape.forward(t)
    second = tape.heads.clone(), *tape.backward(d_heads).values()
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def torch_cell(core, weight):
    """Torch's own cell with the weights of one network."""
    columns = dict(zip({"lstm": "oifg", "gru": "rzab", "rnn": "h"}[core], weight.split(UNITS, -1), strict=True))
    cell = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell}[core](N_INPUTS, UNITS)
    from_input, from_hidden = {"lstm": ("ifgo", "ifgo"), "gru": ("rza", "rzb"), "rnn": ("h", "h")}[core]
    cell.weight_ih.copy_(torch.cat([columns[name][:N_INPUTS] for name in from_input], -1).T)
    cell.weight_hh.copy_(torch.cat([columns[name][N_INPUTS:-1] for name in from_hidden], -1).T)
    cell.bias_ih.copy_(torch.cat([columns[name][-1] for name in from_input]))
    own = [columns[name][-1] * (name not in from_input) for name in from_hidden]
    cell.bias_hh.copy_(torch.cat(own))
    return cell


@torch.no_grad()
@pytest.mark.parametrize("core", ["lstm", "gru", "rnn"])
def test_step_by_step_equals_torchs_own_cell(core):
    weights, generator = random_weights(core), torch.Generator().manual_seed(3)
    agent = Prefrontal(Network(core=core, units=UNITS), weights, N_CHANNELS, N_ACTIONS, N_STEPS, discount=0.9)
    cells = [torch_cell(core, weight) for weight in weights["core"]]
    memory, shape = agent.begin((N_NETWORKS, N_EPISODES)), (N_NETWORKS, N_EPISODES)
    states = [[state.expand(N_EPISODES, -1) for state in initial] for initial in weights["initial"]]
    for _ in range(N_STEPS):
        percept = Percept(
            torch.randn(*shape, N_CHANNELS, generator=generator),
            torch.randint(N_ACTIONS, shape, generator=generator),
            torch.randn(shape, generator=generator),
        )
        _, readout, memory = agent.act(percept, memory, torch.zeros(*shape, N_ACTIONS))
        one_hot = nn.functional.one_hot(percept.previous_action, N_ACTIONS).float()
        x = torch.cat([percept.observation, one_hot, percept.previous_reward[..., None]], -1)
        for n, cell in enumerate(cells):
            state = cell(x[n], tuple(states[n]) if core == "lstm" else states[n][0])
            states[n] = list(state) if core == "lstm" else [state]
            torch.testing.assert_close(readout.hidden[n], states[n][0], rtol=1e-5, atol=1e-6)
            if core == "lstm":
                torch.testing.assert_close(readout.cell[n], states[n][1], rtol=1e-5, atol=1e-6)


def test_the_feedforward_control_is_one_layer():
    weights, percepts = random_weights("feedforward"), random_percepts()
    tape = lived_tape("feedforward", weights, percepts)
    hidden = (percepts @ weights["core"][:, :N_INPUTS] + weights["core"][:, -1:]).tanh()
    expected = hidden @ weights["heads"][:, :-1] + weights["heads"][:, -1:]
    torch.testing.assert_close(tape.heads, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("core", "n_cut"), [("lstm", 0), ("rnn", 0), ("feedforward", UNITS), ("gru", UNITS + N_INPUTS)]
)
def test_what_is_cut(core, n_cut):
    kind = CORES[core]
    mask = kind.connected(N_INPUTS, UNITS).expand(N_INPUTS + UNITS + 1, len(kind.gates), UNITS)
    assert (mask == 0).sum() == n_cut * UNITS
    assert (mask[-1] == 1).all(), "every unit has its bias"
