import dataclasses

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from analyses import figS_harlow_pixels as figure
from pfc_metarl.agents import Random
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import HarlowPixels

TASK = HarlowPixels(view=20, picture=8, pixels_per_position=2, n_positions=15, saccade=3, max_steps=60, set_size=5)


@pytest.fixture(scope="module")
def made():
    only = ("observation", "gaze", "good_object", "left_object")
    return figure.views(record(TASK, Random(), n_episodes=2, seed=0, only=only), dataclasses.asdict(TASK))


def test_views_are_those_of_the_first_trials(made):
    assert set(made["trial"].values) == {0, 1}
    assert made["view"].dtype == np.uint8
    assert made["view"].shape == (made.sizes["step"], 3, 20, 20)
    at_cross = [at for at in made["step"].values if made["phase"][at] == 0 and abs(made["gaze"][at]) <= 3]
    assert at_cross
    for at in at_cross:
        middle = made["view"].isel(step=at, row=9, column=9 - 2 * int(made["gaze"][at]))
        assert middle.values.tolist() == [255, 0, 0]


def test_the_triangle_points_at_the_rewarded_picture(made):
    ax = Figure().add_subplot()
    figure.draw_views(made, ax=ax)
    marks = [line for line in ax.lines if line.get_marker() == "^"]
    choosing = made.isel(step=np.flatnonzero(made["phase"] == 1))
    assert len(marks) == choosing.sizes["step"] > 0
    for line, at in zip(marks, np.flatnonzero(made["phase"] == 1), strict=True):
        now = made.isel(step=at)
        on_left = int(now["left_object"]) == int(now["good_object"])
        middle_of_cross = at + 0.46 - 0.92 * int(now["gaze"]) * 2 / 20
        assert (line.get_xdata()[0] < middle_of_cross) == on_left


def test_the_reward_of_an_action_is_drawn_above_it(made):
    ax = Figure().add_subplot()
    figure.draw_views(made, ax=ax)
    told = [text.get_text() for text in ax.texts if text.get_text()[0] in "+−"]
    brought = made["reward"].values[made["reward"].values != 0]
    assert [float(text.replace("−", "-")) for text in told] == pytest.approx(brought.tolist())


def test_trials_that_some_networks_did_not_reach_are_left_out():
    values = np.full((3, 2, 6), 0.5)
    values[0] = [[0.5, 0.9, 0.9, 0.9, 0.9, 0.9], [0.5, 1, 1, 1, 1, 1]]
    values[2, 1, 4:] = np.nan
    coords = {"who": list(figure.CONDITIONS), "trial": np.arange(6), "subject": [0, 1]}
    ax = figure.draw_trials(xr.DataArray(values, coords, ("who", "subject", "trial")), Figure().add_subplot())
    drawn = {line.get_label(): np.asarray(line.lines[0].get_ydata(), float) for line in ax.containers}
    np.testing.assert_allclose(drawn["new pictures"], [50, 95, 95, 95, 95, 95])
    np.testing.assert_array_equal(np.isnan(drawn["untrained"]), [False] * 4 + [True] * 2)
