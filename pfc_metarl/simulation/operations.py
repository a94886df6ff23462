"""What operations of torch do to traced tensors, by their names.

Here are the operations for which the result is the same to the bit; a task that uses another one is simulated by torch.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pfc_metarl.simulation import instructions
from pfc_metarl.simulation.compiled_tasks import (
    ADD,
    AND,
    DIV,
    EQUAL,
    LESS,
    LESS_OR_EQUAL,
    MAX,
    MIN,
    MUL,
    NOT_EQUAL,
    OR,
    REMAINDER,
    SHIFT,
    SUB,
    XOR,
)
from pfc_metarl.simulation.instructions import Instructions, arithmetic, comparison, exchanged, whole_only
from pfc_metarl.simulation.traced import Traced, Untranslatable, mapped, value_of
from pfc_metarl.simulation.translation import Tracer

Handler = Callable[[Tracer, Any, Any, Any], Any]
"""Carries out an operation: (tracer, operation of torch, arguments, keywords) -> result."""

ARITHMETIC = {
    ADD: ("add", "__add__", "__radd__"),
    SUB: ("sub", "subtract", "__sub__"),
    MUL: ("mul", "multiply", "__mul__", "__rmul__"),
    DIV: ("div", "divide", "true_divide", "__truediv__"),
    REMAINDER: ("remainder", "__mod__"),
    MIN: ("minimum", "clamp_max"),
    MAX: ("maximum", "clamp_min"),
}
WHOLE_ONLY = {
    DIV: ("floor_divide", "__floordiv__"),
    AND: ("bitwise_and", "logical_and", "__and__", "__rand__"),
    OR: ("bitwise_or", "logical_or", "__or__", "__ror__"),
    XOR: ("bitwise_xor", "logical_xor", "__xor__", "__rxor__"),
    SHIFT: ("bitwise_right_shift", "__rshift__"),
}
IN_ORDER = {
    LESS: ("lt", "less", "__lt__"),
    LESS_OR_EQUAL: ("le", "less_equal", "__le__"),
    EQUAL: ("eq", "__eq__"),
    NOT_EQUAL: ("ne", "not_equal", "__ne__"),
}
EXCHANGED = {LESS: ("gt", "greater", "__gt__"), LESS_OR_EQUAL: ("ge", "greater_equal", "__ge__")}
"""Comparisons whose operands change places."""
CONVERTED = ("to", "long", "float", "bool", "type_as")
MOVES = (
    *("view", "view_as", "reshape", "expand", "expand_as", "broadcast_to", "select", "narrow", "unsqueeze", "squeeze"),
    *("permute", "transpose", "swapaxes", "movedim", "flip", "unbind", "split", "chunk", "cat", "concat", "stack"),
    *("detach", "clone", "contiguous", "flatten", "unflatten", "ravel", "repeat", "tile", "unfold", "diagonal"),
)
FILLED = ("zeros_like", "ones_like", "full_like", "new_zeros", "new_ones", "new_full", "new_tensor")
ABOUT = ("size", "dim", "numel", "__len__", "is_floating_point", "stride", "is_contiguous")
"""Methods that tell about shape and type."""


def moved(tracer: Tracer, function: Any, args: Any, kwargs: Any) -> Any:
    """Move the numbers of registers instead of values."""
    values = function(*value_of(args), **kwargs)
    joined: Any = value_of(args[0]) if isinstance(args[0], (list, tuple)) else ()
    if any(tensor.dtype != joined[0].dtype for tensor in joined):
        raise Untranslatable("tensors of different types in one")
    places = function(*mapped(args, tracer.located), **kwargs)
    if isinstance(values, Tensor):
        return Traced(values, places, tracer.handle)
    return tuple(Traced(*each, tracer.handle) for each in zip(values, places, strict=True))


def asked(tracer: Tracer, function: Any, args: Any, kwargs: Any) -> Any:
    """Return a property, such as the shape."""
    found = function(*value_of(args), **kwargs)
    return moved(tracer, function, args, kwargs) if isinstance(found, Tensor) else found


def iterated(tracer: Tracer, function: Any, args: Any, kwargs: Any) -> Any:
    """Return the parts of a tensor along its first axis."""
    return iter(moved(tracer, Tensor.unbind, args, kwargs))


def filled(tracer: Tracer, function: Any, args: Any, kwargs: Any) -> Any:
    """Return what depends on the shape of a tensor only."""
    return function(*value_of(args), **kwargs)


def computed(its: Instructions) -> Handler:
    """Return the handler of an operation that adds instructions."""

    def handler(tracer: Tracer, function: Any, args: Any, kwargs: Any) -> Traced:
        value = function(*value_of(args), **kwargs)
        registers = its(tracer, value, args, kwargs)
        return tracer.traced(value, np.array(registers, dtype=np.int64))

    return handler


def in_place(its: Instructions) -> Handler:
    """Return the handler of an operation that overwrites its first argument, and what shares its memory."""

    def handler(tracer: Tracer, function: Any, args: Any, kwargs: Any) -> Traced:
        target: Traced = args[0]
        if not isinstance(target, Traced):
            raise Untranslatable("a constant is overwritten")
        before = Traced(target.value.clone(), target.places.clone(), tracer.handle)
        function(*value_of(args), **kwargs)
        registers = its(tracer, target.value, (before, *args[1:]), kwargs)
        tracer.overwrites = True
        target.places.copy_(tracer.traced(target.value, np.array(registers, dtype=np.int64)).places)
        return target

    return handler


def where(tracer: Tracer, function: Any, args: Any, kwargs: Any) -> Any:
    """Carry out ``where``, which as a method has its arguments in another order."""
    if function is not torch.where:
        args = args[1], args[0], args[2]
    return computed(instructions.chosen)(tracer, torch.where, args, kwargs)


def indexed(tracer: Tracer, function: Any, args: Any, kwargs: Any) -> Any:
    """Carry out ``x[index]``: a view, or rows of a table."""
    table, index = args
    indices = index if isinstance(index, tuple) else (index,)
    if not any(isinstance(part, (Tensor, list)) for part in indices):
        return moved(tracer, function, args, kwargs)
    if not all(isinstance(part, (Tensor, int)) for part in indices):
        raise Untranslatable("an index of several kinds")
    parts = [part if isinstance(part, Tensor) else torch.tensor(part) for part in indices]
    value = table[value_of(tuple(parts))]
    return tracer.traced(value, np.array(instructions.rows(tracer, table, parts)))


def written(tracer: Tracer, function: Any, args: Any, kwargs: Any) -> None:
    """Carry out ``x[index] = filler`` for a view of x."""
    target, index, filler = args
    if any(isinstance(part, (Tensor, list)) for part in (index if isinstance(index, tuple) else (index,))):
        raise Untranslatable("numbers written to places that differ between worlds")
    in_place(instructions.copied)(tracer, _fill, (target[index], filler), kwargs)


def _fill(target: Tensor, filler: Any) -> None:
    target[...] = filler


def _named(make: Callable[[int], Instructions], names: Mapping[int, tuple[str, ...]]) -> dict[str, Instructions]:
    return {name: make(op) for op, own in names.items() for name in own}


INSTRUCTIONS: dict[str, Instructions] = {
    **_named(arithmetic, ARITHMETIC),
    **_named(whole_only, WHOLE_ONLY),
    **_named(comparison, IN_ORDER),
    **_named(lambda op: exchanged(comparison(op)), EXCHANGED),
    **dict.fromkeys(("rsub", "__rsub__"), exchanged(arithmetic(SUB))),
    **dict.fromkeys(("bitwise_not", "logical_not", "__invert__"), instructions.negated),
    **dict.fromkeys(("neg", "negative", "__neg__"), instructions.opposite),
    **dict.fromkeys(("clamp", "clip"), instructions.clamped),
    **dict.fromkeys(CONVERTED, instructions.converted),
    **dict.fromkeys(("pow", "__pow__"), instructions.powers),
    "masked_fill": instructions.masked,
    "copy": instructions.copied,
    "fill": instructions.copied,
    "take": instructions.taken,
    "index_select": instructions.selected,
    "gather": instructions.gathered,
}
HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(MOVES, moved),
    **dict.fromkeys((*FILLED, *ABOUT), filled),
    **{name: computed(its) for name, its in INSTRUCTIONS.items()},
    **{f"{name}_": in_place(its) for name, its in INSTRUCTIONS.items()},
    **{f"__i{name[2:]}": in_place(INSTRUCTIONS[name]) for name in INSTRUCTIONS if name.startswith("__")},
    "where": where,
    "__getitem__": indexed,
    "__setitem__": written,
    "__get__": asked,
    "__iter__": iterated,
}
