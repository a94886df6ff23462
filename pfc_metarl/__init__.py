"""Meta-reinforcement learning in the prefrontal cortex: train, record and analyse networks that learn to learn.

The public names are listed in ``__init__.pyi`` and are imported when they are first used, so ``import pfc_metarl`` is
quick.
"""

import copyreg
import importlib
import sys

if sys.argv[:1] == ["-m"]:  # a command of the package begins
    if not sys.flags.safe_path:
        # `python -m` searches the current folder first; there, a task file json.py would replace Python's module.
        sys.path.append(sys.path.pop(0))
    from pfc_metarl import interrupts

    interrupts.begin_command()

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

# lazy_loader gives the package a type of its own; by this, cloudpickle and joblib send it to processes by its name.
copyreg.pickle(type(sys.modules[__name__]), lambda module: (importlib.import_module, (module.__name__,)))
