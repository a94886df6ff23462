"""All settings of an experiment as TOML, each with its meaning and its bounds: ``--print-config``."""

import inspect
import re
import textwrap
from collections.abc import Mapping
from typing import Any

import tomli_w

from pfc_metarl.experiments.base import Experiment, Probe
from pfc_metarl.experiments.plain_values import plain

WIDTH = 100
"""Most columns of a comment."""
SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
PARTS = ("task", "network", "learner")


def printed_config(experiment: Experiment, width: int = WIDTH) -> str:
    """Return all settings of an experiment as TOML that ``--config`` reads back, with comments.

    A setting that is not set, which TOML cannot express, stands in a comment.

    Parameters
    ----------
    experiment : Experiment
    width : int
        Columns of a comment, such as those of the terminal; more than `WIDTH` count as `WIDTH`.

    Examples
    --------
    >>> from pfc_metarl.experiments import load
    >>> text = printed_config(load("two_step"))
    >>> print(text[text.index("# Probability"):].splitlines()[1])
    p_common = 0.8
    """
    lines = _setting("networks", experiment.networks, Experiment)
    for name in PARTS:
        lines += _group(name, getattr(experiment, name), plain(getattr(experiment, name), name))
    for name, probe in experiment.probes.items():
        lines += _group(f"probes.{name}", probe, plain(probe.numbers(), name), Probe)
    return "\n".join(part for line in lines for part in _wrapped(line, min(width, WIDTH))).rstrip() + "\n"


def _wrapped(line: str, width: int) -> list[str]:
    """Return a line; a comment in lines of at most a width, unless a word of it is longer."""
    if not line.startswith("# "):
        return [line]
    return textwrap.wrap(line, width, subsequent_indent="# ", break_long_words=False, break_on_hyphens=False)


def _group(path: str, part: Any, values: Mapping[str, Any], kind: type | None = None) -> list[str]:
    """Return a table of TOML with the settings of a part; groups within it follow in tables of their own."""
    kind = kind or type(part)
    inner = {name: getattr(part, name, None) for name, value in values.items() if isinstance(value, Mapping) and value}
    own = {name: value for name, value in values.items() if name not in inner}
    lines = [f"[{path}]", *(line for name, value in own.items() for line in _setting(name, value, kind))]
    for name, value in inner.items():
        lines += _group(f"{path}.{name}", value, values[name])
    return lines


def _setting(name: str, value: Any, kind: type) -> list[str]:
    """Return the meaning and the bounds of a setting as comments, its value, and an empty line."""
    text = ". ".join(part for part in (meaning(kind, name).rstrip("."), bounds(kind, name)) if part)
    absent = value is None or value == {}
    shown = f"# {name} is not set" if absent else tomli_w.dumps({name: value}).rstrip()
    return [*([f"# {text}"] if text else []), shown, ""]


def meaning(kind: type, name: str) -> str:
    """Return what the docstring of a settings class, or of a class that it is derived from, says of a field.

    Examples
    --------
    >>> from pfc_metarl import A2C
    >>> meaning(A2C, "episodes")
    'Parallel episodes of each network per update.'
    """
    found = ""
    for each in kind.__mro__:
        text = _parameters(each.__dict__.get("__doc__") or "").get(name, "")
        if text and not text.startswith("See "):
            return text
        found = found or text
    return found


def _parameters(docstring: str) -> dict[str, str]:
    """Return name -> description of the section Parameters of a numpydoc docstring."""
    text = inspect.cleandoc(docstring)
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", text, re.DOTALL | re.MULTILINE)
    found: dict[str, str] = {}
    entry = re.compile(r"^(\S[^\n]*)\n((?:[ \t]+[^\n]*\n?|\n)*)", re.MULTILINE)
    for names, description in entry.findall(f"{section[1] if section else ''}\n"):
        found |= {name.strip(): " ".join(description.split()) for name in names.partition(" : ")[0].split(",")}
    return found


def bounds(kind: type, name: str) -> str:
    """Return which values a field of a settings class accepts.

    Examples
    --------
    >>> from pfc_metarl import A2C
    >>> from pfc_metarl.tasks import TwoStep
    >>> bounds(A2C, "discount"), bounds(A2C, "optimiser")
    ('From 0 to 1', 'One of "adam", "rmsprop"')
    """
    field = getattr(kind, "__pydantic_fields__", {}).get(name)
    if field is None:
        return ""
    choices = re.search(r"Literal\[([^\]]*)\]", str(field.annotation))
    if choices:
        return f"One of {choices[1]}".replace("'", '"')
    limits = {key: getattr(each, key) for each in field.metadata for key in SIGNS if hasattr(each, key)}
    if {"ge", "le"} <= set(limits):
        return f"From {limits['ge']:,} to {limits['le']:,}"
    return ", ".join(f"{SIGNS[key]} {value:,}" for key, value in limits.items())
