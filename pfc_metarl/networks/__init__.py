"""The prefrontal network: cores, heads, encoder and weights."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules={"compiled_engine"})  # it brings numba
