"""Validated, frozen settings: all numbers enter the package through them.

A wrong value is refused by a sentence that names the field, the value and what is allowed.
"""

import dataclasses
import operator
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, dataclass_transform

import pydantic
from pydantic.dataclasses import dataclass as validated_dataclass
from pydantic_core import ArgsKwargs

MAX_DEPTH = 20
"""Of settings within settings; those of the package have four levels."""


class BadInput(ValueError):
    """An input that cannot be used; the message is one sentence with field, value and fix."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


def printable(text: str) -> str:
    """Escape characters that end a line, move the cursor or cannot be printed."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", lambda found: repr(found[0])[1:-1], text)


def shown(value: Any) -> str:
    """Return a value as it is written in Python, not longer than a line or two."""
    return shortened(repr(value))


def shortened(text: str, most: int = 200) -> str:
    """Return the beginning of a long text.

    Examples
    --------
    >>> shortened("abcdefghij", most=8)
    'abcde...'
    """
    return text if len(text) <= most else f"{text[: most - 3]}..."


class Failure(RuntimeError):
    """The work cannot continue, for a reason other than bad input; the message is one sentence with what to do."""


class Caution(UserWarning):
    """A warning: the work continues; the message is one sentence."""


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
    try:
        number = operator.index(value)
    except TypeError:
        raise BadInput(f"{name} = {value!r}: must be a whole number.") from None
    if isinstance(value, bool) or number < least:
        raise BadInput(f"{name} = {value!r}: must be a whole number from {least} on.")
    return number


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
        raise BadInput(f"{name} = {printable(repr(value))}: must be a path, as text.") from None


@dataclass_transform(kw_only_default=True, frozen_default=True)
def settings(cls: type) -> Any:
    """Make a class a frozen, keyword-only dataclass whose fields are checked when it is made.

    Examples
    --------
    >>> @settings
    ... class Coin:
    ...     p_heads: float = pydantic.Field(0.5, ge=0, le=1)
    >>> Coin(p_heads=0.25).p_heads
    0.25
    """
    configuration = pydantic.ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    return validated_dataclass(frozen=True, kw_only=True, config=configuration)(cls)


def changed(record: Any, changes: Mapping[str, Any], path: str = "") -> Any:
    """Return a frozen dataclass with some fields replaced, nested ones by nested mappings.

    Parameters
    ----------
    record : dataclass
        It is not changed.
    changes : mapping
        New values by field name; a field that is itself a dataclass or a mapping takes a mapping.
    path : str
        Path of `record` in the settings, for messages ("task.").

    Raises
    ------
    BadInput
        For a name that does not exist or a value that its field refuses.
    """
    known = [field.name for field in dataclasses.fields(record)]
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in known:
            raise BadInput(f"{path}{name} = {shown(value)}: there is no such setting; known here: {', '.join(known)}.")
        values[name] = _changed_value(getattr(record, name), value, f"{path}{name}")
    try:
        return dataclasses.replace(record, **values)
    except pydantic.ValidationError as error:
        raise BadInput(sentence(error, path)) from None


def _changed_value(old: Any, new: Any, path: str) -> Any:
    if dataclasses.is_dataclass(old):
        if not isinstance(new, Mapping):
            raise BadInput(
                f"{path} = {shown(new)}: this is a group of settings; give one of them, as {path}.NAME=VALUE."
            )
        return changed(old, new, f"{path}.")
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        grouped = any(dataclasses.is_dataclass(value) for value in old.values())
        for name in new:
            if grouped and name not in old:
                raise BadInput(f"{path}.{name}: there is no such entry; known here: {', '.join(old)}.")
        return {**old, **{name: _changed_value(old.get(name), value, f"{path}.{name}") for name, value in new.items()}}
    numpy_scalar = type(old).__module__ == "numpy" and isinstance(new, bool | int | float)
    return type(old)(new) if numpy_scalar else new


def sentence(error: pydantic.ValidationError, path: str = "") -> str:
    """Put a validation error into one sentence: field, value, what is allowed."""
    first = error.errors()[0]
    place = path + ".".join(str(part) for part in first["loc"]) if first["loc"] else path.rstrip(".") or "settings"
    message = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    given = "" if isinstance(first["input"], ArgsKwargs | dict) else f" = {shown(first['input'])}"
    return f"{place}{given}: {message}."


def assignment(text: str) -> dict[str, Any]:
    """Read "task.p_common=0.75" into a nested mapping; the value is TOML, else plain text.

    Examples
    --------
    >>> assignment("task.p_common=0.75")
    {'task': {'p_common': 0.75}}
    >>> assignment("network.core=gru")
    {'network': {'core': 'gru'}}
    """
    name, equals, value = text.partition("=")
    parts = name.strip().split(".")
    if not equals or len(parts) > MAX_DEPTH or not all(part.isidentifier() for part in parts):
        raise BadInput(
            f"--set {shortened(text)}: expected NAME=VALUE with dots between names, as in --set task.p_common=0.75."
        )
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):
        parsed = value.strip()
    for part in reversed(parts):
        parsed = {part: parsed}
    return parsed


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Merge two nested mappings; the second wins.

    Examples
    --------
    >>> merged({"task": {"a": 1, "b": 2}}, {"task": {"b": 3}})
    {'task': {'a': 1, 'b': 3}}
    """
    out = dict(first)
    for name, value in second.items():
        both = isinstance(out.get(name), Mapping) and isinstance(value, Mapping)
        out[name] = merged(out[name], value) if both else value
    return out
