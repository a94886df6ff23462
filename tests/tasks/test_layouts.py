import numpy as np
import pytest
import torch

from pfc_metarl.tasks.layouts import VIEW, i_maze, random_maze, random_mazes

CPU = torch.device("cpu")
LEFT, RIGHT, AHEAD = range(3)


def test_the_i_maze_has_21_cells_and_four_ends():
    maze = i_maze(CPU)
    assert (maze.n_cells.item(), maze.n_goals.item()) == (21, 4)
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
    for after, view, n_cells in zip(maze.after, maze.view, maze.n_cells, strict=True):
        place = torch.arange(4 * n_cells)
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


def test_both_bars_look_different_and_can_be_told_apart():
    view = i_maze(CPU).view[0]
    textures = view[:, [VIEW.index("texture_1"), VIEW.index("texture_2")]]
    assert textures.sum(0).tolist() == [28, 28]  # seven cells, four headings
    assert (textures.sum(1) <= 1).all()
