"""Instructions of `pfc_metarl.simulation.compiled_tasks` for operations of torch whose results they give to the bit."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pfc_metarl.simulation.compiled_tasks import ADD, EQUAL, FLOAT, MAX, MIN, MUL, PICK, POWER, TAKE, WHERE
from pfc_metarl.simulation.traced import Traced, Untranslatable, is_float, value_of
from pfc_metarl.simulation.translation import Operand, Tracer

Instructions = Callable[[Tracer, Tensor, Any, Any], list[int]]
"""Adds instructions: (tracer, value of an example, arguments, keywords) -> registers of the result."""


def each(tracer: Tracer, op: int, dtype: torch.dtype, shape: Sequence[int], a: Operand, b: Operand) -> list[int]:
    """Add an instruction with two operands for every element."""
    op += FLOAT * is_float(dtype)
    pairs = zip(tracer.registers(a, dtype, shape), tracer.registers(b, dtype, shape), strict=True)
    return [tracer.emit(op, *pair) for pair in pairs]


def arithmetic(op: int) -> Instructions:
    """Return the instructions of an operation in the type of its result."""

    def instructions(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
        a, b = args[:2]
        alpha = kwargs.get("alpha", args[2] if len(args) > 2 else 1)
        rounding = kwargs.get("rounding_mode")
        if value.dtype == torch.bool or (is_float(value.dtype) and (alpha != 1 or rounding)) or rounding == "trunc":
            raise Untranslatable("an operation that is rounded in another way")
        factors = tracer.registers(b, value.dtype, value.shape)
        if alpha != 1:
            factors = [tracer.emit(MUL, factor, tracer.constant(alpha, False)) for factor in factors]
        of_type = op + FLOAT * is_float(value.dtype)
        terms = zip(tracer.registers(a, value.dtype, value.shape), factors, strict=True)
        return [tracer.emit(of_type, *pair) for pair in terms]

    return instructions


def exchanged(instructions: Instructions) -> Instructions:
    """Return the instructions with the first two arguments exchanged."""
    return lambda tracer, value, args, kwargs: instructions(tracer, value, (args[1], args[0], *args[2:]), kwargs)


def whole_only(op: int) -> Instructions:
    """Return the instructions of an operation on whole numbers or on conditions."""

    def instructions(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
        if is_float(value.dtype):
            raise Untranslatable("bits of a number")
        return each(tracer, op, value.dtype, value.shape, *args[:2])

    return instructions


def comparison(op: int) -> Instructions:
    """Return the instructions of a comparison, in the type that torch compares in."""

    def instructions(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
        a, b = args[:2]
        dtype = torch.result_type(*value_of([a, b]))
        return each(tracer, op, dtype, value.shape, a, b)

    return instructions


def negated(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
    """Return the instructions of not."""
    if value.dtype != torch.bool:
        raise Untranslatable("the bits of a number")
    return each(tracer, EQUAL, torch.int64, value.shape, args[0], 0)


def opposite(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
    """Return the instructions of minus."""
    return each(tracer, MUL, value.dtype, value.shape, args[0], -1)


def converted(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
    """Return the instructions of a change of type."""
    return tracer.registers(args[0], value.dtype, value.shape)


def copied(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
    """Return the instructions of a copy of the second argument."""
    return tracer.registers(args[1], value.dtype, value.shape)


def clamped(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
    """Return the instructions of bounds below and above."""
    low, high = (kwargs.get(name, args[n] if len(args) > n else None) for n, name in ((1, "min"), (2, "max")))
    registers, offset = tracer.registers(args[0], value.dtype, value.shape), FLOAT * is_float(value.dtype)
    for op, bound in ((MAX, low), (MIN, high)):
        if bound is not None:
            bounds = tracer.registers(bound, value.dtype, value.shape)
            registers = [tracer.emit(op + offset, *pair) for pair in zip(registers, bounds, strict=True)]
    return registers


def powers(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
    """Return the instructions of powers with whole exponents.

    Torch computes them for each base and all exponents, since the power of compiled code differs in the last bit. Its
    own depends on where in a tensor a number stands, so base and exponent must be tensors of the same shape.
    """
    base, exponent = value_of(list(args[:2]))
    if not (isinstance(base, Tensor) and isinstance(exponent, Tensor)) or base.shape != exponent.shape or kwargs:
        raise Untranslatable("pow of a base and an exponent of different shapes")
    alike = base.dtype == exponent.dtype == torch.float32 and base.is_contiguous() and exponent.is_contiguous()
    if not alike or (exponent != exponent.floor()).any():
        raise Untranslatable("pow with an exponent that is no whole number")
    bases, exponents = (tracer.registers(each, torch.float32, value.shape) for each in args[:2])
    first, n = tracer.power(len(bases)), tracer.n_exponents
    pairs = zip(bases, exponents, strict=True)
    return [tracer.emit(FLOAT + POWER, a, b, m=first + k, n=n) for k, (a, b) in enumerate(pairs)]


def chosen(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
    """Return the instructions of ``where(condition, a, b)``."""
    condition, a, b = args
    op = WHERE + FLOAT * is_float(value.dtype)
    of_type = (tracer.registers(branch, value.dtype, value.shape) for branch in (a, b))
    conditions = tracer.registers(condition, torch.bool, value.shape)
    return [tracer.emit(op, *triple) for triple in zip(*of_type, conditions, strict=True)]


def masked(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
    """Return the instructions of ``masked_fill(x, mask, filler)``."""
    x, mask, filler = args
    return chosen(tracer, value, (mask, filler, x), kwargs)


def taken(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
    """Return the instructions of ``take(table, index)``."""
    table, index = args
    return rows(tracer, table.reshape(-1), [index])


def selected(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
    """Return the instructions of ``index_select(table, 0, index)``."""
    table, dim, index = args
    if dim % table.ndim:
        raise Untranslatable("a choice of columns")
    return rows(tracer, table, [index])


def rows(tracer: Tracer, table: Tensor, indices: Sequence[Any]) -> list[int]:
    """Return the registers of rows of a table, which must be a constant."""
    examples = value_of(list(indices))
    if isinstance(table, Traced) or any(example.dtype != torch.int64 for example in examples):
        raise Untranslatable("a choice among numbers of worlds, or by a mask")
    shape = np.broadcast_shapes(*(tuple(example.shape) for example in examples))
    flat: list[int] = []
    for index, n in zip(indices, table.shape, strict=False):
        own = [tracer.index(register, n) for register in tracer.registers(index, torch.int64, shape)]
        scale = tracer.constant(n, False)
        pairs = zip(flat, own, strict=True) if flat else ()
        flat = [tracer.emit(ADD, tracer.emit(MUL, before, scale), register) for before, register in pairs] or own
    width, begins = table[(0,) * len(indices)].numel(), tracer.table(table)
    op = TAKE + FLOAT * is_float(table.dtype)
    return [tracer.emit(op, c=index, m=begins + column, n=width) for index in flat for column in range(width)]


def gathered(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
    """Return the instructions of ``gather(x, -1, index)``."""
    x, dim, index = args
    example, places = value_of([x, index])
    if dim % example.ndim != example.ndim - 1 or example.shape[:-1] != places.shape[:-1]:
        raise Untranslatable("a choice along another axis than the last")
    n, k, made = example.shape[-1], places.shape[-1], []
    found = tracer.registers(x, example.dtype, example.shape)
    for number, place in enumerate(tracer.registers(index, torch.int64, places.shape)):
        row = number // k
        pool = tracer.pooled(tuple(found[row * n : (row + 1) * n]))
        made.append(tracer.emit(PICK + FLOAT * is_float(example.dtype), c=tracer.index(place, n), m=pool, n=n))
    return made
