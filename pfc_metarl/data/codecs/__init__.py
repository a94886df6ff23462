"""Formats of trials: one small module for each, and `read_trials` over all of them.

The public names are listed in ``__init__.pyi`` and are imported when they are first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
