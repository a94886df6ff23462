import numpy as np
import pytest
import xarray as xr

from analyses import fig6_harlow
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_HARLOW
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import HarlowObjects

TASK = HarlowObjects()


def stages(first, later):
    """Measures of two stages; those of the second stage are given, a value for each network."""
    n = len(first)
    curves = np.stack([np.full((n, 6), 0.5), np.column_stack([first, *[later] * 5])])
    final = {name: ("subject", values) for name, values in (("p_correct_first", first), ("p_correct_later", later))}
    before = {name: ("subject", np.full(n, 0.5)) for name in final}
    made = xr.concat([xr.Dataset(before), xr.Dataset(final)], xr.IndexVariable("stage", ["untrained", "final"]))
    made["p_correct"] = (("stage", "subject", "trial"), curves)
    coords = {"problems": ("stage", [0.0, 1000.0]), "trial": np.arange(6), "subject": np.arange(n)}
    return made.assign_coords(coords)


def test_the_gaze_is_that_of_the_first_problem_until_it_is_over(ax):
    test = record(TASK, REFERENCE_AGENTS_HARLOW["object_learner"], n_episodes=2, seed=0, networks=(0, 1))
    made = fig6_harlow.gaze(test, {"eccentricity": 3, "n_positions": 17, "n_cells": 9})
    assert made.sizes["step"] == int((test["phase"][0, 0] < 3).sum()) < 60
    np.testing.assert_array_equal(made["gaze"], test["gaze"][0, 0, : made.sizes["step"]])
    fig6_harlow.draw_gaze(made, ax=ax)
    rewards = [text.get_text() for text in ax.texts if text.get_text().endswith("1")]
    assert len(rewards) == 6
    assert rewards[1:] == ["+1"] * 5
    rewarded = next(line for line in ax.lines if line.get_markerfacecolor() == fig6_harlow.style.OPTIMUM)
    chosen = made.isel(step=np.flatnonzero(made["reward"] == 1) + 1)["gaze"].values
    last = [np.flatnonzero(rewarded.get_xdata() == at)[0] for at in np.flatnonzero(made["reward"] == 1)]
    np.testing.assert_array_equal(rewarded.get_ydata()[last], chosen)


@pytest.mark.parametrize(
    ("first", "later", "told"),
    [
        ([0.5, 0.5, 0.5], [0.95, 0.89, 0.9], "2 of 3 networks"),
        ([0.35, 0.65, 0.6], [1.0, 1.0, 1.0], "1 of 3 networks"),
    ],
)
def test_the_networks_that_reached_the_criterion_are_counted(first, later, told, ax):
    reward = (("update", "subject"), np.zeros((4, 3)))
    history = xr.Dataset({"reward_per_trial": reward}, {"problems": ("update", np.arange(4.0))})
    fig6_harlow.draw_training(history, stages(first, later), ax=ax)
    assert ax.texts[0].get_text().startswith(told)


def test_curves_are_means_over_networks_in_per_cent(ax):
    made = stages([0.4, 0.6], [0.9, 1.0])
    learner = xr.DataArray([[0.5, 1, 1, 1, 1, 1]], dims=("subject", "trial"), coords={"trial": np.arange(6)})
    fig6_harlow.draw_stages(made["p_correct"], ax, learner)
    lines = {container.get_label(): np.asarray(container.lines[0].get_ydata(), float) for container in ax.containers}
    np.testing.assert_allclose(lines["final"], [50, 95, 95, 95, 95, 95])
    np.testing.assert_allclose(lines["untrained"], 50)


def test_networks_are_tested_against_chance(ax):
    later = xr.Dataset({"p_correct_later": (("who", "subject"), [[0.9, 0.92, 0.94]])}, {"who": ["new objects"]})
    fig6_harlow.draw_compared(later, ax=ax)
    assert ax.texts[0].get_text() == "p = 0.0008"  # t = 42 / (2 / sqrt(3)), 2 degrees of freedom


def test_the_best_reward_is_that_of_who_learns_in_one_trial():
    made = record(TASK, REFERENCE_AGENTS_HARLOW["object_learner"], n_episodes=500, seed=0)
    earned = made["reward"].sum("step").mean() / TASK.n_trials
    assert abs(earned - fig6_harlow.BEST_REWARD) < 3 / 6 / np.sqrt(500)
