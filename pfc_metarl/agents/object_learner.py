"""An animal that has learned Harlow's task: win-stay, lose-shift, on objects."""

from typing import ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.settings import settings

SURE = 1e3
"""Difference in logits between what is done and what is not."""


class ObjectMemory(NamedTuple):
    """What it knows of the two objects, and where it is going."""

    object: Tensor
    """The object chosen last, shape [network, episode, feature]."""
    liking: Tensor
    """1 if that one was rewarded, -1 if not, 0 if nothing is known; shape [network, episode]."""
    heading: Tensor
    """Where the gaze turned last, -1 left, 1 right; shape [network, episode]."""
    committed: Tensor
    """Whether it is on the way to an object, shape [network, episode]."""


class ObjectReadout(NamedTuple):
    """What is recorded of it."""

    logits: Tensor


@settings
class ObjectLearner:
    """Looks for the cross, fixates it, and then takes the object that was rewarded, or not the one that was not.

    Made for `pfc_metarl.tasks.HarlowObjects`, by whose receptive field it sees.

    Parameters
    ----------
    n_cells : int
        Cells of the receptive field.
    shifts : bool
        Whether it takes the other object after one that was not rewarded; otherwise it then chooses by chance.
    """

    n_cells: int = Field(9, ge=1)
    shifts: bool = True

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {"logits": ("option",)}
    discount: ClassVar[float] = 1.0
    values_reach_next_trial: ClassVar[bool] = False

    def begin(self, shape: tuple[int, int]) -> ObjectMemory:
        nothing = torch.zeros(shape)
        return ObjectMemory(torch.zeros(*shape, 1), liking=nothing, heading=nothing - 1, committed=nothing > 0)

    def act(self, percept: Percept, memory: ObjectMemory, noise: Tensor) -> tuple[Tensor, ObjectReadout, ObjectMemory]:
        field = percept.observation.unflatten(-1, (self.n_cells, -1))
        cross, objects = field[..., 0] > 0, field[..., 1:]
        seen = (objects != 0).any(-1)
        memory = self._learned(percept.previous_reward, objects, seen, memory)
        waiting = percept.previous_reward.abs() > 0.5
        choosing = seen.any(-1) & ~waiting
        wanted = torch.where(cross.any(-1), self._direction(cross), -memory.heading)
        wanted = torch.where(choosing, self._preference(objects, seen, memory), wanted)
        turn = torch.where(choosing & memory.committed, memory.heading, wanted)
        undecided = choosing & ~memory.committed & (turn == 0)
        logits = SURE * torch.stack([turn < 0, turn > 0, (turn == 0) & ~undecided], -1).float()
        logits = torch.where(undecided.unsqueeze(-1), torch.tensor([SURE, SURE, 0.0]), logits)
        action = (logits + noise).argmax(-1)
        went = torch.tensor([-1.0, 1.0, 0.0])[action]
        heading = torch.where(choosing, went, memory.heading)
        return action, ObjectReadout(logits), memory._replace(heading=heading, committed=choosing)

    def _learned(self, reward: Tensor, objects: Tensor, seen: Tensor, memory: ObjectMemory) -> ObjectMemory:
        """Keep the object looked at and what it brought, if one was just chosen."""
        chose = (reward.abs() > 0.5) & seen.any(-1)
        places = self._places().abs().masked_fill(~seen, self.n_cells)
        looked_at = objects.gather(-2, places.argmin(-1)[..., None, None].expand(*chose.shape, 1, objects.shape[-1]))
        liking = reward.sign() if self.shifts else (reward > 0).float()
        kept = torch.where(chose.unsqueeze(-1), looked_at.squeeze(-2), memory.object)
        return memory._replace(object=kept, liking=torch.where(chose, liking, memory.liking))

    def _preference(self, objects: Tensor, seen: Tensor, memory: ObjectMemory) -> Tensor:
        """Return the side to go to: where the liked object is, or the disliked one is not; 0 if nothing is known."""
        known = (objects == memory.object.unsqueeze(-2)).all(-1) & seen
        unknown = seen & ~known
        return torch.where(memory.liking > 0, self._direction(known), self._direction(unknown)) * memory.liking.abs()

    def _direction(self, where: Tensor) -> Tensor:
        """Return on which side of the gaze something is: -1 left, 1 right, 0 here or nowhere."""
        return (self._places() * where).sum(-1).sign()

    def _places(self) -> Tensor:
        return torch.arange(self.n_cells) - float(self.n_cells // 2)
