import pytest
import torch

from pfc_metarl.learning.a2c import A2C, actor_critic_loss

LEARNER = A2C(discount=0.8, trace_decay=0.7, value_cost=0.3, initial_entropy_cost=0.2)


def example():
    """Two steps, one network, two episodes, two actions: heads, action, reward."""
    logits = torch.tensor([[[0.0, 0.0], [1.0, -1.0]], [[2.0, 0.0], [0.0, 3.0]]], dtype=torch.float64)
    value = torch.tensor([[0.5, -1.0], [1.0, 2.0]], dtype=torch.float64)
    heads = torch.cat([logits, value[..., None]], -1).unsqueeze(1)
    return heads, torch.tensor([[[0, 1]], [[1, 1]]]), torch.tensor([[[0.0, 1.0]], [[1.0, 0.0]]], dtype=torch.float64)


ADVANTAGE = torch.tensor([[0.3, 2.48], [0.0, -2.0]], dtype=torch.float64)
"""Of the example with discount 0.8 and trace 0.7, by hand: δ = 0.8 * 1 - 0.5, 0 in the first episode; in the second
1 + 0.8 * 2 + 1 = 3.6 and -2, so 3.6 - 0.56 * 2 = 2.48."""


def test_the_terms_of_the_loss_by_hand():
    heads, action, reward = example()
    loss = actor_critic_loss(heads, action, reward, LEARNER, entropy_cost=0.2)
    policy = heads[:, 0, :, :2].softmax(-1)
    p_chosen = policy.gather(-1, action[:, 0, :, None])[..., 0]
    expected = {
        "policy_loss": -(ADVANTAGE * p_chosen.log()),
        "value_loss": ADVANTAGE**2 / 2,
        "entropy": -(policy * policy.log()).sum(-1),
    }
    assert {name: term.shape for name, term in loss.terms.items()} == dict.fromkeys(expected, (1,))
    for name, term in expected.items():
        assert loss.terms[name].item() == pytest.approx(term.mean().item()), name
    total = expected["policy_loss"] + 0.3 * expected["value_loss"] - 0.2 * expected["entropy"]
    assert loss.total.item() == pytest.approx(total.sum().item() / 2)


def test_the_gradient_of_the_loss_by_hand():
    heads, action, reward = example()
    heads.requires_grad_()
    loss = actor_critic_loss(heads, action, reward, LEARNER, entropy_cost=0.2)
    (gradient,) = torch.autograd.grad(loss.total, heads)
    policy = heads.detach()[:, 0, :, :2].softmax(-1)
    entropy = -(policy * policy.log()).sum(-1, keepdim=True)
    chosen = torch.nn.functional.one_hot(action[:, 0], 2)
    # d(-log p(a))/dl = p - 1(a);  dH/dl = -p (log p + H)
    d_logits = ADVANTAGE[..., None] * (policy - chosen) + 0.2 * policy * (policy.log() + entropy)
    torch.testing.assert_close(gradient[:, 0, :, :2], d_logits / 2)
    torch.testing.assert_close(gradient[:, 0, :, 2], -0.3 * ADVANTAGE / 2)


def test_going_down_the_loss_raises_entropy_and_moves_the_value_to_the_return():
    heads, action, reward = torch.tensor([[[[1.0, 0.0, 0.0]]]]), torch.tensor([[[0]]]), torch.tensor([[[1.0]]])
    heads.requires_grad_()
    without, with_bonus = (
        torch.autograd.grad(actor_critic_loss(heads, action, reward, LEARNER, cost).total, heads)[0].flatten()
        for cost in (0.0, 1.0)
    )
    assert without[0] < 0 < without[1], "a rewarded action becomes more probable"
    assert without[2] < 0, "the value rises to the reward"
    assert with_bonus[0] > without[0], "the bonus holds the more probable action back"
    assert with_bonus[1] < without[1]
    assert with_bonus[2] == without[2]
