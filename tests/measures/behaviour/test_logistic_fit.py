import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize
from scipy.special import expit

from pfc_metarl.measures.behaviour import logistic_fit as module
from pfc_metarl.measures.behaviour.logistic_fit import firth, fit_flags, logistic_fit


@pytest.fixture
def planted():
    rng = np.random.default_rng(0)
    design = np.column_stack([np.ones(400), rng.normal(size=(400, 2))])
    return (rng.random(400) < expit(design @ [0.3, 1.0, -0.7])).astype(float), design


def test_where_it_exists_the_estimate_is_that_of_maximum_likelihood(planted):
    expected = sm.GLM(*planted, family=sm.families.Binomial()).fit()
    got = logistic_fit(*planted)
    np.testing.assert_allclose(got.coefficient, expected.params, atol=1e-6)
    np.testing.assert_allclose(got.standard_error, expected.bse, rtol=1e-4)
    assert (got.valid, got.penalised, got.reason) == (True, False, "")


@pytest.mark.parametrize("counts", [(3, 4, 0, 5), (6, 1, 7, 0), (0, 5, 5, 0), (2, 3, 4, 5)])
def test_penalised_estimates_of_two_groups_are_those_with_half_a_count_more(counts):
    """In a saturated model Firth's penalty adds ½ to each cell (Firth 1993; the Haldane-Anscombe correction)."""
    a, b, c, d = counts  # outcomes 1 and 0 in the first group, then in the second
    outcome = np.repeat([1.0, 0.0, 1.0, 0.0], counts)
    design = np.column_stack([np.ones(sum(counts)), np.repeat([0, 0, 1, 1], counts)])
    first, second = np.log((a + 0.5) / (b + 0.5)), np.log((c + 0.5) / (d + 0.5))
    np.testing.assert_allclose(firth(outcome, design), [first, second - first], atol=1e-6)


def test_penalised_estimates_are_the_maximum_of_the_penalised_likelihood():
    rng = np.random.default_rng(1)
    design = np.column_stack([np.ones(40), rng.normal(size=(40, 2))])
    outcome = (design[:, 1] > 0).astype(float)  # separated

    def loss(b):
        p = expit(design @ b)
        information = design.T @ (design * (p * (1 - p))[:, None])
        likelihood = (outcome * (design @ b) - np.logaddexp(0, design @ b)).sum()
        return -likelihood - np.linalg.slogdet(information)[1] / 2

    expected = optimize.minimize(
        loss, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-12, "maxiter": 5000}
    )
    np.testing.assert_allclose(firth(outcome, design), expected.x, atol=1e-4)
    got = logistic_fit(outcome, design)
    assert (got.valid, got.penalised) == (True, True)
    assert np.isfinite(got.standard_error).all()


def test_with_many_trials_both_estimates_agree(planted):
    outcome, design = (np.tile(array, (50, 1)[: array.ndim]) for array in planted)
    np.testing.assert_allclose(firth(outcome, design), logistic_fit(outcome, design).coefficient, atol=1e-3)


def test_why_there_is_no_estimate_is_said(planted, monkeypatch):
    outcome, design = planted
    cases = {
        module.TOO_FEW: (outcome[:3], design[:3]),
        module.ONE_OUTCOME: (np.ones(400), design),
        module.COLLINEAR: (outcome, np.column_stack([design, design[:, 1]])),
    }
    fits = [logistic_fit(*case) for case in cases.values()]
    assert [fit.reason for fit in fits] == list(cases)
    assert not any(fit.valid or fit.penalised for fit in fits)
    flags = fit_flags(fits)
    assert flags["reason"][1].tolist() == list(cases)
    assert flags["valid"][1].tolist() == [False] * 3
    monkeypatch.setattr(module, "MAX_ITERATIONS", 1)
    assert logistic_fit((design[:, 1] > 0).astype(float), design).reason == module.NOT_CONVERGED


def test_separated_choices_have_no_clustered_errors(planted):
    _, design = planted
    got = logistic_fit((design[:, 1] > 0).astype(float), design, np.repeat([0, 1], 200))
    assert got.penalised
    assert got.reason == module.NO_ERRORS
    assert np.isnan(got.standard_error).all()
