"""Learning by weights: the only package in which weights change."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules={"compiled_loss"})  # it brings numba
