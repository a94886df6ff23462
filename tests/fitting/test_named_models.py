import pandas as pd
import pytest

from pfc_metarl.fitting.named_models import BANDIT, NAMED, STAGE_2, TWO_STEP, named_models
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
