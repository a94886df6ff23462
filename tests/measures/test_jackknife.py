import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from pfc_metarl.measures.jackknife import jackknife_error


def drifting(rng, *shape):
    """Series that drift over the last axis: first-order autoregressions of memory 0.95."""
    series = rng.normal(size=shape)
    for trial in range(1, shape[-1]):
        series[..., trial] = 0.95 * series[..., trial - 1] + np.sqrt(1 - 0.95**2) * series[..., trial]
    return series


def regressed(rng, n_groups, n_trials, n_regressors):
    """Residuals and design of a drifting outcome on drifting regressors that have nothing to do with it."""
    slow = drifting(rng, n_regressors + 1, n_groups, n_trials).reshape(n_regressors + 1, -1)
    design = sm.add_constant(slow[1:].T)
    return sm.OLS(slow[0], design).fit(), design, np.repeat(np.arange(n_groups), n_trials)


def test_least_squares_has_the_errors_of_statsmodels():
    fit, design, groups = regressed(np.random.default_rng(0), 12, 15, 2)
    got = jackknife_error(design, np.ones(len(design)), np.asarray(fit.resid)[:, None], groups)
    robust = fit.get_robustcov_results("cluster-crv3", groups=groups)
    np.testing.assert_allclose(got[0], robust.bse, rtol=1e-8)


def test_a_logistic_regression_moves_as_if_it_were_fitted_again_without_each_group():
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(30), 40)
    design = np.column_stack([np.ones(1200), rng.normal(size=(1200, 2))])
    y = (rng.random(1200) < 1 / (1 + np.exp(-design @ [0.2, 0.5, 0] - rng.normal(size=30)[groups]))).astype(float)
    fit = sm.Logit(y, design).fit(disp=False)
    again = [sm.Logit(y[groups != g], design[groups != g]).fit(disp=False).params - fit.params for g in range(30)]
    expected = np.sqrt(29 / 30 * (np.array(again) ** 2).sum(axis=0))
    p = fit.predict()
    np.testing.assert_allclose(jackknife_error(design, p * (1 - p), (y - p)[:, None], groups)[0], expected, rtol=0.01)


def test_estimates_that_rest_on_one_group_have_no_bound():
    groups = np.repeat([0, 1, 2], 4)
    design = np.column_stack([np.ones(12), (groups == 1) * np.arange(12.0)])
    assert np.isinf(jackknife_error(design, np.ones(12), np.ones((12, 1)), groups)).all()


@pytest.mark.slow
@pytest.mark.parametrize(("n_groups", "n_trials", "n_regressors"), [(20, 20, 1), (20, 20, 4), (40, 100, 2), (5, 20, 1)])
def test_false_positives_are_as_frequent_as_the_level_where_all_drifts(n_groups, n_trials, n_regressors):
    rng = np.random.default_rng(2)
    n, hits = 1500, 0
    for _ in range(n):
        fit, design, groups = regressed(rng, n_groups, n_trials, n_regressors)
        error = jackknife_error(design, np.ones(len(design)), np.asarray(fit.resid)[:, None], groups)[0]
        hits += 2 * stats.t.sf(abs(fit.params[1] / error[1]), n_groups - 1) < 0.05
    assert stats.binomtest(hits, n, 0.05).pvalue > 0.001
