import numpy as np
import pytest
import xarray as xr
from scipy import stats

from analyses import figS_false_positives as figure
from pfc_metarl.data.trial_table import trial_view
from tests.measures.planted import lived


@pytest.fixture(scope="module")
def recording():
    return lived(np.zeros((2, 40, 60, 1, 1)), phases=("first_stage",)).drop_dims("unit")


@pytest.mark.parametrize("timescale", [0, 3, 10])
def test_noise_has_its_timescale_and_variance_one(recording, timescale):
    made = figure.with_noise(recording, (2, 40, 60), timescale)
    activity = trial_view(made, "hidden", "first_stage").values
    assert activity.std() == pytest.approx(1, abs=0.05)
    correlation = np.corrcoef(activity[:, :, :-1].ravel(), activity[:, :, 1:].ravel())[0, 1]
    assert correlation == pytest.approx(np.exp(-1 / timescale) if timescale else 0, abs=0.03)


def test_trials_taken_as_independent_give_false_positives_in_slow_noise(recording):
    state = np.repeat(np.random.default_rng(0).integers(0, 2, (2, 40, 3)), 20, axis=2)
    state = trial_view(recording, "reward", "first_stage").copy(data=state.astype(float))
    got = figure.encoding(figure.with_noise(recording, (2, 40, 60), 10), state)["fraction"].mean("subject")
    assert got.sel(test="independent") > 0.3
    assert (got.sel(test=["clustered", "permuted"]) < 0.2).all()


def test_fractions_are_drawn_with_their_intervals(ax):
    values = np.array([[[0.1, 0.3], [0.2, 0.2]]])  # of 20 units each: 8 of 40, and 8 of 40
    dims, coords = ("test", "timescale", "subject"), {"test": ["permuted"], "timescale": [0, 10]}
    figure.draw_fractions(xr.DataArray(values, coords, dims), 20, ax=ax)
    (drawn,) = ax.containers
    np.testing.assert_allclose(drawn.lines[0].get_ydata(), [0.2, 0.2])
    interval = stats.binomtest(8, 40).proportion_ci(method="wilson")
    np.testing.assert_allclose(drawn.lines[2][0].get_segments()[0][:, 1], [interval.low, interval.high])
