"""The ideal observer of the reversal task: each outcome changes the values of both sides."""

from typing import ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.models.base import Experience, Model, NonNegative, Probability, filled, spread
from pfc_metarl.models.two_step import two_options
from pfc_metarl.settings import settings


class Belief(NamedTuple):
    """What the observer holds."""

    right_rewarded: Tensor
    """Probability that the right side is rewarded in the next trial, shape [...]."""
    trials: Tensor
    """Trials since the last reversal was observed, shape [...]."""


@settings
class ReversalObserver(Model):
    """The ideal observer: a Bayes filter over the rewarded side, which knows how reversals are scheduled.

    Each outcome shows which side is rewarded, whatever side was chosen, so both values change at once.

    Parameters
    ----------
    min_block : int
        Trials of a block, at least.
    p_reversal : float
        Probability, per trial thereafter, of a reversal.
    inverse_temperature : float
        β of the softmax over values, where there is a choice.
    """

    min_block: int = Field(4, ge=1)
    p_reversal: Probability = 0.15
    inverse_temperature: NonNegative = 1000.0

    learns_from_lost_trials: ClassVar[bool] = True

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Belief:
        two_options(self, n_options)
        return Belief(filled(shape, 0.5, dtype), torch.zeros(shape, dtype=torch.long))

    def learn(self, state: Belief, experience: Experience) -> Belief:
        choice, belief = experience.choice, state.right_rewarded
        rewarded = torch.where(experience.reward > 0, choice, 1 - choice).to(belief.dtype)
        known = torch.where(choice >= 0, rewarded, belief)
        surprised = (known - belief).abs() > 0.5
        trials = torch.where(surprised, 0, state.trials) + 1
        hazard = spread(self.p_reversal, belief) * (trials >= self.min_block)
        return Belief(known * (1 - hazard) + (1 - known) * hazard, trials)

    def values(self, state: Belief) -> Tensor:
        return torch.stack([1 - state.right_rewarded, state.right_rewarded], -1)

    def logits(self, state: Belief) -> Tensor:
        values = self.values(state)
        return spread(self.inverse_temperature, values) * values
