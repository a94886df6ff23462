"""A lab's own Python file, run as a module of a private name, and the files in its folder that it imports.

With the private name a file called ``copy.py`` does not replace a module of Python. Files in its folder are
found before those of the working directory, but never instead of a module of Python or of an installed library. Classes
and functions of all these files are sent to worker processes by value, so that no worker needs to find the files.
"""

import contextlib
import functools
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import cloudpickle

_INSTALLED = [sysconfig.get_path(name) for name in ("purelib", "platlib")]


class LabFile(NamedTuple):
    """A file that was run, and the modules in its folder that it imported."""

    path: Path
    module: ModuleType
    helpers: tuple[ModuleType, ...]

    def sources(self) -> dict[str, str]:
        """Return the text of the file and of its helpers, by path relative to its folder; the file comes first."""
        folder = self.path.resolve().parent
        paths = [self.path.resolve(), *(Path(str(helper.__file__)).resolve() for helper in self.helpers)]
        return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def run_file(path: Path) -> LabFile:
    """Run a file as a module; what it raises is passed on."""
    path = path.resolve()
    name = f"lab_file_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with _beside(path.parent) as helpers:
        spec.loader.exec_module(module)
    for each in (module, *helpers):
        with contextlib.suppress(ValueError):  # a helper that took itself out of sys.modules
            cloudpickle.register_pickle_by_value(each)
    return LabFile(path, module, tuple(helpers))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is not None or not _is_free(name):
            return None
        found = importlib.machinery.PathFinder.find_spec(name, [str(self.folder)])
        return found if found is not None and found.origin is not None else None


@functools.cache
def _is_free(name: str) -> bool:
    """Whether no module of Python, of this package or of an installed library has this name."""
    taken = {*sys.stdlib_module_names, *sys.builtin_module_names, __name__.partition(".")[0]}
    return name not in taken and importlib.machinery.PathFinder.find_spec(name, _INSTALLED) is None


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[list[ModuleType]]:
    """Let imports find the modules of a folder; the list is filled with those that were imported.

    Modules of the same names that were imported before are put aside meanwhile: each file gets its own helpers, as they
    are now.
    """
    finder, helpers = _Finder(folder), list[ModuleType]()
    aside = {name: module for name, module in sys.modules.items() if finder.find_spec(name.partition(".")[0])}
    for name in aside:
        del sys.modules[name]
    before = set(sys.modules)
    importlib.invalidate_caches()
    sys.meta_path.insert(0, finder)
    try:
        yield helpers
    finally:
        sys.meta_path.remove(finder)
        new = {name: sys.modules[name] for name in set(sys.modules) - before}
        helpers += [module for _, module in sorted(new.items()) if _lies_in(module, folder, finder)]
        sys.modules.update(aside)


def _lies_in(module: ModuleType, folder: Path, finder: _Finder) -> bool:
    file = getattr(module, "__file__", None)
    ours = file is not None and Path(file).resolve().is_relative_to(folder)
    return ours and finder.find_spec(module.__name__.partition(".")[0]) is not None
