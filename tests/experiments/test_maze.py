import numpy as np
import pytest
import torch

from pfc_metarl.agents import Random
from pfc_metarl.experiments.maze import EXPERIMENT, VARIANTS
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks.layouts import i_maze


def cost_to_go(after, cell, goals):
    """Expected steps of the best search for a goal that is as likely in each of some cells, from every place."""
    searching = {frozenset(): np.zeros(len(after))}
    for mask in sorted(
        (frozenset(g for i, g in enumerate(goals) if m >> i & 1) for m in range(1, 1 << len(goals))), key=len
    ):
        steps = np.full(len(after), 1e3)
        for _ in range(200):
            choices = 1 + steps[after]
            for goal in mask:
                there = cell[after] == goal
                left = (len(mask) - 1) / len(mask) * searching[mask - {goal}][after]
                choices = np.where(there, 1 + left, choices)
            steps = choices.min(-1)
        searching[mask] = steps
    return searching


@pytest.fixture(scope="module")
def optimum():
    maze = i_maze(torch.device("cpu"))
    goals = [int(goal) for goal in maze.goals[0]]
    found = cost_to_go(maze.after[0].numpy(), np.arange(84) // 4, goals)
    starts = maze.starts[0].numpy()
    direct = np.mean([found[frozenset([goal])][starts].mean() for goal in goals])
    return found[frozenset(goals)][starts].mean(), direct


def test_the_expected_steps_are_those_of_dynamic_programming(optimum):
    expected = [float(row.expected.removeprefix("optimum ")) for row in EXPERIMENT.headlines[:2]]
    assert expected == pytest.approx(optimum, abs=0.05)


def test_the_criterion_can_be_reached_and_chance_does_not_reach_it(optimum):
    first, later = optimum
    (row,) = [each for each in EXPERIMENT.headlines if each.variable == "ratio"]
    assert later / first < row.criterion[1]
    test = record(EXPERIMENT.task, Random(), n_episodes=100, seed=0, networks=(0, 1))
    rows = {row["measure"]: row for row in EXPERIMENT.summary(EXPERIMENT.measures({"test": test}))}
    assert rows["later over first visit"]["reached"] == 0
    assert rows["fraction of episodes without a visit"]["mean"] > 0.3


def test_random_mazes_of_the_test_are_new():
    random = VARIANTS["maze_random"]
    assert random.probes["test"].task(random.task, "test").drawn_from == "held_out_set"
    assert random.task.drawn_from == "training_set"
