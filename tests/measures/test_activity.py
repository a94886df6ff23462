import numpy as np
import pytest
import xarray as xr

from pfc_metarl.data.example import example_recording
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures.activity import (
    TRIAL_DIMS,
    generator,
    labels,
    n_trials,
    numbers_of_trials,
    of_trials,
    ordered,
    previous,
    trial_activity,
)
from pfc_metarl.settings import BadInput


@pytest.fixture(scope="module")
def made():
    return example_recording(n_networks=3, n_episodes=4, n_trials=5).assign_coords(network=[0, 3, 7])


@pytest.fixture(scope="module")
def target(made):
    return trial_view(made, "reward", "outcome")


def ragged(made, n=3):
    """The recording, with fewer trials in its first network: the last one lasts until the end of the episode."""
    trial = made["trial"].copy()
    trial[0] = trial[0].clip(max=n - 1)
    return made.assign(trial=trial)


@pytest.mark.parametrize("dim", ["network", "episode"])
def test_labels_decide_and_not_positions(made, target, dim):
    backwards = target.isel({dim: slice(None, None, -1)})
    assert not np.array_equal(backwards.values, target.values)
    xr.testing.assert_identical(of_trials(backwards, made, "target"), target)
    np.testing.assert_array_equal(numbers_of_trials(target.transpose("trial", ...), made, "target"), target)


def test_trials_have_labels_too(made, target):
    numbered = target.assign_coords(trial=range(5))
    xr.testing.assert_identical(of_trials(numbered[..., ::-1], made, "target"), numbered)
    with pytest.raises(BadInput, match="target has trial 1, 2, 3, 4, 5; the recording has 0, 1, 2, 3, 4"):
        of_trials(target.assign_coords(trial=range(1, 6)), made, "target")


def test_without_labels_order_counts(made, target):
    bare = target.drop_vars(["network", "episode"])
    np.testing.assert_array_equal(of_trials(bare, made, "target"), target)
    unlabelled = made.drop_vars("network")
    np.testing.assert_array_equal(of_trials(target[::-1], unlabelled, "target"), target[::-1])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.assign_coords(network=[0, 3, 8]), "target has network 0, 3, 8; the recording has 0, 3, 7"),
        (lambda t: t.assign_coords(network=[0, 0, 7]), "target has network 0, 0, 7"),
        (lambda t: t.assign_coords(network=["a", "b", "c"]), "target has network a, b, c"),
        (lambda t: t.assign_coords(episode=range(1, 5)), "target has episode 1, 2, 3, 4; the recording has 0, 1, 2, 3"),
        (lambda t: t.isel(network=[0]), "target has 1 along network; the recording has 3"),
        (lambda t: t.isel(trial=slice(3)), "target has 3 trials; the recording has 5"),
        (lambda t: t.pad(trial=(0, 1), constant_values=0), "target has 6 trials; the recording has 5"),
        (lambda t: t.rename(trial="step"), "target must be a DataArray with dims"),
        (lambda t: t.values, "target must be a DataArray with dims"),
    ],
)
def test_other_labels_are_refused(made, target, change, said):
    with pytest.raises(BadInput, match=said):
        of_trials(change(target), made, "target")


def test_many_labels_are_named_in_part():
    array = xr.DataArray(np.zeros(9), {"episode": np.arange(9)}, ["episode"])
    with pytest.raises(BadInput, match=r"target has episode 0, 1, 2, 3, 4, \.\.\., 8; the recording has 1, 2, "):
        ordered(array, "episode", np.arange(1, 10), "target")


def test_numbers_must_be_numbers(made, target):
    for wrong in (target.where(target > 0, np.inf), target.astype(str)):
        with pytest.raises(BadInput, match="target must hold finite numbers, or NaN for trials to leave out"):
            numbers_of_trials(wrong, made, "target")


def test_networks_may_have_different_numbers_of_trials(made):
    uneven = ragged(made)
    assert n_trials(uneven) == 5
    target = trial_view(uneven, "reward", "outcome")
    assert of_trials(target, uneven, "target").identical(target)
    activity = trial_activity(uneven, 0, "hidden", "choice")
    assert activity.shape == (4, 5, 6)
    assert np.isfinite(activity[:, :3]).all()
    assert np.isnan(activity[:, 3:]).all()
    np.testing.assert_array_equal(
        trial_activity(uneven, 1, "hidden", "choice"), trial_activity(made, 1, "hidden", "choice")
    )
    alone = uneven.isel(network=[0])
    assert of_trials(target.isel(network=[0]), alone, "target").sizes["trial"] == 3  # beyond is nothing but NaN


def test_labels_are_numbers_where_there_are_none(made):
    assert labels(made, "network").tolist() == [0, 3, 7]
    assert labels(made.drop_vars("network"), "network").tolist() == [0, 1, 2]


def test_random_numbers_differ_between_networks():
    draws = [generator(0, label).random() for label in (0, 1, "a", "b", -1)]
    assert len(set(draws)) == 5
    assert generator(0, np.int64(1)).random() == draws[1]
    assert generator(1, 1).random() != draws[1]


def test_previous_stays_in_its_episode():
    array = xr.DataArray(np.arange(6).reshape(1, 2, 3), dims=TRIAL_DIMS)
    np.testing.assert_array_equal(previous(array), [[[np.nan, 0, 1], [np.nan, 3, 4]]])
    np.testing.assert_array_equal(previous(array, 2), [[[np.nan, np.nan, 0], [np.nan, np.nan, 3]]])
    with pytest.raises(BadInput, match="lag = 0"):
        previous(array, 0)
