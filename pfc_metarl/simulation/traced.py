"""Tensors that remember in which registers their elements are found, instead of numbers of their own."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

WORLDS = 2, 3
"""Networks and episodes of the worlds with which a task is translated; the instructions serve any number of them."""
N_WORLDS = WORLDS[0] * WORLDS[1]


class Untranslatable(Exception):
    """A task does something that has no instructions; it is then simulated by torch."""


class Drawn(NamedTuple):
    """An operation of torch on random numbers and on nothing else: it can be carried out for many steps at once."""

    function: Callable[..., Any] | None
    """None for the random numbers themselves."""
    args: Any
    kwargs: dict[str, Any]
    part: int | None = None
    """Which of the results, if there are several."""

    def compute(self, noise: Tensor) -> Tensor:
        """Return the result for random numbers, [network, episode, draw]."""
        if self.function is None:
            return noise

        def of(tensor: Tensor) -> Tensor:
            return tensor.of_noise.compute(noise) if isinstance(tensor, Traced) and tensor.of_noise else tensor

        made: Any = self.function(*mapped(self.args, of), **self.kwargs)
        return made if self.part is None else made[self.part]

    @property
    def name(self) -> str:
        """What is computed; the same for the same operations of another step."""
        return f"{self.function}({_named(self.args)}, {self.kwargs})[{self.part}]"


def _named(given: Any) -> str:
    if isinstance(given, (list, tuple)):
        return ", ".join(map(_named, given))
    if isinstance(given, Traced) and given.of_noise:
        return given.of_noise.name
    return str(given.tolist()) if isinstance(given, Tensor) else repr(given)


class Traced(Tensor):
    """A tensor that remembers in which registers its elements are found.

    It has no numbers: whatever asks for them, such as ``if`` or ``.numpy()``, raises an exception.

    Attributes
    ----------
    value : Tensor
        What it would be in an example: its type and shape are those of torch.
    places : Tensor of int
        The register of each element, times `N_WORLDS`, plus the world to which the element belongs.
    handle : callable
        Carries out operations on it: (operation, arguments, keywords) -> result.
    of_noise : Drawn or None
        How it is computed from random numbers, if from nothing else.
    """

    value: Tensor
    places: Tensor
    handle: Callable[[Any, Any, Any], Any]
    of_noise: Drawn | None

    @staticmethod
    def __new__(cls, value: Tensor, places: Tensor, handle: Callable[[Any, Any, Any], Any]) -> "Traced":
        made = torch.empty(value.shape, dtype=value.dtype, device="meta").as_subclass(cls)
        made.value, made.places, made.handle, made.of_noise = value, places, handle, None
        return made

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return traced_in([args, list((kwargs or {}).values())])[0].handle(func, args, kwargs or {})


def traced_in(args: Any) -> list[Traced]:
    """Return the traced tensors among arguments."""
    if isinstance(args, (list, tuple)):
        return [found for each in args for found in traced_in(each)]
    return [args] if isinstance(args, Traced) else []


def mapped(args: Any, change: Callable[[Any], Any]) -> Any:
    """Return arguments with every tensor changed."""
    if isinstance(args, (list, tuple)):
        made = [mapped(each, change) for each in args]
        return made if isinstance(args, list) else tuple(made)
    return change(args) if isinstance(args, Tensor) else args


def value_of(args: Any) -> Any:
    """Return arguments with the values of an example in the place of traced tensors."""
    return mapped(args, lambda tensor: tensor.value if isinstance(tensor, Traced) else tensor)


def is_float(dtype: torch.dtype) -> bool:
    """Return whether numbers of a type are in registers for single precision; others are in those for whole numbers."""
    if dtype not in (torch.float32, torch.int64, torch.bool):
        raise Untranslatable(str(dtype))
    return dtype == torch.float32
