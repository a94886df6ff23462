"""Experiments: one file each, with its numbers and their sources, and its variants.

A file here, or a lab's own file, is an experiment if it holds an `Experiment` called ``EXPERIMENT``. Its variants are
in the same file, in a mapping ``VARIANTS`` by name. A variant of the package is loaded by its name, which begins with
that of the file (``two_step_gru``), one of a lab's own file as ``my_task.py:name``.
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
    """Return the names of the experiments of the package, variants included."""
    return sorted(name for file in _files() for name in _in_module(file))


def main_names() -> list[str]:
    """Return the names of the experiments that ``simulate --all`` runs: those whose field `variant` is false."""
    return [name for name in names() if not load(name).variant]


def load(source: str) -> Experiment:
    """Return an experiment by its name, or from a file that defines EXPERIMENT.

    Parameters
    ----------
    source : str
        A name of `names`; or the path of a Python file; or path and name of a variant, ``my_task.py:name``. The task of
        a file is put through the contract.

    Raises
    ------
    BadInput
        If there is no such experiment, the file cannot be run, or its task breaks the contract.

    Examples
    --------
    >>> load("two_step").network.core, load("two_step_gru").network.core
    ('lstm', 'gru')
    """
    for file in _files():
        if source == file or source.startswith(f"{file}_"):
            found = _in_module(file)
            if source in found:
                return found[source]
    path, variant = split(source)
    if path is None:
        raise BadInput(
            f"experiment = {source!r}: there is none of that name; choose {', '.join(names())}, or give a .py file."
        )
    if not path.is_file():
        raise BadInput(f"experiment = {source!r}: there is no such file.")
    with _in_a_sentence(path), warnings.catch_warnings(record=True) as noticed:
        experiment = _experiment(_run_file(path), str(path), variant)
        check_task(experiment.task)
    for warning in noticed:  # where the file is refused, one sentence is enough
        warnings.showwarning(warning.message, warning.category, warning.filename, warning.lineno)
    return experiment


def split(source: str) -> tuple[Path | None, str]:
    """Return the file that an experiment is loaded from, None if it is one of the package, and the variant's name.

    Examples
    --------
    >>> split("my_task.py:gru")[1], split("my_task.py")[1], split("two_step_gru")
    ('gru', '', (None, 'two_step_gru'))
    """
    path, colon, variant = source.rpartition(".py:")
    if colon:
        return Path(f"{path}.py"), variant
    return (Path(source), "") if source.endswith(".py") else (None, source)


def run_name(source: str) -> str:
    """Return the name of the folder in runs/ for an experiment.

    Examples
    --------
    >>> run_name("two_step"), run_name("tasks/maze.py"), run_name("tasks/maze.py:gru")
    ('two_step', 'maze', 'maze_gru')
    """
    path, variant = split(source)
    return "_".join(part for part in (path.stem if path else "", variant) if part)


def _files() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__)]


def _in_module(file: str) -> dict[str, Experiment]:
    module = importlib.import_module(f"{__name__}.{file}")
    main = {file: module.EXPERIMENT} if hasattr(module, "EXPERIMENT") else {}
    return main | getattr(module, "VARIANTS", {})


def _run_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise BadInput(f"{path}: Python cannot load this file as a module; its name must end in .py.")
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


def _experiment(module: ModuleType, source: str, variant: str) -> Experiment:
    experiment = _variant(module, source, variant) if variant else getattr(module, "EXPERIMENT", None)
    if not isinstance(experiment, Experiment):
        name = f"VARIANTS[{variant!r}]" if variant else "EXPERIMENT"
        raise BadInput(f"{source}: the file must define {name}, a pfc_metarl.Experiment.")
    if not dataclasses.is_dataclass(experiment.task):
        name = type(experiment.task).__name__
        raise BadInput(f"{source}: task {name} must be a frozen dataclass; put @settings of pfc_metarl.settings on it.")
    return experiment


def _variant(module: ModuleType, source: str, variant: str) -> object:
    variants = getattr(module, "VARIANTS", {})
    if variant not in variants:
        there = ", ".join(variants) or "none"
        raise BadInput(f"{source}: there is no variant {variant!r}; those in VARIANTS are: {there}.")
    return variants[variant]
