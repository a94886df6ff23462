"""Harlow's task with images: pictures on a screen, seen through a window that moves with the gaze."""

import functools
import math
from typing import Literal, NamedTuple

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import pad

from pfc_metarl.settings import settings
from pfc_metarl.tasks.harlow import Harlow, HarlowState
from pfc_metarl.tasks.harlow_tables import CROSS, OBJECTS, on_ring
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
        sizes, worlds = (self.view, self.picture, self.pixels_per_position, self.n_positions), state.gaze.shape
        table = _table(*sizes, self.eccentricity, self.folder, self.set_size, state.gaze.device)
        view = torch.add(state.left_object, self.shown(state), alpha=2)
        view = torch.add(state.gaze + self.n_positions // 2, view, alpha=self.n_positions).flatten()
        seen = table.scenes.index_select(0, table.scene.take(view)).view(*worlds, 3, self.view, self.view)
        start = pad(self.picture * state.stimuli, (0, 1)).flatten(0, 1)
        column = table.column.index_select(0, view) + start.gather(-1, table.picture.index_select(0, view))
        colours = table.colours.index_select(0, column.flatten()).view(*worlds, self.view, 3, self.picture)
        top = (self.view - self.picture) // 2
        seen[..., top : top + self.picture, :].copy_(colours.movedim(-3, -1))
        return seen.flatten(-3)


@functools.cache
def _channels(view: int) -> tuple[str, ...]:
    return tuple(f"{colour}_{row}_{column}" for colour in "rgb" for row in range(view) for column in range(view))


class _Table(NamedTuple):
    """What can be seen; a view is what is shown and which object is on the left, 2 * shown + object, and the gaze."""

    scenes: Tensor
    """What is seen apart from pictures, [cross and gaze, pixel]: without the cross, and with it."""
    scene: Tensor
    """Which of them a view shows."""
    colours: Tensor
    """All columns that can appear in the middle rows of a view, [column, colour and row]."""
    column: Tensor
    """Which of them a view shows, [view, column]; where a picture is, that of picture 0."""
    picture: Tensor
    """Whether object 0, object 1 or none is there, [view, column]."""


@functools.lru_cache(maxsize=8)
def _table(
    view: int,
    picture: int,
    shift: int,
    n_positions: int,
    eccentricity: int,
    folder: str,
    set_size: int,
    device: torch.device,
) -> _Table:
    width, top, gaze = n_positions * shift, (view - picture) // 2, torch.arange(n_positions) - n_positions // 2
    rings = _rings(view, picture, width)
    start = gaze * shift % width
    scenes = torch.cat([rings, rings[..., :view]], -1).unfold(-1, view, 1).movedim(-2, 1)[:, start]
    known = pictures(folder, 2 * set_size, picture, device)
    middle = rings[..., top : top + picture, :].to(device)
    colours = torch.cat([each.movedim(-1, 1).flatten(0, 1) for each in (middle, known)])
    cross = (torch.arange(6) // 2 == CROSS).long()[:, None]
    surround = cross[..., None] * width + (start.unsqueeze(-1) + torch.arange(view)) % width
    of_view = [_pictures_in_view(view, picture, shift, gaze, eccentricity, left) for left in (0, 1)]
    which = torch.full_like(surround, 2)
    which[2 * OBJECTS :] = torch.stack([each for each, _ in of_view])
    column = torch.where(which < 2, 2 * width + of_view[0][1], surround)
    made = (
        scenes.flatten(0, 1).flatten(1),
        (cross * n_positions + torch.arange(n_positions)).flatten(),
        colours.flatten(1),
        column.flatten(0, 1),
        which.flatten(0, 1),
    )
    return _Table(*(table.to(device) for table in made))


def _pictures_in_view(
    view: int, picture: int, shift: int, gaze: Tensor, eccentricity: int, left: int
) -> tuple[Tensor, Tensor]:
    """Return which object is in each column of a view, 2 if none, and which column of its picture, [gaze, column]."""
    which, inside = torch.full((len(gaze), view), 2), torch.zeros(len(gaze), view, dtype=torch.long)
    for number, place in ((left, -eccentricity), (1 - left, eccentricity)):
        turn = on_ring(place - gaze.unsqueeze(-1), len(gaze))
        column = torch.arange(view) - (view - picture) // 2 - turn * shift
        here = (column >= 0) & (column < picture)
        which, inside = which.masked_fill(here, number), torch.where(here, column, inside)
    return which, inside


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
