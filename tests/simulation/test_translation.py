"""Instructions and registers, as they are found."""

import numpy as np
import pytest
import torch

from pfc_metarl.simulation.compiled_tasks import ADD, FLOAT, MAX, TO_FLOAT
from pfc_metarl.simulation.operations import HANDLERS
from pfc_metarl.simulation.traced import WORLDS, Untranslatable
from pfc_metarl.simulation.translation import CONSTANTS, MOST_REGISTERS, TEMPORARY, Tracer


@pytest.fixture
def tracer():
    return Tracer(HANDLERS, n_fixed=4, n_draws=1)


def numbers(tracer, *registers):
    return tracer.traced(torch.rand(*WORLDS, len(registers)), np.array(registers))


def test_the_same_instruction_is_not_added_twice(tracer):
    x, y = numbers(tracer, 0, 1).unbind(-1)
    first, second = x + y, x + y
    assert tracer.code == [(FLOAT + ADD, TEMPORARY, 0, 1, 0, 0, 0)]
    assert torch.equal(first.places, second.places)


def test_moving_elements_needs_no_instruction(tracer):
    x = numbers(tracer, 0, 1, 2)
    moved = torch.cat([x.flip(-1)[..., :2], x], -1).unflatten(-1, (5, 1)).squeeze(-1)
    assert tracer.registers(moved, torch.float32, moved.shape) == [2, 1, 0, 1, 2]
    assert tracer.code == []


def test_constants_are_kept_by_value_and_type(tracer):
    assert tracer.constant(1, True) == tracer.constant(1.0, True) == CONSTANTS
    assert tracer.constant(1, False) == CONSTANTS + 1
    assert tracer.constant(-0.0, True) == TEMPORARY, "0 times -1"
    assert tracer.constant(0.1, True) == tracer.constant(float(np.float32(0.1)), True)


def test_a_constant_is_the_same_in_all_worlds(tracer):
    assert tracer.registers(torch.ones(*WORLDS, 2), torch.float32, (*WORLDS, 2)) == [CONSTANTS, CONSTANTS]
    with pytest.raises(Untranslatable, match="differs between worlds"):
        tracer.registers(torch.arange(6.0).reshape(WORLDS), torch.float32, WORLDS)


def test_worlds_cannot_be_mixed(tracer):
    x = numbers(tracer, 0)
    for other in (x.flip(0), x[:1].expand(*WORLDS, 1)):
        with pytest.raises(Untranslatable, match="different worlds"):
            tracer.registers(other, torch.float32, other.shape)


def test_a_type_is_changed_once(tracer):
    n = tracer.traced(torch.zeros(WORLDS, dtype=torch.int64), np.array([3]))
    assert tracer.registers(n, torch.float32, WORLDS) == tracer.registers(n, torch.float32, WORLDS) == [TEMPORARY]
    assert tracer.code == [(TO_FLOAT, TEMPORARY, 3, 0, 0, 0, 0)]


def test_two_registers_can_change_places(tracer):
    tracer.move([(0, 1, True), (1, 0, True)])
    values = {0: "a", 1: "b"}
    for op, out, a, *_ in tracer.code:
        assert op == FLOAT + MAX, "of a number and itself"
        values[out] = values[a]
    assert (values[0], values[1]) == ("b", "a")


def test_equal_small_tables_are_stored_once(tracer):
    assert tracer.table(torch.arange(3.0)) == tracer.table(torch.arange(3.0)) == 0
    assert tracer.table(torch.arange(1.0, 5.0)) == 3
    assert tracer.table(torch.arange(3)) == 0, "in the table of whole numbers"
    large = torch.zeros(MOST_REGISTERS + 1)
    assert tracer.table(large) == tracer.table(large)


def test_a_list_of_registers_is_stored_once(tracer):
    assert [tracer.pooled((1, 2)), tracer.pooled((3,)), tracer.pooled((1, 2))] == [0, 2, 0]
    assert tracer.pool == [1, 2, 3]


def test_a_tensor_with_many_elements_has_no_registers(tracer):
    with pytest.raises(Untranslatable):
        tracer.registers(torch.ones(*WORLDS, MOST_REGISTERS + 1), torch.float32, (*WORLDS, MOST_REGISTERS + 1))
