import numpy as np
import pytest

from pfc_metarl.data.by_trial import trial_view, trials_begun
from pfc_metarl.data.example import example_recording
from pfc_metarl.settings import BadInput


def test_a_trial_is_read_at_the_first_step_of_a_phase(uneven):
    view = trial_view(uneven, "action", "choose")
    assert view.dims == ("network", "episode", "trial")
    np.testing.assert_array_equal(view[0], [[1, 0, np.nan], [0, 1, np.nan]])
    np.testing.assert_array_equal(trial_view(uneven, "reward", "outcome")[0], [[1, 0, np.nan], [1, np.nan, np.nan]])
    np.testing.assert_array_equal(trial_view(uneven, "trial", "look")[0], [[0, 1, 2], [0, 1, np.nan]])


def test_a_trial_view_keeps_further_dims_and_coords(uneven):
    view = trial_view(uneven.assign_coords(network=[7], arm=["a", "b"]), "p_reward", "choose")
    assert view.dims == ("network", "episode", "trial", "arm")
    assert view["network"].values.tolist() == [7]
    assert view["arm"].values.tolist() == ["a", "b"]
    np.testing.assert_array_equal(view[0, 0], [[2, 3], [8, 9], [np.nan] * 2])
    np.testing.assert_array_equal(view[0, 1], [[16, 17], [24, 25], [np.nan] * 2])


def test_a_trial_view_without_gaps_keeps_its_type(uneven):
    assert trial_view(uneven.isel(episode=[0]), "action", "look").dtype == np.int8


def test_a_trial_view_names_what_it_lacks(uneven):
    with pytest.raises(BadInput, match="variable = 'nothing'"):
        trial_view(uneven, "nothing", "choose")
    with pytest.raises(BadInput, match=r"phase = 'end': .* it has look, choose, outcome"):
        trial_view(uneven, "action", "end")


def test_a_trial_is_read_at_its_last_step_or_summed(uneven):
    nan = np.nan
    np.testing.assert_array_equal(trial_view(uneven, "action", "choose", "last")[0], [[1, 0, nan], [1, 1, nan]])
    np.testing.assert_array_equal(trial_view(uneven, "reward", "outcome", "sum")[0], [[1, 0, nan], [1, nan, nan]])
    np.testing.assert_array_equal(trial_view(uneven, "reward", read="sum")[0], [[19, 18, 9], [28, 18, nan]])
    np.testing.assert_array_equal(trial_view(uneven, "action", read="last")[0], [[5, 5, 5], [5, 5, nan]])
    np.testing.assert_array_equal(trial_view(uneven, "p_reward", "look", "sum")[0, 0], [[0, 1], [6, 7], [12, 13]])


def test_a_sum_keeps_the_precision_of_its_variable(uneven):
    assert trial_view(uneven.isel(episode=[0]), "reward", "look", "sum").dtype == np.float32
    assert trial_view(uneven.isel(episode=[0]), "action", "look", "sum").dtype == np.int64


def test_trials_that_were_begun_are_those_with_a_step(uneven):
    np.testing.assert_array_equal(trials_begun(uneven)[0], [[True] * 3, [True, True, False]])


def test_another_way_to_read_is_refused(uneven):
    with pytest.raises(BadInput, match="read = 'mean': must be one of first, last, sum"):
        trial_view(uneven, "action", "choose", "mean")


def test_trials_have_numbers():
    recording = example_recording()
    view = trial_view(recording, "reward")
    assert view["trial"].values.tolist() == list(range(10))
    assert view.sel(trial=[3]).equals(view.isel(trial=[3]))
