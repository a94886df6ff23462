"""Harlow's task as it looks: pictures on a screen that the gaze sweeps over, in a surround that turns with it."""

import functools
import math
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.settings import settings
from pfc_metarl.tasks.harlow import CHOICE, FIXATION, INTERVAL, Harlow, HarlowState, numbers
from pfc_metarl.tasks.pictures import pictures

SURROUND = (0.25, 0.1)
"""Mean brightness of the surround, and by how much it changes along the ring."""


@settings
class HarlowPixels(Harlow):
    """Tests learning to learn, as `Harlow`, from what a camera would see.

    The view is a square window on a ring-shaped surround whose colour tells the heading. The cross is red; pictures
    are the first ones of a folder, or made by a formula.

    Parameters
    ----------
    view : int
        Side of the view, in pixels.
    picture : int
        Side of a picture, in pixels.
    pixels_per_position : int
        Pixels by which the view shifts when the gaze moves by one position.
    folder : str
        Folder of images; if empty, pictures are made by a formula.
    drawn_from : {"training_set", "held_out_set"}
        Of which of two sets of pictures, none of them in both, the two of a problem come, with replacement between
        problems.
    set_size : int
        Pictures of each of the two sets.

    Notes
    -----
    Wang et al. 2018 show 84 x 84 pixels, pictures of 34, and turn by about 4.4° of a screen of 65°, which are 6 pixels;
    of 1,000 pictures to train and 1,000 to test with (Wang et al. 2016, arXiv:1611.05763, section 3.2.2). What differs:
    no momentum, no distance of its own for the cross. The other parameters are those of `Harlow`.

    Examples
    --------
    >>> task = HarlowPixels(view=12, picture=5, pixels_per_position=2, set_size=3)
    >>> state = task.begin(torch.full((1, 3, task.n_draws), 0.1))
    >>> task.observe(state).shape
    torch.Size([1, 3, 432])
    """

    view: int = Field(84, ge=3, le=1024)
    picture: int = Field(34, ge=1, le=1024)
    pixels_per_position: int = Field(6, ge=1)
    folder: str = ""
    drawn_from: Literal["training_set", "held_out_set"] = "training_set"
    set_size: int = Field(1000, ge=2, le=100_000)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.picture > self.view:
            raise ValueError(f"picture = {self.picture} must not be larger than view = {self.view}")
        if self.view > self.n_positions * self.pixels_per_position:
            raise ValueError(
                f"view = {self.view} must not be wider than the ring, n_positions x pixels_per_position = "
                f"{self.n_positions * self.pixels_per_position}"
            )

    @property
    def channel_names(self) -> tuple[str, ...]:
        return _channels(self.view)

    @property
    def field_dims(self) -> dict[str, tuple[str, ...]]:
        return {**super().field_dims, "stimuli": ("object",)}

    @property
    def n_stimulus_draws(self) -> int:
        return 2

    def stimuli(self, noise: Tensor) -> Tensor:
        first, distance = (noise[..., 0] * self.set_size).long(), (noise[..., 1] * (self.set_size - 1)).long()
        first, distance = first.clamp(max=self.set_size - 1), distance.clamp(max=self.set_size - 2)
        number = torch.stack([first, (first + 1 + distance) % self.set_size], -1)
        return number + self.set_size * (self.drawn_from == "held_out_set")

    def observe(self, state: HarlowState) -> Tensor:
        gaze = state.gaze.flatten()
        fixating = (state.phase == FIXATION).flatten()
        shown = ((state.phase == CHOICE) | ((state.phase == INTERVAL) & (state.clock == 0))).flatten()
        view = _surround(self.view, self.n_positions * self.pixels_per_position, gaze.device)
        columns = gaze.unsqueeze(-1) * self.pixels_per_position + numbers(tuple(range(self.view)), gaze.device)
        seen = view[:, columns % view.shape[1]].movedim(1, 0).unsqueeze(-2).expand(-1, -1, self.view, -1)
        seen = self._pasted(seen, _cross(self.picture, gaze.device).unsqueeze(0), 0 - gaze, fixating)
        known = pictures(self.folder, 2 * self.set_size, self.picture, gaze.device)
        left = state.left_object.unsqueeze(-1)
        for place, which in ((-self.eccentricity, left), (self.eccentricity, 1 - left)):
            number = state.stimuli.gather(-1, which).flatten()
            seen = self._pasted(seen, known[number], place - gaze, shown)
        return seen.reshape(*state.gaze.shape, -1)

    def _pasted(self, seen: Tensor, pasted: Tensor, position: Tensor, where: Tensor) -> Tensor:
        """Lay small images over views, at a position relative to the gaze; a pixel below 0 is transparent."""
        top = (self.view - self.picture) // 2
        start = (self.view - self.picture) // 2 + self._on_ring(position) * self.pixels_per_position
        column = numbers(tuple(range(self.view)), seen.device) - start.unsqueeze(-1)
        inside = ((column >= 0) & (column < self.picture) & where.unsqueeze(-1))[:, None, None]
        index = column.clamp(0, self.picture - 1)[:, None, None].expand(-1, 3, self.picture, -1)
        moved = pasted.expand(len(seen), -1, -1, -1).gather(-1, index)
        rows = slice(top, top + self.picture)
        pasted_rows = torch.where(inside & (moved >= 0), moved, seen[:, :, rows])
        return torch.cat([seen[:, :, :top], pasted_rows, seen[:, :, rows.stop :]], 2)


@functools.cache
def _channels(view: int) -> tuple[str, ...]:
    return tuple(f"{colour}_{row}_{column}" for colour in "rgb" for row in range(view) for column in range(view))


@functools.cache
def _surround(view: int, width: int, device: torch.device) -> Tensor:
    """Return the colours of the ring, [colour, column]; column 0 is the left edge of a view centred on the cross."""
    heading = 2 * math.pi * (torch.arange(width) - view // 2) / width
    mean, change = SURROUND
    return torch.stack([mean + change * torch.cos(heading + 2 * math.pi * k / 3) for k in range(3)]).to(device)


@functools.cache
def _cross(side: int, device: torch.device) -> Tensor:
    """Return a red cross, transparent around it, [colour, row, column]."""
    distance = (torch.arange(side) - (side - 1) / 2).abs()
    arm, reach = distance <= max(0.5, side / 16), distance <= max(1.0, side / 4)
    inside = (arm & reach.unsqueeze(-1)) | (arm.unsqueeze(-1) & reach)
    red = torch.tensor([1.0, 0.0, 0.0])[:, None, None].expand(3, side, side)
    return torch.where(inside, red, -torch.ones(3, side, side)).to(device)
