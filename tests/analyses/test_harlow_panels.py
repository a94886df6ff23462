import dataclasses

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from analyses import harlow_panels
from pfc_metarl.agents import Random
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_HARLOW
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import HarlowObjects, HarlowPixels

TASK = HarlowObjects()
PIXELS = HarlowPixels(view=20, picture=8, pixels_per_position=2, n_positions=15, saccade=3, max_steps=60, set_size=5)


def snapshots(first, later):
    """Measures of two snapshots; those of the second snapshot are given, a value for each network."""
    n = len(first)
    curves = np.stack([np.full((n, 6), 0.5), np.column_stack([first, *[later] * 5])])
    final = {name: ("subject", values) for name, values in (("p_correct_first", first), ("p_correct_later", later))}
    before = {name: ("subject", np.full(n, 0.5)) for name in final}
    made = xr.concat([xr.Dataset(before), xr.Dataset(final)], xr.IndexVariable("snapshot", ["untrained", "final"]))
    made["p_correct"] = (("snapshot", "subject", "trial"), curves)
    coords = {"problems": ("snapshot", [0.0, 1000.0]), "trial": np.arange(6), "subject": np.arange(n)}
    return made.assign_coords(coords)


@pytest.mark.parametrize(
    ("first", "later", "expected"),
    [
        ([0.5, 0.5, 0.5], [0.95, 0.92, 0.94], "2 of 3 networks"),
        ([0.35, 0.65, 0.6], [1.0, 1.0, 1.0], "1 of 3 networks"),
    ],
)
def test_the_networks_that_reached_the_criterion_are_counted(first, later, expected, ax):
    reward = (("update", "subject"), np.zeros((4, 3)))
    history = xr.Dataset({"reward_per_trial": reward}, {"problems": ("update", np.arange(4.0))})
    harlow_panels.draw_training(history, snapshots(first, later), ax=ax)
    assert ax.texts[0].get_text().startswith(expected)


def test_curves_are_means_over_networks_in_per_cent(ax):
    made = snapshots([0.4, 0.6], [0.9, 1.0])
    learner = xr.DataArray([[0.5, 1, 1, 1, 1, 1]], dims=("subject", "trial"), coords={"trial": np.arange(6)})
    harlow_panels.draw_snapshots(made["p_correct"], ax, learner)
    lines = {container.get_label(): np.asarray(container.lines[0].get_ydata(), float) for container in ax.containers}
    np.testing.assert_allclose(lines["final"], [50, 95, 95, 95, 95, 95])
    np.testing.assert_allclose(lines["untrained"], 50)


def test_networks_are_tested_against_chance(ax):
    later = xr.Dataset({"p_correct_later": (("who", "subject"), [[0.9, 0.92, 0.94]])}, {"who": ["new objects"]})
    harlow_panels.draw_compared(later, ax=ax)
    assert ax.texts[0].get_text() == "p = 0.0008"  # t = 42 / (2 / sqrt(3)), 2 degrees of freedom


def test_the_best_reward_is_that_of_learning_in_one_trial():
    made = record(TASK, REFERENCE_AGENTS_HARLOW["object_learner"], n_episodes=500, seed=0)
    earned = made["reward"].sum("step").mean() / TASK.n_trials
    assert abs(earned - harlow_panels.BEST_REWARD) < 3 / 6 / np.sqrt(500)


@pytest.fixture(scope="module")
def first_trials():
    only = ("observation", "gaze", "good_object", "left_object")
    return harlow_panels.views(record(PIXELS, Random(), n_episodes=2, seed=0, only=only), dataclasses.asdict(PIXELS))


def test_views_are_those_of_the_first_trials(first_trials):
    assert set(first_trials["trial"].values) == {0, 1}
    assert first_trials["view"].dtype == np.uint8
    assert first_trials["view"].shape == (first_trials.sizes["step"], 3, 20, 20)
    at_cross = [
        at
        for at in first_trials["step"].values
        if first_trials["phase"][at] == 0 and abs(first_trials["gaze"][at]) <= 3
    ]
    assert len(at_cross)
    for at in at_cross:
        middle = first_trials["view"].isel(step=at, row=9, column=9 - 2 * int(first_trials["gaze"][at]))
        assert middle.values.tolist() == [255, 0, 0]


def test_the_triangle_points_at_the_rewarded_picture(first_trials):
    ax = Figure().add_subplot()
    harlow_panels.draw_views(first_trials, ax=ax)
    marks = [line for line in ax.lines if line.get_marker() == "^"]
    choosing = first_trials.isel(step=np.flatnonzero(first_trials["phase"] == 1))
    assert len(marks) == choosing.sizes["step"] > 0
    for line, at in zip(marks, np.flatnonzero(first_trials["phase"] == 1), strict=True):
        now = first_trials.isel(step=at)
        on_left = int(now["left_object"]) == int(now["good_object"])
        middle_of_cross = at + 0.46 - 0.92 * int(now["gaze"]) * 2 / 20
        assert (line.get_xdata()[0] < middle_of_cross) == on_left


def test_the_reward_of_an_action_is_drawn_above_it(first_trials):
    ax = Figure().add_subplot()
    harlow_panels.draw_views(first_trials, ax=ax)
    told = [text.get_text() for text in ax.texts if text.get_text()[0] in "+−"]
    brought = first_trials["reward"].values[first_trials["reward"].values != 0]
    assert [float(text.replace("−", "-")) for text in told] == pytest.approx(brought.tolist())
