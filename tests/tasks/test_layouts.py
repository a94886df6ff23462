import numpy as np
import pytest
import torch

from pfc_metarl.tasks.layouts import LANDMARKS, TEXTURES, VIEW, i_maze, random_maze, random_mazes

CPU = torch.device("cpu")
LEFT, RIGHT, AHEAD = range(3)


def test_the_i_maze_has_21_cells_and_four_ends():
    maze = i_maze(CPU)
    assert (maze.n_starts.item(), maze.n_goals.item()) == (4 * 17, 4)
    assert maze.after.shape == (1, 84, 3)


def test_turning_four_times_leads_back():
    after = i_maze(CPU).after[0]
    place = torch.arange(84)
    for turn in (LEFT, RIGHT):
        turned = place
        for _ in range(4):
            assert turned is place or not torch.equal(turned, place)
            turned = after[turned, turn]
        torch.testing.assert_close(turned, place)
    torch.testing.assert_close(after[after[:, LEFT], RIGHT], place)


def test_moving_ahead_and_back_leads_back():
    after = i_maze(CPU).after[0]
    for place in range(84):
        there = after[place, AHEAD].item()
        if there != place:
            turned = after[after[there, LEFT], LEFT]
            assert after[turned, AHEAD].item() // 4 == place // 4


def test_an_agent_moves_where_it_sees_an_opening():
    maze = random_mazes(3, 0, 5, CPU)
    for after, view in zip(maze.after, maze.view, strict=True):
        place = torch.arange(len(after))[view.any(-1)]  # shorter tables end with zeros
        for channel, turns in (("ahead", ()), ("left", (LEFT,)), ("right", (RIGHT,))):
            facing = place
            for turn in turns:
                facing = after[facing, turn]
            moves = after[facing, AHEAD] != facing
            torch.testing.assert_close(view[place, VIEW.index(channel)], moves.float())


@pytest.mark.parametrize("number", range(5))
def test_a_random_maze_is_a_tree(number):
    rows = np.array([list(row) for row in random_maze(4, number).rows])
    is_open = rows != "#"
    n_doors = (is_open[:, 1:] & is_open[:, :-1]).sum() + (is_open[1:] & is_open[:-1]).sum()
    assert n_doors == is_open.sum() - 1
    reached = {tuple(np.argwhere(is_open)[0])}
    for _ in range(is_open.size):
        reached |= {
            (r + a, c + b)
            for r, c in reached
            for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))
            if 0 <= r + a < 7 and 0 <= c + b < 7 and is_open[r + a, c + b]
        }
    assert len(reached) == is_open.sum()


def test_a_number_stands_for_a_maze():
    assert random_maze(4, 7) == random_maze(4, 7)
    assert random_maze(4, 7) != random_maze(4, 8)


def test_the_arms_look_different():
    maze = i_maze(CPU)
    textures = maze.view[0][:, [VIEW.index(name) for name in TEXTURES]]
    at_goals = textures[4 * maze.goals[0]]
    assert len(at_goals.unique(dim=0)) == 4


def test_the_landmark_ahead_is_the_heading():
    view = i_maze(CPU).view[0]
    torch.testing.assert_close(view[:, [VIEW.index(name) for name in LANDMARKS]], torch.eye(4).repeat(21, 1))


def test_no_trial_starts_in_a_candidate():
    for maze in (i_maze(CPU), random_mazes(3, 0, 5, CPU)):
        for starts, n_starts, goals, n_goals in zip(maze.starts, maze.n_starts, maze.goals, maze.n_goals, strict=True):
            assert not torch.isin(starts[:n_starts] // 4, goals[:n_goals]).any()
            assert len(starts[:n_starts].unique()) == n_starts
