"""What a measure is given: a recording or a trial table, and variables that it has."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from pfc_metarl.settings import BadInput, choice_of


def not_a_recording(given: Any, expected: str = "a recording") -> BadInput:
    """Return the error for something that is no recording, with what makes one of it.

    Examples
    --------
    >>> raise not_a_recording("runs/two_step/test.nc")
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: Expected a recording, not str; pfc_metarl.open_recording(PATH) opens that of a file.
    """
    return BadInput(f"Expected {expected}, not {type(given).__name__}{_way_to_one(given)}.")


def _way_to_one(given: Any) -> str:
    if isinstance(given, str | Path):
        return "; pfc_metarl.open_recording(PATH) opens that of a file"
    if hasattr(given, "recordings"):
        return '; a run holds several, run.recording("test") returns one'
    return ""


def require_variable(recording: xr.Dataset, variable: str) -> None:
    """Raise BadInput unless a recording has a variable.

    Examples
    --------
    >>> require_variable(xr.Dataset({"reward": 0, "rpe": 0}), "rewards")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: variable = 'rewards': the recording has none of that name; it has reward, rpe; ...
    """
    if variable not in recording:
        names = map(str, recording.data_vars)
        raise BadInput(
            f"variable = {variable!r}: the recording has none of that name; it has {choice_of(names, str(variable))}"
        )


def require_named(arrays: Any, name: str) -> None:
    """Raise BadInput unless arrays are given by name.

    Examples
    --------
    >>> require_named([1.0, 2.0], "regressors")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: regressors must be a mapping from names to arrays, such as {"reward": ARRAY}, ...
    """
    if not isinstance(arrays, Mapping):
        kind = type(arrays).__name__
        raise BadInput(f'{name} must be a mapping from names to arrays, such as {{"reward": ARRAY}}, not {kind}.')
