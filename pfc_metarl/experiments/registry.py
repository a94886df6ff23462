"""Experiments by name, or from a lab's own file."""

import contextlib
import dataclasses
import importlib
import inspect
import pkgutil
import traceback
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pydantic

from pfc_metarl.arguments import path_of
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.experiments.files import run_file
from pfc_metarl.settings import BadInput, changed, choice_of, sentence
from pfc_metarl.tasks import check_task

PACKAGE = __name__.rpartition(".")[0]


class Loaded(NamedTuple):
    """An experiment, and the text of the files of a lab that it is made of, by name; none for one of the package."""

    experiment: Experiment
    sources: dict[str, str]


def names() -> list[str]:
    """Return the names of the experiments of the package, variants included.

    Examples
    --------
    >>> "two_step" in names(), "two_step_plastic" in names()
    (True, True)
    """
    return sorted(name for file in _files() for name in _in_module(file))


def is_of_package(name: str) -> bool:
    """Return whether an experiment is one of the package, by its name; imports no other one."""
    return _of_package(name) is not None


def main_names() -> list[str]:
    """Return the names of the experiments that ``simulate --all`` runs: those whose field `variant` is false.

    Examples
    --------
    >>> "two_step" in main_names(), "two_step_plastic" in main_names()
    (True, False)
    """
    return [name for name in names() if not load(name).variant]


def load(source: str | Path) -> Experiment:
    """Return an experiment by its name, or from a file that defines EXPERIMENT.

    The trained networks of a run are returned by `pfc_metarl.load`.

    Parameters
    ----------
    source : str or Path
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
    return loaded(str(path_of(source, "experiment"))).experiment


def loaded(source: str) -> Loaded:
    """Return an experiment as `load` does, with the text of the files that it is made of."""
    found = _of_package(source)
    if found is not None:
        return Loaded(found, {})
    path, variant = split(source)
    if path is None:
        raise BadInput(
            f"experiment = {source!r}: unknown experiment; give a .py file, or choose {choice_of(names(), source)}"
        )
    if not path.is_file():
        raise BadInput(f"experiment = {source!r}: there is no such file.")
    with _in_a_sentence(path), warnings.catch_warnings(record=True) as noticed:
        file = run_file(path)
        experiment = _experiment(file.module, str(path), variant)
        check_task(experiment.task)
    for warning in noticed:  # where the file is refused, one sentence is enough
        warnings.showwarning(warning.message, warning.category, warning.filename, warning.lineno)
    return Loaded(experiment, file.sources())


def name_of(experiment: Experiment) -> str | None:
    """Return the name of the experiment of the package that another differs from by nothing but settings; None if none.

    Examples
    --------
    >>> from pfc_metarl.settings import changed
    >>> name_of(changed(load("two_step"), {"task": {"p_common": 0.7}}))
    'two_step'
    """
    home = inspect.getmodule(experiment.measures)
    package, _, file = home.__name__.rpartition(".") if home else ("", "", "")
    if package != PACKAGE or file not in _files():
        return None
    for name, candidate in _in_module(file).items():
        if _differs_in_settings_only(candidate, experiment):
            return name
    return None


def _differs_in_settings_only(candidate: Experiment, experiment: Experiment) -> bool:
    try:
        return bool(changed(candidate, differences(candidate.numbers(), experiment.numbers())) == experiment)
    except BadInput:
        return False


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that differ, as nested mappings with their later values.

    Examples
    --------
    >>> differences({"task": {"p": 0.8, "n": 3}}, {"task": {"p": 0.7, "n": 3}})
    {'task': {'p': 0.7}}
    """
    found: dict[str, Any] = {}
    for name, value in after.items():
        old = before.get(name)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            inner = differences(old, value)
            found |= {name: inner} if inner else {}
        elif value != old:
            found[name] = value
    return found


def _of_package(source: str) -> Experiment | None:
    for file in _files():
        if source == file or source.startswith(f"{file}_"):
            found = _in_module(file)
            if source in found:
                return found[source]
    return None


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
    return [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]


def _in_module(file: str) -> dict[str, Any]:
    """Return the experiments that a module of this package defines, by name; none if it is about something else."""
    defined = vars(importlib.import_module(f"{PACKAGE}.{file}"))
    main = {file: defined["EXPERIMENT"]} if "EXPERIMENT" in defined else {}
    return main | defined.get("VARIANTS", {})


@contextlib.contextmanager
def _in_a_sentence(path: Path) -> Iterator[None]:
    """Report any error in a lab's file in one sentence: where and what."""
    try:
        yield
    except BadInput as error:
        message = str(error)
        raise BadInput(message if message.startswith(str(path)) else f"{_place(path, error)}: {message}") from None
    except pydantic.ValidationError as error:
        raise BadInput(f"{_place(path, error)}: {sentence(error)}") from None
    except (Exception, SystemExit) as error:
        what = error.msg if isinstance(error, SyntaxError) else str(error)
        first = (what.splitlines() or [""])[0].rstrip(".")
        raise BadInput(f"{_place(path, error)}: {type(error).__name__}: {first}.") from None


def _place(path: Path, error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).resolve() == path.resolve()]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    return f"{path}, line {line}" if line else str(path)


def _experiment(module: ModuleType, source: str, variant: str) -> Experiment:
    defined = vars(module)
    experiment = _variant(defined, source, variant) if variant else defined.get("EXPERIMENT")
    if not isinstance(experiment, Experiment):
        name = f"VARIANTS[{variant!r}]" if variant else "EXPERIMENT"
        raise BadInput(f"{source}: the file must define {name}, a pfc_metarl.Experiment.")
    if not dataclasses.is_dataclass(experiment.task):
        name = type(experiment.task).__name__
        raise BadInput(f"{source}: task {name} must be a frozen dataclass; put @settings of pfc_metarl.settings on it.")
    return experiment


def _variant(defined: Mapping[str, Any], source: str, variant: str) -> object:
    variants = defined.get("VARIANTS", {})
    if variant not in variants:
        there = choice_of(variants, variant) if variants else "none."
        raise BadInput(f"{source}: there is no variant {variant!r}; those in VARIANTS are: {there}")
    return variants[variant]
