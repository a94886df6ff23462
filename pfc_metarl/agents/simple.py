"""Animals without values: win-stay-lose-shift, and chance."""

from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.agents.two_step import N_STATES, Experience, ReferenceAnimal, chosen
from pfc_metarl.settings import settings


class Favourite(NamedTuple):
    """1 at the first-stage choice to make next, shape [network, episode, choice]."""

    choice: Tensor


@settings
class WinStayLoseShift(ReferenceAnimal):
    """Repeats its first-stage choice after a reward, else takes the other; as surely as `inverse_temperature` says."""

    def innocent(self, shape: tuple[int, int]) -> Favourite:
        return Favourite(torch.zeros(*shape, N_STATES))

    def learn(self, learned: Favourite, trial: Experience) -> Favourite:
        lost = (trial.reward <= 0).long()
        return Favourite(chosen(trial.choice1 ^ lost, N_STATES))

    def first_stage_values(self, learned: Favourite) -> Tensor:
        return learned.choice

    def second_stage_values(self, learned: Favourite) -> Tensor:
        return torch.zeros(*learned.choice.shape, N_STATES)


class RandomReadout(NamedTuple):
    """What is recorded of chance."""

    logits: Tensor


class Random:
    """Every action with the same probability, in any task."""

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {"logits": ("option",)}
    discount = 1.0
    values_reach_next_trial = False

    def begin(self, shape: tuple[int, int]) -> None:
        return None

    def act(self, percept: Percept, memory: None, noise: Tensor) -> tuple[Tensor, RandomReadout, None]:
        return noise.argmax(-1), RandomReadout(torch.zeros_like(noise)), None
