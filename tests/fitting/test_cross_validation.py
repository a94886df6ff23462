import numpy as np
import pandas as pd
import pytest

from pfc_metarl.fitting import cross_validated, hierarchical_fit, log_likelihood, map_fit, maximum_likelihood
from pfc_metarl.models import MixtureOfAgents, RescorlaWagner
from pfc_metarl.settings import BadInput
from tests.fitting.test_hierarchical import group

FREE = ["inverse_temperature"]


def test_held_out_sessions_are_predicted_by_the_others():
    table = group([0.3], [4.0], n_trials=80)
    table["session"] = table["trial"] // 40
    found = cross_validated(RescorlaWagner(), table, FREE, n_folds=2)
    total = 0.0
    for held_out in (0, 1):
        seen, unseen = table[table["session"] != held_out], table[table["session"] == held_out]
        beta = maximum_likelihood(RescorlaWagner(), seen, FREE)["estimate"].item()
        total += log_likelihood(RescorlaWagner(inverse_temperature=beta), unseen).item()
    np.testing.assert_allclose(found["log_likelihood"], [total], rtol=1e-4)
    np.testing.assert_allclose(found["per_trial"], np.exp(total / 80), rtol=1e-4)


@pytest.mark.parametrize(("method", "fit"), [("map", map_fit), ("em", hierarchical_fit)])
def test_under_a_prior_held_out_sessions_are_predicted_by_the_same_method(method, fit):
    table = group([0.3, 0.1, 0.6], [4.0, 2.0, 6.0], n_trials=80)
    table["session"] = table["trial"] // 40
    found = cross_validated(RescorlaWagner(), table, FREE, n_folds=2, method=method)
    total = np.zeros(3)
    for held_out in (0, 1):
        seen, unseen = table[table["session"] != held_out], table[table["session"] == held_out]
        for subject, beta in enumerate(fit(RescorlaWagner(), seen, FREE)["estimate"].values[:, 0]):
            own = unseen[unseen["subject"] == subject]
            total[subject] += log_likelihood(RescorlaWagner(inverse_temperature=beta), own).item()
    np.testing.assert_allclose(found["log_likelihood"], total, rtol=1e-4)
    other = cross_validated(RescorlaWagner(), table, FREE, n_folds=2)
    assert (np.abs(found["log_likelihood"] - other["log_likelihood"]) > 1e-3).any()


def test_one_session_is_cut_into_blocks_and_the_model_learns_through():
    """A bias alone has a known fit: the fraction of left choices in the other block."""
    choice = np.array([0] * 12 + [1] * 8 + [0] * 5 + [1] * 15)
    table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(40), "choice1": choice, "state2": 0, "reward": 0})
    model = MixtureOfAgents(model_based_weight=0.0, model_free_weight=0.0, perseveration=0.0)
    found = cross_validated(model, table, ["bias"], bounds={"bias": (-5, 5)}, n_folds=2)
    expected = 12 * np.log(5 / 20) + 8 * np.log(15 / 20) + 5 * np.log(12 / 20) + 15 * np.log(8 / 20)
    np.testing.assert_allclose(found["log_likelihood"], [expected], rtol=1e-5)


def test_more_parameters_do_not_help_where_nothing_is_to_be_learned():
    rng = np.random.default_rng(0)
    rows = {"subject": np.repeat(range(6), 60), "session": 0, "trial": [*range(60)] * 6}
    table = pd.DataFrame(rows).assign(choice1=rng.integers(0, 2, 360), reward=rng.integers(0, 2, 360))
    found = cross_validated(RescorlaWagner(), table, ["learning_rate", "inverse_temperature"])
    seen = maximum_likelihood(RescorlaWagner(), table, ["learning_rate", "inverse_temperature"])
    assert (found["log_likelihood"] < seen["log_likelihood"]).all()
    assert found["log_likelihood"].sum() < 360 * np.log(0.5)


def test_too_few_trials_give_a_reason():
    table = group([0.3], [4.0], n_trials=3).assign(forced=[0, 1, 1])
    found = cross_validated(RescorlaWagner(), table, FREE, n_folds=2)
    assert np.isnan(found["log_likelihood"]).all()
    assert "fewer trials" in found["reason"].item()


def test_one_part_is_refused():
    with pytest.raises(BadInput, match="n_folds = 1: must be at least 2"):
        cross_validated(RescorlaWagner(), group([0.3], [4.0]), FREE, n_folds=1)


def test_an_unknown_method_is_refused():
    with pytest.raises(BadInput, match="method = 'nuts': held-out choices are predicted by ml, map, em"):
        cross_validated(RescorlaWagner(), group([0.3], [4.0]), FREE, method="nuts")
