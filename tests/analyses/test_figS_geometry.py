import numpy as np
import xarray as xr

from analyses import figS_geometry
from tests.handmade import recording


def test_conditions_are_defined_by_the_last_trial():
    steps = {"trial": [[0, 0, 1, 1]], "phase": [[0, 1, 0, 1]], "choice1": [[-1, 0, -1, 1]], "state2": [[-1, 1, -1, 0]]}
    made = recording(["first_stage", "second_stage"], **steps, reward=[[0, 1.0, 0, 0]])
    got = figS_geometry.last_trial(made)
    found = {name: factor.values.ravel().tolist() for name, factor in got.items()}
    assert {name: values[1] for name, values in found.items()} == {"choice": 0, "state": 1, "reward": 1}
    assert all(np.isnan(values[0]) for values in found.values())


def test_only_stable_fixed_points_have_a_time_to_decay(ax):
    dims = ("percept", "subject", "point")
    points = xr.Dataset(
        {
            "time_constant": (dims, [[[10.0, 20.0], [30.0, np.inf]]]),
            "stability": (dims, [[["stable", "stable"], ["stable", "unstable"]]]),
            "kind": (dims, [[["fixed", "slow"], ["fixed", "fixed"]]]),
        },
        {"percept": ["left"]},
    )
    figS_geometry.draw_rest(points, ax=ax)
    drawn = np.concatenate([line.get_ydata() for line in ax.lines if line.get_marker() == "."])
    np.testing.assert_allclose(drawn[np.isfinite(drawn)], [10, 30])
