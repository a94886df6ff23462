"""The ideal rival in a maze: an agent that knows the maze, infers where it is, and plans by value iteration."""

import functools
import itertools
from typing import ClassVar, NamedTuple, Self

import numpy as np
import torch
from torch import Tensor

from pfc_metarl.agents.base import AgentDefaults, Percept
from pfc_metarl.models.base import CERTAIN
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks.base import Task
from pfc_metarl.tasks.layouts import Layouts, i_maze
from pfc_metarl.tasks.maze import Maze

NEVER = 1e3
"""More steps than any search takes."""

TOLERANCE = 1e-4
"""Steps by which two actions count as equally good."""


class Plan(NamedTuple):
    """Tables of a maze; a set of candidates is a number whose bits say which of them may still be the goal."""

    moves: Tensor
    """Where an action leads: 1 at the place reached, shape [action, place, place]."""
    found: Tensor
    """Whether a place is in the cell of a candidate, shape [place, candidate]."""
    view: Tensor
    """What is seen, shape [place, channel]."""
    start: Tensor
    """Probability that a trial begins at a place, shape [place]."""
    steps: Tensor
    """Expected steps to the goal after an action, by the best search: shape [set, place, candidate, action]."""


class Choice(NamedTuple):
    """What is recorded."""

    logits: Tensor


class MazePlanner(AgentDefaults):
    """An agent that knows the I-maze, but neither where it is nor where the goal is.

    It sees what networks see. Its belief over place and goal follows from views, moves and rewards by Bayes' rule. In
    each place and for each set of candidates value iteration gives the expected steps of the best search, exactly; of
    the three actions it takes the one with the fewest, averaged over its belief. So it is the optimum wherever it knows
    its place; it does not plan to find out where it is.

    Examples
    --------
    >>> from pfc_metarl.simulation.recording import record
    >>> recording = record(Maze(), MazePlanner(), n_episodes=2, seed=0)
    >>> bool((recording["reward"].sum("step") > 5).all())
    True
    """

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {"logits": ("option",)}
    discount = 1.0
    values_reach_next_trial = False

    def for_task(self, task: Task) -> Self:
        if isinstance(task, Maze) and task.layout != "i_maze":
            raise BadInput(f"task.layout = {task.layout!r}: the agent knows no other maze than 'i_maze'.")
        return self

    def begin(self, shape: tuple[int, int]) -> Tensor:
        plan = planned()
        n_goals = plan.found.shape[1]
        return plan.start[:, None].expand(*shape, -1, n_goals) / n_goals

    def act(self, percept: Percept, memory: Tensor, noise: Tensor) -> tuple[Tensor, Choice, Tensor]:
        plan = planned()
        begun = (percept.previous_action >= 0)[..., None, None]
        belief = torch.where(begun, _after_action(memory, percept, plan), memory)
        seen = (plan.view == percept.observation.unsqueeze(-2)).all(-1)
        belief = _normalised(belief * seen.unsqueeze(-1))
        possible = belief.sum(-2) > 0
        candidates = (possible * 2 ** torch.arange(possible.shape[-1])).sum(-1)
        steps = torch.einsum("nepg,nepga->nea", belief, plan.steps[candidates])
        best = steps <= steps.amin(-1, keepdim=True) + TOLERANCE
        logits = CERTAIN * best.to(noise.dtype)
        return (logits + noise).argmax(-1), Choice(logits), belief


def _after_action(belief: Tensor, percept: Percept, plan: Plan) -> Tensor:
    """Return the belief after the last action and what it brought, before the view."""
    moved = torch.einsum("nepg,apq->aneqg", belief, plan.moves)
    index = percept.previous_action.clamp(min=0)[None, ..., None, None].expand(1, *moved.shape[1:])
    reached = moved.gather(0, index).squeeze(0)
    goal = (reached * plan.found).sum(-2, keepdim=True)
    rewarded = (percept.previous_reward > 0)[..., None, None]
    return _normalised(torch.where(rewarded, plan.start[:, None] * goal, reached * (1 - plan.found)))


def _normalised(belief: Tensor) -> Tensor:
    return belief / belief.sum((-2, -1), keepdim=True).clamp(min=torch.finfo(belief.dtype).tiny)


@functools.cache
def planned() -> Plan:
    """Return the tables of the I-maze."""
    maze = i_maze(torch.device("cpu"))
    after, goals = maze.after[0].numpy(), maze.goals[0, : int(maze.n_goals[0])].numpy()
    found = (np.arange(len(after)) // 4)[:, None] == goals
    moves = np.eye(len(after))[after].transpose(1, 0, 2)
    start = np.bincount(_starts(maze), minlength=len(after)) / int(maze.n_starts[0])
    tables = {"moves": moves, "found": found, "start": start, "steps": _steps(after, found)}
    made = {name: torch.from_numpy(np.asarray(table, dtype=np.float32)) for name, table in tables.items()}
    return Plan(view=maze.view[0], **made)


def _starts(maze: Layouts) -> np.ndarray:
    return maze.starts[0, : int(maze.n_starts[0])].numpy()


def _steps(after: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return the expected steps after an action, [set, place, candidate, action].

    Parameters
    ----------
    after : array, shape [place, action]
        Place reached.
    found : array of bool, shape [place, candidate]
    """
    n_goals = found.shape[1]
    search = np.zeros((2**n_goals, len(after)))
    steps = np.zeros((2**n_goals, len(after), n_goals, after.shape[1]))
    for size in range(1, n_goals + 1):
        for chosen in itertools.combinations(range(n_goals), size):
            number = sum(2**goal for goal in chosen)
            search[number] = _search(after, found, chosen, search)
            steps[number] = _after_each(after, found, number, search)
    return steps


def _search(after: np.ndarray, found: np.ndarray, chosen: tuple[int, ...], search: np.ndarray) -> np.ndarray:
    """Return the expected steps of the best search among candidates that are equally likely, by value iteration."""
    number = sum(2**goal for goal in chosen)
    steps = np.full(len(after), NEVER)
    while True:
        outcome = np.mean([_after_each(after, found, number, search, steps)[:, goal] for goal in chosen], axis=0)
        better = outcome.min(1)
        if np.allclose(better, steps, rtol=0, atol=1e-9):
            return better
        steps = better


def _after_each(
    after: np.ndarray, found: np.ndarray, number: int, search: np.ndarray, own: np.ndarray | None = None
) -> np.ndarray:
    """Return the steps after an action if a candidate is the goal, shape [place, candidate, action]."""
    own = search[number] if own is None else own
    n_goals = found.shape[1]
    there = found[after]
    ahead = own[after][:, None].repeat(n_goals, 1)
    for goal in range(n_goals):
        if number >> goal & 1:
            others = search[number - 2**goal][after][:, None].repeat(n_goals, 1)
            ahead = np.where(there[:, None, :, goal], others, ahead)
            ahead[:, goal] = np.where(there[..., goal], 0, ahead[:, goal])
    return 1 + ahead
