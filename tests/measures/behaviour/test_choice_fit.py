import numpy as np
import pytest
from statsmodels.discrete.conditional_models import ConditionalLogit

from pfc_metarl.measures.behaviour import choice_fit as choice_fits_module
from pfc_metarl.measures.behaviour.choice_fit import Past, choice_fit, conditional_fit
from pfc_metarl.measures.behaviour.logistic_fit import COLLINEAR, ONE_OUTCOME, TOO_FEW, firth


def drawn(coefficient, n_options, n=400, seed=0):
    """A design of noise, and choices that follow it."""
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(n, n_options, len(coefficient)))
    return (design @ coefficient + rng.gumbel(size=(n, n_options))).argmax(1), design


@pytest.mark.parametrize("n_options", [3, 4])
def test_estimates_and_errors_are_those_of_statsmodels(n_options):
    choice, design = drawn([1.0, -0.5, 0.0], n_options)
    got = conditional_fit(choice, design)
    chosen = (np.arange(n_options) == choice[:, None]).astype(int).ravel()
    groups = np.repeat(np.arange(len(choice)), n_options)
    expected = ConditionalLogit(chosen, design.reshape(-1, 3), groups=groups).fit(disp=False)
    np.testing.assert_allclose(got.coefficient, expected.params, atol=1e-4)
    np.testing.assert_allclose(got.standard_error, expected.bse, rtol=1e-2)  # theirs are by differences
    assert not got.penalised


@pytest.mark.parametrize("n_options", [2, 3, 4])
def test_planted_coefficients_are_recovered(n_options):
    rng = np.random.default_rng(1)
    n, planted = 6000, np.array([1.2, -0.7])
    past = Past(rng.integers(0, n_options, (n, 2)), rng.normal(size=(n, 2)))
    preference = np.linspace(0.4, 0, n_options)
    drawing = (past.weight[:, None] * (past.option[:, None] == np.arange(n_options)[:, None])) @ planted
    choice = (preference + drawing + rng.gumbel(size=(n, n_options))).argmax(1)
    fit = choice_fit(choice, past, n_options)
    expected = [*preference[:-1], *planted]
    assert (abs(fit.coefficient - expected) < 4 * fit.standard_error).all()
    assert (fit.standard_error < 0.1).all()


def test_two_options_are_the_logistic_regression_in_both_forms():
    rng = np.random.default_rng(2)
    past = Past(rng.integers(0, 2, (300, 3)), rng.normal(size=(300, 3)))
    choice = rng.integers(0, 2, 300)
    design = past.weight[:, None] * (past.option[:, None] == np.arange(2)[:, None])
    preference = np.broadcast_to([[1.0], [0.0]], (300, 2, 1))
    conditional = conditional_fit(choice, np.concatenate([preference, design], axis=2))
    logistic = choice_fit(choice, past, 2)
    np.testing.assert_allclose(conditional.coefficient, logistic.coefficient, atol=1e-6)
    np.testing.assert_allclose(conditional.standard_error, logistic.standard_error, rtol=1e-5)
    np.testing.assert_allclose(conditional.p_value, logistic.p_value, rtol=1e-4)


def test_separated_choices_have_firths_estimates():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 2))
    choice = (x[:, 0] < 0).astype(int)
    design = np.stack([np.column_stack([np.ones(40), x]), np.zeros((40, 3))], axis=1)
    fit = conditional_fit(choice, design)
    assert fit.penalised
    np.testing.assert_allclose(fit.coefficient, firth(1.0 - choice, design[:, 0]), atol=1e-5)


def test_an_option_that_is_never_chosen_leaves_finite_estimates():
    rng = np.random.default_rng(4)
    past = Past(rng.integers(0, 3, (200, 1)), np.ones((200, 1)))
    fit = choice_fit(rng.integers(0, 2, 200), past, 3)
    assert fit.penalised
    assert np.isfinite(fit.coefficient).all()
    assert fit.coefficient[0] > 2  # the first option is preferred to the last, which is never chosen


def test_what_cannot_be_fitted_gets_a_reason():
    choice, design = drawn([1.0, 0.0], 3, n=30)
    assert conditional_fit(choice[:1], design[:1]).reason == TOO_FEW
    assert conditional_fit(np.zeros(30, dtype=int), design).reason == ONE_OUTCOME
    assert conditional_fit(choice, np.concatenate([design, design[..., :1] + 3], axis=2)).reason == COLLINEAR


def test_a_singular_information_gives_no_errors():
    """Far out on a plateau of the likelihood, as for a person who nearly always repeats what was rewarded."""
    assert choice_fits_module._standard_errors(np.diag([1.0, 0.0])) is None
    np.testing.assert_allclose(choice_fits_module._standard_errors(np.diag([4.0, 0.25])), [0.5, 2.0])
