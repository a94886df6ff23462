"""Arguments of functions and options of commands: checked, and named as the user gave them.

The same sentence names ``out = 'runs/x'`` to a user of Python and ``--out runs/x`` to one of the command line.
"""

import contextlib
import operator
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from pfc_metarl.settings import BadInput, shown

_NOT_GIVEN = object()
_on_command_line: ContextVar[bool] = ContextVar("on_command_line", default=False)


@contextlib.contextmanager
def command_line() -> Iterator[None]:
    """Name arguments as options of a command."""
    before = _on_command_line.set(True)
    try:
        yield
    finally:
        _on_command_line.reset(before)


def argument(name: str, value: Any = _NOT_GIVEN) -> str:
    """Return an argument as the user gives it, for messages; without a value, as one that is switched on.

    Examples
    --------
    >>> argument("checkpoint_every", -1), argument("force")
    ('checkpoint_every = -1', 'force=True')
    >>> with command_line():
    ...     argument("checkpoint_every", -1), argument("force")
    ('--checkpoint-every -1', '--force')
    """
    if _on_command_line.get():
        option = f"--{name.replace('_', '-')}"
        return option if value is _NOT_GIVEN else f"{option} {value}"
    if value is _NOT_GIVEN:
        return f"{name}=True"
    return f"{name} = {shown(str(value) if isinstance(value, Path) else value)}"


def column(name: str) -> str:
    """Return how a user names the column of a file that holds a column of the trial table.

    Examples
    --------
    >>> column("subject")
    "columns={'subject': 'COLUMN'}"
    >>> with command_line():
    ...     column("subject")
    '--map subject=COLUMN'
    """
    return f"--map {name}=COLUMN" if _on_command_line.get() else f"columns={{{name!r}: 'COLUMN'}}"


def command() -> str:
    """Return what a user repeats: a command, or a call in Python."""
    return "command" if _on_command_line.get() else "call"


def whole_number(value: Any, name: str, least: int = 0) -> int:
    """Return a whole number, whatever its type.

    Raises
    ------
    BadInput
        If it is none, or too small.

    Examples
    --------
    >>> whole_number(3, "n_episodes", least=1)
    3
    """
    if _is_boolean(value):
        raise BadInput(f"{name} = {shown(value)}: must be a whole number from {least} on.")
    try:
        number = operator.index(value)
    except TypeError:
        raise BadInput(f"{name} = {shown(value)}: must be a whole number.") from None
    if number < least:
        raise BadInput(f"{name} = {shown(value)}: must be a whole number from {least} on.")
    return number


def _is_boolean(value: Any) -> bool:
    """Return whether a value is True or False, also of numpy or torch, which take it for a number."""
    return str(getattr(value, "dtype", type(value).__name__)).endswith("bool")


def flag(value: Any, name: str) -> bool:
    """Return True or False, also of numpy.

    Raises
    ------
    BadInput
        If it is something else, such as the text "no".

    Examples
    --------
    >>> flag(True, "force")
    True
    """
    if type(value).__name__ not in ("bool", "bool_"):
        raise BadInput(f"{name} = {shown(value)}: must be True or False.")
    return bool(value)


def path_of(value: Any, name: str) -> Path:
    """Return a path.

    Raises
    ------
    BadInput
        If it is none.

    Examples
    --------
    >>> path_of("runs/two_step", "out").name
    'two_step'
    """
    try:
        return Path(value)
    except TypeError:
        raise BadInput(f"{name} = {shown(value)}: must be a path, as text.") from None
