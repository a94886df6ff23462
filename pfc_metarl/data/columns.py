"""How a column of the trial table is read off a recording: declared by the task, written into the recording as text."""

import re
from typing import Any, Literal, NamedTuple

import numpy as np
import xarray as xr

from pfc_metarl.settings import BadInput

READS = ("first", "last", "sum")
Read = Literal["first", "last", "sum"]

TEXT = re.compile(
    r"(?P<name>.+?) = (?:(?P<read>last|sum) of )?(?P<variable>.+?)"
    r"(?: at (?P<phase>[^;]+?)| over the trial)(?:; codes (?P<codes>[^;]+?))?(?P<response>; response)?"
)


class Column(NamedTuple):
    """How a column is read off a recording.

    Parameters
    ----------
    name : str
        Of the column. A variable with an axis of its own gives a column for each label: ``<name>_<label>``.
    variable : str
        Of the recording.
    phase : str or None
        Phase of the trial whose steps are read; None for all steps of the trial.
    read : {"first", "last", "sum"} or None
        Value at the first or the last of those steps, or their sum; None means the sum for the variable ``reward``,
        the first for all others.
    codes : tuple of str
        Names of the codes 0, 1, ...; a column with codes holds whole numbers and is empty elsewhere.
    response : bool or None
        Whether the column holds a response of the subject: a trial in which it is empty is lost. None means that it
        does if the variable is ``action``.

    Examples
    --------
    >>> column = Column("choice1", "choice1", "second_stage", codes=("left", "right"), response=True)
    >>> str(column)
    'choice1 = choice1 at second_stage; codes left, right; response'
    >>> Column.parse(str(column)) == column.resolved()
    True
    >>> str(Column("reward", "reward"))
    'reward = sum of reward over the trial'
    """

    name: str
    variable: str
    phase: str | None = None
    read: Read | None = None
    codes: tuple[str, ...] = ()
    response: bool | None = None

    def resolved(self) -> "Column":
        """Return the column with its defaults filled in."""
        read: Read = self.read or ("sum" if self.variable == "reward" else "first")
        return self._replace(read=read, response=self.variable == "action" if self.response is None else self.response)

    def __str__(self) -> str:
        column = self.resolved()
        source = column.variable if column.read == "first" else f"{column.read} of {column.variable}"
        where = "over the trial" if column.phase is None else f"at {column.phase}"
        codes = f"; codes {', '.join(column.codes)}" if column.codes else ""
        response = "; response" if column.response and column.variable != "action" else ""
        return f"{column.name} = {source} {where}{codes}{response}"

    @classmethod
    def parse(cls, text: str) -> "Column":
        """Read the text of a column back.

        Raises
        ------
        BadInput
            If the text does not describe a column.
        """
        found = TEXT.fullmatch(text)
        if found is None:
            raise BadInput(
                f"trial_columns = {text!r}: this does not describe a column; expected NAME = VARIABLE at PHASE."
            )
        codes = tuple(found["codes"].split(", ")) if found["codes"] else ()
        read: Any = found["read"] or "first"
        response = bool(found["response"]) or found["variable"] == "action"
        return cls(found["name"], found["variable"], found["phase"], read, codes, response)


def columns_of(recording: xr.Dataset) -> list[Column]:
    """Return the columns that a recording declares.

    Raises
    ------
    BadInput
        If it declares none.
    """
    columns = [Column.parse(str(text)) for text in np.atleast_1d(recording.attrs.get("trial_columns", []))]
    if not columns:
        raise BadInput("The recording does not say how its trials are read (attribute trial_columns is missing).")
    return columns


def no_response_actions(recording: xr.Dataset) -> np.ndarray:
    """Return the numbers of the actions that are no response, as the recording declares them by name."""
    names = [str(name) for name in np.atleast_1d(recording.attrs.get("no_response_actions", []))]
    if "option" not in recording.coords:
        return np.array([], dtype=int)
    return np.flatnonzero(np.isin(recording["option"].values.astype(str), names))
