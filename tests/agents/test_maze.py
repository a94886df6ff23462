import numpy as np
import pytest
import torch

from pfc_metarl.agents.base import Percept
from pfc_metarl.agents.maze import MazePlanner, planned
from pfc_metarl.measures import goal_latency
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Maze
from pfc_metarl.tasks.layouts import i_maze
from tests.experiments.test_maze import cost_to_go

UP, RIGHT, DOWN, LEFT = range(4)
ALL = 15
"""All four ends may be the goal."""


@pytest.fixture(scope="module")
def steps():
    return planned().steps.numpy()


def test_the_steps_by_hand(steps):
    """The ends of the upper arm are cells 0 and 6, its middle is cell 3; a turn is a step of its own."""
    beside_the_left_end = 4 * 1 + LEFT
    assert steps[0b0001, beside_the_left_end, 0].tolist() == [1 + 2, 1 + 2, 1], "the goal is ahead"
    assert steps[0b0011, beside_the_left_end, 0, 2] == 1, "if it is here"
    assert steps[0b0011, beside_the_left_end, 1, 2] == 1 + 2 + 6, "if not: two turns, and six cells to the other end"
    middle = 4 * 3 + UP
    assert steps[0b0001, middle, 0, 0] == 1 + 3
    assert steps[0b0001, middle, 0, 1] == 1 + 2 + 3
    assert steps[0b0001, middle, 0, 2] == 1 + 1 + 3, "into the wall ahead"


def test_the_steps_are_those_of_another_dynamic_programme(steps):
    maze = i_maze(torch.device("cpu"))
    goals = [int(goal) for goal in maze.goals[0]]
    known = cost_to_go(maze.after[0].numpy(), np.arange(84) // 4, goals)
    for number in range(1, 16):
        chosen = [bit for bit in range(4) if number >> bit & 1]
        own = steps[number][:, chosen].mean(1).min(-1)
        np.testing.assert_allclose(own, known[frozenset(goals[bit] for bit in chosen)], atol=1e-3)


def test_the_planner_searches_at_first_and_goes_straight_later():
    made = record(Maze(), MazePlanner(), n_episodes=250, seed=0, networks=(0, 1, 2, 3))
    found = goal_latency(made)
    first, later = found["first"].mean().item(), found["later"].mean().item()
    assert first == pytest.approx(21.56, abs=1.3), "three standard errors"
    assert 9.0 < later < 9.7, "9.29 from known places"
    assert (found["p_no_visit"] == 0).all()


def test_after_a_reward_the_goal_is_known_and_the_place_is_not():
    planner = MazePlanner()
    views = i_maze(torch.device("cpu")).view[0]
    memory = planner.begin((1, 1))
    assert memory.sum().item() == pytest.approx(1)
    none = torch.zeros(1, 1, 3)
    first = Percept(views[4 * 1 + LEFT][None, None], torch.tensor([[-1]]), torch.zeros(1, 1))
    action, _, memory = planner.act(first, memory, none)
    assert action.item() == 2, "ahead, where an end is"
    corridor = Percept(views[4 * 10 + UP][None, None], action, torch.ones(1, 1))
    _, _, memory = planner.act(corridor, memory, none)
    assert memory.sum(-2).squeeze().tolist() == pytest.approx([1, 0, 0, 0])
    places = memory.sum(-1).squeeze().nonzero().flatten().tolist()
    assert len(places) > 1
    assert {place % 4 for place in places} == {UP}, "the landmark shows the heading"


def test_a_maze_that_it_does_not_know_is_refused():
    with pytest.raises(BadInput, match="knows no other maze"):
        MazePlanner().for_task(Maze(layout="random"))
