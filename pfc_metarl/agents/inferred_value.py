"""Reference animals of the reversal task: one infers what the other target is worth now, one has to see it again."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.agents.two_step import chosen
from pfc_metarl.settings import settings

N_SIDES = 2
POINT, TARGETS = 0, slice(1, None)
"""Channels of the task: the fixation point, and the two targets."""

CENTRE = 2
SURE = 1e3
"""Logit of the one valid response: far above any Gumbel variate."""


class SaccadeMemory(NamedTuple):
    """What an animal carries from step to step."""

    cue_side: Tensor
    """Side of the target seen in this trial, -1 for none, shape [network, episode]."""
    learned: Any


class SaccadeReadout(NamedTuple):
    """What is recorded of an animal."""

    logits: Tensor
    value: Tensor


@settings
class SaccadeAnimal(ABC):
    """An animal whose mind we wrote: it always answers rightly, and expects something of either target.

    The value of fixation, half of a reward away, comes from long training and does not move within an episode; so what
    the animal's prediction error at the cue says, it says of the cue.

    Parameters
    ----------
    discount : float
        γ, per step.
    """

    discount: float = Field(0.9, ge=0, le=1)

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {"logits": ("option",), "value": ()}
    values_reach_next_trial: ClassVar[bool] = False

    @abstractmethod
    def innocent(self, shape: tuple[int, int]) -> Any:
        """Return what an animal knows before its first trial."""

    @abstractmethod
    def learn(self, learned: Any, cue_side: Tensor, answered: Tensor, reward: Tensor) -> Any:
        """Learn from the end of a trial: which target it had, whether the saccade met it, and what it paid."""

    @abstractmethod
    def expected(self, learned: Any) -> Tensor:
        """Return the reward expected of a saccade to either target, [network, episode, side]."""

    def begin(self, shape: tuple[int, int]) -> SaccadeMemory:
        return SaccadeMemory(torch.full(shape, -1), self.innocent(shape))

    def act(
        self, percept: Percept, memory: SaccadeMemory, noise: Tensor
    ) -> tuple[Tensor, SaccadeReadout, SaccadeMemory]:
        memory = self._after_trial(percept, memory)
        point, targets = percept.observation[..., POINT], percept.observation[..., TARGETS]
        shown = targets.any(-1)
        cue_side = torch.where(shown, targets.argmax(-1), memory.cue_side)
        of_cue = (self.expected(memory.learned) * targets).sum(-1)
        value = of_cue * self.discount**point + 0.5 * self.discount**2 * point * ~shown
        response = torch.where(shown & (point == 0), cue_side, CENTRE)
        logits = SURE * chosen(response, noise.shape[-1])
        return (logits + noise).argmax(-1), SaccadeReadout(logits, value), SaccadeMemory(cue_side, memory.learned)

    def _after_trial(self, percept: Percept, memory: SaccadeMemory) -> SaccadeMemory:
        """Take the outcome in, if this is the dark screen after a trial."""
        dark = ~percept.observation.any(-1)
        if not bool(dark.any()):
            return memory
        answered = percept.previous_action == memory.cue_side
        new = self.learn(memory.learned, memory.cue_side, answered, percept.previous_reward)
        pairs = zip(new, memory.learned, strict=True)
        kept = (torch.where(dark.reshape(dark.shape + (1,) * (a.ndim - 2)), a, b) for a, b in pairs)
        return SaccadeMemory(torch.where(dark, -1, memory.cue_side), type(new)(*kept))


class Belief(NamedTuple):
    """What the observer believes."""

    right_rewarded: Tensor
    """Probability that the right side is rewarded in the next trial, shape [network, episode]."""
    trials: Tensor
    """Trials since the last reversal was seen, shape [network, episode]."""


@settings
class ReversalObserver(SaccadeAnimal):
    """The ideal observer: a Bayes filter over the rewarded side, which knows how reversals are scheduled.

    Each outcome tells which side is rewarded, whatever target was shown: so both values change at once.

    Parameters
    ----------
    min_block : int
        Trials of a block, at least.
    p_reversal : float
        Probability, per trial thereafter, of a reversal.
    """

    min_block: int = Field(4, ge=1)
    p_reversal: float = Field(0.15, ge=0, le=1)

    def innocent(self, shape: tuple[int, int]) -> Belief:
        return Belief(torch.full(shape, 0.5), torch.zeros(shape, dtype=torch.long))

    def learn(self, learned: Belief, cue_side: Tensor, answered: Tensor, reward: Tensor) -> Belief:
        told = torch.where(reward > 0, cue_side, 1 - cue_side).to(reward.dtype)
        known = torch.where(answered, told, learned.right_rewarded)
        surprised = (known - learned.right_rewarded).abs() > 0.5
        trials = torch.where(surprised, 0, learned.trials) + 1
        hazard = self.p_reversal * (trials >= self.min_block)
        return Belief(known * (1 - hazard) + (1 - known) * hazard, trials)

    def expected(self, learned: Belief) -> Tensor:
        return torch.stack([1 - learned.right_rewarded, learned.right_rewarded], -1)


class CueValues(NamedTuple):
    """What the model-free learner has learned."""

    value: Tensor
    """Reward that followed each target, shape [network, episode, side]."""


@settings
class CueLearner(SaccadeAnimal):
    """The model-free learner: TD(1) with a value of its own for each target, which only that target's outcomes change.

    Parameters
    ----------
    learning_rate : float
        α; by default high, so that one outcome is enough to turn the value of the target that was seen.
    initial_value : float
        Of both targets before the first trial.
    """

    learning_rate: float = Field(0.8, ge=0, le=1)
    initial_value: float = 0.5

    def innocent(self, shape: tuple[int, int]) -> CueValues:
        return CueValues(torch.full((*shape, N_SIDES), self.initial_value))

    def learn(self, learned: CueValues, cue_side: Tensor, answered: Tensor, reward: Tensor) -> CueValues:
        error = (reward.unsqueeze(-1) - learned.value) * chosen(cue_side, N_SIDES)
        return CueValues(learned.value + self.learning_rate * error * answered.unsqueeze(-1))

    def expected(self, learned: CueValues) -> Tensor:
        return learned.value
