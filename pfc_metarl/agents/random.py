"""Chance level: an agent that chooses at random."""

from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from pfc_metarl.agents.base import AgentDefaults, Percept


class RandomReadout(NamedTuple):
    """What is recorded."""

    logits: Tensor


class Random(AgentDefaults):
    """Every action with the same probability, in any task."""

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {"logits": ("option",)}
    discount = 1.0
    values_reach_next_trial = False

    def begin(self, shape: tuple[int, int]) -> None:
        return None

    def act(self, percept: Percept, memory: None, noise: Tensor) -> tuple[Tensor, RandomReadout, None]:
        return noise.argmax(-1), RandomReadout(torch.zeros_like(noise)), None
