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
    """Texture of the walls around each cell: one of 0 (plain), 1, 2, 3 (both patterns)."""


I_MAZE = Drawing(
    rows=("*.....*", *7 * ("###.###",), "*.....*"),
    textures=("1111111", *7 * ("0000000",), "2222222"),
)
"""The maze in the shape of an I: 21 cells, the four ends are candidates, the walls of the two bars differ."""

VIEW = ("left", "right", "ahead", "ahead_left", "ahead_right", "texture_1", "texture_2")
"""Channels of a view: which of five cells around the head are open, and the texture of the walls here."""

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
    n_cells: Tensor
    """Number of cells, shape [layout]."""


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
    textures = tuple("".join(map(str, rng.integers(4, size=2 * size - 1))) for _ in side)
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
    most_places, most_goals = (max(len(tables[part]) for tables in made) for part in (0, 2))
    after = np.zeros((len(made), most_places, 3), dtype=np.int64)
    view = np.zeros((len(made), most_places, len(VIEW)), dtype=np.float32)
    goals = np.zeros((len(made), most_goals), dtype=np.int64)
    for number, (own_after, own_view, own_goals) in enumerate(made):
        after[number, : len(own_after)] = own_after
        view[number, : len(own_view)] = own_view
        goals[number, : len(own_goals)] = own_goals
    n_goals, n_cells = np.array([(len(own_goals), len(own_after) // 4) for own_after, _, own_goals in made]).T.copy()
    return Layouts(*(torch.from_numpy(table).to(device) for table in (after, view, goals, n_goals, n_cells)))


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
            view.append([*(float(each in number) for each in seen), float(texture & 1), float(texture >> 1)])
    goals = [number[cell] for cell in cells if maze.rows[cell[0]][cell[1]] == "*"]
    return np.array(after), np.array(view), np.array(goals)


def _beside(cell: tuple[int, int], heading: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the squares to the left and to the right of one."""
    down, right = HEADINGS[(heading + 1) % 4]
    return (cell[0] - down, cell[1] - right), (cell[0] + down, cell[1] + right)
