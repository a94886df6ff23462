import dataclasses
import itertools

import pytest
import torch

from pfc_metarl.learning.a2c import A2C, actor_critic_loss
from pfc_metarl.learning.base import train
from pfc_metarl.networks.encoder import Encoder
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation import noise
from pfc_metarl.simulation.rollout import rollout
from pfc_metarl.tasks import HarlowPixels, TwoStep

TASK = TwoStep(n_trials=5)
PIXELS = HarlowPixels(view=9, picture=3, pixels_per_position=1, max_steps=8, set_size=5)
SMALL = A2C(updates=3, episodes=4, discount=0.8, trace_decay=0.7, value_cost=0.3, initial_entropy_cost=0.2)
LINEAR = dataclasses.replace(SMALL, epsilon=1e6, initial_learning_rate=1e6)
"""With so large an epsilon the first step of Adam is minus the gradient: learning_rate * g / (|g| + epsilon)."""


def textbook_update(training, trajectory):
    """The gradient for a vanilla network that sees the recorded percepts, by autograd in double precision."""
    weights = [tensor.detach().double().requires_grad_() for tensor in training.weights.values()]
    core, head, initial = weights
    action, reward, observation = trajectory.action(), trajectory.reward().double(), trajectory.observation()
    n_steps, _, n_episodes = action.shape
    hidden, heads = initial.expand(-1, n_episodes, -1), []
    for t in range(n_steps):
        before = torch.nn.functional.one_hot(action[t - 1], 2) if t else torch.zeros(*action.shape[1:], 2)
        earned = reward[t - 1] if t else torch.zeros_like(reward[0])
        bias = torch.ones_like(earned)[..., None]
        hidden = (torch.cat([observation[t], before, earned[..., None], hidden, bias], -1) @ core).tanh()
        heads.append(torch.cat([hidden, bias], -1) @ head)
    return torch.autograd.grad(actor_critic_loss(torch.stack(heads), action, reward, SMALL, 0.2).total, weights)


def test_an_update_is_a_step_down_the_gradient_and_the_critic_gets_one():
    training, twin = (LINEAR.begin(TASK, Network(core="rnn", units=4), seed=0, networks=[0, 1]) for _ in range(2))
    for own, others in zip(training.weights.values(), twin.weights.values(), strict=True):
        own += 0.3  # so that nothing is small by chance
        others += 0.3
    drawn = noise.draw(twin.sources, TASK.n_steps, LINEAR.episodes, TASK.n_draws, 2)
    expected = textbook_update(twin, rollout(TASK, twin.agent, drawn))
    before = [tensor.clone() for tensor in training.weights.values()]
    found = training.update()
    for tensor, old, gradient in zip(training.weights.values(), before, expected, strict=True):
        torch.testing.assert_close(tensor - old, -gradient.float(), rtol=1e-3, atol=1e-5)
    assert (expected[1][..., -1].abs() > 1e-3).all(), "every weight of the value head learns"
    norm = sum(gradient.square().sum((1, 2)) for gradient in expected).sqrt()
    torch.testing.assert_close(found["gradient_norm"], norm.float(), rtol=1e-4, atol=0)


def test_each_networks_gradient_is_clipped_before_the_optimiser():
    def change(max_norm):
        learner = dataclasses.replace(LINEAR, max_gradient_norm=max_norm)
        training = learner.begin(TASK, Network(units=4), seed=1, networks=range(3))
        before = [tensor.clone() for tensor in training.weights.values()]
        norm = training.update()["gradient_norm"]
        steps = [(now - then).flatten(1) for now, then in zip(training.weights.values(), before, strict=True)]
        return torch.cat(steps, 1), norm

    free, norm = change(1e6)
    torch.testing.assert_close(free.norm(dim=1), norm, rtol=1e-4, atol=0)
    middle = norm.median().item() * 1.0001
    clipped, found = change(middle)
    torch.testing.assert_close(found, norm)
    assert (norm > middle).sum() == 1
    scale = (middle / norm).clamp(max=1)
    torch.testing.assert_close(clipped, free * scale[:, None], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("core", "rows", "block"), [("feedforward", slice(6, -1), 0), ("gru", slice(6, -1), 2)])
def test_weights_that_do_not_exist_stay_zero(core, rows, block):
    training = SMALL.begin(TASK, Network(core=core, units=4), seed=0, networks=[0, 1])
    train(training)
    blocks = training.weights["core"].unflatten(-1, (-1, 4))
    assert (blocks[:, rows, block] == 0).all()
    assert (blocks[:, :6, block] != 0).all()


@pytest.mark.parametrize("critic", ["shared", "separate"])
@pytest.mark.parametrize("learned", [True, False])
def test_the_initial_state_is_learned_on_demand(learned, critic):
    network = Network(units=4, learned_initial_state=learned, critic=critic)
    training = SMALL.begin(TASK, network, seed=0, networks=[0])
    train(training)
    for name in ("initial", "critic.initial")[: 1 + (critic == "separate")]:
        assert (training.weights[name] != 0).all() == learned


def test_the_learning_rate_decays_linearly(monkeypatch):
    learner = dataclasses.replace(SMALL, updates=4, final_learning_rate=0.0)
    training = learner.begin(TASK, Network(units=4), seed=0, networks=[0])
    rates, step = [], training.optimiser.step
    monkeypatch.setattr(training.optimiser, "step", lambda given: rates.append(given[0]) or step(given))
    for _ in range(4):
        training.update()
    assert rates[0] == pytest.approx(learner.initial_learning_rate)
    steps = [a - b for a, b in itertools.pairwise(rates)]
    assert steps == pytest.approx([steps[0]] * 3)
    assert steps[0] > 0
    assert rates[-1] == pytest.approx(0, abs=1e-12)


def test_an_encoder_has_a_learning_rate_of_its_own():
    def change(fraction):
        encoder = Encoder(filters=(4, 2), kernels=(3, 7), strides=(1, 1), learning_rate_fraction=fraction)
        training = LINEAR.begin(PIXELS, Network(units=4, encoder=encoder), seed=0, networks=[0])
        before = {name: tensor.clone() for name, tensor in training.weights.items()}
        training.update()
        return {name: tensor - before[name] for name, tensor in training.weights.items()}

    slow, fast = change(0.25), change(1.0)
    for name, step in slow.items():
        assert (step != 0).any()
        fraction = 0.25 if name.startswith("encoder.") else 1
        torch.testing.assert_close(step, fraction * fast[name], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(("done", "fraction"), [(0, 1.0), (3, 0.5)])
def test_the_entropy_cost_decays_linearly(done, fraction):
    falling = dataclasses.replace(LINEAR, updates=4, final_entropy_cost=LINEAR.initial_entropy_cost / 2)
    constant = dataclasses.replace(LINEAR, updates=4, initial_entropy_cost=LINEAR.initial_entropy_cost * fraction)
    one, other = (learner.begin(TASK, Network(units=4), seed=0, networks=[0]) for learner in (falling, constant))
    for training in (one, other):
        training.weights["heads"].add_(torch.linspace(-1, 1, 15).reshape(1, 5, 3))
        training.done = done
        training.update()
    assert all(torch.equal(a, b) for a, b in zip(one.weights.values(), other.weights.values(), strict=True))


@pytest.mark.parametrize(
    ("initial", "final", "expected"),
    [
        (0.4, 0.1, [0.4, 0.3, 0.2, 0.1]),
        (0.4, None, [0.4] * 4),
        (0.0, 0.3, [0.0, 0.1, 0.2, 0.3]),
        (0.1, 0.4, [0.1, 0.2, 0.3, 0.4]),
    ],
)
def test_a_cost_changes_from_its_initial_to_its_final_value(initial, final, expected):
    learner = A2C(updates=4, initial_entropy_cost=initial, final_entropy_cost=final)
    assert [learner.entropy_cost(done) for done in range(4)] == pytest.approx(expected)


def test_the_entropy_cost_may_reach_its_final_value_before_the_end():
    learner = A2C(updates=11, initial_entropy_cost=1.0, final_entropy_cost=0.3, entropy_decay_fraction=0.7)
    expected = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.3, 0.3, 0.3]
    assert [learner.entropy_cost(done) for done in range(11)] == pytest.approx(expected)
    assert learner.learning_rate(5) == A2C(updates=11).learning_rate(5)


def test_the_fraction_of_the_decay_is_above_zero_and_at_most_one():
    for fraction in (0.0, 1.1):
        with pytest.raises(BadInput, match="entropy_decay_fraction"):
            A2C(entropy_decay_fraction=fraction)


@pytest.mark.parametrize("optimiser", ["adam", "rmsprop"])
def test_the_optimiser_is_the_one_in_the_settings(optimiser):
    learner = dataclasses.replace(
        SMALL, optimiser=optimiser, epsilon=1e-12, initial_learning_rate=0.01, rmsprop_decay=0.75
    )
    training = learner.begin(TASK, Network(units=4), seed=0, networks=[0])
    before = training.weights["heads"].clone()
    training.update()
    step = (training.weights["heads"] - before).abs()
    # the first step of Adam is the learning rate, that of RMSProp g / sqrt((1 - decay) g²) of it
    expected = 0.01 if optimiser == "adam" else 0.02
    torch.testing.assert_close(step, torch.full_like(step, expected), rtol=1e-3, atol=0)


def test_the_reward_in_the_history_is_per_trial():
    certain = TwoStep(n_trials=5, p_reward_good=1.0, p_reward_bad=1.0)
    training = SMALL.begin(certain, Network(units=4), seed=0, networks=[0, 1])
    assert training.update()["reward_per_trial"].tolist() == [1.0, 1.0]
