"""Measures: functions of a recording or a trial table that return a Dataset, independent of tasks and agents.

A result has a dimension ``subject`` (a network, an animal, a person); `across_subjects` turns it into mean and s.e.m.
The public names are listed in ``__init__.pyi`` and are imported when they are first used, as statistics load slowly.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
