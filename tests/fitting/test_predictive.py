import numpy as np
import pytest
import torch
import xarray as xr

from pfc_metarl.fitting import hierarchical_fit, map_fit, maximum_likelihood, predictive_check
from pfc_metarl.models import RescorlaWagner
from pfc_metarl.settings import BadInput
from tests.fitting.test_hierarchical import group

FREE = ["learning_rate", "inverse_temperature"]
MODEL = RescorlaWagner()


@pytest.fixture(scope="module")
def table():
    return group([0.2, 0.4, 0.6, 0.8], [4.0, 5.0, 6.0, 5.0], n_trials=120)


def simulate(model, seed):
    n = max(getattr(model, name).numel() for name in FREE if isinstance(getattr(model, name), torch.Tensor))
    rate, temperature = (np.broadcast_to(np.asarray(getattr(model, name)), n).tolist() for name in FREE)
    return group(rate, temperature, n_trials=120, seed=seed)


def repeats(table):
    """Fraction of choices that are those of the trial before."""
    same = table["choice1"] == table.groupby("subject")["choice1"].shift()
    return same[table["trial"] > 0].groupby(table["subject"]).mean().to_xarray()


def test_a_model_that_made_the_trials_does_what_they_show(table):
    fit = hierarchical_fit(MODEL, table, FREE)
    found = predictive_check(MODEL, fit, table, simulate, repeats, n_repeats=40)
    np.testing.assert_array_equal(found["observed"], repeats(table))
    np.testing.assert_allclose(found["group_observed"], repeats(table).mean())
    assert (found["lower"] <= found["predicted"]).all()
    assert (found["predicted"] <= found["upper"]).all()
    assert ((found["p"] > 0.02) & (found["p"] < 0.98)).sum() >= 3  # of 4, at 1 in 25 each by chance
    assert 0.02 < found["group_p"] < 0.98


def test_a_model_that_chooses_otherwise_is_found_out(table):
    """At random, half of the choices are repeated; the learners repeat more, so that no simulation exceeds the data."""
    indifferent = RescorlaWagner(inverse_temperature=0.0)
    fit = maximum_likelihood(indifferent, table, ["learning_rate"])
    found = predictive_check(indifferent, fit, table, simulate, repeats, n_repeats=20)
    assert found["group_p"] == 0
    assert abs(found["group_predicted"] - 0.5) < 0.05
    assert found["group_observed"] > 0.6


def test_parameters_are_drawn_from_the_posterior_of_each_subject(table):
    fit = map_fit(MODEL, table, FREE)
    given = []

    def noted(model, seed):
        given.append(np.stack([model.learning_rate.numpy(), model.inverse_temperature.numpy()], -1))
        return table

    found = predictive_check(MODEL, fit, table, noted, repeats, n_repeats=400)
    z = np.stack([np.log(np.array(given)[..., 0] / (1 - np.array(given)[..., 0])), np.log(np.array(given)[..., 1])], -1)
    np.testing.assert_allclose(z.mean(0), fit["mode"], atol=4 * fit["sd"].values.max() / 20)
    for subject in range(4):
        expected = fit["covariance"].values[subject]
        np.testing.assert_allclose(np.cov(z[:, subject].T), expected, atol=0.3 * expected.diagonal().max())
    np.testing.assert_array_equal(found["p"], 0.5)  # the same trials each time: all are ties


def test_without_a_posterior_the_estimates_are_simulated_and_subjects_without_one_left_out(table):
    fit = maximum_likelihood(MODEL, table, FREE)
    fit["valid"][1] = False
    given = []

    def noted(model, seed):
        given.append(model.learning_rate.tolist())
        return simulate(model, seed)

    found = predictive_check(MODEL, fit, table, noted, repeats, n_repeats=3)
    assert given == [fit["estimate"].sel(parameter="learning_rate").values[[0, 2, 3]].tolist()] * 3
    assert (found["n_subjects"].item(), found["n_left_out"].item()) == (3, 1)
    assert found["subject"].values.tolist() == [0, 2, 3]


def test_wrong_arguments_are_refused(table):
    fit = maximum_likelihood(MODEL, table, FREE)
    with pytest.raises(BadInput, match="n_repeats = 1"):
        predictive_check(MODEL, fit, table, simulate, repeats, n_repeats=1)
    with pytest.raises(BadInput, match="must return a DataArray with dim subject"):
        predictive_check(MODEL, fit, table, simulate, lambda table: xr.Dataset(), n_repeats=2)
    with pytest.raises(BadInput, match="there is no subject 0, which the fit has"):
        predictive_check(MODEL, fit, table[table["subject"] > 0], simulate, repeats, n_repeats=2)
    fewer = group([0.5] * 3, [4.0] * 3, 120)
    with pytest.raises(BadInput, match=r"measure of sizes \{'subject': 3\}, and the data one of \{'subject': 4\}"):
        predictive_check(MODEL, fit, table, lambda model, seed: fewer, repeats, n_repeats=2)
    with pytest.raises(BadInput, match="no subject has an estimate"):
        predictive_check(MODEL, fit.assign(valid=fit["valid"] & False), table, simulate, repeats)
