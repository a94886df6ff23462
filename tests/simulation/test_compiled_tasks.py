"""Instructions, one by one."""

import math

import numpy as np
import pytest

from pfc_metarl.simulation import compiled_tasks as tasks
from pfc_metarl.simulation.compiled_tasks import FLOAT, run

A, B, C, OUT = range(4)
NAN = math.nan


def result(op, a=(0,), b=(0,), c=(0,), m=0, n=0, table=(0,), pool=(0,), noise=((0.0,),)):
    """Run one instruction; return the register of its result, as floats and as whole numbers, and what `run` says."""
    floating, whole = np.full((4, len(a)), -7, np.float32), np.full((4, len(a)), -7)
    with np.errstate(invalid="ignore"):
        for register, values in ((A, a), (B, b), (C, c)):
            floating[register] = values
            whole[register] = np.nan_to_num(values).astype(int)
    code = np.array([(op, OUT, A, B, C, m, n)])
    tables = np.array(table, np.float32), np.array(table, np.int64), np.array(pool)
    right = run(code, 0, 1, floating, whole, *tables, np.array(noise, np.float32)[None])
    return floating[OUT].tolist(), whole[OUT].tolist(), right


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (tasks.ADD, [9.5, -4.5, 9.5]),
        (tasks.SUB, [5.5, -8.5, -5.5]),
        (tasks.MUL, [15.0, -13.0, 15.0]),
        (tasks.DIV, [3.75, -3.25, 0.26666668]),
        (tasks.MIN, [2.0, -6.5, 2.0]),
        (tasks.MAX, [7.5, 2.0, 7.5]),
        (tasks.REMAINDER, [1.5, 1.5, 2.0]),
    ],
)
def test_arithmetic_of_single_precision(op, expected):
    assert result(op + FLOAT, [7.5, -6.5, 2.0], [2.0, 2.0, 7.5])[0] == pytest.approx(expected)


def test_a_remainder_has_the_sign_of_the_divisor():
    assert result(tasks.REMAINDER + FLOAT, [5, -5, 5, -5], [3, 3, -3, -3])[0] == [2, 1, -1, -2]
    assert result(tasks.REMAINDER, [5, -5, 5, -5], [3, 3, -3, -3])[1] == [2, 1, -1, -2]
    assert result(tasks.DIV, [5, -5, 5, -5], [3, 3, -3, -3])[1] == [1, -2, -2, 1]


@pytest.mark.parametrize("op", [tasks.MIN, tasks.MAX])
def test_no_number_stays_no_number(op):
    assert np.isnan(result(op + FLOAT, [NAN, 1.0], [1.0, NAN])[0]).all()


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (tasks.ADD, 17),
        (tasks.SUB, 7),
        (tasks.MUL, 60),
        (tasks.MIN, 5),
        (tasks.MAX, 12),
        (tasks.AND, 4),
        (tasks.OR, 13),
        (tasks.XOR, 9),
        (tasks.SHIFT, 0),
        (tasks.REMAINDER, 2),
    ],
)
def test_arithmetic_of_whole_numbers(op, expected):
    assert result(op, [12], [5])[1] == [expected]


@pytest.mark.parametrize("kind", [0, FLOAT])
def test_comparisons(kind):
    compared = {
        op: result(op + kind, [1, 2, 3], [2, 2, 2])[1]
        for op in (tasks.LESS, tasks.LESS_OR_EQUAL, tasks.EQUAL, tasks.NOT_EQUAL)
    }
    assert list(compared.values()) == [[1, 0, 0], [1, 1, 0], [0, 1, 0], [1, 0, 1]]
    assert result(tasks.NOT_EQUAL + FLOAT, [NAN], [NAN])[1] == [1]


@pytest.mark.parametrize("kind", [0, 1])
def test_choices(kind):
    assert result(tasks.WHERE + kind * FLOAT, [1, 2], [3, 4], [1, 0])[1 - kind] == [1, 4]
    assert result(tasks.PICK + kind * FLOAT, [1, 2], [3, 4], [1, 0], m=1, pool=(9, A, B))[1 - kind] == [3, 2]
    # rows of 2 from place 3 on: rows 1 and 0
    assert result(tasks.TAKE + kind * FLOAT, c=[1, 0], a=[0, 0], b=[0, 0], m=3, n=2, table=(9, 9, 9, 5, 6, 7, 8))[
        1 - kind
    ] == [7, 5]


def test_an_index_may_count_from_the_end_and_is_checked():
    assert result(tasks.INDEX, [0, 2, -1, -3], [0] * 4, [0] * 4, m=3)[1:] == ([0, 2, 2, 0], True)
    assert result(tasks.INDEX, [3], m=3)[1:] == ([0], False)
    assert result(tasks.INDEX, [-4], m=3)[1:] == ([0], False)


def test_changes_of_type():
    assert result(tasks.TO_WHOLE, [1.9, -1.9], [0, 0], [0, 0])[1] == [1, -1]
    assert result(tasks.TO_FLOAT, [2**24 + 1], [0], [0])[0] == [2**24], "rounded as single precision is"


def test_noise_of_a_world():
    assert result(tasks.NOISE + FLOAT, [0, 0], [0, 0], [0, 0], m=1, noise=((0.1, 0.5), (0.2, 0.75)))[0] == [0.5, 0.75]


def test_powers_are_looked_up_for_the_bases_of_the_table():
    # before it one number of another table; then two bases and their powers with exponents 0, 1, 2
    table = [9.0, 0.5, 0.25, 1.0, 1.0, 0.5, 0.25, 0.25, 0.0625]
    given = {"op": tasks.POWER + FLOAT, "m": 0, "n": 3, "table": table}
    assert result(a=[0.5, 0.25], b=[2.0, 1.0], **given)[::2] == ([0.25, 0.25], True)
    for exponent in (3.0, -1.0, 0.5, NAN):
        assert not result(a=[0.5, 0.25], b=[2.0, exponent], **given)[2]
    assert not result(a=[0.5, 0.3], b=[2.0, 1.0], **given)[2]
