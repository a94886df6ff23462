import numpy as np
import pytest
import xarray as xr

from analyses import harlow_panels
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_HARLOW
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import HarlowObjects

TASK = HarlowObjects()


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
