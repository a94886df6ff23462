"""The reversal task of inferred value for models of trials: a target is shown, and nothing is chosen."""

from typing import ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.agents.translation import Preferences, Translation
from pfc_metarl.models.base import CERTAIN, Experience, Model, State, chosen
from pfc_metarl.settings import settings

N_SIDES = 2
POINT, TARGETS = 0, slice(1, None)
"""Channels of the task: the fixation point, and the two targets."""

CENTRE = 2


class SaccadeTrial(NamedTuple):
    """What is remembered of the running trial."""

    cue_side: Tensor
    """Side of the target seen in this trial, -1 for none, shape [network, episode]."""


@settings
class InferredValueTranslation(Translation):
    """The agent always responds correctly, and expects what the model expects of the target.

    The value of fixation, half of a reward, comes from long training and does not change within an episode. So the
    agent's prediction error at the cue is about the cue alone. A saccade that misses the target is a lost trial.

    Parameters
    ----------
    discount : float
        γ, per step.
    """

    discount: float = Field(0.9, ge=0, le=1)

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {"value": ()}

    def n_options(self, n_actions: int) -> int:
        return N_SIDES

    def begin(self, shape: tuple[int, int]) -> SaccadeTrial:
        return SaccadeTrial(torch.full(shape, -1))

    def perceive(
        self, trial: SaccadeTrial, percept: Percept, model: Model, state: State
    ) -> tuple[SaccadeTrial, Experience]:
        dark = ~percept.observation.any(-1)
        answered = percept.previous_action == trial.cue_side
        choice = torch.where(answered, trial.cue_side, -1)
        experience = Experience(choice, percept.previous_reward, finished=dark)
        targets = percept.observation[..., TARGETS]
        before = torch.where(dark, -1, trial.cue_side)
        return SaccadeTrial(torch.where(targets.any(-1), targets.argmax(-1), before)), experience

    def prefer(self, trial: SaccadeTrial, percept: Percept, model: Model, state: State, n_actions: int) -> Preferences:
        point, targets = percept.observation[..., POINT], percept.observation[..., TARGETS]
        shown = targets.any(-1)
        of_cue = (model.values(state) * targets).sum(-1)
        value = of_cue * self.discount**point + 0.5 * self.discount**2 * point * ~shown
        response = torch.where(shown & (point == 0), trial.cue_side, CENTRE)
        return Preferences(CERTAIN * chosen(response, n_actions), {"value": value})
