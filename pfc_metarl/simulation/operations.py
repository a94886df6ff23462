"""What operations of torch mean as instructions of `pfc_metarl.simulation.compiled_tasks`.

Here are the operations for which the result is the same to the bit; a task that uses another one is simulated by torch.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pfc_metarl.simulation.compiled_tasks import (
    ADD,
    AND,
    DIV,
    EQUAL,
    FLOAT,
    LESS,
    LESS_OR_EQUAL,
    MAX,
    MIN,
    MUL,
    NOT_EQUAL,
    OR,
    PICK,
    REMAINDER,
    SHIFT,
    SUB,
    TAKE,
    WHERE,
    XOR,
)
from pfc_metarl.simulation.traced import Traced, Untranslatable, is_float, mapped
from pfc_metarl.simulation.translation import Operand, Tracer

Handler = Callable[[Tracer, Any, Any, Any], Any]

ARITHMETIC = {"add": ADD, "sub": SUB, "mul": MUL, "div": DIV, "remainder": REMAINDER, "floor_divide": DIV}
BOUNDS = {"minimum": MIN, "maximum": MAX, "clamp_max": MIN, "clamp_min": MAX}
LOGICAL = {"logical_and": AND, "logical_or": OR, "logical_xor": XOR}
BITWISE = {"bitwise_and": AND, "bitwise_or": OR, "bitwise_xor": XOR, "bitwise_right_shift": SHIFT, "__rshift__": SHIFT}
IN_ORDER = {"lt": LESS, "le": LESS_OR_EQUAL, "eq": EQUAL, "ne": NOT_EQUAL}
EXCHANGED = {"gt": LESS, "ge": LESS_OR_EQUAL}
"""Comparisons whose operands change places."""
MOVES = (
    *("view", "_unsafe_view", "reshape", "expand", "select", "slice", "unsqueeze", "squeeze", "permute", "transpose"),
    *("flip", "unbind", "split", "split_with_sizes", "cat", "stack", "alias", "detach", "clone", "repeat", "unfold"),
    *("t", "movedim", "diagonal", "contiguous"),
)
FILLED = ("zeros_like", "ones_like", "full_like", "new_zeros", "new_ones", "new_full")


def value_of(args: Any) -> Any:
    """Return arguments with the values of an example in the place of traced tensors."""
    return mapped(args, lambda tensor: tensor.value if isinstance(tensor, Traced) else tensor)


def moved(tracer: Tracer, function: Any, args: Any, kwargs: Any) -> Any:
    """Move the numbers of registers instead of values."""
    values = function(*value_of(args), **kwargs)
    tensors = [each for each in _parts(args) if isinstance(each, Tensor)]
    if any(tensor.dtype != tensors[0].dtype for tensor in tensors):
        raise Untranslatable("tensors of different types in one")
    places = function(*mapped(args, tracer.located), **kwargs)
    if isinstance(values, Tensor):
        return Traced(values, places, tracer.handle)
    return [Traced(*each, tracer.handle) for each in zip(values, places, strict=True)]


def _parts(args: Any) -> list[Any]:
    return [part for each in args for part in (each if isinstance(each, (list, tuple)) else [each])]


def filled(tracer: Tracer, function: Any, args: Any, kwargs: Any) -> Tensor:
    """Return a tensor that depends on the shape of another one only."""
    made: Tensor = function(*value_of(args), **kwargs)
    return made


def computed(instructions: Callable[..., list[int]]) -> Handler:
    """Return the handler of an operation that adds instructions: (tracer, value, arguments, keywords) -> registers."""

    def handler(tracer: Tracer, function: Any, args: Any, kwargs: Any) -> Traced:
        value = function(*value_of(args), **value_of_keywords(kwargs))
        registers = instructions(tracer, value, args, kwargs)
        return tracer.traced(value, np.array(registers, dtype=np.int64))

    return handler


def value_of_keywords(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return keywords with the values of an example in the place of traced tensors."""
    return dict(zip(kwargs, value_of(list(kwargs.values())), strict=True))


def in_place(instructions: Callable[..., list[int]]) -> Handler:
    """Return the handler of an operation that overwrites its first argument, and what shares its memory."""

    def handler(tracer: Tracer, function: Any, args: Any, kwargs: Any) -> Traced:
        target: Traced = args[0]
        if not isinstance(target, Traced):
            raise Untranslatable("a constant is overwritten")
        before = Traced(target.value.clone(), target.places.clone(), tracer.handle)
        function(*value_of(args), **value_of_keywords(kwargs))
        registers = instructions(tracer, target.value, (before, *args[1:]), kwargs)
        tracer.overwrites = True
        target.places.copy_(tracer.traced(target.value, np.array(registers, dtype=np.int64)).places)
        return target

    return handler


def each(tracer: Tracer, op: int, dtype: torch.dtype, shape: Sequence[int], a: Operand, b: Operand) -> list[int]:
    """Add an instruction with two operands for every element."""
    op += FLOAT * is_float(dtype)
    pairs = zip(tracer.registers(a, dtype, shape), tracer.registers(b, dtype, shape), strict=True)
    return [tracer.emit(op, *pair) for pair in pairs]


def arithmetic(op: int) -> Callable[..., list[int]]:
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


def exchanged(instructions: Callable[..., list[int]]) -> Callable[..., list[int]]:
    """Return the instructions with the first two arguments exchanged."""
    return lambda tracer, value, args, kwargs: instructions(tracer, value, (args[1], args[0], *args[2:]), kwargs)


def whole_only(op: int) -> Callable[..., list[int]]:
    """Return the instructions of an operation on whole numbers or on conditions."""

    def instructions(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
        if is_float(value.dtype):
            raise Untranslatable("bits of a number")
        return each(tracer, op, value.dtype, value.shape, *args[:2])

    return instructions


def comparison(op: int) -> Callable[..., list[int]]:
    """Return the instructions of a comparison, in the type that torch compares in."""

    def instructions(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
        a, b = args[:2]
        dtype = torch.result_type(*value_of([a, b]))
        return each(tracer, op, dtype, value.shape, a, b)

    return instructions


def negated(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
    """Return the instructions of not."""
    if args[0].dtype != torch.bool:
        raise Untranslatable("the bits of a number")
    return each(tracer, EQUAL, torch.int64, value.shape, args[0], 0)


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


def indexed(tracer: Tracer, value: Tensor, args: Any, kwargs: Any) -> list[int]:
    """Return the instructions of ``table[index, ...]``."""
    return rows(tracer, *args)


def rows(tracer: Tracer, table: Tensor, indices: Sequence[Any]) -> list[int]:
    """Return the registers of rows of a table, which must be a constant."""
    if isinstance(table, Traced) or any(index is None or index.dtype != torch.int64 for index in indices):
        raise Untranslatable("a choice among numbers of worlds, or by a mask")
    shape = torch.broadcast_shapes(*(index.shape for index in indices))
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
    x, dim, index = args[:3]
    if dim % x.ndim != x.ndim - 1 or x.shape[:-1] != index.shape[:-1]:
        raise Untranslatable("a choice along another axis than the last")
    n, k = x.shape[-1], index.shape[-1]
    found, places = tracer.registers(x, x.dtype, x.shape), tracer.registers(index, torch.int64, index.shape)
    op, made = PICK + FLOAT * is_float(x.dtype), []
    for number, place in enumerate(places):
        row = number // k
        pool = tracer.pooled(tuple(found[row * n : (row + 1) * n]))
        made.append(tracer.emit(op, c=tracer.index(place, n), m=pool, n=n))
    return made


INSTRUCTIONS: dict[str, Callable[..., list[int]]] = {
    **{name: arithmetic(op) for name, op in (ARITHMETIC | BOUNDS).items()},
    **{name: whole_only(op) for name, op in (LOGICAL | BITWISE).items()},
    **{name: comparison(op) for name, op in IN_ORDER.items()},
    **{name: exchanged(comparison(op)) for name, op in EXCHANGED.items()},
    "rsub": exchanged(arithmetic(SUB)),
    "bitwise_not": negated,
    "logical_not": negated,
    "clamp": clamped,
    "where": chosen,
    "masked_fill": masked,
    "_to_copy": converted,
    "copy": copied,
    "take": taken,
    "index_select": selected,
    "index": indexed,
    "gather": gathered,
}
HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(MOVES, moved),
    **dict.fromkeys(FILLED, filled),
    **{name: computed(instructions) for name, instructions in INSTRUCTIONS.items()},
    **{f"{name}_": in_place(instructions) for name, instructions in INSTRUCTIONS.items()},
}
