"""Harlow's task with objects that are vectors, seen through a receptive field that moves with the gaze."""

import functools
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.settings import settings
from pfc_metarl.tasks.constants import constants
from pfc_metarl.tasks.harlow import Harlow, HarlowState
from pfc_metarl.tasks.harlow_tables import CROSS, OBJECTS, on_ring

SEED = 1949
"""Of the objects of the two finite sets, which are the same in every experiment."""


@settings
class HarlowObjects(Harlow):
    """Tests learning to learn, as `Harlow`, with objects that are random vectors.

    The receptive field is a row of cells around the gaze. A cell shows the object at its position, a number for each of
    its features, and whether the cross is there.

    Parameters
    ----------
    n_cells : int
        Cells of the receptive field.
    n_features : int
        Length of an object's vector.
    features : {"binary", "gaussian"}
        Whether features are ±1, or Gaussian with mean 0 and standard deviation 1.
    drawn_from : {"fresh", "training_set", "held_out_set"}
        Whether the objects of a problem were never seen before, or come, with replacement, from one of two finite sets.
    set_size : int
        Objects of each of the two sets.
    recurring : {"both", "one"}
        Whether both objects of a problem come back in each of its trials, or only object 0; then object 1 is a new one
        in each trial. The rewarded one is object 0 in all trials, or object 1 in all.

    Notes
    -----
    With one recurring object the first trial still tells all: either choice shows whether the other object is rewarded.
    Which of the two recurs is seen only in the second trial, so that both must be remembered. Wang et al. 2016, section
    3.2.2, mention such a variant.

    The two objects of a trial always differ. There are only ``2 ** n_features`` binary objects: where these are few,
    fresh problems are new pairs of old objects. The other parameters are those of `Harlow`.

    Examples
    --------
    >>> task = HarlowObjects(n_features=2)
    >>> state = task.begin(torch.full((1, 3, task.n_draws), 0.1))
    >>> task.observe(state).shape
    torch.Size([1, 3, 27])
    """

    n_cells: int = Field(9, ge=1)
    n_features: int = Field(8, ge=1, le=20)
    features: Literal["binary", "gaussian"] = "gaussian"
    drawn_from: Literal["fresh", "training_set", "held_out_set"] = "fresh"
    set_size: int = Field(1000, ge=2, le=1_000_000)
    recurring: Literal["both", "one"] = "both"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_cells > self.n_positions:
            raise ValueError(f"n_cells = {self.n_cells} must not exceed n_positions = {self.n_positions}")
        if self.drawn_from != "fresh" and self.features == "binary" and 2 * self.set_size > 2**self.n_features:
            raise ValueError(
                f"set_size = {self.set_size}: two sets of different binary objects need n_features with "
                f"2 ** n_features of at least {2 * self.set_size}, here it is {2**self.n_features}"
            )

    @property
    def channel_names(self) -> tuple[str, ...]:
        shown = ("cross", *(f"feature_{feature}" for feature in range(self.n_features)))
        return tuple(f"{what}_at_{place:+d}" for place in self._places for what in shown)

    @property
    def field_dims(self) -> dict[str, tuple[str, ...]]:
        return {**super().field_dims, "stimuli": ("object", "feature")}

    @property
    def n_stimulus_draws(self) -> int:
        if self.drawn_from != "fresh":
            return 2
        return 2 * self.n_features if self.features == "gaussian" else self.n_features + 1

    @property
    def _places(self) -> range:
        """Positions of the cells relative to the gaze."""
        return range(-(self.n_cells // 2), self.n_cells - self.n_cells // 2)

    def stimuli(self, noise: Tensor) -> Tensor:
        if self.drawn_from != "fresh":
            known = _sets(self.features, self.n_features, self.set_size, noise.device)[self.drawn_from]
            first = _whole(noise[..., 0], self.set_size)
            return known[torch.stack([first, _elsewhere(first, noise[..., 1], self.set_size)], -1)]
        if self.features == "gaussian":
            return _gaussian(noise).unflatten(-1, (2, -1))
        first = (noise[..., 1:] < 0.5).long()
        differs = _bits(1 + _whole(noise[..., 0], 2**self.n_features - 1), self.n_features)
        return 2.0 * torch.stack([first, first ^ differs], -2) - 1

    def step(self, state: HarlowState, action: Tensor, noise: Tensor) -> tuple[HarlowState, Tensor]:
        after, reward = super().step(state, action, noise)
        if self.recurring == "both":
            return after, reward
        recurs = state.stimuli[..., 0, :]
        partner = torch.where(
            (after.trial > state.trial).unsqueeze(-1), self._other(recurs, noise), state.stimuli[..., 1, :]
        )
        return after._replace(stimuli=torch.stack([recurs, partner], -2)), reward

    def _other(self, first: Tensor, noise: Tensor) -> Tensor:
        """Draw an object that differs from another one, both [network, episode, feature]."""
        if self.drawn_from != "fresh":
            known = _sets(self.features, self.n_features, self.set_size, noise.device)[self.drawn_from]
            drawn = _whole(noise[..., 0], self.set_size)
            same = functools.reduce(torch.logical_and, (known[drawn] == first).unbind(-1))
            other = known[_elsewhere(drawn, noise[..., 1], self.set_size)]
            return torch.where(same.unsqueeze(-1), other, known[drawn])
        if self.features == "gaussian":
            return _gaussian(noise[..., : self.n_features])
        return first * (1 - 2 * _bits(1 + _whole(noise[..., 0], 2**self.n_features - 1), self.n_features))

    def observe(self, state: HarlowState) -> Tensor:
        device = state.gaze.device
        sizes = self.n_cells, self.n_features, self.n_positions, self.eccentricity
        view = torch.add(state.left_object, self.shown(state), alpha=2)
        place = _places(*sizes, device)[view, state.gaze]
        plain = constants((0.0, 1.0), device).expand(*state.gaze.shape, -1)
        return torch.cat([state.stimuli.flatten(-2), plain], -1).gather(-1, place)


@functools.lru_cache(maxsize=64)
def _places(n_cells: int, n_features: int, n_positions: int, eccentricity: int, device: torch.device) -> Tensor:
    """Return where a number that is shown is found, [2 * what is shown + object on the left, gaze, channel].

    The places are the features of object 0, those of object 1, a 0 and a 1.
    """
    none, width = 2 * n_features, 1 + n_features
    shown = torch.full((6, n_positions, width), none)
    shown[2 * CROSS : 2 * CROSS + 2, 0, 0] = none + 1
    features = torch.arange(2 * n_features).unflatten(0, (2, -1))
    shown[2 * OBJECTS :, -eccentricity, 1:] = features
    shown[2 * OBJECTS :, eccentricity, 1:] = features.flip(0)
    position = on_ring(torch.arange(n_positions + n_cells - 1) - n_cells // 2, n_positions)
    seen = shown[:, position].flatten(1).unfold(-1, n_cells * width, width)
    return seen.to(device)


def _whole(noise: Tensor, n: int) -> Tensor:
    """Turn uniform noise into whole numbers below n."""
    return (noise * n).long().clamp(max=n - 1)


def _elsewhere(first: Tensor, noise: Tensor, n: int) -> Tensor:
    """Turn uniform noise into whole numbers below n that differ from others."""
    return (first + 1 + _whole(noise, n - 1)) % n


def _gaussian(noise: Tensor) -> Tensor:
    return torch.special.ndtri(noise.clamp(1e-6, 1 - 1e-6))


def _bits(number: Tensor, n: int) -> Tensor:
    return number.unsqueeze(-1) >> constants(tuple(range(n)), number.device, torch.int64) & 1


@functools.lru_cache(maxsize=16)
def _sets(features: str, n_features: int, size: int, device: torch.device) -> dict[str, Tensor]:
    """Return the objects of the two finite sets, shape [object, feature]; all objects differ."""
    generator = torch.Generator().manual_seed(SEED)
    if features == "gaussian":
        drawn = torch.randn(2 * size, n_features, generator=generator)
    else:
        drawn = 2.0 * _bits(torch.randperm(2**n_features, generator=generator)[: 2 * size], n_features) - 1
    training, held_out = drawn.to(device).split(size)
    return {"training_set": training, "held_out_set": held_out}
