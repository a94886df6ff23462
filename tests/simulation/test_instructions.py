"""Instructions of operations: how many there are, and which operands are refused.

That their results are those of torch is tested in `tests.simulation.test_operations`.
"""

import numpy as np
import pytest
import torch

from pfc_metarl.simulation import instructions
from pfc_metarl.simulation.compiled_tasks import ADD, INDEX, LESS, MUL, PICK, TAKE
from pfc_metarl.simulation.operations import HANDLERS
from pfc_metarl.simulation.traced import WORLDS, Untranslatable
from pfc_metarl.simulation.translation import Tracer


@pytest.fixture
def tracer():
    return Tracer(HANDLERS, n_fixed=4, n_draws=1)


def whole(tracer, *registers):
    return tracer.traced(torch.ones(*WORLDS, len(registers), dtype=torch.int64), np.array(registers))


def operations(tracer):
    return [instruction[0] for instruction in tracer.code]


def test_an_operation_has_an_instruction_for_each_element(tracer):
    x = whole(tracer, 0, 1)
    instructions.arithmetic(ADD)(tracer, x.value, (x, 3), {})
    assert operations(tracer) == [ADD, ADD]


def test_exchanged_operands(tracer):
    x, y = whole(tracer, 0), whole(tracer, 1)
    instructions.exchanged(instructions.comparison(LESS))(tracer, x.value < 1, (x, y), {})
    assert tracer.code[0][2:4] == (1, 0)


def test_a_row_of_a_table_needs_one_index_and_its_columns(tracer):
    x = whole(tracer, 0)
    assert len(instructions.rows(tracer, torch.ones(3, 4), [x])) == 4
    assert operations(tracer) == [INDEX, *[TAKE + 32] * 4]


def test_an_index_into_two_axes_is_one_number(tracer):
    instructions.rows(tracer, torch.ones(3, 4, dtype=torch.int64), [whole(tracer, 0), whole(tracer, 1)])
    assert operations(tracer) == [INDEX, INDEX, MUL, ADD, TAKE]


def test_a_choice_among_registers(tracer):
    x, index = whole(tracer, 0, 1, 2), whole(tracer, 3)
    instructions.gathered(tracer, index.value, (x, -1, index), {})
    assert operations(tracer) == [INDEX, PICK]
    assert tracer.pool == [0, 1, 2]
    with pytest.raises(Untranslatable, match="axis"):
        instructions.gathered(tracer, index.value, (x, 0, index), {})


def test_a_choice_among_numbers_of_worlds_is_refused(tracer):
    with pytest.raises(Untranslatable, match="numbers of worlds"):
        instructions.rows(tracer, whole(tracer, 0, 1), [whole(tracer, 2)])
    with pytest.raises(Untranslatable, match="columns"):
        instructions.selected(tracer, torch.ones(1), (torch.ones(2, 2), 1, whole(tracer, 0)), {})


def test_bits_of_a_number_in_single_precision_are_refused(tracer):
    with pytest.raises(Untranslatable, match="bits"):
        instructions.whole_only(ADD)(tracer, torch.ones(WORLDS), (1, 2), {})
