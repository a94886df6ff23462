import dataclasses

import pytest
import torch

from pfc_metarl import dopamine
from pfc_metarl.learning.a2c import A2C, actor_critic_loss, advantages
from pfc_metarl.learning.base import train
from pfc_metarl.learning.blocked_dopamine import BlockedDopamine
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import TwoStep

TASK, NETWORK = TwoStep(n_trials=6), Network(units=5)
FEW = {"updates": 3, "episodes": 4, "max_gradient_norm": 1.0}


def begun(learner):
    return learner.begin(TASK, NETWORK, 7, (0, 3))


def test_with_nothing_blocked_it_is_the_same_learning_but_for_noise():
    blocked, whole = begun(BlockedDopamine(fraction=0.0, **FEW)), begun(A2C(**FEW))
    found = []
    for training in (blocked, whole):
        action, reward = training.act(training.draw())
        found.append(training.gradients(action, reward)[0])
    assert blocked.passes.all()
    for name, gradient in found[0].items():
        torch.testing.assert_close(gradient, found[1][name])


def test_the_advantage_sums_what_was_not_blocked():
    value, reward = torch.rand(2, 5, 1, 1, generator=torch.Generator().manual_seed(0)).unbind()
    passes = torch.tensor([1, 0, 1, 1, 0]).bool().reshape(5, 1, 1)
    learner = A2C(discount=0.5, trace_decay=0.8)
    rpe = dopamine.prediction_errors(reward.flatten().tolist(), value.flatten().tolist(), 0.5)
    expected = sum((0.5 * 0.8) ** k * rpe[k] for k in (0, 2, 3))
    assert advantages(value, reward, learner, passes)[0].item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("cost", [0.0, 0.1])
def test_without_any_dopamine_only_entropy_changes_weights(cost):
    training = begun(BlockedDopamine(**FEW, initial_entropy_cost=cost))
    gradients, terms = training.gradients(*training.act(training.draw()))
    assert not terms["policy_loss"].any()
    assert not terms["value_loss"].any()
    assert any(gradient.any() for gradient in gradients.values()) == (cost > 0)


def test_autograd_and_the_compiled_loop_block_alike():
    training = begun(BlockedDopamine(fraction=0.5, **FEW))
    action, reward = training.act(training.draw())
    compiled, _ = training.gradients(action, reward)

    def total(heads):
        return actor_critic_loss(heads, action, reward, training.learner, 0.05, training.passes).total

    for name, gradient in training.gradient(total).items():
        torch.testing.assert_close(compiled[name], gradient, rtol=1e-4, atol=1e-6)


def test_only_the_phases_named_are_blocked():
    training = begun(BlockedDopamine(phases=("second_stage",), **FEW))
    training.act(training.draw())
    assert training.passes[0::2].all()
    assert not training.passes[1::2].any()


def test_a_fraction_is_drawn_for_each_step_of_each_network():
    training = begun(BlockedDopamine(fraction=0.3, updates=1, episodes=500))
    training.act(training.draw())
    fraction = (~training.passes).float().mean((0, 2))
    torch.testing.assert_close(fraction, torch.full((2,), 0.3), rtol=0, atol=0.03)
    assert not torch.equal(training.passes[:, 0], training.passes[:, 1])
    assert not torch.equal(training.passes[0], training.passes[1])


def test_it_trains_and_continues_with_the_same_bytes():
    learner = BlockedDopamine(fraction=0.5, **FEW)
    whole, first, second = begun(learner), begun(learner), begun(learner)
    train(whole)
    train(first, lambda row: False)
    second.load(first.state())
    train(second)
    assert all(torch.equal(whole.weights[name], tensor) for name, tensor in second.weights.items())


def test_an_unknown_phase_is_refused():
    with pytest.raises(BadInput, match="phases = 'cue': the task has the phases first_stage, second_stage"):
        begun(dataclasses.replace(BlockedDopamine(), phases=("cue",)))
