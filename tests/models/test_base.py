import pytest
import torch

from pfc_metarl.models import Hybrid, RescorlaWagner, bounds
from pfc_metarl.models.base import chosen, filled, preferred, required_model, spread, where
from pfc_metarl.models.rescorla_wagner import Values
from pfc_metarl.settings import BadInput


def test_chosen_is_one_hot_and_nothing_for_no_choice():
    assert chosen(torch.tensor([[1, -1, 0]]), 2).tolist() == [[[0, 1], [0, 0], [1, 0]]]


def test_a_parameter_lines_up_with_the_first_axes():
    rates = torch.tensor([0.1, 0.2])
    assert spread(rates, torch.zeros(2, 5, 3)).shape == (2, 1, 1)
    assert spread(0.3, torch.zeros(2)) == 0.3
    assert filled((2, 3), rates, torch.float32)[:, 2].tolist() == pytest.approx([0.1, 0.2])


def test_states_are_chosen_element_by_element():
    new, old = Values(torch.ones(2, 3)), Values(torch.zeros(2, 3))
    assert where(torch.tensor([True, False]), new, old).value.tolist() == [[1, 1, 1], [0, 0, 0]]


def test_equal_options_are_preferred_alike():
    assert preferred(torch.tensor([0.2, 0.7, 0.7 + 1e-12])).tolist() == [0, 1000, 1000]


@pytest.mark.parametrize("value", [1.5, -0.1, float("nan"), torch.tensor([0.5, 1.5]), "high"])
def test_values_outside_their_bounds_are_refused(value):
    with pytest.raises(BadInput, match=r"learning_rate"):
        RescorlaWagner(learning_rate=value)


def test_a_parameter_may_have_a_value_for_each_subject():
    rates = torch.tensor([0.5, 1.0], requires_grad=True)
    assert RescorlaWagner(learning_rate=rates).learning_rate is rates


def test_bounds_are_those_of_the_field():
    assert bounds(Hybrid(), "trace") == (0, 1)
    assert bounds(Hybrid, "perseveration") == (-float("inf"), float("inf"))
    assert bounds(Hybrid, "second_stage_choice") is None
    assert bounds(Hybrid, "gain") is None


def test_a_class_is_no_model():
    assert required_model(RescorlaWagner()) == RescorlaWagner()
    with pytest.raises(BadInput, match=r"this is a class; give a model, as Hybrid\(\)"):
        required_model(Hybrid)
