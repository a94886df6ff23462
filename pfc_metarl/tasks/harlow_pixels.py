"""Harlow's task with images: pictures on a screen, seen through a window that moves with the gaze."""

import functools
import math
from typing import Literal, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.settings import settings
from pfc_metarl.tasks.harlow import CHOICE, FIXATION, INTERVAL, Harlow, HarlowState
from pfc_metarl.tasks.pictures import pictures

SURROUND = (0.5, 0.1)
"""Mean brightness of the surround, that of pictures too, and by how much it changes along the ring."""


@settings
class HarlowPixels(Harlow):
    """Tests learning to learn, as `Harlow`, from images.

    The view is a square window on a ring-shaped surround whose colour indicates the heading. The cross is red; pictures
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
        fixating = (state.phase == FIXATION).long()
        shown = (state.phase == CHOICE) | ((state.phase == INTERVAL) & (state.clock == 0))
        sizes, device = (self.view, self.picture, self.pixels_per_position, self.n_positions), state.gaze.device
        seen = _scenes(*sizes, device)[fixating, state.gaze]
        table = _table(*sizes, self.folder, self.set_size, device)
        at_left = state.stimuli.gather(-1, state.left_object.unsqueeze(-1))
        both = torch.cat([at_left, state.stimuli.sum(-1, keepdim=True) - at_left], -1)
        places = torch.cat([table.of_surround[fixating, state.gaze], table.of_pictures[both].flatten(-2)], -1)
        column = _columns(*sizes, self.eccentricity, device)[shown.long(), state.gaze]
        top = (self.view - self.picture) // 2
        middle = seen[..., top : top + self.picture, :]
        middle.copy_(table.colours[places.gather(-1, column)].movedim(-3, -1))
        return seen.flatten(-3)


@functools.cache
def _channels(view: int) -> tuple[str, ...]:
    return tuple(f"{colour}_{row}_{column}" for colour in "rgb" for row in range(view) for column in range(view))


@functools.cache
def _scenes(view: int, picture: int, shift: int, n_positions: int, device: torch.device) -> Tensor:
    """Return what is seen apart from pictures, [cross, gaze, colour, row, column]: without the cross, and with it."""
    rings = _rings(view, picture, n_positions * shift)
    closed = torch.cat([rings, rings[..., :view]], -1).to(device)
    return closed.unfold(-1, view, shift).movedim(-2, 1)[:, :n_positions].contiguous()


class _Table(NamedTuple):
    """All columns that can appear in the middle rows of a view."""

    colours: Tensor
    """[column, colour, row]"""
    of_surround: Tensor
    """Which of them a view shows apart from pictures, [cross, gaze, column]."""
    of_pictures: Tensor
    """Which of them are a picture, [picture, column]."""


@functools.lru_cache(maxsize=8)
def _table(
    view: int, picture: int, shift: int, n_positions: int, folder: str, set_size: int, device: torch.device
) -> _Table:
    width, top = n_positions * shift, (view - picture) // 2
    rings = _rings(view, picture, width)[..., top : top + picture, :]
    known = pictures(folder, 2 * set_size, picture, device)
    colours = [each.movedim(-1, 1).flatten(0, 1) for each in (rings.to(device), known)]
    seen = (torch.arange(n_positions).unsqueeze(-1) * shift + torch.arange(view)) % width
    numbers = 2 * width + torch.arange(2 * set_size * picture).unflatten(0, (-1, picture))
    return _Table(torch.cat(colours), torch.stack([seen, width + seen]).to(device), numbers.to(device))


@functools.cache
def _columns(view: int, picture: int, shift: int, n_positions: int, eccentricity: int, device: torch.device) -> Tensor:
    """Return what each column of a view shows, [pictures, gaze, column]: without pictures, and with them.

    A number is a place in a row of the surround's columns as they are seen, the left picture's, and the right one's.
    """
    column, gaze = torch.arange(view), torch.arange(n_positions).unsqueeze(-1)
    surround = column.expand(n_positions, -1)
    shown = surround
    for number, place in enumerate((-eccentricity, eccentricity)):
        turn = (place - gaze + n_positions // 2) % n_positions - n_positions // 2
        inside = column - (view - picture) // 2 - turn * shift
        of_picture = (inside >= 0) & (inside < picture)
        shown = torch.where(of_picture, view + number * picture + inside, shown)
    return torch.stack([surround, shown]).to(device)


def _rings(view: int, picture: int, width: int) -> Tensor:
    """Return the surround, [cross, colour, row, column]: without the cross, and with it."""
    ring = _surround(view, width)[:, None].expand(3, view, -1)
    column = (torch.arange(picture) + (view - picture) // 2) % width
    rows = slice((view - picture) // 2, (view - picture) // 2 + picture)
    marked = ring.clone()
    cross = _cross(picture)
    marked[:, rows, column] = torch.where(cross >= 0, cross, marked[:, rows, column])
    return torch.stack([ring, marked])


def _surround(view: int, width: int) -> Tensor:
    """Return the colours of the ring, [colour, column]; column 0 is the left edge of a view centred on the cross."""
    heading = 2 * math.pi * (torch.arange(width) - view // 2) / width
    mean, change = SURROUND
    return torch.stack([mean + change * torch.cos(heading + 2 * math.pi * k / 3) for k in range(3)])


def _cross(side: int) -> Tensor:
    """Return a red cross, transparent around it, [colour, row, column]."""
    distance = (torch.arange(side) - (side - 1) / 2).abs()
    arm, reach = distance <= max(0.5, side / 16), distance <= max(1.0, side / 4)
    inside = (arm & reach.unsqueeze(-1)) | (arm.unsqueeze(-1) & reach)
    red = torch.tensor([1.0, 0.0, 0.0])[:, None, None].expand(3, side, side)
    return torch.where(inside, red, -torch.ones(3, side, side))
