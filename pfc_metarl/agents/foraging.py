"""Animals for baited foraging: an ideal observer, a matcher by local income, and two that learn nothing."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.agents.two_step import AnimalReadout, chosen
from pfc_metarl.settings import settings

N_TARGETS = 2
CERTAIN = 1e3
"""Logit of what is done without doubt: far above any Gumbel variate."""


class ForagingMemory(NamedTuple):
    """What an animal carries from step to step."""

    chose_before: Tensor
    """Whether targets were shown at the step before, shape [network, episode]."""
    learned: Any
    """A NamedTuple of tensors [network, episode, ...]."""


@settings
class ForagingAnimal(ABC):
    """An animal whose mind we wrote: it fixates where it should, and learns from its choices and what they brought."""

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {"logits": ("option",), "action_value": ("option",)}
    discount: ClassVar[float] = 1.0
    values_reach_next_trial: ClassVar[bool] = False

    @abstractmethod
    def innocent(self, shape: tuple[int, int]) -> Any:
        """Return what an animal knows before its first trial."""

    @abstractmethod
    def learn(self, learned: Any, choice: Tensor, reward: Tensor) -> Any:
        """Learn from a trial: `choice` is 1 at the target taken (nowhere if none was), [network, episode, target]."""

    @abstractmethod
    def values(self, learned: Any) -> Tensor:
        """Return what the animal expects of the targets, [network, episode, target]."""

    @abstractmethod
    def logits(self, learned: Any) -> Tensor:
        """Return the logits of the targets, [network, episode, target]."""

    def begin(self, shape: tuple[int, int]) -> ForagingMemory:
        return ForagingMemory(torch.zeros(shape, dtype=torch.bool), self.innocent(shape))

    def act(
        self, percept: Percept, memory: ForagingMemory, noise: Tensor
    ) -> tuple[Tensor, AnimalReadout, ForagingMemory]:
        choice = chosen(percept.previous_action, noise.shape[-1])[..., :N_TARGETS]
        learned = self.learn(memory.learned, choice, percept.previous_reward)
        learned = _where(memory.chose_before, learned, memory.learned)
        at_targets = percept.observation[..., -1] > 0
        values, logits = self.values(learned), self.logits(learned)
        if noise.shape[-1] > N_TARGETS:
            centre = torch.where(at_targets, -CERTAIN, 2 * CERTAIN).unsqueeze(-1)
            values, logits = torch.cat([values, torch.zeros_like(centre)], -1), torch.cat([logits, centre], -1)
        return (logits + noise).argmax(-1), AnimalReadout(logits, values), ForagingMemory(at_targets, learned)


def _where(mask: Tensor, new: Any, old: Any) -> Any:
    """Choose between two NamedTuples of tensors, world by world."""
    pairs = zip(new, old, strict=True)
    return type(old)(*(torch.where(mask.unsqueeze(-1), one, other) for one, other in pairs))


class Belief(NamedTuple):
    """What the observer knows; the last axes are values of the left target's base probability, and targets."""

    log_belief: Tensor
    waited: Tensor


@settings
class BaitObserver(ForagingAnimal):
    """Knows how targets are baited, infers from what it got how often, and takes the one that is likelier to pay now.

    Parameters
    ----------
    p_sum : float
        Sum of the two base probabilities; of the left one it thinks that it lies anywhere from 0 to there.
    n_values : int
        Values of it that are held possible, evenly spaced.
    inverse_temperature : float
        β of the softmax over expected rewards.

    Notes
    -----
    A Bayes filter, exact but for the grid: given the base probability, what a visit brings depends on nothing but the
    time since the last visit. It looks no trial ahead; told of the base probabilities it would earn 0.450 a trial.
    """

    p_sum: float = Field(0.5, gt=0, le=1)
    n_values: int = Field(50, ge=2)
    inverse_temperature: float = Field(1000.0, ge=0)

    def innocent(self, shape: tuple[int, int]) -> Belief:
        return Belief(torch.zeros(*shape, self.n_values), torch.zeros(*shape, N_TARGETS))

    def learn(self, learned: Belief, choice: Tensor, reward: Tensor) -> Belief:
        p_reward = (self._p_reward(learned.waited) * choice.unsqueeze(-2)).sum(-1)
        paid = (reward > 0).unsqueeze(-1)
        likelihood = torch.where(paid, p_reward, 1 - p_reward)
        return Belief(learned.log_belief + likelihood.log(), (learned.waited + 1) * (1 - choice))

    def _p_reward(self, waited: Tensor) -> Tensor:
        """Return the probability that a target is baited, [network, episode, value, target]."""
        left = self.p_sum * (torch.arange(self.n_values) + 0.5) / self.n_values
        p_base = torch.stack([left, self.p_sum - left], -1)
        return 1 - (1 - p_base) ** (waited.unsqueeze(-2) + 1)

    def values(self, learned: Belief) -> Tensor:
        return (learned.log_belief.softmax(-1).unsqueeze(-1) * self._p_reward(learned.waited)).sum(-2)

    def logits(self, learned: Belief) -> Tensor:
        return self.inverse_temperature * self.values(learned)


class Income(NamedTuple):
    """Leaky sums of what the targets paid, [network, episode, target]."""

    income: Tensor


@settings
class LocalMatching(ForagingAnimal):
    """Chooses in proportion to what each target brought of late.

    Parameters
    ----------
    time_constant : float
        Trials in which an income falls to 1/e.
    initial_income : float
        Of each target, in rewards a trial.
    lapse : float
        Share of choices that are made by tossing a coin, so that no target is forgotten for ever.

    Notes
    -----
    Sugrue, Corrado & Newsome 2004, doi:10.1126/science.1094765. It knows nothing of baits; the numbers are ours.
    """

    time_constant: float = Field(10.0, gt=0)
    initial_income: float = Field(0.2, gt=0)
    lapse: float = Field(0.1, ge=0, le=1)

    def innocent(self, shape: tuple[int, int]) -> Income:
        return Income(torch.full((*shape, N_TARGETS), self.initial_income))

    def learn(self, learned: Income, choice: Tensor, reward: Tensor) -> Income:
        kept = torch.exp(torch.tensor(-1 / self.time_constant))
        return Income(kept * learned.income + (1 - kept) * choice * (reward > 0).unsqueeze(-1))

    def values(self, learned: Income) -> Tensor:
        return learned.income

    def logits(self, learned: Income) -> Tensor:
        share = learned.income / learned.income.sum(-1, keepdim=True).clamp(min=1e-30)
        return ((1 - self.lapse) * share + self.lapse / N_TARGETS).clamp(min=1e-30).log()


class LastChoice(NamedTuple):
    """1 at the target taken last, [network, episode, target]."""

    choice: Tensor


@settings
class Alternation(ForagingAnimal):
    """Takes the targets in turn, whatever they bring; begins with either."""

    def innocent(self, shape: tuple[int, int]) -> LastChoice:
        return LastChoice(torch.zeros(*shape, N_TARGETS))

    def learn(self, learned: LastChoice, choice: Tensor, reward: Tensor) -> LastChoice:
        return LastChoice(choice)

    def values(self, learned: LastChoice) -> Tensor:
        return torch.zeros_like(learned.choice)

    def logits(self, learned: LastChoice) -> Tensor:
        return -CERTAIN * learned.choice


@settings
class CoinToss(Alternation):
    """Takes either target with the same probability."""

    def logits(self, learned: LastChoice) -> Tensor:
        return torch.zeros_like(learned.choice)
