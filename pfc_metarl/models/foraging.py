"""Models of baited foraging: an ideal observer, a matcher of local income, and two that learn nothing from rewards."""

from typing import ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.models.base import (
    CERTAIN,
    Experience,
    Model,
    NonNegative,
    Positive,
    Probability,
    chosen,
    filled,
    spread,
)
from pfc_metarl.models.two_step import two_options
from pfc_metarl.settings import settings

N_TARGETS = 2


class Belief(NamedTuple):
    """What the observer holds."""

    log_belief: Tensor
    """Of each value of the left target's base probability, up to a constant, shape [..., value]."""
    waited: Tensor
    """Trials since each target was chosen, shape [..., target]."""


@settings
class BaitObserver(Model):
    """Knows how targets are baited, infers the base probabilities, and chooses the target that is likelier to pay now.

    Parameters
    ----------
    p_sum : float
        Sum of the two base probabilities. The prior of the left one is uniform from 0 to this sum.
    n_values : int
        Points of the grid over it.
    inverse_temperature : float
        β of the softmax over expected rewards.

    Notes
    -----
    A Bayes filter, exact but for the grid: given the base probability, the outcome of a visit depends only on the time
    since the last visit. It does not plan ahead. With known base probabilities it would earn 0.450 a trial.
    """

    p_sum: Probability = 0.5
    n_values: int = Field(50, ge=2)
    inverse_temperature: NonNegative = 1000.0

    learns_from_lost_trials: ClassVar[bool] = True

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Belief:
        two_options(self, n_options)
        return Belief(torch.zeros(*shape, self.n_values, dtype=dtype), torch.zeros(*shape, N_TARGETS, dtype=dtype))

    def learn(self, state: Belief, experience: Experience) -> Belief:
        choice = chosen(experience.choice, N_TARGETS).to(state.waited.dtype)
        p_reward = (self._p_reward(state.waited) * choice.unsqueeze(-2)).sum(-1)
        paid = ((experience.reward > 0) & (experience.choice >= 0)).unsqueeze(-1)
        likelihood = torch.where(paid, p_reward, 1 - p_reward)
        return Belief(state.log_belief + likelihood.log(), (state.waited + 1) * (1 - choice))

    def _p_reward(self, waited: Tensor) -> Tensor:
        """Return the probability that a target is baited, [..., value, target]."""
        grid = (torch.arange(self.n_values, dtype=waited.dtype) + 0.5).expand(*waited.shape[:-1], -1)
        p_sum = spread(self.p_sum, grid)
        left = p_sum * grid / self.n_values
        p_base = torch.stack([left, p_sum - left], -1)
        return 1 - (1 - p_base) ** (waited.unsqueeze(-2) + 1)

    def values(self, state: Belief) -> Tensor:
        return (state.log_belief.softmax(-1).unsqueeze(-1) * self._p_reward(state.waited)).sum(-2)

    def logits(self, state: Belief) -> Tensor:
        values = self.values(state)
        return spread(self.inverse_temperature, values) * values


class Income(NamedTuple):
    """Leaky average of what the targets paid per trial, shape [..., target]."""

    income: Tensor


@settings
class LocalMatching(Model):
    """Chooses targets in proportion to their recent income.

    Parameters
    ----------
    time_constant : float
        Trials in which an income falls to 1/e.
    initial_income : float
        Of each target, in rewards a trial.
    lapse : float
        Fraction of choices that are made at random, so that no target is abandoned for good.

    Notes
    -----
    Sugrue, Corrado & Newsome 2004, doi:10.1126/science.1094765. It does not model baiting. The parameters are ours.
    """

    time_constant: Positive = 10.0
    initial_income: Positive = 0.2
    lapse: Probability = 0.1

    learns_from_lost_trials: ClassVar[bool] = True

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Income:
        return Income(filled((*shape, n_options), self.initial_income, dtype))

    def learn(self, state: Income, experience: Experience) -> Income:
        decay = spread(torch.exp(torch.as_tensor(-1 / self.time_constant, dtype=state.income.dtype)), state.income)
        outcome = chosen(experience.choice, state.income.shape[-1]) * (experience.reward > 0).unsqueeze(-1)
        return Income(decay * state.income + (1 - decay) * outcome)

    def values(self, state: Income) -> Tensor:
        return state.income

    def logits(self, state: Income) -> Tensor:
        fraction = state.income / state.income.sum(-1, keepdim=True).clamp(min=1e-30)
        lapse = spread(self.lapse, fraction)
        return ((1 - lapse) * fraction + lapse / fraction.shape[-1]).clamp(min=1e-30).log()


class LastChoice(NamedTuple):
    """1 at the target chosen last, shape [..., target]."""

    choice: Tensor


@settings
class Alternation(Model):
    """Chooses the targets in turn, whatever they pay, and begins with either."""

    learns_from_lost_trials: ClassVar[bool] = True

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> LastChoice:
        return LastChoice(torch.zeros(*shape, n_options, dtype=dtype))

    def learn(self, state: LastChoice, experience: Experience) -> LastChoice:
        return LastChoice(chosen(experience.choice, state.choice.shape[-1]).to(state.choice.dtype))

    def values(self, state: LastChoice) -> Tensor:
        return torch.zeros_like(state.choice)

    def logits(self, state: LastChoice) -> Tensor:
        return -CERTAIN * state.choice


@settings
class CoinToss(Alternation):
    """Chooses every target with the same probability."""

    def logits(self, state: LastChoice) -> Tensor:
        return torch.zeros_like(state.choice)
