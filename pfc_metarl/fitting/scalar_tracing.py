"""A model's operations on tensors, written down as operations on single numbers.

The model's own functions are called once, with tensors that remember by which operations each of their elements was
made. The update rule is therefore written once, in the model.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor


class Untraceable(Exception):
    """A model does something that has no scalar operation; its likelihood is then computed by torch."""


class Operation(NamedTuple):
    """How a number is made: from other numbers, which are named by their place in the list of all."""

    name: str
    operands: tuple[int, ...]


COMMUTING = ("add", "mul", "max", "min", "eq", "ne")


class Scalars:
    """The list of all numbers: constants, inputs, and results of operations; equal ones are listed once.

    Parameters
    ----------
    handlers : mapping
        Name of an operation of torch -> what it does to traced tensors: (scalars, operation, arguments, keywords) ->
        result.
    """

    def __init__(self, handlers: Mapping[str, Callable[..., Any]]) -> None:
        self.handlers = handlers
        self.listed: list[Operation | float | str] = []
        self._known: dict[Any, int] = {}

    def constant(self, value: float) -> int:
        """Return the place of a constant."""
        return self._place(("constant", float(value)), float(value))

    def input(self, name: str) -> int:
        """Return the place of an input."""
        return self._place(("input", name), name)

    def result(self, name: str, *operands: int) -> int:
        """Return the place of the result of an operation."""
        if all(isinstance(self.listed[each], float) for each in operands):
            return self.constant(FOLDED[name](*(self.listed[each] for each in operands)))
        simple = self._simplified(name, operands)
        if simple is not None:
            return simple
        ordered = tuple(sorted(operands)) if name in COMMUTING else operands
        return self._place((name, ordered), Operation(name, ordered))

    def _simplified(self, name: str, operands: tuple[int, ...]) -> int | None:
        """Return the operand that an operation does not change, such as x in x · 1."""
        values = [self.listed[each] for each in operands]
        neutral = {"add": 0.0, "mul": 1.0}.get(name)
        if neutral is not None:
            for value, other in zip(values, reversed(operands), strict=True):
                if isinstance(value, float) and value == neutral:
                    return other
                if isinstance(value, float) and name == "mul" and value == 0.0:
                    return self.constant(0.0)
        if name == "sub" and values[1] == 0.0:
            return operands[0]
        if name == "where" and (isinstance(values[0], float) or operands[1] == operands[2]):
            return operands[1] if values[0] else operands[2]
        return None

    def _place(self, key: Any, entry: Operation | float | str) -> int:
        if key not in self._known:
            self._known[key] = len(self.listed)
            self.listed.append(entry)
        return self._known[key]


def _divided(a: float, b: float) -> float:
    return float(np.float64(a) / np.float64(b))


FOLDED: dict[str, Callable[..., float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": _divided,
    "max": max,
    "min": min,
    "eq": lambda a, b: float(a == b),
    "ne": lambda a, b: float(a != b),
    "lt": lambda a, b: float(a < b),
    "le": lambda a, b: float(a <= b),
    "where": lambda a, b, c: b if a else c,
    "exp": lambda a: float(np.exp(a)),
    "log": lambda a: float(np.log(a)),
    "sqrt": lambda a: float(np.sqrt(a)),
    "abs": abs,
}
"""Each operation, for constants."""


class Traced(Tensor):
    """A tensor that knows the place of each of its elements in the list of numbers.

    Attributes
    ----------
    example : Tensor
        Its type and shape are those that torch gives; its values mean nothing.
    places : Tensor of int64
        Place of each element in `scalars`.
    scalars : Scalars
    """

    __torch_function__: Any = torch._C._disabled_torch_function_impl

    example: Tensor
    places: Tensor
    scalars: Scalars

    @staticmethod
    def __new__(cls, example: Tensor, places: Tensor, scalars: Scalars) -> "Traced":
        made: Any = torch.Tensor._make_wrapper_subclass(cls, example.shape, dtype=example.dtype)
        made.example, made.places, made.scalars = example, places, scalars
        return made

    @classmethod
    def __torch_dispatch__(cls, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # type: ignore[override]
        name = function.overloadpacket.__name__
        scalars = next(
            each for each in _flat([args, list((kwargs or {}).values())]) if isinstance(each, Traced)
        ).scalars
        if name not in scalars.handlers:
            raise Untraceable(name)
        return scalars.handlers[name](scalars, function, args, kwargs or {})


def _flat(args: Any) -> list[Any]:
    return [found for each in args for found in _flat(each)] if isinstance(args, (list, tuple)) else [args]


def inputs(scalars: Scalars, name: str, like: Tensor) -> Traced:
    """Return a tensor of inputs with the type and shape of another."""
    places = [scalars.input(f"{name}[{number}]") for number in range(like.numel())]
    return Traced(like, torch.tensor(places, dtype=torch.int64).reshape(like.shape), scalars)


def places_of(scalars: Scalars, value: Any) -> np.ndarray:
    """Return the places of the elements of a tensor, traced or not, or of a number."""
    if isinstance(value, Traced):
        return value.places.numpy()
    values = np.asarray(value.detach() if isinstance(value, Tensor) else value, dtype=float)
    return np.array([scalars.constant(each) for each in values.ravel().tolist()], dtype=np.int64).reshape(values.shape)


def example_of(args: Any) -> Any:
    """Return arguments with examples in the place of traced tensors."""
    if isinstance(args, (list, tuple)):
        return type(args)(example_of(each) for each in args)
    return args.example if isinstance(args, Traced) else args
