"""The compiled gradient of the loss against autograd through its formula."""

import numpy as np
import pytest
import torch

from pfc_metarl import dopamine
from pfc_metarl.learning import compiled_loss
from pfc_metarl.learning.a2c import A2C, actor_critic_loss, advantages

LEARNER = A2C(discount=0.8, trace_decay=0.7, value_cost=0.3, initial_entropy_cost=0.2)


def random_episodes(n_actions, scale=1.0):
    generator = torch.Generator().manual_seed(n_actions)
    shape = 7, 3, 5
    heads = scale * torch.randn(*shape, n_actions + 1, generator=generator)
    return heads, torch.randint(n_actions, shape, generator=generator), torch.randn(shape, generator=generator)


@pytest.mark.parametrize("trace_decay", [0.0, 0.7, 1.0])
def test_compiled_advantages_are_those_of_dopamine_to_the_bit(trace_decay):
    heads, _, reward = random_episodes(2)
    value = heads[..., -1]
    rpe = dopamine.prediction_errors(reward.numpy(), value.numpy(), 0.8, np.zeros_like(value[0].numpy()))
    expected = np.stack(dopamine.advantage(rpe, 0.8, trace_decay))
    assert np.array_equal(compiled_loss.advantages(value, reward, 0.8, trace_decay).numpy(), expected)


@pytest.mark.parametrize("entropy_cost", [0.0, 0.2])
@pytest.mark.parametrize(("n_actions", "scale"), [(1, 1.0), (2, 1.0), (3, 5.0), (6, 1.0)])
def test_the_compiled_gradient_equals_autograd_through_the_formula(n_actions, scale, entropy_cost):
    heads, action, reward = random_episodes(n_actions, scale)
    precise = heads.double().requires_grad_()
    loss = actor_critic_loss(precise, action, reward.double(), LEARNER, entropy_cost)
    (expected,) = torch.autograd.grad(loss.total, precise)
    advantage = advantages(heads[..., -1], reward, LEARNER)
    found, terms = compiled_loss.gradient(heads, action, advantage, LEARNER.value_cost, entropy_cost)
    assert (found - expected).abs().max() < 1e-5 * expected.abs().max()
    assert list(terms) == list(loss.terms)
    for name, term in terms.items():
        assert term.shape == (3,)
        torch.testing.assert_close(term.double(), loss.terms[name], rtol=1e-5, atol=1e-6)


def test_extreme_logits_have_a_finite_gradient():
    heads, action, reward = random_episodes(3)
    heads[0, 0, 0] = torch.tensor([-150.0, 150.0, 0.0, 0.0])
    advantage = advantages(heads[..., -1], reward, LEARNER)
    found, terms = compiled_loss.gradient(heads, action, advantage, 0.3, 0.2)
    assert found.isfinite().all()
    assert all(term.isfinite().all() for term in terms.values())


def test_what_is_not_finite_stays_within_its_network():
    heads, action, reward = random_episodes(2)
    whole, _ = compiled_loss.gradient(heads, action, advantages(heads[..., -1], reward, LEARNER), 0.3, 0.2)
    heads[3, 1] = torch.nan
    found, terms = compiled_loss.gradient(heads, action, advantages(heads[..., -1], reward, LEARNER), 0.3, 0.2)
    assert torch.equal(found[:, [0, 2]], whole[:, [0, 2]])
    assert found[3, 1].isnan().any()
    assert terms["policy_loss"].isnan().tolist() == [False, True, False]
