import numpy as np
import xarray as xr

from analyses import figW5_maze as figure
from pfc_metarl.agents import Random
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Maze
from tests.experiments.test_maze import cost_to_go, i_maze, torch


def test_time_is_shared_out_over_the_cells():
    made = record(Maze(max_steps=400), Random(), n_episodes=40, seed=0, networks=(0,))
    found = figure.occupancy(made)
    assert found.sizes["cell"] == 21
    for name in ("before", "after"):
        np.testing.assert_allclose(found[name].sum(), 1)
    assert found["before"].values[0] == 0  # the goal is never a place of the search for it


def test_the_levels_are_those_of_dynamic_programming():
    maze = i_maze(torch.device("cpu"))
    goals = [int(goal) for goal in maze.goals[0]]
    found = cost_to_go(maze.after[0].numpy(), np.arange(84) // 4, goals)
    starts = maze.starts[0].numpy()
    np.testing.assert_allclose(found[frozenset(goals)][starts].mean(), figure.SEARCH, atol=0.01)
    direct = np.mean([found[frozenset([goal])][starts].mean() for goal in goals])
    np.testing.assert_allclose(direct, figure.DIRECT, atol=0.01)


def test_rings_are_the_means_over_networks(ax):
    values = xr.DataArray(np.arange(10.0).reshape(5, 2), {"who": list(figure.WHO)}, ("who", "subject"))
    figure.draw_rings(values, ax=ax)
    (rings,) = ax.collections
    np.testing.assert_array_equal(rings.get_offsets()[:, 1], [0.5, 2.5, 4.5, 6.5, 8.5])
