"""The inputs of a result as plain values, which are stored, compared field by field, and hashed."""

import dataclasses
import enum
import functools
import hashlib
import importlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from pfc_metarl.runs.code import code_hash, of_a_lab

MAX_DEPTH = 12

PARTS = ("networks", "task", "network", "learner")
"""Settings that a training depends on."""


def described(value: Any, depth: int = 0) -> Any:
    """Return settings as plain values that JSON holds: dataclasses with their class, code of a lab with its hash.

    Parameters
    ----------
    value : object
        A task, network, learner, agent, intervention or one of their fields.

    Examples
    --------
    >>> from pfc_metarl.tasks import TwoStep
    >>> described(TwoStep(p_common=0.7))["p_common"]
    0.7
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else repr(float(value))
    if depth > MAX_DEPTH:
        return f"... {type(value).__name__}"
    inner = functools.partial(described, depth=depth + 1)
    if isinstance(value, Mapping):
        return {str(name): inner(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [inner(each) for each in value]
    return _object(value, inner)


def _object(value: Any, inner: Any) -> Any:
    if isinstance(value, enum.Enum):
        return inner(value.value)
    if isinstance(value, np.integer | np.bool_):
        return value.item()
    if isinstance(value, Path | range | slice):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, np.ndarray) or hasattr(value, "detach"):
        return _array(value)
    if isinstance(value, functools.partial):
        return {"partial": inner(value.func), "arguments": inner([value.args, value.keywords])}
    if isinstance(value, MethodType):
        return {"method": value.__name__, "of": inner(value.__self__)}
    if isinstance(value, type | FunctionType):
        return _named(value, inner)
    if dataclasses.is_dataclass(value):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    else:
        fields = vars(value) if hasattr(value, "__dict__") else {}
    return {"class": _named(type(value), inner), **{name: inner(each) for name, each in fields.items()}}


def _array(value: Any) -> str:
    """Return type, shape and hash of an array or a tensor."""
    array = np.ascontiguousarray(value.detach().cpu().numpy() if hasattr(value, "detach") else value)
    return f"{array.dtype}{list(array.shape)} {hashlib.sha256(array.tobytes()).hexdigest()[:16]}"


def _named(value: Any, inner: Any) -> Any:
    """Return the name of a class or function; with its code if a lab wrote it, with its closure if it has one."""
    module = "" if of_a_lab(value) else f"{value.__module__}."
    name = f"{module}{value.__qualname__}"
    parts: dict[str, Any] = {"code": code_hash(value)} if of_a_lab(value) else {}
    if isinstance(value, FunctionType) and value.__closure__:
        parts["closure"] = [inner(cell.cell_contents) for cell in value.__closure__]
    return {"name": name, **parts} if parts else name


def fingerprint(value: Any) -> str:
    """Return the SHA-256 of settings, as `described` has them.

    Examples
    --------
    >>> fingerprint({"seed": 0}) == fingerprint({"seed": 0}) != fingerprint({"seed": 1})
    True
    """
    return hashlib.sha256(json.dumps(described(value)).encode()).hexdigest()


def settings_difference(training: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    """Return where the settings of a run are not those that its networks were trained with, and both values there.

    Parameters
    ----------
    training : mapping
        As `described`, with the class of each part.
    settings : mapping
        As plain values, without classes; what is not part of the training, such as probes, is left out.

    Examples
    --------
    >>> training = {"task": {"class": "TwoStep", "p_common": 0.8}, "seed": 0}
    >>> settings_difference(training, {"task": {"p_common": 0.7}, "probes": {}})
    ('task.p_common', 0.8, 0.7)
    """
    given = {name: settings.get(name) for name in PARTS}

    def difference(trained: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
        return first_difference(_without_classes({name: trained.get(name) for name in PARTS}), given)

    return difference(training) and difference(completed(training))  # defaults are looked up only if they are needed


def training_difference(there: Mapping[str, Any], here: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    """Return where two trainings differ first, and both values there.

    Parameters
    ----------
    there : mapping
        As `described`, perhaps by an earlier version: a setting that it did not have counts as its default.
    here : mapping
        As `described`.

    Examples
    --------
    >>> from pfc_metarl.tasks import TwoStep
    >>> here = {"task": described(TwoStep())}
    >>> earlier = {"task": {name: value for name, value in here["task"].items() if name != "p_common"}}
    >>> training_difference(earlier, here)
    >>> training_difference(earlier, {"task": described(TwoStep(p_common=0.7))})
    ('task.p_common', 0.8, 0.7)
    """
    found = first_difference(there, here)
    return found if found is None else first_difference(completed(there), here)


def completed(training: Mapping[str, Any]) -> dict[str, Any]:
    """Return a training with the defaults of settings that the version which described it did not have yet."""
    return {name: _with_defaults(part) if isinstance(part, Mapping) else part for name, part in training.items()}


def _with_defaults(part: Mapping[str, Any]) -> dict[str, Any]:
    module, _, name = str(part.get("class")).rpartition(".")
    if not module.startswith("pfc_metarl."):
        return dict(part)
    try:
        return {**described(getattr(importlib.import_module(module), name)()), **part}
    except (ImportError, AttributeError, TypeError, ValueError):  # the class is no more, or not without arguments
        return dict(part)


def _without_classes(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_classes(each) for name, each in value.items() if name != "class"}
    return [_without_classes(each) for each in value] if isinstance(value, list) else value


def first_difference(there: Any, here: Any, path: str = "") -> tuple[str, Any, Any] | None:
    """Return where two described values differ first, and both values there.

    Examples
    --------
    >>> first_difference({"task": {"p": 0.8}}, {"task": {"p": 0.7}})
    ('task.p', 0.8, 0.7)
    """
    if isinstance(there, Mapping) and isinstance(here, Mapping):
        for name in {**there, **here}:
            found = first_difference(there.get(name), here.get(name), f"{path}.{name}".lstrip("."))
            if found is not None:
                return found
        return None
    return None if json.dumps(there) == json.dumps(here) else (path, there, here)
