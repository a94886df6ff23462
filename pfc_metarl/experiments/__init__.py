"""Experiments: one file each, with its numbers and their sources, and its variants.

A file here, or a lab's own file, is an experiment if it holds an `Experiment` called ``EXPERIMENT``. Its variants are
in the same file, in a mapping ``VARIANTS`` by name. A variant of the package is loaded by its name, which begins with
that of the file (``two_step_gru``), one of a lab's own file as ``my_task.py:name``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
