import numpy as np
import pytest
import statsmodels.api as sm
import xarray as xr

from pfc_metarl.measures import permuted_encoding
from pfc_metarl.measures.activity import TRIAL_DIMS
from pfc_metarl.settings import BadInput
from tests.measures.units.test_encoding import drifting, lived, of_trials


def permuted(made, regressors, name="slow", **options):
    return permuted_encoding(made, regressors, name, "choice", **options)


def walks(rng, *shape):
    """Random walks over the trials of each episode, which never forget."""
    return np.cumsum(rng.normal(size=shape), axis=2)


@pytest.mark.parametrize("slow", [drifting, walks])
def test_false_positives_are_as_frequent_as_the_level_where_all_drifts(slow):
    rng = np.random.default_rng(0)
    n_networks, n_episodes, n_units = 60, 20, 5
    made = lived(slow(rng, n_networks, n_episodes, 20, n_units))
    regressors = {name: of_trials(slow(rng, n_networks, n_episodes, 20)) for name in ("slow", "other")}
    got = permuted(made, regressors, n_permutations=99)
    assert 0.02 < float((got["p_value"] <= 0.05).mean()) < 0.09
    assert 0.0 <= float((got["p_network"] <= 0.05).mean()) < 0.14
    assert abs(float((got["median"] - got["chance"]).mean())) < 0.025
    independent = [
        sm.OLS(made["hidden"].values[n, :, 1::2, u].ravel(), sm.add_constant(regressors["slow"].values[n].ravel()))
        .fit()
        .pvalues[1]
        for n in range(n_networks)
        for u in range(n_units)
    ]
    assert np.mean(np.array(independent) < 0.05) > 0.2, "taken as independent, trials give false positives"


def test_a_variable_that_follows_another_which_is_encoded_is_not_taken_for_it():
    rng = np.random.default_rng(1)
    encoded = drifting(rng, 30, 20, 20)
    made = lived(2 * encoded[..., None] + rng.normal(size=(*encoded.shape, 3)))
    similar = encoded + 0.5 * drifting(rng, 30, 20, 20)
    got = permuted(made, {"slow": of_trials(similar), "encoded": of_trials(encoded)}, n_permutations=99)
    assert float((got["p_value"] <= 0.05).mean()) < 0.12
    alone = permuted(made, {"slow": of_trials(similar)}, n_permutations=99)
    assert alone["significant"].all()


def test_the_partial_correlation_is_that_of_residuals():
    rng = np.random.default_rng(2)
    x, z = rng.normal(size=(2, 1, 20, 10))
    activity = (x - z)[..., None] + rng.normal(size=(1, 20, 10, 1))
    got = permuted(lived(activity), {"slow": of_trials(x), "other": of_trials(z)}, n_permutations=20)
    left = [sm.OLS(v.ravel(), sm.add_constant(z.ravel())).fit().resid for v in (activity, x)]
    assert got["partial_correlation"].item() == pytest.approx(np.corrcoef(left)[0, 1])
    assert got["p_value"].item() == pytest.approx(1 / 21)
    assert got["p_significant"].item() == 1


def test_trials_that_are_missing_in_some_episodes_are_left_out_there_only():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(1, 20, 10))
    activity = x[..., None] + rng.normal(size=(1, 20, 10, 2))
    x[0, :7, 3] = np.nan
    x[0, :, 0] = np.nan
    got = permuted(lived(activity), {"slow": of_trials(x)}, n_permutations=20)
    known = np.isfinite(x)
    assert got["n_trials"].item() == known.sum()
    expected = np.corrcoef(x[known], activity[..., 0][known])[0, 1]
    assert got["partial_correlation"].values[0, 0] == pytest.approx(expected)


def test_what_cannot_be_tested_is_refused():
    rng = np.random.default_rng(4)
    made, x = lived(rng.normal(size=(1, 20, 5, 2))), of_trials(rng.normal(size=(1, 20, 5)))
    with pytest.raises(BadInput, match="is none of the regressors"):
        permuted(made, {"fast": x})
    with pytest.raises(BadInput, match="too few for level"):
        permuted(made, {"slow": x}, n_permutations=9)
    with pytest.raises(BadInput, match="too few episodes, 5; 10 are needed"):
        permuted(made.isel(episode=slice(5)), {"slow": x.isel(episode=slice(5))})
    with pytest.raises(BadInput, match="same in all trials"):
        permuted(made, {"slow": xr.ones_like(x)})


def test_regressors_may_come_in_any_order_of_dimensions():
    rng = np.random.default_rng(5)
    made, x = lived(rng.normal(size=(1, 20, 5, 2))), of_trials(rng.normal(size=(1, 20, 5)))
    turned = permuted(made, {"slow": x.transpose(*TRIAL_DIMS[::-1])}, n_permutations=20)
    xr.testing.assert_identical(turned, permuted(made, {"slow": x}, n_permutations=20))
