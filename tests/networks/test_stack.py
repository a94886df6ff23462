import pytest
import torch

from pfc_metarl.agents import Percept
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation import noise
from pfc_metarl.tasks import TwoStep

N_CHANNELS, N_ACTIONS, N_STEPS, N_EPISODES = 3, 2, 4, 5


def lived(network, weights):
    """The activity of an episode, and its heads."""
    activity = network.activity(weights, N_CHANNELS, N_ACTIONS, N_STEPS, N_EPISODES, 0.9)
    activity.rewind()
    generator, like = torch.Generator().manual_seed(0), next(iter(weights.values()))
    readouts = []
    for step in range(N_STEPS):
        percept = Percept(
            torch.randn(2, N_EPISODES, N_CHANNELS, generator=generator).to(like),
            torch.randint(-1, N_ACTIONS, (2, N_EPISODES), generator=generator),
            torch.randn(2, N_EPISODES, generator=generator).to(like),
        )
        readouts.append(activity.perceive(step, percept))
    return activity, readouts


def weights_of(network, dtype=torch.float32):
    drawn = network.initial_weights(N_CHANNELS, N_ACTIONS, noise.generators(0, (0, 1), "weights"))
    return {name: tensor.to(dtype) for name, tensor in drawn.items()}


def d_heads(like):
    return torch.randn(like.shape, generator=torch.Generator().manual_seed(1)).to(like)


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("layers", [2, 3])
def test_compiled_layers_equal_the_plain_equations(core, layers):
    network = Network(core=core, units=6, layers=layers)
    found = {}
    for dtype in (torch.float32, torch.float64):
        activity, _ = lived(network, weights_of(network, dtype))
        heads = activity.heads.clone()
        found[dtype] = heads, activity.backward(d_heads(heads))
    (heads, gradients), (exact, expected) = found[torch.float32], found[torch.float64]
    torch.testing.assert_close(heads.double(), exact, atol=1e-5, rtol=1e-5)
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient.double(), expected[name], atol=1e-5, rtol=1e-4)


def test_gradients_are_those_of_finite_differences():
    network = Network(units=4, layers=3)
    weights = weights_of(network, torch.float64)
    activity, _ = lived(network, weights)
    d = d_heads(activity.heads)
    gradients = activity.backward(d)

    def loss(name, place, step):
        changed = {key: tensor.clone() for key, tensor in weights.items()}
        changed[name].view(-1)[place] += step
        return float((lived(network, changed)[0].heads * d).sum())

    for name in ("layer_1.core", "layer_1.initial", "layer_2.core", "core", "heads"):
        for place in (0, 5):
            slope = (loss(name, place, 1e-6) - loss(name, place, -1e-6)) / 2e-6
            assert gradients[name].reshape(-1)[place].item() == pytest.approx(slope, abs=1e-7, rel=1e-4)


def test_a_layer_hands_on_its_units_and_that_is_not_learned():
    network = Network(units=4, layers=2)
    weights = weights_of(network)
    torch.testing.assert_close(weights["layer_1.heads"][0, :-1], torch.eye(4))
    assert [name for name in weights if not network.learns(name)] == ["layer_1.heads"]


def test_units_of_every_layer_are_read_out():
    network = Network(units=4, layers=3)
    _, readouts = lived(network, weights_of(network))
    assert set(network.readouts) == set(readouts[0]._fields)
    lower = readouts[-1].hidden_layer_1
    assert lower.shape == readouts[-1].hidden.shape
    assert not torch.equal(lower, readouts[-1].hidden_layer_2)


def test_one_layer_is_the_network_as_it_was():
    assert list(Network(layers=1).parts(3, 2)) == [""]
    two = Network(units=7, layers=2).parts(3, 2)
    assert list(two) == ["layer_1.", ""]
    assert two[""].inputs == {"observation": 7}
    assert two["layer_1."].inputs == {"observation": 3, "previous_action": 2, "previous_reward": 1}


def test_a_stack_with_a_separate_critic_is_refused():
    with pytest.raises(BadInput, match="one critic"):
        Network(layers=2, critic="separate")


def test_an_edit_changes_the_uppermost_layer():
    network = Network(units=4, layers=2)
    weights, task = weights_of(network), TwoStep(n_trials=2)
    assert task.n_steps == N_STEPS
    activity = network.activity(weights, N_CHANNELS, N_ACTIONS, N_STEPS, N_EPISODES, 0.9)
    activity.rewind()
    percept = Percept(torch.ones(2, N_EPISODES, 3), torch.zeros(2, N_EPISODES).long(), torch.ones(2, N_EPISODES))
    readout = activity.perceive(0, percept._replace(edit=torch.zeros_like))
    assert not readout.hidden.any()
    assert readout.hidden_layer_1.any()
