"""Advantages, and the gradient of the actor-critic loss, as loops that numba compiles: what `A2C` runs on a CPU.

`pfc_metarl.dopamine.advantage` and `pfc_metarl.learning.a2c.actor_critic_loss` are the formulas. Advantages are the
same to the bit; autograd through the loss gives the same numbers.
"""

import math

import numpy as np
import torch
from torch import Tensor

from pfc_metarl import dopamine
from pfc_metarl.compiler import Array, compiled, exactly_compiled

prediction_error = exactly_compiled(dopamine.prediction_error)


@exactly_compiled
def teaching_signals(value: Array, reward: Array, discount: np.float32, decay: np.float32, advantage: Array) -> None:
    """Compute the sum of prediction errors from each step on, each later one weighted less.

    Parameters
    ----------
    value, reward : array, shape [step, network, episode]
    discount, decay : float
        γ, and γλ.
    advantage : array, shape [step, network, episode]
        Written.
    """
    n_steps, n_networks, n_episodes = value.shape
    for t in range(n_steps - 1, -1, -1):
        for n in range(n_networks):
            for b in range(n_episodes):
                ends = t == n_steps - 1
                next_value = np.float32(0) if ends else value[t + 1, n, b]
                later = np.float32(0) if ends else advantage[t + 1, n, b]
                rpe = prediction_error(reward[t, n, b], value[t, n, b], next_value, discount)
                advantage[t, n, b] = rpe + decay * later


@compiled
def loss_errors(
    heads: Array,
    action: Array,
    advantage: Array,
    value_cost: float,
    entropy_cost: float,
    d_heads: Array,
    terms: Array,
) -> None:
    """Compute the derivative of the loss with respect to logits and value, and the sums of its terms.

    With the policy π, its entropy H and the advantage A, the derivative with respect to logit l[k] is
    A (π[k] − 1 if k was chosen) + β_e π[k] (log π[k] + H), and that with respect to the value is −β_v A.

    Parameters
    ----------
    heads : array, shape [step, network, episode, action + 1]
    action, advantage : array, shape [step, network, episode]
    value_cost, entropy_cost : float
    d_heads : array, shape [step, network, episode, action + 1]
        Written.
    terms : array, shape [3, network]
        Zero at first: sums of policy loss, value loss and entropy over steps and episodes.
    """
    n_steps, n_networks, n_episodes, n_outputs = heads.shape
    n_actions = n_outputs - 1
    highest, total, entropy = np.empty((3, n_episodes), np.float32)
    log_policy, policy = np.empty((n_actions, n_episodes), np.float32), np.empty((n_actions, n_episodes), np.float32)
    for t in range(n_steps):
        for n in range(n_networks):
            own, d_own, a = heads[t, n], d_heads[t, n], advantage[t, n]
            highest[:], total[:], entropy[:] = own[:, 0], 0, 0
            for k in range(1, n_actions):
                for b in range(n_episodes):
                    highest[b] = max(highest[b], own[b, k])
            for k in range(n_actions):
                for b in range(n_episodes):
                    total[b] += math.exp(own[b, k] - highest[b])
            for b in range(n_episodes):
                highest[b] += math.log(total[b])  # log Σ exp
            for k in range(n_actions):
                for b in range(n_episodes):
                    log_policy[k, b] = own[b, k] - highest[b]
                    policy[k, b] = math.exp(log_policy[k, b])
                    entropy[b] -= policy[k, b] * log_policy[k, b]
            policy_loss, value_loss, sum_of_entropy = terms[0, n], terms[1, n], terms[2, n]
            for b in range(n_episodes):
                policy_loss -= a[b] * log_policy[action[t, n, b], b]
                value_loss += a[b] * a[b] / 2
                sum_of_entropy += entropy[b]
                d_own[b, n_actions] = -value_cost * a[b] / n_episodes
            terms[0, n], terms[1, n], terms[2, n] = policy_loss, value_loss, sum_of_entropy
            for k in range(n_actions):
                for b in range(n_episodes):
                    p, chosen = policy[k, b], 1 if k == action[t, n, b] else 0
                    d_entropy = entropy_cost * p * (log_policy[k, b] + entropy[b])
                    d_own[b, k] = (a[b] * (p - chosen) + d_entropy) / n_episodes


def advantages(value: Tensor, reward: Tensor, discount: float, trace_decay: float) -> Tensor:
    """Return the advantage of every action.

    Parameters
    ----------
    value, reward : Tensor, shape [step, network, episode]
    discount, trace_decay : float
        γ and λ.
    """
    advantage = torch.empty_like(reward)
    rates = np.float32(discount), np.float32(discount * trace_decay)
    arrays = (tensor.detach().numpy() for tensor in (value, reward))
    teaching_signals(*arrays, *rates, advantage.numpy())
    return advantage


def gradient(
    heads: Tensor, action: Tensor, advantage: Tensor, value_cost: float, entropy_cost: float
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the derivative of the loss with respect to the heads, and the means of its terms per network.

    Parameters
    ----------
    heads : Tensor, shape [step, network, episode, action + 1]
    action, advantage : Tensor, shape [step, network, episode]
    value_cost, entropy_cost : float
    """
    d_heads, terms = torch.empty_like(heads), torch.zeros(3, heads.shape[1], dtype=torch.float64)
    arrays = (tensor.detach().numpy() for tensor in (heads, action, advantage))
    loss_errors(*arrays, value_cost, entropy_cost, d_heads.numpy(), terms.numpy())
    means = (terms / (heads.shape[0] * heads.shape[2])).float()
    return d_heads, dict(zip(("policy_loss", "value_loss", "entropy"), means, strict=True))
