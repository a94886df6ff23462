"""Trained networks that come with the package; each has a model card in the folder ``cards``."""

import pkgutil

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, (module.name for module in pkgutil.iter_modules(__path__)))
