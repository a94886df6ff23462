import numpy as np
import pytest
import statsmodels.api as sm

from pfc_metarl.measures.units.regression import FEWEST_EPISODES, Sample, fitted


@pytest.fixture(scope="module")
def sample():
    """Activity and regressors that drift, in episodes that differ in length."""
    rng = np.random.default_rng(9)
    episode = np.repeat(np.arange(FEWEST_EPISODES), rng.integers(5, 15, FEWEST_EPISODES))
    drift = rng.normal(size=(FEWEST_EPISODES, 5))[episode] + rng.normal(size=(len(episode), 5))
    return Sample(drift[:, :3] * [1.0, 1e-3, 50.0] + [0.0, 7.0, -2.0], drift[:, 3:], episode)


def test_clustered_errors_are_those_of_statsmodels_unit_by_unit(sample):
    got = fitted(sample, ["a", "b"], clustered=True, level=0.05)
    design = sm.add_constant((sample.design - sample.design.mean(0)) / sample.design.std(0))
    for unit in range(3):
        options = {"cov_type": "cluster-crv3", "cov_kwds": {"groups": sample.episode}, "use_t": True}
        fit = sm.OLS(sample.activity[:, unit], design).fit(**options)
        np.testing.assert_allclose(got["standard_error"][unit], fit.bse[1:], rtol=1e-8)
        np.testing.assert_allclose(got["p_value"][unit], fit.pvalues[1:], rtol=1e-7)


def test_many_units_are_fitted_in_parts(sample, monkeypatch):
    whole = fitted(sample, ["a", "b"], clustered=True, level=0.05)
    monkeypatch.setattr("pfc_metarl.measures.units.regression.UNITS_AT_ONCE", 2)
    parts = fitted(sample, ["a", "b"], clustered=True, level=0.05)
    assert parts["valid"].all()
    for name in ("coefficient", "standard_error", "p_value", "unique_r_squared", "r_squared"):
        np.testing.assert_allclose(parts[name], whole[name])


def test_fewer_clusters_than_the_limit_give_no_p_values(sample):
    some = Sample(*(array[sample.episode > 0] for array in sample))
    got = fitted(some, ["a", "b"], clustered=True, level=0.05)
    assert set(got["reason"]) == {
        "19 episodes are too few for p values clustered by episode, which need 20; "
        "clusters=None takes all trials as independent"
    }
    assert np.isnan(got["p_value"]).all()
    assert np.isnan(got["standard_error"]).all()
    whole = fitted(some, ["a", "b"], clustered=False, level=0.05)
    np.testing.assert_array_equal(got["coefficient"], whole["coefficient"])
    assert whole["p_significant"].any()
