"""Harlow's task with objects for models of trials: which of two objects to take, and how to get there."""

from typing import ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.agents.translation import Preferences, Translation
from pfc_metarl.models.base import CERTAIN, Experience, Model, State
from pfc_metarl.settings import settings

N_OBJECTS = 2
OUTCOME = 0.5
"""Absolute reward above which a choice was made: fixation pays less."""


class ObjectTrial(NamedTuple):
    """What is remembered of the running trial; tensors of shape [network, episode] unless stated otherwise."""

    object: Tensor
    """The object chosen first in this episode, which is option 0, shape [network, episode, feature]."""
    met: Tensor
    """Whether there was such a choice."""
    heading: Tensor
    """Where the gaze turned last while choosing: -1 left, 1 right."""
    committed: Tensor
    """Whether the agent was on the way to an object at the step before."""
    choosing: Tensor
    """Whether objects can be chosen now."""


@settings
class HarlowTranslation(Translation):
    """The agent looks for the cross, fixates it, and then goes to the object that the model prefers, without turning.

    Option 0 is the object chosen first, option 1 the other one. For `pfc_metarl.tasks.HarlowObjects`.

    Parameters
    ----------
    n_cells : int
        Cells of the receptive field.
    """

    n_cells: int = Field(9, ge=1)

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {}

    def n_options(self, n_actions: int) -> int:
        return N_OBJECTS

    def begin(self, shape: tuple[int, int]) -> ObjectTrial:
        nothing = torch.zeros(shape)
        never = nothing > 0
        return ObjectTrial(torch.zeros(*shape, 1), met=never, heading=nothing - 1, committed=never, choosing=never)

    def perceive(
        self, trial: ObjectTrial, percept: Percept, model: Model, state: State
    ) -> tuple[ObjectTrial, Experience]:
        reward, (_, objects, seen) = percept.previous_reward, self._field(percept)
        outcome = reward.abs() > OUTCOME
        chose = outcome & seen.any(-1)
        places = self._places().abs().masked_fill(~seen, self.n_cells)
        index = places.argmin(-1)[..., None, None].expand(*chose.shape, 1, objects.shape[-1])
        looked_at = objects.gather(-2, index).squeeze(-2)
        is_first = ~trial.met | (looked_at == trial.object).all(-1)
        experience = Experience(torch.where(is_first, 0, 1), reward, finished=chose)
        first = torch.where((chose & ~trial.met).unsqueeze(-1), looked_at, trial.object)
        choosing = seen.any(-1) & ~outcome
        return trial._replace(object=first, met=trial.met | chose, choosing=choosing), experience

    def prefer(self, trial: ObjectTrial, percept: Percept, model: Model, state: State, n_actions: int) -> Preferences:
        cross, objects, seen = self._field(percept)
        wanted = torch.where(cross.any(-1), self._direction(cross), -trial.heading)
        wanted = torch.where(trial.choosing, self._preferred_side(objects, seen, trial, model.logits(state)), wanted)
        turn = torch.where(trial.choosing & trial.committed, trial.heading, wanted)
        undecided = trial.choosing & ~trial.committed & (turn == 0)
        logits = CERTAIN * torch.stack([turn < 0, turn > 0, (turn == 0) & ~undecided], -1).float()
        either = torch.tensor([CERTAIN, CERTAIN, 0.0])
        return Preferences(torch.where(undecided.unsqueeze(-1), either, logits), {})

    def act(self, trial: ObjectTrial, percept: Percept, action: Tensor) -> ObjectTrial:
        turned = torch.tensor([-1.0, 1.0, 0.0])[action]
        heading = torch.where(trial.choosing, turned, trial.heading)
        return trial._replace(heading=heading, committed=trial.choosing)

    def _field(self, percept: Percept) -> tuple[Tensor, Tensor, Tensor]:
        """Return where the cross is, the objects at each place, and where there is one."""
        field = percept.observation.unflatten(-1, (self.n_cells, -1))
        objects = field[..., 1:]
        return field[..., 0] > 0, objects, (objects != 0).any(-1)

    def _preferred_side(self, objects: Tensor, seen: Tensor, trial: ObjectTrial, logits: Tensor) -> Tensor:
        """Return the side of the preferred object: -1 left, 1 right, 0 without a preference."""
        first = (objects == trial.object.unsqueeze(-2)).all(-1) & seen
        preference = (logits[..., 0] - logits[..., 1]).sign()
        side = torch.where(preference > 0, self._direction(first), self._direction(seen & ~first))
        return side * preference.abs()

    def _direction(self, where: Tensor) -> Tensor:
        """Return on which side of the gaze something is: -1 left, 1 right, 0 here or nowhere."""
        return (self._places() * where).sum(-1).sign()

    def _places(self) -> Tensor:
        return torch.arange(self.n_cells) - float(self.n_cells // 2)
