"""A maze seen from within: its goal moves between episodes, and must be found again."""

from typing import Literal, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.settings import settings
from pfc_metarl.tasks.base import Task, TrialColumn
from pfc_metarl.tasks.layouts import VIEW, Layouts, i_maze, random_mazes

HELD_OUT = 1_000_000
"""First number of the layouts that are used in no training."""


class MazeState(NamedTuple):
    """What holds when an action is chosen; tensors have shape [network, episode]."""

    trial: Tensor
    phase: Tensor
    clock: Tensor
    """Steps since the start of this trial, from 1 in its first step."""
    place: Tensor
    """Cell and heading: four times the number of the cell, plus the heading (0 up, 1 right, 2 down, 3 left)."""
    goal: Tensor
    """Number of the goal's cell; it stays for the episode."""
    layout: Tensor
    """Number of the maze's layout."""


@settings
class Maze(Task):
    """Tests one-shot spatial memory: a hidden goal that was found once is reached directly from then on.

    The agent turns left or right on the spot, or moves ahead; into a wall it stays where it is. It sees which of five
    cells around its head are open (left, right, ahead, and those left and right of the cell ahead), the texture of the
    walls where it is, and which of four distant landmarks is ahead. The goal cannot be seen. When it is reached the
    agent gets a reward and finds itself in a random cell that cannot be the goal, with a random heading, and the next
    trial begins. The goal is one of the candidates of the layout, and stays for the episode.

    Parameters
    ----------
    n_trials : int
        Trials of an episode, at most; after them nothing happens any more.
    max_steps : int
        Steps of an episode.
    layout : {"i_maze", "random"}
        The fixed maze of 21 cells in the shape of an I, with its four ends as candidates; or, drawn anew for each
        episode, a maze in which a single path joins any two cells, with the ends of its paths as candidates.
    size : int
        Rooms along a side of a random maze.
    n_layouts : int
        Random mazes to draw from.
    drawn_from : {"training_set", "held_out_set"}
        Which random mazes; the two sets have none in common.
    goal_reward : float

    Notes
    -----
    Wang et al. 2016, arXiv:1611.05763, section 3.2.3, after Mirowski et al. 2016, arXiv:1611.03673. Theirs is a
    three-dimensional world that is seen as images; the grid, its view and its size are ours. All that a step needs is
    looked up in tables of cell and heading.

    Examples
    --------
    >>> task = Maze()
    >>> state = task.begin(torch.full((1, 1, task.n_draws), 0.5))
    >>> task.observe(state).shape, task.n_trials
    (torch.Size([1, 1, 12]), 150)
    """

    n_trials: int = Field(150, ge=1, le=1_000_000)
    max_steps: int = Field(150, ge=1, le=1_000_000)
    layout: Literal["i_maze", "random"] = "i_maze"
    size: int = Field(4, ge=2, le=20)
    n_layouts: int = Field(1000, ge=1, le=100_000)
    drawn_from: Literal["training_set", "held_out_set"] = "training_set"
    goal_reward: float = Field(1.0, gt=0)

    action_names = ("turn_left", "turn_right", "ahead")
    channel_names = VIEW
    phase_names = ("search", "over")

    @property
    def n_steps(self) -> int:
        return self.max_steps

    @property
    def n_draws(self) -> int:
        return 3

    @property
    def trial_columns(self) -> dict[str, TrialColumn]:
        return {
            "reward": TrialColumn("reward"),
            "steps": TrialColumn("clock", "search", read="last"),
            "goal": TrialColumn("goal", "search"),
            "layout": TrialColumn("layout", "search"),
        }

    def begin(self, noise: Tensor) -> MazeState:
        mazes = self._mazes(noise.device)
        layout = (noise[..., 0] * len(mazes.goals)).long().clamp(max=len(mazes.goals) - 1)
        candidate = _index(noise[..., 1], mazes.n_goals[layout])
        goal = mazes.goals[layout, candidate]
        zero = torch.zeros_like(layout)
        place = _start(noise[..., 2], mazes, layout)
        return MazeState(trial=zero, phase=zero, clock=zero + 1, place=place, goal=goal, layout=layout)

    def observe(self, state: MazeState) -> Tensor:
        return self._mazes(state.place.device).view[state.layout, state.place]

    def step(self, state: MazeState, action: Tensor, noise: Tensor) -> tuple[MazeState, Tensor]:
        mazes = self._mazes(action.device)
        place = mazes.after[state.layout, state.place, action]
        found = (place.div(4, rounding_mode="floor") == state.goal) & (state.phase == SEARCH)
        over = found & (state.trial == self.n_trials - 1)
        begins = found & ~over
        start = _start(noise[..., 2], mazes, state.layout)
        moved = state._replace(
            trial=state.trial + begins,
            phase=state.phase + over,
            clock=(state.clock + 1).masked_fill(begins, 1),
            place=torch.where(begins, start, place),
        )
        return moved, self.goal_reward * found

    def _mazes(self, device: torch.device) -> Layouts:
        if self.layout == "i_maze":
            return i_maze(device)
        first = HELD_OUT if self.drawn_from == "held_out_set" else 0
        return random_mazes(self.size, first, self.n_layouts, device)


SEARCH = 0
"""Number of the phase in which the goal is sought."""


def _index(noise: Tensor, n: Tensor) -> Tensor:
    return torch.minimum((noise * n).long(), n - 1)


def _start(noise: Tensor, mazes: Layouts, layout: Tensor) -> Tensor:
    """Draw a place where a trial begins."""
    return mazes.starts[layout, _index(noise, mazes.n_starts[layout])]
