import math

import pydantic
import pytest
import torch

from pfc_metarl import noise
from pfc_metarl.agents import Percept, Prefrontal
from pfc_metarl.cores import CORES
from pfc_metarl.network import Network, Tape, Weights, initial_weights

N_CHANNELS, N_ACTIONS, N_STEPS = 3, 2, 6


def weights_of(network, networks=(0,), seed=0, n_channels=N_CHANNELS):
    return initial_weights(network, n_channels, N_ACTIONS, noise.generators(seed, networks, "weights"))


def percepts(seed=0, n_episodes=1):
    generator = torch.Generator().manual_seed(seed)
    return [
        Percept(
            torch.randn(1, n_episodes, N_CHANNELS, generator=generator),
            torch.randint(-1, N_ACTIONS, (1, n_episodes), generator=generator),
            torch.randn(1, n_episodes, generator=generator),
        )
        for _ in range(N_STEPS)
    ]


def logits(network, weights, seen):
    agent = Prefrontal(network, weights, N_CHANNELS, N_ACTIONS, N_STEPS, discount=0.9)
    memory, told = agent.begin(seen[0].previous_action.shape), []
    for percept in seen:
        _, readout, memory = agent.act(percept, memory, torch.zeros(*percept.previous_action.shape, N_ACTIONS))
        told.append(readout.logits.clone())
    return torch.stack(told)


@pytest.mark.parametrize("wrong", [{"core": "perceptron"}, {"units": 0}, {"inputs": ()}, {"inputs": ("smell",)}])
def test_a_wrong_network_is_refused(wrong):
    with pytest.raises(pydantic.ValidationError):
        Network(**wrong)


def test_widths_of_the_inputs():
    assert Network().widths(3, 2) == {"observation": 3, "previous_action": 2, "previous_reward": 1}
    assert Network(inputs=("previous_reward", "observation")).widths(3, 2) == {"previous_reward": 1, "observation": 3}


@pytest.mark.parametrize("core", CORES)
def test_initial_weights_are_as_the_docstring_says(core):
    weights = weights_of(Network(core=core, units=100), networks=range(4), n_channels=50)
    rows = weights.core.unflatten(-1, (-1, 100))
    bias = torch.zeros(rows.shape[2], 100)
    if core == "lstm":
        bias[2] = 1  # output, input, forget, candidate
    assert torch.equal(rows[:, -1], bias.expand(4, -1, -1))
    drawn = rows[:, :-1][rows[:, :-1] != 0]
    bound = 1 / math.sqrt(100)
    assert drawn.abs().max() <= bound
    assert drawn.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.02)  # of a uniform variable
    assert abs(drawn.mean().item()) < 4 * bound / math.sqrt(3 * drawn.numel())
    assert (weights.heads[:, -1] == 0).all()
    assert 0 < weights.heads.abs().max() < bound
    assert (weights.initial == 0).all()
    assert weights.initial.shape == (4, 2 if core == "lstm" else 1, 100)


def test_networks_of_a_cohort_differ_and_do_not_depend_on_each_other():
    together, alone = weights_of(Network(), (0, 1, 2)), weights_of(Network(), (2,))
    for cohort, single in zip(together[:2], alone[:2], strict=True):
        assert torch.equal(cohort[2:], single)
        assert not torch.equal(cohort[0], cohort[1])


def test_weights_of_some_networks():
    together = weights_of(Network(), (0, 1, 2))
    assert all(torch.equal(a, b[1:]) for a, b in zip(together.of(slice(1, 3)), together, strict=True))


@pytest.mark.parametrize("core", CORES)
def test_only_the_feedforward_control_forgets(core):
    network = Network(core=core, units=8)
    before, after = percepts(0), percepts(1)
    after[-1] = before[-1]
    weights = weights_of(network)
    same = torch.equal(logits(network, weights, before)[-1], logits(network, weights, after)[-1])
    assert same == (core == "feedforward")


@pytest.mark.parametrize("left_out", ["observation", "previous_action", "previous_reward"])
def test_an_input_that_is_left_out_has_no_influence_and_the_others_have(left_out):
    every = ("observation", "previous_action", "previous_reward")
    network = Network(units=8, inputs=tuple(name for name in every if name != left_out))
    weights, seen, other = weights_of(network), percepts(0), percepts(1)
    for name in every:
        changed = [now._replace(**{name: getattr(then, name)}) for now, then in zip(seen, other, strict=True)]
        same = torch.equal(logits(network, weights, seen), logits(network, weights, changed))
        assert same == (name == left_out)


@pytest.mark.parametrize("core", CORES)
def test_the_present_weights_count(core):
    network = Network(core=core, units=8)
    weights, seen = weights_of(network), percepts()
    tape = Tape(network, weights, N_CHANNELS, N_ACTIONS, N_STEPS, 1)
    for changed in (*weights[:2], *([] if core == "feedforward" else [weights.initial])):
        values = []
        for _ in range(2):
            tape.rewind()
            tape.steps[0].slots["observation"].copy_(seen[0].observation)
            tape.forward(0)
            values.append((tape.steps[0].logits.clone(), tape.steps[0].value.clone()))
            changed += 0.5 * (changed != 0) if changed is weights.core else 0.5
        assert not torch.equal(values[0][0], values[1][0])
        assert not torch.equal(values[0][1], values[1][1])


def test_heads_are_logits_then_value():
    network = Network(units=4)
    plain = weights_of(network)
    heads = torch.zeros_like(plain.heads)
    heads[:, -1] = torch.tensor([1.0, 2.0, 3.0])
    tape = Tape(network, Weights(plain.core, heads, plain.initial), N_CHANNELS, N_ACTIONS, N_STEPS, 1)
    tape.rewind()
    views = tape.forward(0)
    assert views.logits.tolist() == [[[1.0, 2.0]]]
    assert views.value.tolist() == [[3.0]]
    assert tape.heads[0].tolist() == [[[1.0, 2.0, 3.0]]]
