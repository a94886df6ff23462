import numpy as np

from analyses import figS_harlow_objects
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_HARLOW
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import HarlowObjects

TASK = HarlowObjects()


def test_the_gaze_is_that_of_the_first_problem_until_it_is_over(ax):
    test = record(TASK, REFERENCE_AGENTS_HARLOW["object_learner"], n_episodes=2, seed=0, networks=(0, 1))
    made = figS_harlow_objects.gaze(test, {"eccentricity": 3, "n_positions": 17, "n_cells": 9})
    assert made.sizes["step"] == int((test["phase"][0, 0] < 3).sum()) < 60
    np.testing.assert_array_equal(made["gaze"], test["gaze"][0, 0, : made.sizes["step"]])
    figS_harlow_objects.draw_gaze(made, ax=ax)
    rewards = [text.get_text() for text in ax.texts if text.get_text().endswith("1")]
    assert len(rewards) == 6
    assert rewards[1:] == ["+1"] * 5
    rewarded = next(line for line in ax.lines if line.get_markerfacecolor() == figS_harlow_objects.style.OPTIMUM)
    chosen = made.isel(step=np.flatnonzero(made["reward"] == 1) + 1)["gaze"].values
    last = [np.flatnonzero(rewarded.get_xdata() == at)[0] for at in np.flatnonzero(made["reward"] == 1)]
    np.testing.assert_array_equal(rewarded.get_ydata()[last], chosen)
