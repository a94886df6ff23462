"""Experiments: one file each, with its numbers and their sources.

A file here, or anybody's own file, is an experiment if it holds an `Experiment` called ``EXPERIMENT``.
"""

import importlib
import importlib.util
import pkgutil
import sys
import traceback
from pathlib import Path
from types import ModuleType

from pfc_metarl.experiments.base import Experiment
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import check_task


def names() -> list[str]:
    """Return the names of the experiments of the package."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")


def load(source: str) -> Experiment:
    """Return an experiment by its name, or from a file that defines EXPERIMENT.

    Parameters
    ----------
    source : str
        A name of `names`, or the path of a Python file; a file's task is put through the contract.

    Raises
    ------
    BadInput
        If there is no such experiment, the file cannot be run, or its task breaks the contract.
    """
    if source in names():
        return _experiment(importlib.import_module(f"{__name__}.{source}"), source)
    if not source.endswith(".py"):
        raise BadInput(
            f"experiment = {source!r}: there is none of that name; choose {', '.join(names())}, or give a .py file."
        )
    experiment = _experiment(_run_file(Path(source)), source)
    check_task(experiment.task)
    return experiment


def _run_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise BadInput(f"experiment = {str(path)!r}: there is no such file.")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = getattr(error, "lineno", None) or (lines[-1] if lines else None)
        where = f"{path}, line {line}" if line else str(path)
        first = (str(error).splitlines() or [""])[0]
        raise BadInput(f"{where}: {type(error).__name__}: {first}.") from None
    return module


def _experiment(module: ModuleType, source: str) -> Experiment:
    experiment = getattr(module, "EXPERIMENT", None)
    if not isinstance(experiment, Experiment):
        raise BadInput(f"{source}: the file must define EXPERIMENT, a pfc_metarl.Experiment.")
    return experiment
