import numpy as np
import pytest
import xarray as xr

from analyses import fig5_two_step
from tests.handmade import recording


def test_events_are_those_of_the_first_network_at_their_stage():
    phase = np.arange(8)[None] % 2
    rpe = np.arange(8.0)[None]
    made = recording(["first_stage", "second_stage"], trial=phase * 0, phase=phase, rpe=rpe, rpe_model_based=-rpe)
    found = fig5_two_step.events(made, "model_based")
    assert found["own_onset"].values.tolist() == [0, 2, 4, 6]
    assert found["learner_reward"].values.tolist() == [-1, -3, -5, -7]


def test_weights_are_fractions_of_all_weights():
    weights = np.array([[[3.0, 1.0], [-1.0, 0.0], [-3.0, 0.0], [2.0, 0.0]]])
    names = ["common rewarded", "common unrewarded", "rare rewarded", "rare unrewarded"]
    coords = {"trial_type": names, "lag": [1, 2]}
    lags = xr.Dataset({"coefficient": (("subject", "trial_type", "lag"), weights)}, coords)
    lags = lags.assign(planning_index=("subject", [10.0]), model_free_index=("subject", [1.0]))
    found = fig5_two_step.as_fractions(lags)
    assert float(abs(found["coefficient"]).sum()) == pytest.approx(1)
    assert found["planning_index"].values == [1.0]  # all weights have the signs of planning
    doubled = fig5_two_step.as_fractions(lags.assign(coefficient=2 * lags["coefficient"]) * xr.ones_like(lags))
    np.testing.assert_allclose(doubled["coefficient"], found["coefficient"])


def test_bars_are_means_at_each_event_and_none_where_learners_are_alike(ax):
    raw = np.array([[[0.8, 0.6], [0.7, 0.7], [0.7, 0.6]], [[0.9, 0.6], [0.7, 0.7], [0.7, 0.6]]])
    partial = np.array([[[0.6, 0.0], [np.nan] * 2, [0.3, 0.0]]] * 2)
    dims = ("subject", "stage", "learner")
    coords = {"stage": list(fig5_two_step.EVENTS), "learner": ["model_based", "model_free"]}
    result = xr.Dataset({"r_squared": (dims, raw), "partial_r_squared": (dims, partial)}, coords)
    fig5_two_step.draw_r_squared(result, ax=ax)
    heights = [bar.get_height() for bar in ax.patches]
    np.testing.assert_allclose(heights, [0.85, 0.6, 0.7, 0.7, 0.7, 0.6, 0.6, 0.0, 0.3, 0.0])
