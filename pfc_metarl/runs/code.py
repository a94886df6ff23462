"""Hashes of code: of the package, and of the code of a lab without comments and docstrings.

A class or function of a lab is hashed with all code of the lab that it refers to by name: functions, base classes,
constants. Python and installed libraries are left out; their versions are stored separately.
"""

import ast
import contextlib
import functools
import hashlib
import inspect
import sys
import sysconfig
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pfc_metarl

PACKAGE = Path(pfc_metarl.__file__).parent
LENGTH = 16
"""Hexadecimal digits of a hash of code."""

NO_FILE = "<string>"
"""File name of every text that a program carries out; Python 3.13 finds the source of any of them under it."""

_SENT: dict[Any, str] = {}
"""Hashes that another process has sent, of classes and functions that have another hash here."""

_COLLECTIONS: list[dict[Any, str]] = []
"""Those of `collected_hashes`."""

_SITES = {"site-packages", "dist-packages"}
"""Folders of installed libraries, also of a user or of another environment."""
_INSTALLED = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]


@functools.cache
def package_hash() -> str:
    """Return a hash of every source file of the package."""
    found = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        found.update(path.relative_to(PACKAGE).as_posix().encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:LENGTH]


def of_a_lab(value: Any) -> bool:
    """Return whether a class, function or module is the code of a lab: in a file of its own, a script or a notebook."""
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    module = sys.modules.get(str(name))
    root = str(name).partition(".")[0]
    if name is None or root in {PACKAGE.name, *sys.stdlib_module_names} - {"__main__"}:
        return False
    file = getattr(module, "__file__", None)
    if file is None:
        return True
    return not (_SITES & set(Path(file).parts) or any(Path(file).is_relative_to(folder) for folder in _INSTALLED))


def code_hash(value: Any) -> str:
    """Return a hash of a class or function of a lab: the same if only comments, docstrings or white space differ.

    Parameters
    ----------
    value : class or function
    """
    found = _SENT.get(value) or _hash_of_parts(value)
    for collection in _COLLECTIONS:
        collection[value] = found
    return found


@contextlib.contextmanager
def collected_hashes() -> Iterator[dict[Any, str]]:
    """Collect the hash of every class and function that is hashed meanwhile."""
    collection: dict[Any, str] = {}
    _COLLECTIONS.append(collection)
    try:
        yield collection
    finally:
        _COLLECTIONS.remove(collection)


def accept_hashes(sent: Mapping[Any, str]) -> None:
    """Take the hashes of classes and functions from the process that sent them: their source may have stayed there."""
    _SENT.update({value: found for value, found in sent.items() if found != code_hash(value)})


def _hash_of_parts(value: Any) -> str:
    found = hashlib.sha256()
    for part in _parts(value, set()):
        found.update(part.encode())
        found.update(b"\0")
    return found.hexdigest()[:LENGTH]


def _parts(value: Any, seen: set[int]) -> Iterator[str]:
    """Yield the parts of a class or function as text."""
    if id(value) in seen:
        return
    seen.add(id(value))
    yield _text(value)
    if isinstance(value, type):
        for base in value.__mro__[1:]:
            if of_a_lab(base):
                yield from _parts(base, seen)
    for function in _functions(value):
        for name, referred in _references(function):
            yield from _part(name, referred, seen)


def _part(name: str, value: Any, seen: set[int]) -> Iterator[str]:
    if isinstance(value, type | FunctionType):
        if of_a_lab(value):
            yield from _parts(value, seen)
    elif (
        isinstance(value, bool | int | float | complex | str | bytes | tuple | list | dict | None)
        or hasattr(value, "tobytes")
        or hasattr(value, "numpy")
    ):
        yield f"{name} = {value!r}"


def _functions(value: Any) -> list[FunctionType]:
    """Return the functions defined in a class, or a function itself."""
    if not isinstance(value, type):
        return [value] if isinstance(value, FunctionType) else []
    members = [getattr(member, "fget", None) or getattr(member, "__func__", member) for member in vars(value).values()]
    return [member for member in members if isinstance(member, FunctionType) and of_a_lab(member)]


def _references(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield what a function refers to in its module, in modules of the lab, and in the function around it."""
    names = _names(function.__code__)
    for name in names:
        value = function.__globals__.get(name)
        if isinstance(value, ModuleType) and of_a_lab(value):
            yield from ((inner, getattr(value, inner)) for inner in names if hasattr(value, inner))
        elif value is not None:
            yield name, value
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # a cell that is still empty
            yield name, cell.cell_contents


def _names(code: CodeType) -> list[str]:
    inner = [name for const in code.co_consts if isinstance(const, CodeType) for name in _names(const)]
    return sorted({*code.co_names, *inner})


def _text(value: Any) -> str:
    """Return the source without comments, docstrings and layout; the bytecode if there is no source."""
    try:
        if getattr(getattr(value, "__code__", None), "co_filename", "") == NO_FILE:
            return _bytecode(value)
        tree = ast.parse(textwrap.dedent(inspect.getsource(value)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return _bytecode(value)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) and ast.get_docstring(node, False):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def _bytecode(value: Any) -> str:
    return "\n".join(_instructions(function.__code__) for function in _functions(value)) or str(value.__qualname__)


def _instructions(code: CodeType) -> str:
    inner = [_instructions(const) if isinstance(const, CodeType) else repr(const) for const in code.co_consts]
    return f"{code.co_code.hex()} {code.co_names} {inner}"
