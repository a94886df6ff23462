"""Meta-reinforcement learning in the prefrontal cortex: train, record and analyse networks that learn to learn.

The public names stand in ``__init__.pyi`` and are imported when they are first used, so ``import pfc_metarl`` is quick.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
