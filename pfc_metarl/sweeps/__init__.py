"""Sweeps over settings: the design, the cells, where they are carried out, and the dataset of their measures."""

import pkgutil

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, (module.name for module in pkgutil.iter_modules(__path__)))
