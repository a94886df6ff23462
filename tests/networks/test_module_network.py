"""Modules against the cores of the package, whose backward pass is written by hand."""

import pytest
import torch
from torch import nn

from pfc_metarl.agents import Percept, Prefrontal
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.networks.module_network import ModuleNetwork
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation import noise
from pfc_metarl.simulation.rollout import rollout
from pfc_metarl.tasks import TwoStep

UNITS, TASK = 4, TwoStep(n_trials=6)
CELLS = {"rnn": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}


class Recurrent(nn.Module):
    def __init__(self, core, n_inputs, n_actions):
        super().__init__()
        self.core = CELLS[core](n_inputs, UNITS)
        self.policy, self.value = nn.Linear(UNITS, n_actions), nn.Linear(UNITS, 1)

    def forward(self, features, state):
        return self.core(features, state)

    def heads(self, hidden):
        return self.policy(hidden), self.value(hidden).squeeze(-1)


class Plain(ModuleNetwork):
    def __init__(self, core="rnn", changed=None):
        self.core, self.changed = core, changed

    def module(self, n_inputs, n_actions):
        made = Recurrent(self.core, n_inputs, n_actions)
        return made if self.changed is None else self.changed(made) or made


def weights_of(network, n_networks=2, seed=0):
    return network.initial_weights(3, 2, noise.generators(seed, range(n_networks), "weights"))


def as_modules(weights):
    """The weights of a plain recurrent core as those of a module; its blocks have rows input, hidden, bias."""
    core, heads = weights["core"], weights["heads"]
    return {
        "core.weight_ih": core[:, :6].mT.contiguous(),
        "core.weight_hh": core[:, 6:-1].mT.contiguous(),
        "core.bias_ih": core[:, -1].clone(),
        "core.bias_hh": torch.zeros_like(core[:, -1]),
        "policy.weight": heads[:, :-1, :2].mT.contiguous(),
        "policy.bias": heads[:, -1, :2].clone(),
        "value.weight": heads[:, :-1, 2:].mT.contiguous(),
        "value.bias": heads[:, -1, 2:].clone(),
    }


def test_a_module_equals_the_core_of_the_package_forward_and_backward(noise_of):
    ours = Network(core="rnn", units=UNITS)
    weights = {name: tensor + 0.2 * (name != "initial") for name, tensor in weights_of(ours).items()}
    agents = (
        Prefrontal(ours, weights, 3, 2, TASK.n_steps, 0.9),
        Prefrontal(Plain(), as_modules(weights), 3, 2, TASK.n_steps, 0.9),
    )
    lived = [rollout(TASK, agent, noise_of(TASK, networks=(0, 1))) for agent in agents]
    assert torch.equal(lived[0].action(), lived[1].action())
    for name in ("logits", "value", "hidden"):
        torch.testing.assert_close(lived[0].readout()[name], lived[1].readout()[name], rtol=1e-5, atol=1e-6)
    d_heads = torch.randn(agents[0].activity.heads.shape, generator=torch.Generator().manual_seed(1))
    expected, found = (agent.activity.backward(d_heads) for agent in agents)
    for name, gradient in as_modules(expected).items():
        if name != "core.bias_hh":
            torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-5)
            assert gradient.abs().max() > 1e-3


def test_a_training_of_modules_equals_one_of_cores():
    learner, networks = A2C(updates=3, episodes=4, optimiser="rmsprop", epsilon=0.1), (0, 1)
    ours = learner.begin(TASK, Network(core="rnn", units=UNITS, learned_initial_state=False), 0, networks)
    own = learner.begin(TASK, Plain(), 0, networks)
    first = {name: tensor.clone() for name, tensor in ours.weights.items()}
    for name, tensor in as_modules(first).items():
        own.weights[name].copy_(tensor)
    before = own.weights["core.bias_hh"].clone()
    expected, found = ours.update(), own.update()
    for name in ("policy_loss", "value_loss", "entropy"):
        torch.testing.assert_close(found[name], expected[name], rtol=1e-4, atol=1e-5)
    steps = as_modules(ours.weights)  # of the two biases of a module each makes the same step
    steps["core.bias_hh"] = before + steps["core.bias_ih"] - as_modules(first)["core.bias_ih"]
    for name, tensor in steps.items():
        torch.testing.assert_close(own.weights[name], tensor, rtol=1e-4, atol=1e-5)
        assert not torch.equal(tensor, as_modules(first)[name])


def test_networks_have_weights_of_their_own_from_their_own_generator():
    before = torch.get_rng_state()
    three, one = weights_of(Plain(), 3), Plain().initial_weights(3, 2, [noise.generator(0, 2, "weights")])
    assert torch.equal(torch.get_rng_state(), before)
    for name, tensor in three.items():
        assert torch.equal(tensor[2:], one[name])
        assert not torch.equal(tensor[0], tensor[1])
    assert three["core.weight_ih"].abs().max() <= UNITS**-0.5, "as torch draws them"


@pytest.mark.parametrize("core", CELLS)
def test_an_edit_is_seen_by_heads_recording_and_the_next_step(core):
    network = Plain(core)
    agent = Prefrontal(network, weights_of(network), 3, 2, 2, 0.9)
    percept = Percept(torch.ones(2, 5, 3), torch.full((2, 5), -1), torch.zeros(2, 5))
    noiseless = torch.zeros(2, 5, 2)

    def hidden(edit):
        memory, found = agent.begin((2, 5)), []
        for each in (edit, None):
            _, readout, memory = agent.act(percept._replace(edit=each), memory, noiseless)
            found.append([readout.hidden.clone(), readout.logits.clone(), readout.value.clone()])
        return found

    plain, edited = hidden(None), hidden(lambda activity: activity * 0)
    assert (edited[0][0] == 0).all()
    bias = agent.weights["policy.bias"][:, None].expand(-1, 5, -1)
    torch.testing.assert_close(edited[0][1], bias)
    assert not torch.equal(plain[0][2], edited[0][2])
    assert not torch.allclose(plain[1][0], edited[1][0])
    if core == "lstm":
        return  # its cell remembers, which an edit of the units does not touch
    torch.testing.assert_close(edited[1][0], plain[0][0])  # the second step is as a first one


def test_an_action_is_one_hot_and_none_is_zeros():
    network = Plain()
    agent = Prefrontal(network, weights_of(network, 1), 3, 2, 1, 0.9)
    percept = Percept(torch.full((1, 3, 3), 0.5), torch.tensor([[-1, 0, 1]]), torch.tensor([[0.0, 1.0, 2.0]]))
    agent.act(percept, agent.begin((1, 3)), torch.zeros(1, 3, 2))
    expected = [[0.5, 0.5, 0.5, 0, 0, 0], [0.5, 0.5, 0.5, 1, 0, 1], [0.5, 0.5, 0.5, 0, 1, 2]]
    assert agent.activity.features[0, 0].tolist() == expected


def buffered(module):
    module.register_buffer("mean", torch.zeros(1))


def frozen(module):
    module.value.requires_grad_(False)


def empty(module):
    return nn.Identity()


@pytest.mark.parametrize(
    ("changed", "said"), [(buffered, "mean: .*buffer"), (frozen, "value.weight"), (empty, "no par")]
)
def test_a_module_that_cannot_be_learned_is_refused(changed, said):
    with pytest.raises(BadInput, match=said):
        weights_of(Plain(changed=changed))


def test_heads_of_a_wrong_shape_are_refused(noise_of):
    def one_value_too_many(module):
        module.heads = lambda hidden: (hidden[:, :2], hidden[:, :1])

    network = Plain(changed=one_value_too_many)
    agent = Prefrontal(network, weights_of(network, 1), 3, 2, TASK.n_steps, 0.9)
    with pytest.raises(BadInput, match=r"heads: returns shapes .* values \(8,\)"):
        rollout(TASK, agent, noise_of(TASK))
