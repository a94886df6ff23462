"""Steps of tasks as a compiled loop over instructions: what a translated task runs on.

`pfc_metarl.simulation.translation` turns the functions of a task into instructions. Each of them is an operation on
registers, and a register holds one number per world. Numbers are those of torch to the bit: every operation is rounded
by itself, in the precision that torch has for it.
"""

import numpy as np
import numpy.typing as npt

from pfc_metarl.compiler import Array, exactly_compiled, inlined

Whole = npt.NDArray[np.int64]

ADD, SUB, MUL, DIV, MIN, MAX, REMAINDER = range(7)
"""Arithmetic."""
AND, OR, XOR, SHIFT = range(7, 11)
"""On whole numbers only; False and True are 0 and 1."""
LESS, LESS_OR_EQUAL, EQUAL, NOT_EQUAL = range(11, 15)
"""Comparisons; the result is a whole number."""
WHERE, TAKE, PICK = range(15, 18)
"""`a` where `condition`, else `b`; a number of a table; a number of one of several registers."""
NOISE, TO_FLOAT, TO_WHOLE, INDEX = range(18, 22)
"""A random number of the step; changes of type; an index into so many places, which may count from the end."""

POWER = 22
"""A power with a whole exponent, from a table of the powers of each world's base."""

FLOAT = 32
"""Added to an operation whose operands are single-precision numbers; the others work on whole numbers."""


@inlined
def floats(op: int, a: Array, b: Array, out: Array) -> None:
    """Arithmetic of single-precision numbers; as in torch, minimum and maximum of no number are no number."""
    for w in range(out.size):
        x, y = a[w], b[w]
        if op == ADD:
            out[w] = x + y
        elif op == SUB:
            out[w] = x - y
        elif op == MUL:
            out[w] = x * y
        elif op == DIV:
            out[w] = x / y
        elif op == MIN:
            out[w] = x if x < y or x != x else y
        elif op == MAX:
            out[w] = x if x > y or x != x else y
        else:
            rest = np.fmod(x, y)
            out[w] = rest + y if rest != 0 and (rest < 0) != (y < 0) else rest


@inlined
def compared_floats(op: int, a: Array, b: Array, out: Whole) -> None:
    """Comparisons of single-precision numbers."""
    for w in range(out.size):
        if op == LESS:
            out[w] = a[w] < b[w]
        elif op == LESS_OR_EQUAL:
            out[w] = a[w] <= b[w]
        elif op == EQUAL:
            out[w] = a[w] == b[w]
        else:
            out[w] = a[w] != b[w]


@inlined
def wholes(op: int, a: Whole, b: Whole, out: Whole) -> None:
    """Arithmetic of whole numbers; a quotient is rounded down, as its remainder needs it."""
    for w in range(out.size):
        x, y = a[w], b[w]
        if op == ADD:
            out[w] = x + y
        elif op == SUB:
            out[w] = x - y
        elif op == MUL:
            out[w] = x * y
        elif op == DIV:
            out[w] = x // y
        elif op == MIN:
            out[w] = min(x, y)
        elif op == MAX:
            out[w] = max(x, y)
        elif op == REMAINDER:
            out[w] = x % y
        else:
            out[w] = x & y if op == AND else x | y if op == OR else x ^ y if op == XOR else x >> y


@inlined
def compared_wholes(op: int, a: Whole, b: Whole, out: Whole) -> None:
    """Comparisons of whole numbers."""
    for w in range(out.size):
        if op == LESS:
            out[w] = a[w] < b[w]
        elif op == LESS_OR_EQUAL:
            out[w] = a[w] <= b[w]
        elif op == EQUAL:
            out[w] = a[w] == b[w]
        else:
            out[w] = a[w] != b[w]


@inlined
def looked_up(op, condition, a, b, out, registers, table, pool, place, stride):  # type: ignore[no-untyped-def]
    """Copy numbers of one type from elsewhere: `condition` is a condition or an index."""
    for w in range(out.size):
        if op == WHERE:
            out[w] = a[w] if condition[w] != 0 else b[w]
        elif op == TAKE:
            out[w] = table[place + stride * condition[w]]
        else:
            out[w] = registers[pool[place + condition[w]], w]


@inlined
def indexed(index: Whole, n: int, out: Whole) -> bool:
    """Write an index into so many places, counted from their beginning; return whether all are there."""
    there = True
    for w in range(out.size):
        out[w] = index[w] + n if index[w] < 0 else index[w]
        if not 0 <= out[w] < n:
            out[w], there = 0, False
    return there


@inlined
def raised(base: Array, exponent: Array, n: int, table: Array, out: Array) -> bool:
    """Look up powers with the exponents 0 to n − 1; return whether all are there.

    The first numbers of the table are the bases of which it has the powers; bases that are others are written there.
    """
    there = True
    for w in range(out.size):
        e = np.int64(exponent[w])
        if table[w] == base[w] and 0 <= e < n and e == exponent[w]:
            out[w] = table[(1 + e) * out.size + w]
        else:
            table[w], out[w], there = base[w], 0, False
    return there


@exactly_compiled
def run(
    code: Whole,
    first: int,
    last: int,
    floating: Array,
    whole: Whole,
    float_table: Array,
    whole_table: Whole,
    pool: Whole,
    noise: Array,
) -> bool:
    """Run instructions.

    Parameters
    ----------
    code : array, shape [instruction, 7]
        Operation, register of the result, three registers of operands, two numbers.
    first, last : int
        Instructions to run; the last is not.
    floating, whole : array, shape [register, world]
        Registers for numbers of each type; one of the two is used.
    float_table, whole_table : array
        All tables, one after the other. At the end of those of single precision stand bases and powers of each element
        of an operation `POWER`; such an instruction has its number from the end, and the number of exponents.
    pool : array
        Lists of registers, one after the other.
    noise : array, shape [network, episode, draw]
        Random numbers of this step.

    Returns
    -------
    bool
        Whether every index was within its table, and every power was there.
    """
    n_episodes, right = noise.shape[1], True
    for k in range(first, last):
        op, out, a, b, c, m, n = code[k]
        if op >= FLOAT + WHERE:
            if op < FLOAT + NOISE:
                looked_up(
                    op - FLOAT, whole[c], floating[a], floating[b], floating[out], floating, float_table, pool, m, n
                )
            elif op == FLOAT + NOISE:
                for w in range(whole.shape[1]):
                    floating[out, w] = noise[w // n_episodes, w % n_episodes, m]
            else:
                place = float_table.size - (m + 1) * (n + 1) * whole.shape[1]
                right &= raised(floating[a], floating[b], n, float_table[place:], floating[out])
        elif op >= FLOAT + LESS:
            compared_floats(op - FLOAT, floating[a], floating[b], whole[out])
        elif op >= FLOAT:
            floats(op - FLOAT, floating[a], floating[b], floating[out])
        elif op == INDEX:
            right &= indexed(whole[a], m, whole[out])
        elif op == TO_FLOAT:
            for w in range(whole.shape[1]):
                floating[out, w] = whole[a, w]
        elif op == TO_WHOLE:
            for w in range(whole.shape[1]):
                whole[out, w] = np.int64(floating[a, w])
        elif op >= WHERE:
            looked_up(op, whole[c], whole[a], whole[b], whole[out], whole, whole_table, pool, m, n)
        elif op >= LESS:
            compared_wholes(op, whole[a], whole[b], whole[out])
        else:
            wholes(op, whole[a], whole[b], whole[out])
    return right
