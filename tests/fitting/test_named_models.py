import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

from pfc_metarl.fitting import maximum_likelihood, predictions
from pfc_metarl.fitting.named_models import BANDIT, INFERENCE, NAMED, STAGE_2, TWO_STEP, named_models
from pfc_metarl.models import BayesianLearner
from pfc_metarl.models.base import bounds
from pfc_metarl.settings import BadInput

TABLE = pd.DataFrame({"choice1": [0, 1, 1, 0], "state2": [0, 1, 0, 0], "common": [1, 1, 0, 1]})


@pytest.mark.parametrize("name", NAMED)
def test_what_is_free_is_a_parameter_and_what_is_bounded_is_free(name):
    model, free, about, limits = NAMED[name]
    assert all(bounds(model, parameter) for parameter in free)
    assert set(limits) <= set(free)
    assert about


def test_the_common_transition_is_that_of_the_table_unless_given():
    assert named_models(["mb"], TABLE)["mb"].model.p_common == 0.75
    assert named_models(["mb"], TABLE, p_common=0.6)["mb"].model.p_common == 0.6
    with pytest.raises(BadInput, match="no column common"):
        named_models(["mb"], TABLE.drop(columns="common"))
    assert named_models(["rw"], TABLE.drop(columns="common"))["rw"] is BANDIT["rw"]


def test_choices_at_the_second_stage_are_predicted_where_there_are_any():
    with_choices = named_models(TWO_STEP, TABLE.assign(choice2=[0, 1, 0, 1]))
    without = named_models(TWO_STEP, TABLE)
    for name in ("hybrid", "mb", "mf"):
        assert with_choices[name].free == (*without[name].free, *STAGE_2)
        assert with_choices[name].model.n_choices == 2
    assert with_choices["latent"].free == without["latent"].free


def test_one_name_without_a_list_is_refused():
    with pytest.raises(BadInput, match=r"models = 'rw': give a list of names, such as \['rw'\]\.$"):
        named_models("rw", TABLE)


def test_an_unknown_model_is_refused_with_the_most_similar_one():
    with pytest.raises(BadInput, match=r"models = 'hybrids': .* did you mean 'hybrid'\?$"):
        named_models(["hybrids"], TABLE)


def test_an_unknown_model_is_refused():
    with pytest.raises(BadInput, match="models = 'daw': must be among hybrid, mb"):
        named_models(["daw"], TABLE)


def test_the_noise_of_a_learner_of_volatility_is_that_of_a_search_by_scipy():
    rng = np.random.default_rng(0)
    left = rng.random(80) < 0.7
    rewarded = rng.random(80) < np.where(left, 0.75, 0.25)
    rows = {"subject": 0, "session": 0, "trial": range(80), "choice1": 1 - left, "reward": rewarded.astype(float)}
    table = pd.DataFrame(rows)
    small = BayesianLearner(n_r=9, n_v=5, n_k=2)
    (free,) = INFERENCE["volatile"].free
    found = maximum_likelihood(small, table, [free], n_starts=2)
    values = predictions(small, table)
    margin = (values["value_0"] - values["value_1"]).to_numpy() * np.where(left, 1, -1)
    by_scipy = minimize_scalar(lambda beta: np.logaddexp(0, -beta * margin).sum(), bounds=(0, 50), method="bounded")
    assert found["estimate"].item() == pytest.approx(by_scipy.x, rel=1e-3)
    assert found["log_likelihood"].item() == pytest.approx(-by_scipy.fun, abs=1e-4)
