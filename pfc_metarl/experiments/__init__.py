"""Experiments: one file each, with its numbers and their sources.

A file here, or anybody's own file, is an experiment if it holds an `Experiment` called ``EXPERIMENT``.
"""

import contextlib
import dataclasses
import importlib
import importlib.util
import pkgutil
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pydantic

from pfc_metarl.experiments.base import Experiment
from pfc_metarl.settings import BadInput, sentence
from pfc_metarl.tasks import check_task


def names() -> list[str]:
    """Return the names of the experiments of the package."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")


def main_names() -> list[str]:
    """Return the names of the experiments that are no variants of another."""
    return [name for name in names() if not load(name).variant]


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
    path = Path(source)
    if not path.is_file():
        raise BadInput(f"experiment = {source!r}: there is no such file.")
    with _in_a_sentence(path), warnings.catch_warnings(record=True) as noticed:
        experiment = _experiment(_run_file(path), source)
        check_task(experiment.task)
    for warning in noticed:  # where the file is refused, one sentence is enough
        warnings.showwarning(warning.message, warning.category, warning.filename, warning.lineno)
    return experiment


def _run_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def _in_a_sentence(path: Path) -> Iterator[None]:
    """Say of whatever goes wrong in somebody's file where and what, in one sentence."""
    try:
        yield
    except BadInput as error:
        message = str(error)
        raise BadInput(message if message.startswith(str(path)) else f"{path}: {message}") from None
    except pydantic.ValidationError as error:
        raise BadInput(f"{_place(path, error)}: {sentence(error)}") from None
    except (Exception, SystemExit) as error:
        what = getattr(error, "msg", None) or str(error)
        first = (what.splitlines() or [""])[0].rstrip(".")
        raise BadInput(f"{_place(path, error)}: {type(error).__name__}: {first}.") from None


def _place(path: Path, error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).resolve() == path.resolve()]
    line = getattr(error, "lineno", None) or (lines[-1] if lines else None)
    return f"{path}, line {line}" if line else str(path)


def _experiment(module: ModuleType, source: str) -> Experiment:
    experiment = getattr(module, "EXPERIMENT", None)
    if not isinstance(experiment, Experiment):
        raise BadInput(f"{source}: the file must define EXPERIMENT, a pfc_metarl.Experiment.")
    if not dataclasses.is_dataclass(experiment.task):
        name = type(experiment.task).__name__
        raise BadInput(f"{source}: task {name} must be a frozen dataclass; put @settings of pfc_metarl.settings on it.")
    return experiment
