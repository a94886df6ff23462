"""A learner for the risky lever task whose dopamine can be blocked and stimulated."""

from typing import ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl import dopamine
from pfc_metarl.agents.base import Percept
from pfc_metarl.agents.two_step import chosen
from pfc_metarl.settings import settings

N_LEVERS = 2
UNSEEN = -1e3
"""Logit of what is not there: far below any Gumbel variate."""


class LeverMemory(NamedTuple):
    """What a learner knows: the value of each lever, and which it has just pulled (-1: none)."""

    value: Tensor
    pulled: Tensor


class LeverReadout(NamedTuple):
    """What is recorded of a learner."""

    logits: Tensor
    action_value: Tensor
    rpe_input: Tensor


@settings
class LeverLearner:
    """Values each lever by its last payoffs, V ← V + α δ, and chooses among those that are shown by a softmax.

    δ = r − V is told to it with whatever stimulation there is, so it learns from perturbed dopamine as a network with
    an RPE input does. It answers the fixation cue without fail.

    Parameters
    ----------
    learning_rate : float
        α.
    inverse_temperature : float
        β of the softmax, per unit of reward.
    initial_value : float
        Of both levers, when an episode begins.

    Notes
    -----
    Rescorla & Wagner 1972. Its parameters are ours.
    """

    learning_rate: float = Field(0.2, ge=0, le=1)
    inverse_temperature: float = Field(1.5, ge=0)
    initial_value: float = 1.0

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {
        "logits": ("option",),
        "action_value": ("option",),
        "rpe_input": (),
    }
    discount: ClassVar[float] = 1.0
    values_reach_next_trial: ClassVar[bool] = False
    has_rpe_input: ClassVar[bool] = True

    def begin(self, shape: tuple[int, int]) -> LeverMemory:
        return LeverMemory(torch.full((*shape, N_LEVERS), self.initial_value), torch.full(shape, -1))

    def act(self, percept: Percept, memory: LeverMemory, noise: Tensor) -> tuple[Tensor, LeverReadout, LeverMemory]:
        shown = percept.observation[..., 1:] > 0
        pulled = chosen(memory.pulled, N_LEVERS)
        error = dopamine.prediction_error(percept.previous_reward, (memory.value * pulled).sum(-1), 0.0, 1.0)
        rpe = torch.where(memory.pulled >= 0, error, 0.0)
        if percept.stimulation is not None:
            rpe = rpe + percept.stimulation
        value = memory.value + self.learning_rate * pulled * rpe.unsqueeze(-1)
        levers = torch.where(shown, self.inverse_temperature * value, UNSEEN)
        centre = torch.where(shown.any(-1, keepdim=True), UNSEEN, 0.0)
        logits = torch.cat([levers, centre], -1)
        action = (logits + noise).argmax(-1)
        at_lever = shown.any(-1) & (action < N_LEVERS)
        values = torch.cat([value, torch.zeros_like(centre)], -1)
        return action, LeverReadout(logits, values, rpe), LeverMemory(value, torch.where(at_lever, action, -1))
