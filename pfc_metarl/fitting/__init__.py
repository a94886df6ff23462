"""Fitting models to the choices of networks, animals and people."""

import importlib
from typing import Any

_HOMES = {"rescorla_wagner_fit": "maximum_likelihood"}

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
