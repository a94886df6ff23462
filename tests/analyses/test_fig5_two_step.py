import numpy as np
import xarray as xr

from analyses import fig5_two_step
from tests.handmade import recording


def test_bars_are_means_over_subjects(ax):
    stay = xr.DataArray(
        np.array([[[[0.9, 0.4], [0.5, 0.8]], [[0.7, 0.2], [0.3, 0.6]]]]),
        {"who": ["networks"], "outcome": ["rewarded", "unrewarded"], "transition": ["common", "rare"]},
        ("who", "subject", "outcome", "transition"),
    )
    fig5_two_step.draw_stay(stay, ax=ax)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches[:4]], [0.8, 0.3, 0.4, 0.7])


def test_weights_are_drawn_as_they_are(ax):
    names = ["common rewarded", "common unrewarded", "rare rewarded", "rare unrewarded"]
    weights = np.stack([np.arange(8.0).reshape(4, 2), 3 * np.arange(8.0).reshape(4, 2)])
    made = xr.DataArray(weights, {"trial_type": names, "lag": [1, 2]}, ("subject", "trial_type", "lag"))
    fig5_two_step.draw_weights(made, ax=ax)
    drawn = {box.get_label(): box[0].get_ydata().tolist() for box in ax.containers}
    assert drawn == dict(zip(names, (weights.mean(0)).tolist(), strict=True))


def test_the_scatter_takes_the_other_learner_out(ax):
    rng = np.random.default_rng(0)
    based, free = rng.normal(size=(2, 1, 400))
    phase = np.arange(400)[None] % 2
    signals = {"rpe": 0.5 * based + 3 * free, "rpe_model_based": based + free, "rpe_model_free": free}
    made = recording(["first_stage", "second_stage"], trial=phase * 0, phase=phase, **signals)
    events = fig5_two_step.residual_rpe(made, "model_based", "model_free")
    fig5_two_step.draw_scatter(events, "model_based", "model_free", ax=ax)
    dots, line = ax.lines
    assert len(dots.get_xdata()) == 200
    slope = np.diff(line.get_ydata()) / np.diff(line.get_xdata())
    np.testing.assert_allclose(slope, 0.5, rtol=1e-4)
