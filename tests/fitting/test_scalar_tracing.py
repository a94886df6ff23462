import math

import pytest
import torch

from pfc_metarl.fitting.scalar_operations import HANDLERS
from pfc_metarl.fitting.scalar_tracing import Operation, Scalars, Untraceable, example_of, inputs, places_of


@pytest.fixture
def scalars():
    return Scalars(HANDLERS)


def test_equal_numbers_are_listed_once(scalars):
    x, y = scalars.input("x"), scalars.input("y")
    assert scalars.result("add", x, y) == scalars.result("add", y, x)
    assert scalars.result("sub", x, y) != scalars.result("sub", y, x)
    assert scalars.constant(1) == scalars.constant(1.0)


def test_operations_that_change_nothing_are_left_out(scalars):
    x, zero, one = scalars.input("x"), scalars.constant(0), scalars.constant(1)
    assert scalars.result("add", zero, x) == x
    assert scalars.result("mul", x, one) == x
    assert scalars.result("sub", x, zero) == x
    assert scalars.result("mul", x, zero) == zero
    assert scalars.result("where", one, x, zero) == x
    assert isinstance(scalars.listed[scalars.result("sub", zero, x)], Operation)


def test_constants_are_computed_at_once(scalars):
    assert scalars.listed[scalars.result("exp", scalars.constant(1))] == pytest.approx(math.e)


def test_a_decision_that_depends_on_numbers_cannot_be_traced(scalars):
    x = inputs(scalars, "x", torch.ones(2))
    with pytest.raises(Untraceable):
        bool((x > 0).all())


def test_examples_and_places_have_the_shape_that_torch_gives(scalars):
    x = inputs(scalars, "x", torch.ones(2, 3, dtype=torch.float64))
    made = x.unsqueeze(-1).flip(0).transpose(0, 1)
    assert example_of(made).shape == places_of(scalars, made).shape == (3, 2, 1)
    assert places_of(scalars, made)[0, :, 0].tolist() == [x.places[1, 0], x.places[0, 0]]
