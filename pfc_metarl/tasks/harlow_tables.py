"""Tables of Harlow's task: the gaze on the ring, what is shown, and what follows what; looked up at every step."""

import functools
from typing import NamedTuple

import torch
from torch import Tensor

from pfc_metarl.tasks.constants import NONE

FIXATION, CHOICE, INTERVAL, OVER = range(4)

NOTHING, CROSS, OBJECTS = range(3)
"""What is shown."""

ELSEWHERE, AT_CROSS, AT_LEFT, AT_RIGHT = range(4)
"""What is looked at."""

NEVER = 2**62
"""Steps that do not end by the clock."""


def on_ring(position: Tensor, n_positions: int) -> Tensor:
    """Count positions from the cross, to both sides.

    A table by position begins with that of the cross, so that a negative position counts from its end.
    """
    behind = n_positions // 2
    return (position + behind) % n_positions - behind


@functools.lru_cache(maxsize=64)
def ring(
    n_positions: int, saccade: int, eccentricity: int, tolerance: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Return where an action turns the gaze, by gaze and action, and what is looked at, by gaze."""
    gaze = on_ring(torch.arange(n_positions), n_positions)
    turns = on_ring(gaze.unsqueeze(-1) + torch.tensor([-saccade, saccade, 0]), n_positions)
    looks = torch.full_like(gaze, ELSEWHERE)
    for what, position in ((AT_CROSS, 0), (AT_LEFT, -eccentricity), (AT_RIGHT, eccentricity)):
        looks[(gaze - position).abs() <= tolerance] = what
    return turns.flatten().to(device), looks.to(device)


@functools.lru_cache(maxsize=64)
def clocks(fixation_steps: int, interval_steps: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return whether the clock counts, and at what number a phase ends by it, by phase and what is looked at."""
    ends = torch.full((4, 4), NEVER)
    ends[FIXATION, AT_CROSS] = fixation_steps
    ends[INTERVAL] = interval_steps
    return (ends < NEVER).long().to(device), ends.to(device)


class Procedure(NamedTuple):
    """What follows an event: by whether it is the last trial, whether a phase is over, phase, what is looked at."""

    phase: Tensor
    begins: Tensor
    """1 if the next trial begins."""
    side: Tensor
    sets_side: Tensor
    """Whether `side` is then that of this table, or as before."""
    reward: Tensor
    """For having fixated the cross."""
    pays: Tensor
    """1 if the object chosen is paid."""


@functools.lru_cache(maxsize=64)
def procedure(fixation_reward: float, device: torch.device) -> Procedure:
    phase = torch.arange(4).unsqueeze(-1).expand(4, 4).repeat(2, 2, 1, 1)
    begins, side, reward = torch.zeros_like(phase), torch.full_like(phase, NONE), torch.zeros(phase.shape)
    phase[:, 1, FIXATION] = CHOICE
    reward[:, 1, FIXATION] = fixation_reward
    phase[:, :, CHOICE, AT_LEFT:] = INTERVAL
    side[:, :, CHOICE, AT_LEFT:] = torch.tensor([0, 1])
    phase[:, 1, INTERVAL] = torch.tensor([[FIXATION], [OVER]])
    begins[0, 1, INTERVAL] = 1
    chosen = side >= 0
    made = Procedure(phase, begins, side, chosen | (begins > 0), reward, chosen.float())
    return Procedure(*(table.to(device) for table in made))


@functools.cache
def results(device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Return object chosen, whether it is right, and what it brings, by side, object on the left and good object."""
    side, left, good = torch.meshgrid(torch.tensor([0, 1, NONE]), *[torch.arange(2)] * 2, indexing="ij")
    choice1 = (side ^ left).where(side >= 0, NONE)
    correct = (choice1 == good).long().where(side >= 0, NONE)
    outcome = (2.0 * correct - 1).where(side >= 0, 0.0)
    return choice1.to(device), correct.to(device), outcome.to(device)


@functools.cache
def shown_in_phase(device: torch.device) -> Tensor:
    """Return what is shown, by whether the clock stands at 0 and phase."""
    shown = torch.tensor([[CROSS, OBJECTS, NOTHING, NOTHING], [CROSS, OBJECTS, OBJECTS, NOTHING]])
    return shown.to(device)
