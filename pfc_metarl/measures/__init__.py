"""Measures: a recording or a trial table in, a Dataset out. None of them knows tasks, agents or networks.

A result has a dimension ``subject`` (a network, an animal, a person); `across_subjects` turns it into mean and s.e.m.
The public names stand in ``__init__.pyi`` and are imported when they are first used: statistics take a while to load.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
