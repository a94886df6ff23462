"""Validated, frozen settings: all numbers enter the package through them.

A wrong value is refused by a sentence that names the field, the value and what is allowed.
"""

import dataclasses
import difflib
import functools
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, dataclass_transform

import pydantic
from pydantic.dataclasses import dataclass as validated_dataclass
from pydantic_core import ArgsKwargs

__all__ = ["BadInput", "Caution", "Failure", "changed", "merged", "settings"]

MAX_EXACT = 2.0**53
"""Up to here a float holds every whole number."""
MOST_NAMES = 25  # a sentence with more is not read


def __dir__() -> list[str]:
    return list(__all__)


class BadInput(ValueError):
    """An input that cannot be used; the message is one sentence with field, value and fix.

    Parameters
    ----------
    message : str
    name : str
        First part of the sentence, for which a caller may know a better name.
    """

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(printable(f"{name}{message}"))
        self.name = printable(name)

    def renamed(self, name: str) -> "BadInput":
        """Return the same sentence with another name in front."""
        rest = str(self).removeprefix(self.name)
        return BadInput(rest, name or "settings") if name or not rest.startswith(".") else BadInput(rest[1:])


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


def counted(number: int, noun: str) -> str:
    """Return a number and what it counts.

    Examples
    --------
    >>> counted(1, "cell"), counted(2000, "network")
    ('1 cell', '2,000 networks')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def choice_of(known: Iterable[str], wrong: str) -> str:
    """Return names that can be chosen from, and the one most similar to a wrong name; of a long list a few.

    Examples
    --------
    >>> choice_of(["task", "network"], "networks")
    "task, network; did you mean 'network'?"
    >>> choice_of([f"unit_{number}" for number in range(90)], "unit_x")
    "unit_9, unit_8, unit_7, unit_6, unit_5, ... (90 in all); did you mean 'unit_9'?"
    """
    names = list(known)
    near = [*difflib.get_close_matches(wrong, names, 5), *(n for n in names if wrong and n.startswith(wrong))]
    some = names if len(names) <= MOST_NAMES else [*[*dict.fromkeys(near or names)][:5], f"... ({len(names)} in all)"]
    return ", ".join(some) + (f"; did you mean {near[0]!r}?" if near else ".")


class Failure(RuntimeError):
    """The work cannot continue, for a reason other than bad input; the message is one sentence with what to do."""


class Caution(UserWarning):
    """A warning: the work continues; the message is one sentence."""


@dataclass_transform(kw_only_default=True, frozen_default=True)
def settings(cls: type) -> Any:
    """Make a class a frozen, keyword-only dataclass whose fields are checked when it is made.

    A wrong value raises `BadInput`, also in `dataclasses.replace`.

    Examples
    --------
    >>> import pydantic
    >>> @settings
    ... class Coin:
    ...     p_heads: float = pydantic.Field(0.5, ge=0, le=1)
    >>> Coin(p_heads=0.25).p_heads
    0.25
    >>> Coin(p_heads=2)
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: Coin.p_heads = 2: should be less than or equal to 1.
    """
    configuration = pydantic.ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    made: Any = validated_dataclass(frozen=True, kw_only=True, config=configuration)(cls)
    made.__init__ = _in_a_sentence(made.__init__)
    return made


def _in_a_sentence(begin: Callable[..., None]) -> Callable[..., None]:
    """Return the initialiser of a settings class that reports wrong values in one sentence."""

    @functools.wraps(begin, assigned=("__doc__", "__name__", "__qualname__"))
    def __init__(self: Any, *values: Any, **named: Any) -> None:
        _require_names(self, values)
        _require_numbers(type(self), named)
        try:
            begin(self, *values, **named)
        except pydantic.ValidationError as error:
            names = [field.name for field in dataclasses.fields(self)]
            raise BadInput(_refusal(error, names, named), type(self).__name__) from None

    del __init__.__wrapped__
    return __init__


def _require_names(made: Any, values: Sequence[Any]) -> None:
    """Refuse values without a name: pydantic takes the first of them although all are keyword-only."""
    if values:
        fields = [field.name for field in dataclasses.fields(made)]
        example = f", as {fields[0]}={shown(values[0])}" if fields else ""
        raise BadInput(f"({shown(values[0])}): settings are given by name{example}.", type(made).__name__)


def _require_numbers(cls: Any, given: Mapping[str, Any]) -> None:
    """Refuse what pydantic converts to a number without a word: text, True and False, and 2.0 for a whole number."""
    for name, value in given.items():
        field = cls.__pydantic_fields__.get(name)
        if field is None or value is None:
            continue
        wanted = _number(field.annotation)
        flag_or_text = isinstance(value, str | bytes) or type(value).__name__ in ("bool", "bool_")
        if wanted is int and (flag_or_text or not hasattr(value, "__index__")):
            whole = isinstance(value, float) and value.is_integer() and abs(value) < MAX_EXACT
            raise BadInput(
                f".{name} = {shown(value)}: must be a whole number{f'; write {int(value)}' if whole else ''}.",
                cls.__name__,
            )
        if wanted is float and flag_or_text:
            raise BadInput(f".{name} = {shown(value)}: must be a number.", cls.__name__)


def _number(annotation: Any) -> type | None:
    """Return int or float if a field holds a number or None, else None."""
    alternatives = set(typing.get_args(annotation) or (annotation,)) - {type(None)}
    if isinstance(annotation, type | types.UnionType) and alternatives <= {int, float}:
        return float if float in alternatives else int
    return None


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
            raise BadInput(
                f"{path}{name} = {shown(value)}: there is no such setting; known here: {choice_of(known, name)}"
            )
        if isinstance(value, Mapping) and isinstance(getattr(record, name), bool | int | float | str):
            raise BadInput(_no_group(record, name, value, path))
        values[name] = _changed_value(getattr(record, name), value, f"{path}{name}")
    try:
        return dataclasses.replace(record, **values)
    except BadInput as error:
        raise error.renamed(path.rstrip(".")) from None


def _no_group(record: Any, name: str, given: Mapping[str, Any], path: str) -> str:
    groups = [each.name for each in dataclasses.fields(record) if dataclasses.is_dataclass(getattr(record, each.name))]
    return (
        f"{path}{name}.{next(iter(given), 'NAME')}: {path}{name} is one value, not a group of settings; "
        f"groups here: {choice_of(groups, name) if groups else 'none.'}"
    )


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
                raise BadInput(f"{path}.{name}: there is no such entry; known here: {choice_of(old, name)}")
        return {**old, **{name: _changed_value(old.get(name), value, f"{path}.{name}") for name, value in new.items()}}
    numpy_scalar = type(old).__module__ == "numpy" and isinstance(new, bool | int | float)
    return type(old)(new) if numpy_scalar else new


def sentence(error: pydantic.ValidationError) -> str:
    """Put a validation error into one sentence: field, value, what is allowed."""
    return str(BadInput(_refusal(error), "settings").renamed(""))


def _refusal(error: pydantic.ValidationError, known: Sequence[str] = (), given: Any = None) -> str:
    """Return a sentence on the first wrong field, without the name of what it is a field of; the others by name."""
    errors = error.errors(include_url=False)
    places = [_place(each["loc"], given) for each in errors]
    same = [each for each, place in zip(errors, places, strict=True) if place == places[0]]
    first = same[0]
    text = " or ".join(dict.fromkeys(_reason(each, known) for each in same if each["input"] is first["input"]))
    others = list(dict.fromkeys(place[0] for place in places if place and place[:1] != places[0][:1]))
    more = f"; {len(others)} more cannot be used: {', '.join(others)}" if others else ""
    unshown = first["type"] == "missing" or isinstance(first["input"], ArgsKwargs | dict)
    value = "" if unshown else f" = {shown(first['input'])}"
    end = "" if f"{text}{more}".endswith("?") else "."
    return f"{''.join(f'.{part}' for part in places[0])}{value}: {text}{more}{end}"


def _place(parts: Sequence[Any], given: Any) -> tuple[str, ...]:
    """Return the names and positions on the way to a value; alternatives of a type are left out.

    Without `given`, the values of the whole, all parts are returned.
    """
    if given is None or not parts:
        return tuple(map(str, parts))
    kept, inside = [str(parts[0])], given.get(parts[0], given)
    for part in parts[1:]:
        try:
            inside = getattr(inside, part) if dataclasses.is_dataclass(inside) else inside[part]
        except (LookupError, TypeError, AttributeError):
            continue
        kept.append(str(part))
    return tuple(kept)


def _reason(error: Any, known: Sequence[str]) -> str:
    """Return what is wrong with a value."""
    if error["type"] == "unexpected_keyword_argument":
        return f"there is no such setting; known here: {choice_of(known, str(error['loc'][-1])).removesuffix('.')}"
    if error["type"] == "tuple_type" and error["input"] is not None:
        return f"should be a tuple; of one value it is written ({shortened(repr(error['input']), 40)},)"
    if error["type"] == "missing":
        return "must be given"
    text: str = error["msg"].removeprefix("Value error, ").removeprefix("Input ").replace(" after validation", "")
    return text.rstrip(".")


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
