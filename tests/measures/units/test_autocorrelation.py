import numpy as np
import pytest
import xarray as xr
from neurodsp.aperiodic import compute_autocorr

from pfc_metarl.data.example import example_recording
from pfc_metarl.measures import autocorrelation
from tests.measures.units.test_timescale import TAUS, TRIALS, decaying, lived


@pytest.fixture(scope="module")
def planted():
    return lived(decaying(TAUS, n_networks=3))


def test_the_autocorrelation_is_that_of_theory_and_of_a_long_signal(planted):
    got = autocorrelation(planted, max_lag=10)
    assert got["correlation"].dims == ("subject", "unit", "lag")
    theory = np.exp(-np.arange(11) / np.array(TAUS)[:, None])
    np.testing.assert_allclose(got["correlation"].mean("subject"), theory, atol=0.03)
    within = np.abs(got["correlation"] - theory).isel(lag=slice(1, None)) < 2.26 * got["standard_error"].isel(
        lag=slice(1, None)
    )
    assert within.mean() > 0.75  # 0.95, but the lags of a unit go together
    long = decaying(TAUS, n_episodes=1, n_times=40_000, seed=1)[0, 0].T
    np.testing.assert_allclose(got["correlation"].mean("subject"), compute_autocorr(long, max_lag=10)[1], atol=0.05)


def test_trial_and_episode_locked_activity_is_removed(planted):
    course = np.sin(np.arange(2 * TRIALS) / 3) + np.arange(2 * TRIALS) / 10 + np.arange(2 * TRIALS) % 2
    moved = planted.assign(hidden=planted["hidden"] + xr.DataArray(3 * course, dims="step"))
    pair = [autocorrelation(made.isel(network=[0])) for made in (planted, moved)]
    np.testing.assert_allclose(pair[1]["correlation"], pair[0]["correlation"], atol=1e-5)


def test_trials_that_some_episodes_never_reach_are_left_out():
    made = lived(decaying((3, 3)))
    cut = made.copy(deep=True)
    cut["trial"][0, 0, -8:] = TRIALS - 4  # one episode dwells in a trial
    cut["phase"][0, 0, -8:] = 0
    got = autocorrelation(cut, max_lag=20)
    whole = autocorrelation(made.isel(step=slice(2 * TRIALS - 6)), max_lag=20)
    np.testing.assert_allclose(got["correlation"], whole["correlation"])


def test_networks_with_different_numbers_of_trials_are_compared_in_the_trials_that_all_have():
    made = example_recording(n_trials=14)
    uneven = made.assign(trial=made["trial"].clip(max=xr.DataArray([10, 13], dims="network")))
    got, short = autocorrelation(uneven, max_lag=5), autocorrelation(made.isel(step=slice(22)), max_lag=5)
    assert (got.attrs["n_times"], autocorrelation(made).attrs["n_times"]) == (11, 14)
    np.testing.assert_allclose(got["correlation"], short["correlation"])
