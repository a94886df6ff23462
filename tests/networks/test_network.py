import math

import pytest
import torch

from pfc_metarl.agents import Percept, Prefrontal
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.encoder import Encoder
from pfc_metarl.networks.network import Network
from pfc_metarl.networks.weights import of_networks
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation import noise

N_CHANNELS, N_ACTIONS, N_STEPS = 3, 2, 6


def weights_of(network, networks=(0,), seed=0, n_channels=N_CHANNELS):
    return network.initial_weights(n_channels, N_ACTIONS, noise.generators(seed, networks, "weights"))


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
    memory, found = agent.begin(seen[0].previous_action.shape), []
    for percept in seen:
        _, readout, memory = agent.act(percept, memory, torch.zeros(*percept.previous_action.shape, N_ACTIONS))
        found.append(readout.logits.clone())
    return torch.stack(found)


@pytest.mark.parametrize(
    "wrong",
    [
        {"core": "perceptron"},
        {"units": 0},
        {"inputs": ()},
        {"inputs": ("smell",)},
        {"critic": "none"},
        {"inputs": ("observation", "rpe")},
    ],
)
def test_a_wrong_network_is_refused(wrong):
    with pytest.raises(BadInput, match=r"^Network"):
        Network(**wrong)


def test_widths_of_the_inputs():
    whole = {"observation": 3, "previous_action": 2, "previous_reward": 1}
    (shared,) = Network().parts(3, 2).values()
    assert (shared.inputs, shared.outputs) == (whole, {"logits": 2, "value": 1})
    (some,) = Network(inputs=("previous_reward", "observation")).parts(3, 2).values()
    assert list(some.inputs.items()) == [("previous_reward", 1), ("observation", 3)]
    actor, critic = Network(critic="separate").parts(3, 2).values()
    assert (actor.inputs, actor.outputs) == ({"observation": 3, "previous_action": 2, "rpe": 1}, {"logits": 2})
    assert (critic.inputs, critic.outputs) == (whole, {"value": 1})
    (blind, seeing) = Network(critic="separate", inputs=("observation",)).parts(3, 2).values()
    assert (blind.inputs, seeing.inputs) == ({"observation": 3}, whole)


@pytest.mark.parametrize("core", CORES)
def test_initial_weights_have_the_documented_distribution(core):
    weights = weights_of(Network(core=core, units=100), networks=range(4), n_channels=50)
    rows = weights["core"].unflatten(-1, (-1, 100))
    bias = torch.zeros(rows.shape[2], 100)
    if core == "lstm":
        bias[2] = 1  # output, input, forget, candidate
    assert torch.equal(rows[:, -1], bias.expand(4, -1, -1))
    drawn = rows[:, :-1][rows[:, :-1] != 0]
    bound = 1 / math.sqrt(100)
    assert drawn.abs().max() <= bound
    assert drawn.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.02)  # of a uniform variable
    assert abs(drawn.mean().item()) < 4 * bound / math.sqrt(3 * drawn.numel())
    assert (weights["heads"][:, -1] == 0).all()
    assert 0 < weights["heads"].abs().max() < bound
    assert (weights["initial"] == 0).all()
    assert weights["initial"].shape == (4, 2 if core == "lstm" else 1, 100)


def test_networks_of_a_cohort_differ_and_do_not_depend_on_each_other():
    together, alone = weights_of(Network(), (0, 1, 2)), weights_of(Network(), (2,))
    for name in ("core", "heads"):
        assert torch.equal(together[name][2:], alone[name])
        assert not torch.equal(together[name][0], together[name][1])


def test_weights_of_selected_networks_are_read():
    together = weights_of(Network(), (0, 1, 2))
    assert all(torch.equal(a, together[name][1:]) for name, a in of_networks(together, slice(1, 3)).items())


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


def textbook_heads(encoder, weights, seen):
    """Logits and value of an LSTM behind an encoder, by the equations, for autograd."""
    filters = {name.removeprefix("encoder."): weight for name, weight in weights.items() if "." in name}
    first = seen[0]
    shape = (*first.previous_action.shape, weights["initial"].shape[-1])
    hidden, cell = (weights["initial"][:, [state]].expand(shape) for state in (0, 1))
    one, found = torch.ones(*shape[:2], 1, dtype=torch.double), []
    for percept in seen:
        action = torch.nn.functional.one_hot(percept.previous_action + 1, N_ACTIONS + 1)[..., 1:]
        features = encoder.forward(filters, percept.observation.double())
        inputs = [features, action, percept.previous_reward.unsqueeze(-1), hidden, one]
        o, i, f, g = (torch.cat(inputs, -1) @ weights["core"]).chunk(4, -1)
        cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
        hidden = o.sigmoid() * cell.tanh()
        found.append(torch.cat([hidden, one], -1) @ weights["heads"])
    return torch.stack(found)


def test_the_gradient_through_the_encoder_equals_autograds():
    small = Encoder(filters=(3, 2), kernels=(2, 1), strides=(1, 1))
    weights = weights_of(Network(units=5, encoder=small), networks=(0, 1), n_channels=27)
    generator = torch.Generator().manual_seed(0)
    seen = [
        Percept(torch.rand(2, 1, 27, generator=generator), *(each.expand(2, 1) for each in percept[1:3]))
        for percept in percepts()
    ]
    agent = Prefrontal(Network(units=5, encoder=small), weights, 27, N_ACTIONS, N_STEPS, discount=0.9)
    memory = agent.begin((2, 1))
    for percept in seen:
        _, _, memory = agent.act(percept, memory, torch.zeros(2, 1, N_ACTIONS))
    precise = {name: weight.double().requires_grad_() for name, weight in weights.items()}
    expected = textbook_heads(small, precise, seen)
    torch.testing.assert_close(agent.activity.heads, expected.float())
    d_heads = torch.randn(expected.shape, generator=generator)
    gradient = agent.activity.backward(d_heads)
    assert list(gradient) == list(weights)
    found = torch.autograd.grad((expected * d_heads).sum(), list(precise.values()))
    for own, true in zip(gradient.values(), found, strict=True):
        assert (own - true).abs().max() < 1e-5 * true.abs().max()


def test_an_encoder_needs_something_to_see():
    with pytest.raises(BadInput, match="an encoder needs the observation"):
        Network(inputs=("previous_reward",), encoder=Encoder())


def test_rewards_as_a_one_hot_code():
    network = Network(units=4, reward_codes=(0.0, 0.1, 5.0))
    (part,) = network.parts(N_CHANNELS, N_ACTIONS).values()
    assert part.inputs == {"observation": N_CHANNELS + 3, "previous_action": N_ACTIONS}
    weights = weights_of(network)
    seen = percepts()[:1]
    same = [seen[0]._replace(previous_reward=torch.full((1, 1), reward)) for reward in (0.1, 0.10001, 5.0, 7.0)]
    found = [logits(network, weights, [percept]) for percept in same]
    torch.testing.assert_close(found[0], found[1])
    assert not torch.equal(found[0], found[2])
    weights["core"][:, N_CHANNELS : N_CHANNELS + 3] = 0  # without the code, every reward looks like an unknown one
    torch.testing.assert_close(logits(network, weights, same[:1]), found[3])


@pytest.mark.parametrize("inputs", [("observation", "previous_action"), ("previous_action", "previous_reward")])
def test_codes_of_a_reward_that_is_no_input_are_refused(inputs):
    with pytest.raises(BadInput, match="reward_codes"):
        Network(inputs=inputs, reward_codes=(0.0, 1.0))
