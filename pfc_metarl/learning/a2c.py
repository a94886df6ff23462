"""Advantage actor-critic: dopamine's prediction errors teach the policy and the value."""

import functools
from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl import dopamine, learning
from pfc_metarl.learning.base import Fraction, Learner, Training
from pfc_metarl.learning.optimisers import Optimiser
from pfc_metarl.networks.base import Architecture, runs_compiled
from pfc_metarl.networks.weights import Weights
from pfc_metarl.settings import settings
from pfc_metarl.simulation.acting import Acting
from pfc_metarl.simulation.noise import Noise
from pfc_metarl.tasks.base import Task

LARGEST_RATE = 1e6
"""A larger learning rate leaves the range of numbers of single precision within a long training."""


@settings
class A2C(Learner):
    """Settings of advantage actor-critic learning.

    Parameters
    ----------
    updates, episodes, discount, snapshots
        See `pfc_metarl.learning.base.Learner`.
    optimiser : {"adam", "rmsprop"}
        How gradients become changes of weights.
    initial_learning_rate : float
        Learning rate at the first update.
    final_learning_rate : float, optional
        Learning rate at the last update; between the first and the last it changes linearly. By default as at first.
    rmsprop_decay : float
        Memory of RMSProp: weight of the past in its running mean of squared gradients. Adam does not use it.
    epsilon : float
        Constant in the denominator of either optimiser.
    trace_decay : float
        λ of the advantage; 1 is the full return minus the value, as in Wang et al. 2018.
    value_cost : float
        β_v, the weight of the value term beside the policy term.
    initial_entropy_cost : float
        β_e, the weight of the entropy term, at the first update: a higher one makes networks explore more.
    final_entropy_cost : float, optional
        The same at the last update; between the first and the last it changes linearly. By default as at first.
    entropy_decay_fraction : float
        Fraction of the updates after which the entropy cost has reached its final value, which it then keeps; 0.7 in
        Wang et al. 2016.
    max_gradient_norm : float
        Each network's gradient is scaled down to this norm before the optimiser sees it.

    Examples
    --------
    >>> A2C(updates=200, snapshots=(0.001, 0.5)).updates_at_snapshots()
    (1, 100)
    """

    optimiser: Literal["adam", "rmsprop"] = "adam"
    initial_learning_rate: float = Field(0.01, gt=0, le=LARGEST_RATE)
    final_learning_rate: float | None = Field(None, ge=0, le=LARGEST_RATE)
    rmsprop_decay: float = Field(0.99, ge=0, lt=1, allow_inf_nan=False)
    epsilon: float = Field(1e-8, gt=0, allow_inf_nan=False)
    trace_decay: float = Field(1.0, ge=0, le=1, allow_inf_nan=False)
    value_cost: float = Field(0.05, ge=0, allow_inf_nan=False)
    initial_entropy_cost: float = Field(0.05, ge=0, allow_inf_nan=False)
    final_entropy_cost: float | None = Field(None, ge=0, allow_inf_nan=False)
    entropy_decay_fraction: Fraction = 1.0
    max_gradient_norm: float = Field(50.0, gt=0, allow_inf_nan=False)

    def learning_rate(self, done: int) -> float:
        """Return the learning rate after so many updates."""
        return self._between(self.initial_learning_rate, self.final_learning_rate, done, self._last)

    def entropy_cost(self, done: int) -> float:
        """Return the entropy cost after so many updates."""
        last = self.entropy_decay_fraction * self._last
        return self._between(self.initial_entropy_cost, self.final_entropy_cost, min(done, last), last)

    @property
    def _last(self) -> int:
        """The number of the last update."""
        return max(self.updates - 1, 1)

    @staticmethod
    def _between(initial: float, final: float | None, done: float, last: float) -> float:
        if final is None:
            return initial
        return initial * (1 + (final / initial - 1) * done / last) if initial else final * done / last

    def begin(
        self, task: Task, network: Architecture, seed: int, networks: Sequence[int], device: str = "cpu"
    ) -> "A2CTraining":
        return A2CTraining(self, task, network, seed, networks, device)


class Loss(NamedTuple):
    """The loss of an update, and its terms per network for the history."""

    total: Tensor
    terms: dict[str, Tensor]


def actor_critic_loss(
    heads: Tensor,
    action: Tensor,
    reward: Tensor,
    learner: A2C,
    entropy_cost: float,
    passes: Tensor | None = None,
) -> Loss:
    """Return the loss of advantage actor-critic learning.

    Parameters
    ----------
    heads : Tensor, shape [step, network, episode, action + 1]
        Logits, then value.
    action, reward : Tensor, shape [step, network, episode]
    learner : A2C
    entropy_cost : float
        β_e at this update.
    passes : Tensor of bool, shape [step, network, episode], optional
        As of `advantages`.

    Returns
    -------
    Loss
        −A log π(a) + β_v A²/2 − β_e H(π), summed over steps, averaged over episodes, summed over networks (which have
        no weight in common). The advantage A is a constant in the policy term; in the value term its gradient moves the
        value.

    Notes
    -----
    Wang et al. 2018, Methods; Mnih et al. 2016, arXiv:1602.01783.
    """
    *logits, value = heads.unbind(-1)
    log_policy = torch.stack(logits).log_softmax(0)
    advantage = advantages(value.detach(), reward, learner, passes)
    target = advantage + value.detach()
    chosen = log_policy.gather(0, action.unsqueeze(0)).squeeze(0)
    terms = {
        "policy_loss": -(advantage * chosen),
        "value_loss": (target - value).square() / 2,
        "entropy": -(log_policy.exp() * log_policy).sum(0),
    }
    total = terms["policy_loss"] + learner.value_cost * terms["value_loss"] - entropy_cost * terms["entropy"]
    n_episodes = heads.shape[2]
    return Loss(total.sum() / n_episodes, {name: term.detach().mean((0, 2)) for name, term in terms.items()})


def advantages(value: Tensor, reward: Tensor, learner: A2C, passes: Tensor | None = None) -> Tensor:
    """Return how much better each action turned out than expected, from dopamine.

    Parameters
    ----------
    value, reward : Tensor, shape [step, network, episode]
    learner : A2C
    passes : Tensor of bool, shape [step, network, episode], optional
        Which prediction errors teach; the others are blocked. By default all teach.

    Returns
    -------
    Tensor, shape [step, network, episode]
    """
    if passes is None and runs_compiled(value) and reward.dtype == value.dtype:
        return learning.compiled_loss.advantages(value, reward, learner.discount, learner.trace_decay)
    next_value = torch.cat([value[1:], torch.zeros_like(value[:1])])
    rpe = dopamine.prediction_error(reward, value, next_value, learner.discount)
    rpe = rpe if passes is None else rpe * passes
    return torch.stack(dopamine.advantage(rpe.unbind(), learner.discount, learner.trace_decay))


SILENT_UPDATES = 10
"""Successive updates with a gradient of zero after which a network is stopped."""


class A2CTraining(Training):
    """A cohort in training by `A2C`; see `pfc_metarl.learning.base.Training`.

    A network is stopped if its loss or its gradient is not finite, or the gradient was zero in `SILENT_UPDATES`
    successive updates: it keeps its weights, and the others go on. Losses and entropy in the history are means over
    steps.
    """

    learner: A2C
    measured = ("reward_per_trial", "policy_loss", "value_loss", "entropy", "gradient_norm")

    def __init__(
        self, learner: A2C, task: Task, network: Architecture, seed: int, networks: Sequence[int], device: str = "cpu"
    ) -> None:
        super().__init__(learner, task, network, seed, networks, device)
        self.fractions = [network.learning_rate_fraction(name) for name in self.learned]
        self.optimiser = Optimiser(learner.optimiser, self.learned, learner.epsilon, learner.rmsprop_decay)
        self.passes: Tensor | None = None
        self.acting = Acting(task, learner.updates)
        self.silent = torch.zeros(len(self.networks), dtype=torch.long, device=device)

    def learn(self) -> dict[str, Tensor]:
        action, reward = self.act(self.draw())
        gradients, terms = self.gradients(action, reward)
        norm = self.apply(gradients)
        self._stop(norm, terms["value_loss"])
        return {"reward_per_trial": reward.sum(0).mean(1) / self.task.n_trials, **terms, "gradient_norm": norm}

    def moments(self) -> dict[str, Tensor]:
        return {"silent": self.silent, **self.optimiser.moments()}

    def act(self, noise: Noise) -> tuple[Tensor, Tensor]:
        """Let the agent act in a batch of episodes; return actions and rewards, each [step, network, episode]."""
        return self.acting.act(self.agent, noise)

    def gradients(self, action: Tensor, reward: Tensor) -> tuple[Weights, dict[str, Tensor]]:
        """Return the gradient of the loss over the last episodes, and the terms of the loss.

        Parameters
        ----------
        action, reward : Tensor, shape [step, network, episode]
            Of these episodes.
        """
        learner, entropy_cost = self.learner, self.learner.entropy_cost(self.done)
        heads = self.agent.activity.heads
        if runs_compiled(heads):
            advantage = advantages(heads[..., -1], reward, learner, self.passes)
            costs = learner.value_cost, entropy_cost
            d_heads, terms = learning.compiled_loss.gradient(heads, action, advantage, *costs)
            return self.agent.activity.backward(d_heads), terms
        terms = {}

        def total(heads: Tensor) -> Tensor:
            loss = actor_critic_loss(heads, action, reward, learner, entropy_cost, self.passes)
            terms.update(loss.terms)
            return loss.total

        return self.gradient(total), terms

    def apply(self, gradients: Weights) -> Tensor:
        """Change the weights; return the norm of each network's gradient.

        `pfc_metarl.learning.base.Training.update` gives stopped networks their weights back.
        """
        learned = [gradients[name] for name in self.learned]
        norm = gradient_norm(learned)
        shrink = (self.learner.max_gradient_norm / norm).clamp(max=1)
        for own, gradient in zip(self.optimiser.gradients.values(), learned, strict=True):
            torch.mul(gradient, _per_network(shrink, gradient), out=own)  # the optimiser needs the weights' strides
        learning_rate = self.learner.learning_rate(self.done)
        self.optimiser.step([learning_rate * fraction for fraction in self.fractions])
        return norm

    def _stop(self, norm: Tensor, value_loss: Tensor) -> None:
        self.silent.copy_(torch.where(norm == 0, self.silent + 1, 0))
        stops = ~(norm.isfinite() & value_loss.isfinite()) | (self.silent >= SILENT_UPDATES)
        self.stopped.copy_(torch.where(stops & (self.stopped < 0), self.done, self.stopped))


def gradient_norm(gradients: Sequence[Tensor]) -> Tensor:
    """Return the norm of each network's gradient.

    In float32 the squares of numbers above 2e19 are infinite, and those below 1e-23 are zero. Such a gradient is large
    or small, not lost: its norm is that of the numbers in double precision.

    Parameters
    ----------
    gradients : sequence of Tensor, shape [network, ...]

    Examples
    --------
    >>> gradient_norm([torch.tensor([[3.0, 4.0], [3e30, 4e30]])])
    tensor([5.0000e+00, 5.0000e+30])
    """
    norm = _root_of_squares(gradients)
    in_range = norm.isfinite() & (norm > 0)
    if runs_compiled(norm) and in_range.all():  # an accelerator would have to wait for the answer
        return norm
    in_double = _root_of_squares([gradient.double() for gradient in gradients]).to(norm.dtype)
    return torch.where(in_range, norm, in_double)


def _root_of_squares(gradients: Sequence[Tensor]) -> Tensor:
    squares = [gradient.square().reshape(len(gradient), -1).sum(1) for gradient in gradients]
    return functools.reduce(torch.add, squares).sqrt()  # torch rounds a sum by the number of networks beside it


def _per_network(values: Tensor, like: Tensor) -> Tensor:
    return values.reshape(-1, *[1] * (like.ndim - 1))
