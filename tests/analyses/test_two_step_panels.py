import numpy as np
import xarray as xr

from analyses import two_step_panels


def test_bars_are_means_over_subjects(ax):
    stay = xr.DataArray(
        np.array([[[[0.9, 0.4], [0.5, 0.8]], [[0.7, 0.2], [0.3, 0.6]]]]),
        {"who": ["networks"], "outcome": ["rewarded", "unrewarded"], "transition": ["common", "rare"]},
        ("who", "subject", "outcome", "transition"),
    )
    two_step_panels.draw_stay(stay, ax=ax)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches[:4]], [0.8, 0.3, 0.4, 0.7])


def test_weights_are_drawn_as_they_are(ax):
    names = ["common rewarded", "common unrewarded", "rare rewarded", "rare unrewarded"]
    weights = np.stack([np.arange(8.0).reshape(4, 2), 3 * np.arange(8.0).reshape(4, 2)])
    made = xr.DataArray(weights, {"trial_type": names, "lag": [1, 2]}, ("subject", "trial_type", "lag"))
    two_step_panels.draw_weights(made, ax=ax)
    drawn = {box.get_label(): box[0].get_ydata().tolist() for box in ax.containers}
    assert drawn == dict(zip(names, (weights.mean(0)).tolist(), strict=True))
