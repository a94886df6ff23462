"""Settings as plain values: what run.json holds and ``--config`` reads back without loss."""

import dataclasses
import enum
import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

from pfc_metarl.settings import BadInput, shortened

ALLOWED = "settings are finite numbers, texts, None, and tuples, mappings and settings classes of these"


def plain(value: Any, path: str) -> Any:
    """Return settings as nested numbers, texts and lists.

    Scalars of numpy become Python's, paths become texts, members of an enumeration become their values.

    Parameters
    ----------
    value : object
        A settings class, or the value of one of its fields.
    path : str
        Where it stands, for messages: "task".

    Raises
    ------
    BadInput
        For a value that JSON cannot hold without loss, such as an array or NaN.

    Examples
    --------
    >>> from pfc_metarl.tasks import TwoStep
    >>> plain(TwoStep(p_common=np.float64(0.75)), "task")["p_common"]
    0.75
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, enum.Enum):
        return plain(value.value, path)
    if isinstance(value, PurePath):
        return str(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, tuple | list):
        return [plain(each, f"{path}[{number}]") for number, each in enumerate(value)]
    if isinstance(value, Mapping):
        return {_name(name, path): plain(each, f"{path}.{name}") for name, each in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return plain(fields, path)
    text = shortened(" ".join(repr(value).split()), 60)
    kind = "" if isinstance(value, float) else f" of type {type(value).__name__}"
    raise BadInput(f"{path} = {text}: a value{kind} cannot be written to run.json; {ALLOWED}.")


def _name(name: Any, path: str) -> str:
    if isinstance(name, enum.Enum | np.generic):
        name = name.value if isinstance(name, enum.Enum) else name.item()
    if not isinstance(name, str):
        raise BadInput(f"{path}: the name {name!r} in a mapping is no text; {ALLOWED}.")
    return name
