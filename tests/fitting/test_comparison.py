import numpy as np
import pytest
import xarray as xr

from pfc_metarl.fitting import (
    compared,
    cross_validated,
    fitted_models,
    maximum_likelihood,
    model_selection,
    named_models,
)
from pfc_metarl.fitting.named_models import NAMED
from pfc_metarl.models import RescorlaWagner
from pfc_metarl.settings import BadInput
from tests.fitting.test_hierarchical import group

TABLE = group([0.15, 0.2, 0.25, 0.2], [5.0, 4.0, 5.0, 6.0], n_trials=80)


@pytest.fixture(scope="module")
def fits():
    return fitted_models(TABLE, ["rw", "habit"], n_starts=1)


def test_a_named_model_is_fitted_as_by_hand(fits):
    model, free, _, bounds = named_models(["rw"], TABLE)["rw"]
    assert model == RescorlaWagner(unchosen="kept")
    xr.testing.assert_identical(fits["rw"], maximum_likelihood(model, TABLE, free, bounds, n_starts=1))


def test_sums_are_over_subjects_and_model_selection_has_the_evidence(fits):
    found = compared(fits)
    for name in ("log_likelihood", "aic", "bic"):
        np.testing.assert_allclose(found[name].sel(model="rw"), fits["rw"][name].sum())
    np.testing.assert_allclose(found["per_trial"], np.exp(found["log_likelihood"] / (4 * 80)))
    evidence = xr.concat([-fits[name]["bic"] / 2 for name in fits], xr.IndexVariable("model", list(fits)))
    expected = model_selection(evidence.transpose("subject", "model"))
    np.testing.assert_allclose(found["frequency"], expected["frequency"])
    assert found["n_parameters"].values.tolist() == [2, 6]
    assert found["n_best"].sum() == found.attrs["n_subjects"] == 4


def test_a_subject_without_trials_is_left_out():
    table = TABLE.assign(forced=(TABLE["subject"] == 3).astype(int))
    found = compared(fitted_models(table, ["rw", "kalman"], method="map", n_starts=1))
    assert (found.attrs["n_subjects"], found.attrs["n_left_out"]) == (3, 1)


def test_held_out_choices_are_less_likely_than_fitted_ones():
    fit = fitted_models(TABLE, ["rw"], n_folds=2, n_starts=1)["rw"]
    assert (fit["held_out"] < fit["log_likelihood"]).all()


def test_held_out_choices_are_predicted_by_the_method_of_the_fit():
    found = fitted_models(TABLE, ["rw"], method="em", n_folds=2, n_starts=1)["rw"]["held_out"]
    model, free, _, _ = named_models(["rw"], TABLE)["rw"]
    expected = cross_validated(model, TABLE, free, n_folds=2, n_starts=1, method="em")["log_likelihood"]
    np.testing.assert_array_equal(found, expected)
    with pytest.raises(BadInput, match="n_folds: held-out choices are predicted by ml, map or em"):
        fitted_models(TABLE, ["rw"], method="nuts", n_folds=2)


def test_models_of_the_two_step_task_suit_the_table():
    table = TABLE.assign(common=1, state2=TABLE["choice1"])
    assert named_models(["hybrid"], table)["hybrid"].model.second_stage_choice is False
    table = table.assign(common=np.arange(len(table)) % 4 > 0, choice2=0)
    model, free, _, _ = named_models(["mb"], table)["mb"]
    assert (model.p_common, model.second_stage_choice, model.model_based_weight) == (0.75, True, 1.0)
    assert "second_stage_inverse_temperature" in free
    assert named_models(["latent"], table, p_common=0.8)["latent"].model.p_common == 0.8


def test_every_named_model_has_its_free_parameters():
    for named in NAMED.values():
        assert all(hasattr(named.model, name) for name in (*named.free, *named.bounds))


def test_wrong_names_are_refused(fits):
    with pytest.raises(BadInput, match="models = 'daw': must be among hybrid, mb"):
        fitted_models(TABLE, ["daw"])
    with pytest.raises(BadInput, match="method = 'mcmc': must be one of ml, map, em"):
        fitted_models(TABLE, ["rw"], method="mcmc")
    with pytest.raises(BadInput, match="has no column common"):
        fitted_models(TABLE, ["mb"])
    with pytest.raises(BadInput, match="two models or more"):
        compared({"rw": fits["rw"]})
    with pytest.raises(BadInput, match="fits must be a mapping of fits, as fitted_models returns, not list"):
        compared([fits["rw"], fits["rw"]])
