"""Layouts of mazes, and tables of what is seen and reached from each cell and heading."""

import functools
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor


class Drawing(NamedTuple):
    """A maze as rows of characters."""

    rows: tuple[str, ...]
    """Walls #, cells ., and candidates for the goal *."""
    textures: tuple[str, ...]
    """Texture of the walls around each cell, from 0 (plain) to 7: any combination of three patterns."""


I_MAZE = Drawing(
    rows=("*.....*", *7 * ("###.###",), "*.....*"),
    textures=("1117222", *7 * ("0000000",), "3337444"),
)
"""The maze in the shape of an I: 21 cells, the four ends are candidates, and the walls of the four arms differ."""

OPENINGS = ("left", "right", "ahead", "ahead_left", "ahead_right")
TEXTURES = ("texture_1", "texture_2", "texture_3")
LANDMARKS = ("north", "east", "south", "west")
VIEW = (*OPENINGS, *TEXTURES, *LANDMARKS)
"""Channels of a view: which of five cells around the head are open, the texture of the walls here, and which of four
distant landmarks is ahead."""

HEADINGS = ((-1, 0), (0, 1), (1, 0), (0, -1))
"""Row and column of a move up, right, down and left."""

SEED = 1611
"""Of random mazes, which are the same in every experiment."""


class Layouts(NamedTuple):
    """Tables of several mazes. A place is a cell and a heading: 4 · cell + heading."""

    after: Tensor
    """Place reached by turning left, turning right and moving ahead, shape [layout, place, action]."""
    view: Tensor
    """What is seen, shape [layout, place, channel]; the channels are `VIEW`."""
    goals: Tensor
    """Cells that may be the goal, shape [layout, candidate]; 0 after the last of a maze."""
    n_goals: Tensor
    """Number of candidates, shape [layout]."""
    starts: Tensor
    """Places where a trial may begin, those in cells that are no candidate, shape [layout, start]; as `goals`."""
    n_starts: Tensor
    """Number of them, shape [layout]."""


@functools.lru_cache(maxsize=8)
def i_maze(device: torch.device) -> Layouts:
    """Return the tables of the I-maze."""
    return _stacked([I_MAZE], device)


@functools.lru_cache(maxsize=8)
def random_mazes(size: int, first: int, n: int, device: torch.device) -> Layouts:
    """Return the tables of random mazes.

    Parameters
    ----------
    size : int
        Rooms along a side.
    first, n : int
        Number of the first maze, and how many. A number stands for the same maze in every experiment.
    device : torch.device
    """
    return _stacked([random_maze(size, number) for number in range(first, first + n)], device)


def random_maze(size: int, number: int) -> Drawing:
    """Return a random maze in which a single path joins any two cells.

    Notes
    -----
    A depth-first search from room to room, in random order, opens the walls that it passes. Candidates for the goal are
    the rooms with one door. The texture of each cell is drawn at random.

    Examples
    --------
    >>> for row in random_maze(2, number=0).rows:
    ...     print(row)
    *..
    ##.
    *..
    """
    rng = np.random.default_rng((SEED, number))
    is_open = _carved(size, rng)
    side = range(2 * size - 1)
    textures = tuple("".join(map(str, rng.integers(8, size=2 * size - 1))) for _ in side)
    return Drawing(tuple("".join(_mark(is_open, row, column) for column in side) for row in side), textures)


def _carved(size: int, rng: np.random.Generator) -> np.ndarray:
    """Return which squares are open; rooms have even rows and columns, doors lie between them."""
    is_open = np.zeros((2 * size - 1, 2 * size - 1), dtype=bool)
    row, column = rng.integers(size, size=2)
    is_open[2 * row, 2 * column] = True
    path = [(row, column)]
    while path:
        row, column = path[-1]
        around = [(row + down, column + right) for down, right in HEADINGS]
        new = [room for room in around if min(room) >= 0 and max(room) < size and not is_open[2 * room[0], 2 * room[1]]]
        if not new:
            path.pop()
            continue
        room = new[rng.integers(len(new))]
        is_open[row + room[0], column + room[1]] = is_open[2 * room[0], 2 * room[1]] = True
        path.append(room)
    return is_open


def _mark(is_open: np.ndarray, row: int, column: int) -> str:
    if not is_open[row, column]:
        return "#"
    around = np.pad(is_open, 1)[row : row + 3, column : column + 3].astype(int)
    n_doors = around[0, 1] + around[1, 0] + around[1, 2] + around[2, 1]
    return "*" if n_doors == 1 else "."


def _stacked(mazes: list[Drawing], device: torch.device) -> Layouts:
    made = [_tables(maze) for maze in mazes]
    after, view, goals = (_padded([tables[part] for tables in made]) for part in range(3))
    free = [np.setdiff1d(np.arange(len(own_after)) // 4, own_goals) for own_after, _, own_goals in made]
    starts = [(4 * cells[:, None] + np.arange(4)).ravel() for cells in free]
    n_goals, n_starts = (np.array([len(each) for each in lists]) for lists in ([own for _, _, own in made], starts))
    tables = after, view, goals, n_goals, _padded(starts), n_starts
    return Layouts(*(torch.from_numpy(table).to(device) for table in tables))


def _padded(tables: list[np.ndarray]) -> np.ndarray:
    """Stack tables of different lengths, with zeros after the end of the shorter ones."""
    made = np.zeros((len(tables), max(map(len, tables)), *tables[0].shape[1:]), dtype=tables[0].dtype)
    for number, table in enumerate(tables):
        made[number, : len(table)] = table
    return made


def _tables(maze: Drawing) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return places reached, [place, action], views, [place, channel], and candidates for the goal of a maze."""
    cells = [(row, column) for row, line in enumerate(maze.rows) for column, mark in enumerate(line) if mark != "#"]
    number = {cell: index for index, cell in enumerate(cells)}
    after, view = [], []
    for cell in cells:
        texture = int(maze.textures[cell[0]][cell[1]])
        for heading, (down, right) in enumerate(HEADINGS):
            place, ahead = 4 * number[cell] + heading, (cell[0] + down, cell[1] + right)
            moved = 4 * number[ahead] + heading if ahead in number else place
            after.append([place - heading + (heading - 1) % 4, place - heading + (heading + 1) % 4, moved])
            left, right_hand = _beside(cell, heading)
            seen = (left, right_hand, ahead, *_beside(ahead, heading))
            patterns = ((texture >> bit) & 1 for bit in range(len(TEXTURES)))
            view.append([*(each in number for each in seen), *patterns, *(heading == each for each in range(4))])
    goals = [number[cell] for cell in cells if maze.rows[cell[0]][cell[1]] == "*"]
    return np.array(after), np.array(view, dtype=np.float32), np.array(goals)


def _beside(cell: tuple[int, int], heading: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the squares to the left and to the right of one."""
    down, right = HEADINGS[(heading + 1) % 4]
    return (cell[0] - down, cell[1] - right), (cell[0] + down, cell[1] + right)
