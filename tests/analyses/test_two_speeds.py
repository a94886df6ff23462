import numpy as np
import xarray as xr

from analyses import two_speeds


def curve(trials, values):
    return xr.DataArray(np.atleast_2d(values), {"trial": trials}, ("subject", "trial"))


def test_the_half_way_trial_is_the_first_one_at_half_and_nan_without_learning():
    progress = curve([10, 20, 30], [[0.1, 0.5, 1.0], [0.9, 0.2, 1.0], [0.0, 0.1, 0.2]])
    np.testing.assert_array_equal(two_speeds.trials_to_half(progress), [20, 10, np.nan])


def test_the_panel_states_how_many_times_faster_activity_is(ax):
    of_activity, of_weights = curve([1, 2], [[0.0, 1.0]] * 2), curve([2000, 4000], [[1.0, 1.0]] * 2)
    two_speeds.draw_two_speeds(of_weights, of_activity, ax=ax)
    assert "1 / 1,000 of the trials\n(geometric mean, n = 2)" in ax.texts[0].get_text()


def test_activity_is_judged_by_the_better_arm(monkeypatch):
    arrays = {
        "policy": np.array([[[[0.5, 0.5], [0.2, 0.8]], [[0.5, 0.5], [0.8, 0.2]]]]),
        "p_reward": np.array([[[[0.2, 0.8]] * 2, [[0.8, 0.2]] * 2]]),
    }
    monkeypatch.setattr(two_speeds, "trial_view", lambda recording, name, phase: xr.DataArray(arrays[name]))
    np.testing.assert_allclose(two_speeds.fast(xr.Dataset(), 2).values, [[0.0, 1.0]])
