"""Models of trials: what a learner knows, how a trial changes it, and what it prefers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
