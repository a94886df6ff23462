"""Common parts of tasks: a type of settings, a code, and constant tensors that are made once.

An operation on a tensor and a number of Python costs up to three times as much as one on two tensors.
"""

import functools
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

Probability = Annotated[float, Field(ge=0, le=1)]

NONE = -1
"""Written where there is no choice, state or arm (yet)."""


@functools.lru_cache(maxsize=4096)
def constants(values: tuple[float, ...], device: torch.device, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return constants as a tensor on a device; the same tensor each time, so it must not be changed.

    Examples
    --------
    >>> constants((0.25, 0.75), torch.device("cpu"))
    tensor([0.2500, 0.7500])
    """
    return torch.tensor(values, device=device, dtype=dtype)


@functools.lru_cache(maxsize=4096, typed=True)
def constant(value: float, device: torch.device) -> Tensor:
    """Return a number as a tensor without axes; the same tensor each time, so it must not be changed.

    Examples
    --------
    >>> constant(0.25, torch.device("cpu"))
    tensor(0.2500)
    """
    return torch.tensor(value, device=device)
