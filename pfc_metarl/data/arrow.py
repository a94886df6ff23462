"""Columns of Arrow's types as columns of pandas' own types, so that all are read alike."""

from typing import Any

import pandas as pd

OWN_TYPES = {
    "int": "Int64",
    "uint": "UInt64",
    "bool": "boolean",
    "float": "Float64",
    "double": "Float64",
    "halffloat": "Float64",
    "decimal": "Float64",
}
"""How the name of an Arrow type begins -> pandas' type for the same values."""


def plain(column: pd.Series) -> pd.Series:
    """Return a column of an Arrow type as one of pandas' own types, text and all else as objects.

    Columns of other types are returned as they are.

    Examples
    --------
    >>> column = pd.Series(["a", "b"], dtype="category")
    >>> plain(column) is column
    True
    """
    if not isinstance(column.dtype, pd.ArrowDtype):
        return column
    name = str(column.dtype.pyarrow_dtype)
    own: Any = next((own for start, own in OWN_TYPES.items() if name.startswith(start)), None)
    if own is None:
        return pd.Series(column.tolist(), index=column.index, name=column.name, dtype=object)
    exact = column.astype("float64[pyarrow]") if own == "Float64" else column
    return exact.astype(own)
