"""What operations of torch do to traced tensors, by their names."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pfc_metarl.fitting.scalar_tracing import Scalars, Traced, Untraceable, example_of, places_of

Handler = Callable[[Scalars, Any, Any, Any], Any]
"""(scalars, operation of torch, its arguments, its keywords) -> its result."""

Numbers = np.ndarray
"""Places of numbers in the list of all."""


def _each(scalars: Scalars, name: str, *operands: Numbers) -> Numbers:
    """Apply an operation element by element."""
    rows = np.broadcast_arrays(*operands)
    made = [scalars.result(name, *map(int, row)) for row in zip(*(each.ravel() for each in rows), strict=True)]
    return np.array(made, dtype=np.int64).reshape(rows[0].shape)


def _traced(scalars: Scalars, function: Any, args: Any, kwargs: Any, places: Numbers) -> Traced:
    example = function(*example_of(args), **kwargs)
    return Traced(example, torch.from_numpy(np.ascontiguousarray(places)).reshape(example.shape), scalars)


def elementwise(name: str, exchanged: bool = False) -> Handler:
    """Return the handler of an operation on each element; `exchanged`: its operands change places."""

    def handler(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
        if kwargs.get("alpha", 1) != 1 or (len(args) > 2 and args[2] != 1):
            raise Untraceable(f"{name} with a factor")
        operands = [places_of(scalars, each) for each in args[:2]]
        return _traced(scalars, function, args, kwargs, _each(scalars, name, *operands[:: -1 if exchanged else 1]))

    return handler


def moved(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Any:
    """Move places as the operation moves elements."""

    def placed(each: Any) -> Any:
        if isinstance(each, (list, tuple)) and any(isinstance(part, Tensor) for part in each):
            return [placed(part) for part in each]
        return torch.from_numpy(places_of(scalars, each)) if isinstance(each, Tensor) else each

    examples, places = function(*example_of(args), **kwargs), function(*map(placed, args), **kwargs)
    if isinstance(examples, Tensor):
        return Traced(examples, places, scalars)
    return [Traced(*pair, scalars) for pair in zip(examples, places, strict=True)]


def converted(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
    """Change the type; numbers stay what they are, so that none may be rounded."""
    example = function(*example_of(args), **kwargs)
    before: torch.dtype = args[0].dtype
    if example.dtype == torch.bool and before != torch.bool:
        places = _each(scalars, "ne", places_of(scalars, args[0]), places_of(scalars, 0.0))
        return Traced(example, torch.from_numpy(places), scalars)
    if before.is_floating_point and example.dtype != torch.float64 and example.dtype != before:
        raise Untraceable(f"numbers that are rounded to {example.dtype}")
    return Traced(example, args[0].places, scalars)


def filled(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Tensor:
    """Return what depends on type and shape only."""
    made: Tensor = function(*example_of(args), **kwargs)
    return made


def where(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
    """Choose between two numbers."""
    return _traced(scalars, function, args, kwargs, _each(scalars, "where", *(places_of(scalars, a) for a in args)))


def masked_fill(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
    """Choose between a number and that of a filler."""
    x, mask, filler = (places_of(scalars, each) for each in args)
    return _traced(scalars, function, args, kwargs, _each(scalars, "where", mask, filler, x))


def clamp(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
    """Choose between a number and a bound; at the bound the derivative is that of the number, as in torch."""
    x = places_of(scalars, args[0])
    for low, bound in ((True, args[1] if len(args) > 1 else None), (False, args[2] if len(args) > 2 else None)):
        if bound is not None:
            limit = places_of(scalars, bound)
            beyond = _each(scalars, "lt", *((x, limit) if low else (limit, x)))
            x = _each(scalars, "where", beyond, limit, x)
    return _traced(scalars, function, args, kwargs, x)


def power(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
    """Multiply a number by itself, a whole number of times."""
    base, exponent = args[0], args[1]
    if isinstance(exponent, Tensor) or exponent not in (1, 2, 3, 4):
        raise Untraceable("a power that is no small whole number")
    x = found = places_of(scalars, base)
    for _ in range(int(exponent) - 1):
        found = _each(scalars, "mul", found, x)
    return _traced(scalars, function, args, kwargs, found)


def negated(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
    """Return 0 for 1 and 1 for 0."""
    return _traced(scalars, function, args, kwargs, _each(scalars, "eq", *map(_of(scalars), (args[0], 0.0))))


def opposite(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
    """Return −x."""
    return _traced(scalars, function, args, kwargs, _each(scalars, "sub", *map(_of(scalars), (0.0, args[0]))))


def _of(scalars: Scalars) -> Callable[[Any], Numbers]:
    return lambda value: places_of(scalars, value)


def of_bool(name: str) -> Handler:
    """Return the handler of a logical operation; on whole numbers it is something else."""

    def handler(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
        if any(isinstance(each, Tensor) and each.dtype != torch.bool for each in args):
            raise Untraceable("bits of whole numbers")
        return elementwise(name)(scalars, function, args, kwargs)

    return handler


def reduced(name: str) -> Handler:
    """Return the handler of an operation that combines elements along some dimensions."""

    def handler(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
        dims = args[1] if len(args) > 1 else kwargs.get("dim")
        return _traced(scalars, function, args, kwargs, _combined(scalars, name, args[0].places.numpy(), dims))

    return handler


def _combined(scalars: Scalars, name: str, x: Numbers, dims: Any) -> Numbers:
    axes = range(x.ndim) if dims is None or dims == [] else [dims] if isinstance(dims, int) else dims
    axes = [axis % x.ndim for axis in axes]
    rest = [axis for axis in range(x.ndim) if axis not in axes]
    flat = x.transpose([*rest, *axes]).reshape(*(x.shape[axis] for axis in rest), -1)
    total = flat[..., 0]
    for number in range(1, flat.shape[-1]):
        total = _each(scalars, name, total, flat[..., number])
    return total


def _exponentials(scalars: Scalars, x: Numbers, axis: int) -> tuple[Numbers, Numbers, Numbers]:
    """Return the largest element, the exponentials of the distances from it, and their sum, along an axis."""
    top = np.expand_dims(_combined(scalars, "max", x, axis), axis)
    exponentials = _each(scalars, "exp", _each(scalars, "sub", x, top))
    return top, exponentials, np.expand_dims(_combined(scalars, "add", exponentials, axis), axis)


def softmax(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
    """Return exponentials divided by their sum."""
    _, exponentials, total = _exponentials(scalars, args[0].places.numpy(), args[1])
    return _traced(scalars, function, args, kwargs, _each(scalars, "div", exponentials, total))


def logsumexp(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
    """Return the logarithm of a sum of exponentials."""
    (axis,) = args[1]
    top, _, total = _exponentials(scalars, args[0].places.numpy(), axis)
    return _traced(scalars, function, args, kwargs, _each(scalars, "add", top, _each(scalars, "log", total)))


def gather(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
    """Return the elements that an index names: of all there are, the one whose number equals the index."""
    x, axis, index = places_of(scalars, args[0]), args[1] % args[0].ndim, places_of(scalars, args[2])
    kept = tuple(slice(None) if each == axis else slice(size) for each, size in enumerate(index.shape))
    x = np.moveaxis(x[kept], axis, 0)
    found = np.broadcast_to(np.expand_dims(x[0], axis), index.shape)
    for number in range(1, len(x)):
        here = _each(scalars, "eq", index, places_of(scalars, float(number)))
        found = _each(scalars, "where", here, np.expand_dims(x[number], axis), found)
    return _traced(scalars, function, args, kwargs, found)


def unary(name: str) -> Handler:
    """Return the handler of a function of one number."""

    def handler(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
        return _traced(scalars, function, args, kwargs, _each(scalars, name, args[0].places.numpy()))

    return handler


def reciprocal(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
    """Return 1 / x."""
    return _traced(scalars, function, args, kwargs, _each(scalars, "div", *map(_of(scalars), (1.0, args[0]))))


def log1p(scalars: Scalars, function: Any, args: Any, kwargs: Any) -> Traced:
    """Return log(1 + x), rounded."""
    one_more = _each(scalars, "add", *map(_of(scalars), (args[0], 1.0)))
    return _traced(scalars, function, args, kwargs, _each(scalars, "log", one_more))


MOVES = (
    *("view", "_unsafe_view", "reshape", "expand", "select", "slice", "unsqueeze", "squeeze", "permute", "transpose"),
    *("flip", "unbind", "split", "cat", "stack", "lift_fresh", "alias", "clone", "detach", "repeat", "t"),
)
HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(MOVES, moved),
    **dict.fromkeys(("zeros_like", "ones_like", "full_like", "new_zeros", "new_ones", "new_full"), filled),
    **{name: elementwise(name) for name in ("add", "sub", "mul", "div", "eq", "ne", "lt", "le")},
    "gt": elementwise("lt", exchanged=True),
    "ge": elementwise("le", exchanged=True),
    "rsub": elementwise("sub", exchanged=True),
    "maximum": elementwise("max"),
    "minimum": elementwise("min"),
    **{f"{kind}_and": of_bool("mul") for kind in ("bitwise", "logical")},
    **{f"{kind}_or": of_bool("max") for kind in ("bitwise", "logical")},
    **{f"{kind}_xor": of_bool("ne") for kind in ("bitwise", "logical")},
    **{f"{kind}_not": negated for kind in ("bitwise", "logical")},
    **{name: unary(name) for name in ("exp", "log", "sqrt", "abs")},
    "sum": reduced("add"),
    "amax": reduced("max"),
    "amin": reduced("min"),
    "any": reduced("max"),
    "_to_copy": converted,
    "where": where,
    "masked_fill": masked_fill,
    "clamp": clamp,
    "pow": power,
    "neg": opposite,
    "_softmax": softmax,
    "logsumexp": logsumexp,
    "gather": gather,
    "log1p": log1p,
    "reciprocal": reciprocal,
}
"""Operation of torch -> its handler. A model that uses another one is evaluated by torch."""
