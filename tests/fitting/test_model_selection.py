import numpy as np
import pytest
import xarray as xr

from pfc_metarl.fitting import model_selection
from pfc_metarl.settings import BadInput


def evidence(rows, models=("a", "b")):
    return xr.DataArray(np.array(rows, dtype=float), dims=("subject", "model"), coords={"model": list(models)})


def test_subjects_that_are_certain_are_counted():
    found = model_selection(evidence([[0, -500]] * 6 + [[-500, 0]] * 2))
    np.testing.assert_allclose(found["frequency"], [7 / 10, 3 / 10], atol=1e-6)  # Dirichlet(1 + 6, 1 + 2)
    np.testing.assert_allclose(found["standard_deviation"], np.sqrt(0.7 * 0.3 / 11), rtol=1e-6)
    np.testing.assert_allclose(found["probability"][0], [1, 0], atol=1e-6)
    np.testing.assert_allclose(found["exceedance"].sum(), 1)
    # P(x > 1/2) of Beta(7, 3) is P(Binomial(9, 1/2) <= 6)
    np.testing.assert_allclose(found["exceedance"][0], 466 / 512, atol=0.005)


def test_equal_evidence_protects_from_a_conclusion():
    found = model_selection(evidence([[0, 0, 0]] * 12, "abc"))
    np.testing.assert_allclose(found["frequency"], 1 / 3, atol=1e-6)
    np.testing.assert_allclose(found["protected_exceedance"], 1 / 3, atol=0.01)
    assert found["omnibus_risk"] > 0.5


def test_clear_evidence_is_not_protected():
    found = model_selection(evidence([[0, -20]] * 20))
    assert found["omnibus_risk"] < 1e-3
    assert found["protected_exceedance"][0] > 0.99


@pytest.mark.parametrize(("n", "mean", "sd"), [(6, 1.0, 1.5), (10, 2.0, 2.0), (20, 0.5, 1.0), (24, 3.0, 3.0)])
def test_of_two_models_it_is_near_to_an_integral_over_frequencies(n, mean, sd):
    """The probability of all choices for each frequency of the first model, which is uniform before."""
    rows = np.stack([np.random.default_rng(n).normal(mean, sd, n), np.zeros(n)], -1)
    frequency = (np.arange(4000) + 0.5) / 4000
    p = np.prod(frequency[:, None] * np.exp(rows[:, 0]) + 1 - frequency[:, None], -1)
    equal = np.prod(np.exp(rows).mean(-1))
    risk = equal / (equal + p.mean())
    exceedance = p[frequency > 0.5].sum() / p.sum()
    found = model_selection(evidence(rows))
    np.testing.assert_allclose(found["frequency"][0], (p * frequency).sum() / p.sum(), atol=0.06)
    assert risk - 1e-3 < found["omnibus_risk"] < risk + 0.2  # the evidence of the Dirichlet is a lower bound
    np.testing.assert_allclose(found["protected_exceedance"][0], exceedance * (1 - risk) + risk / 2, atol=0.05)


def test_the_order_of_models_makes_no_difference():
    rows = np.random.default_rng(0).normal(size=(15, 3))
    forward, backward = model_selection(evidence(rows, "abc")), model_selection(evidence(rows[:, ::-1], "cba"))
    xr.testing.assert_allclose(forward["frequency"], backward["frequency"].sel(model=list("abc")))


def test_subjects_without_a_value_are_left_out():
    found = model_selection(evidence([[0, -9], [np.nan, 0], [0, -9]]))
    assert (found["n_subjects"].item(), found["n_left_out"].item()) == (2, 1)
    with pytest.raises(BadInput, match="no subject has a finite value"):
        model_selection(evidence([[np.nan, 0]]))


def test_other_dims_are_refused():
    with pytest.raises(BadInput, match="dims"):
        model_selection(xr.DataArray(np.zeros((2, 2)), dims=("subject", "agent")))
