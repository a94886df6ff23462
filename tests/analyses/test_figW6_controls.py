import numpy as np
import xarray as xr

from analyses import figW6_controls as figure
from pfc_metarl.agents import Random
from pfc_metarl.experiments import names
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Maze


def test_every_control_has_its_dots_and_its_name(ax):
    panel = figure.PANELS["b"]
    who = ["whole", "untrained", *panel.controls]
    values = xr.DataArray(np.arange(2.0 * len(who)).reshape(len(who), 2), {"who": who}, ("who", "subject"))
    figure.draw_panel(values, panel, ax=ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == [f"{figure.NAMES[name]} (2)" for name in who]
    assert ax.lines[0].get_ydata().tolist() == [0, 1]
    assert ax.lines[1].get_ydata().tolist() == [0.5, 0.5]


def test_a_run_is_named_for_each_condition():
    assert len(figure.RUN) == sum(1 + len(panel.controls) for panel in figure.PANELS.values())
    assert {"runs/two_step_no_action", "runs/maze_plastic", "runs/harlow_objects_rnn"} < set(figure.RUN)
    assert {path.removeprefix("runs/") for path in figure.RUN} <= set(names())


def test_goals_are_counted_and_an_agent_without_aim_reaches_as_many_as_is_drawn():
    made = record(Maze(), Random(), n_episodes=300, seed=5, networks=tuple(range(4)), only=("place",))
    found = figure.goals(made)
    assert found.dims == ("subject",)
    assert abs(found.mean() - figure.RANDOM_GOALS) < 4 * found.std(ddof=1) / 2
    by_hand = made.isel(network=1, episode=7)
    assert (made["reward"].isel(network=1) > 0).sum("step").mean().item() == found[1].item()
    assert by_hand["trial"].max() <= (by_hand["reward"] > 0).sum()
