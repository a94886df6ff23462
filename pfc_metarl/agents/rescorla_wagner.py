"""The Rescorla-Wagner learner of two arms of which one pays: its learning rate never changes."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.agents.two_step import AnimalReadout
from pfc_metarl.settings import settings


@settings
class TwoArmTracker(ABC):
    """An animal whose mind we wrote, for two arms of which exactly one pays on each trial.

    It tracks the probability that left pays, and learns the same from either arm: where right did not pay, left would
    have.

    Parameters
    ----------
    inverse_temperature : float
        β of the softmax over the probabilities of the two arms.
    """

    inverse_temperature: float = Field(5.0, ge=0)

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {"logits": ("option",), "action_value": ("option",)}
    discount: ClassVar[float] = 1.0
    values_reach_next_trial: ClassVar[bool] = False

    @abstractmethod
    def innocent(self, shape: tuple[int, int]) -> Any:
        """Return what the animal believes before its first trial: a NamedTuple of tensors [network, episode, ...]."""

    @abstractmethod
    def learn(self, belief: Any, left_paid: Tensor) -> Any:
        """Learn from a trial on which left paid (1), or right did (0)."""

    @abstractmethod
    def p_left(self, belief: Any) -> Tensor:
        """Return the probability that left pays, as the animal believes."""

    def readout(self, belief: Any, logits: Tensor, values: Tensor) -> Any:
        """Return what is recorded."""
        return AnimalReadout(logits, values)

    def begin(self, shape: tuple[int, int]) -> None:
        return None

    def act(self, percept: Percept, memory: Any, noise: Tensor) -> tuple[Tensor, Any, Any]:
        if memory is None:
            belief = self.innocent((noise.shape[0], noise.shape[1]))
        else:
            left_paid = (percept.previous_reward > 0) == (percept.previous_action == 0)
            belief = self.learn(memory, left_paid.to(noise.dtype))
        p_left = self.p_left(belief)
        values = torch.stack([p_left, 1 - p_left], -1)
        logits = self.inverse_temperature * values
        return (logits + noise).argmax(-1), self.readout(belief, logits, values), belief


class Value(NamedTuple):
    """Probability that left pays, shape [network, episode]."""

    left: Tensor


@settings
class RescorlaWagner(TwoArmTracker):
    """Moves its expectation by a fixed share of every prediction error: V ← V + α (outcome − V), from ½.

    Parameters
    ----------
    learning_rate : float
        α.

    Notes
    -----
    Rescorla & Wagner 1972. The control for volatility: whoever fits α to its choices must find the same one in stable
    and in volatile worlds.
    """

    learning_rate: float = Field(0.3, ge=0, le=1)

    def innocent(self, shape: tuple[int, int]) -> Value:
        return Value(torch.full(shape, 0.5))

    def learn(self, belief: Value, left_paid: Tensor) -> Value:
        return Value(belief.left + self.learning_rate * (left_paid - belief.left))

    def p_left(self, belief: Value) -> Tensor:
        return belief.left
