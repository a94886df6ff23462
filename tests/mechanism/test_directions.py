import numpy as np
import pytest
import xarray as xr

from pfc_metarl.measures.activity import TRIAL_DIMS
from pfc_metarl.mechanism.directions import label, upcoming_choice
from pfc_metarl.settings import BadInput
from tests.measures.planted import lived


@pytest.fixture(scope="module")
def worth():
    rng = np.random.default_rng(1)
    made = lived(rng.normal(size=(2, 20, 30, 1, 5)), phases=("choice",))
    values = rng.normal(size=(2, 20, 30, 2))
    return made.assign(worth=(("network", "episode", "step", "option"), values))


def test_the_values_of_the_options_show_which_is_better(worth):
    got = label(worth, "worth", "choice")
    values = worth["worth"].values
    assert got.dims == TRIAL_DIMS
    np.testing.assert_array_equal(got, values[..., 1] > values[..., 0])
    assert label(worth.assign(worth=xr.zeros_like(worth["worth"])), "worth", "choice").isnull().all()


def test_a_number_for_each_trial_is_left_as_it_is(worth):
    np.testing.assert_array_equal(label(worth, "reward", "choice"), worth["reward"])


def test_the_upcoming_choice_is_of_this_trial_until_it_is_made_then_of_the_next():
    made = lived(np.zeros((1, 1, 3, 3, 1)), phases=("fixation", "choice", "outcome"))
    action = np.zeros((1, 1, 9), int)
    action[0, 0, 1::3] = [1, 0, 1]
    made = made.assign(action=(made["action"].dims, action))
    for phase in ("fixation", "choice"):
        assert upcoming_choice(made, "choice", phase).values.tolist() == [[[1, -1, 1]]]
    np.testing.assert_array_equal(upcoming_choice(made, "choice", "outcome"), [[[-1, 1, np.nan]]])


def test_a_phase_that_is_not_there_is_refused(worth):
    with pytest.raises(BadInput, match="choice = 'go': must be one of the phases choice"):
        upcoming_choice(worth, "go", "choice")
