"""Text files read part by part, so that a large file needs little more memory than its table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROWS_OF_PART = 200_000
"""Rows that are read at once."""


def read_in_parts(path: Path, layout: Mapping[str, Any], names: Sequence[str], n_rows: int) -> pd.DataFrame | None:
    """Read a text file part by part.

    Parameters
    ----------
    path : Path
    layout : mapping
        Arguments of `pandas.read_csv`.
    names : sequence of str
        Columns of text that is repeated, such as that of subjects: they become categories.
    n_rows : int
        Rows below the names of the columns.

    Returns
    -------
    DataFrame or None
        As the whole file is read at once, but for categories. None where parts differ in the type of a column, as of
        numbers in one and text in another, which is then not what it is in the whole file.
    """
    columns: dict[str, _Column] = {}
    start = 0
    with pd.read_csv(path, chunksize=ROWS_OF_PART, **layout) as parts:
        for part in parts:
            for name, values in part.items():
                column = columns.setdefault(str(name), _Column(n_rows, str(name) in names))
                if not column.takes(values, start):
                    return None
            start += len(part)
    if start != n_rows:
        return None
    return pd.DataFrame({name: column.joined() for name, column in columns.items()}, copy=False)


class _Column:
    """A column of a file, of which one part after another is taken: numbers into an array that is there for all."""

    def __init__(self, n_rows: int, is_name: bool) -> None:
        self.n_rows = n_rows
        self.labels: dict[str, int] | None = {} if is_name else None
        self.numbers: np.ndarray | None = None
        self.others: list[pd.Series] = []

    def takes(self, values: pd.Series, start: int) -> bool:
        """Take a part that begins in row `start`; return whether it is of the same type as the parts before."""
        own = values.to_numpy() if self.labels is None else _places(values, self.labels)
        is_number = self.labels is not None or (isinstance(values.dtype, np.dtype) and own.dtype.kind in "if")
        if start + len(own) > self.n_rows or (start and is_number != (self.numbers is not None)):
            return False
        if not is_number:
            self.others.append(values)
            return bool(self.others[0].dtype == values.dtype)
        if self.numbers is None:
            self.numbers = np.empty(self.n_rows, dtype=own.dtype)
        elif self.numbers.dtype != own.dtype and own.dtype.kind == "f":
            self.numbers = self.numbers.astype(float)
        self.numbers[start : start + len(own)] = own
        return True

    def joined(self) -> pd.Series:
        """Return the column."""
        if self.numbers is None:
            return pd.concat(self.others, ignore_index=True)
        if self.labels is None:
            return pd.Series(self.numbers, copy=False)
        return pd.Series(
            pd.Categorical.from_codes(self.numbers, categories=pd.Index([*self.labels], dtype="str")), copy=False
        )


def _places(values: pd.Series, labels: dict[str, int]) -> np.ndarray:
    """Return the place of each value among the labels, to which new ones are added; −1 where it is empty."""
    codes, distinct = pd.factorize(values)
    places = [labels.setdefault(str(value), len(labels)) for value in distinct]
    return np.array([*places, -1], dtype=np.int32)[codes]
