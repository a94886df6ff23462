"""Labels of subjects and sessions, and their order: the numbers of a measure belong to labels, not to positions."""

from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from pfc_metarl.data.arrow import plain
from pfc_metarl.settings import BadInput

LARGEST_EXACT = 2**53
"""Floating-point numbers below it are exact whole numbers if they have no fraction."""


def coded(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels of a column in order, and for each row the place of its label.

    A categorical column keeps the order of its categories; other labels are sorted.

    Returns
    -------
    labels : array
        Whole numbers, other numbers, or text.
    codes : array of int
        −1 where the column is empty.

    Examples
    --------
    >>> labels, codes = coded(pd.Series(pd.Categorical(["b", "a", "b"], categories=["b", "a"])))
    >>> labels.tolist(), codes.tolist()
    (['b', 'a'], [0, 1, 0])
    """
    column = plain(column)
    if isinstance(column.dtype, pd.CategoricalDtype):
        used = column.cat.remove_unused_categories()
        return _as_labels(used.cat.categories), used.cat.codes.to_numpy().astype(np.int64)
    codes, values = pd.factorize(column, sort=True)
    return _as_labels(values), codes


def rows_of(codes: np.ndarray, n_labels: int) -> list[np.ndarray]:
    """Return the places of the rows of each label, in the order of the rows; a row with code −1 has none.

    Examples
    --------
    >>> [places.tolist() for places in rows_of(np.array([1, 0, -1, 1]), n_labels=3)]
    [[1], [0, 3], []]
    """
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.searchsorted(codes[order], np.arange(n_labels + 1)))[1:-1]


def _as_labels(values: Any) -> np.ndarray:
    found = np.asarray(values)
    if found.dtype.kind in "iu":
        return found
    if all(_is_whole(value) for value in found):
        return found.astype(np.int64)
    if all(isinstance(value, Real) for value in found.tolist()):
        return found.astype(float)
    return found.astype(str)


def _is_whole(value: Any) -> bool:
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        return False
    return abs(float(value)) < LARGEST_EXACT and float(value) % 1 == 0


def conditions(table: pd.DataFrame, name: str, taken: tuple[str, ...] = ()) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels of the conditions that a column of a trial table tells apart, and the place of each row's.

    Parameters
    ----------
    table : DataFrame
    name : str
        Of the column, whose values are numbers, or text; a row where it is empty is in no condition and has −1.
    taken : tuple of str
        Columns that a measure uses otherwise.

    Raises
    ------
    BadInput
        If there is no such column, it is taken or empty, or holds both numbers and text.

    Examples
    --------
    >>> labels, codes = conditions(pd.DataFrame({"p_win": [0.5, 0.125, None, 0.5]}), "p_win")
    >>> labels.tolist(), codes.tolist()
    ([0.125, 0.5], [1, 0, -1, 1])
    """
    if name not in table:
        raise BadInput(f"The trial table has no column {name!r}; it has {', '.join(map(str, table.columns))}.")
    if name in taken:
        raise BadInput(f"condition = {name!r}: choose another column of the trial table.")
    try:
        labels, codes = coded(table[name])
    except TypeError:
        raise BadInput(f"condition = {name!r}: this column must hold numbers or names, not both.") from None
    if not len(labels):
        raise BadInput(f"condition = {name!r}: this column of the trial table is empty.")
    return labels, codes


def whole_numbers(values: np.ndarray) -> np.ndarray:
    """Return numbers of trials as whole numbers, if they all are."""
    return values.astype(np.int64) if all(_is_whole(value) for value in values.tolist()) else values


def subjects(table: pd.DataFrame) -> np.ndarray:
    """Return the subjects of a trial table in order: numbers, or names as text.

    Examples
    --------
    >>> subjects(pd.DataFrame({"subject": [3, 1, 3]})).tolist()
    [1, 3]
    """
    return coded(table["subject"])[0]
