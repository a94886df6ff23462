from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pfc_metarl.data.arrow import plain


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([0, 1, None], pa.int8(), "Int64"),
        ([0, 1, None], pa.uint64(), "UInt64"),
        ([False, True, None], pa.bool_(), "boolean"),
        ([0.0, 1.0, None], pa.float32(), "Float64"),
        (np.array([0, 1], dtype="float16"), pa.float16(), "Float64"),
        ([Decimal("0"), Decimal("1.0"), None], pa.decimal128(5, 2), "Float64"),
    ],
    ids=str,
)
def test_numbers_are_of_pandas_own_types(values, kind, expected):
    column = pd.Series(pd.arrays.ArrowExtensionArray(pa.array(values, kind)), name="x", index=range(5, 5 + len(values)))
    got = plain(column)
    assert got.dtype == expected
    assert got.name == "x"
    assert got.index.equals(column.index)
    np.testing.assert_array_equal(got.to_numpy(dtype=float, na_value=np.nan), [0, 1, np.nan][: len(values)])


def test_large_whole_numbers_are_exact():
    assert plain(pd.Series([2**53 + 1], dtype="int64[pyarrow]")).tolist() == [2**53 + 1]


@pytest.mark.parametrize("made", [pa.array(["a", None, "b"]), pa.array(["a", None, "b"]).dictionary_encode()], ids=str)
def test_text_becomes_objects(made):
    got = plain(pd.Series(pd.arrays.ArrowExtensionArray(made)))
    assert got.dtype == object
    assert got.isna().tolist() == [False, True, False]
    assert got[0] == "a"


def test_other_columns_are_returned_as_they_are():
    for column in (pd.Series([1]), pd.Series(["a"], dtype="string"), pd.Series(["a"], dtype="category")):
        assert plain(column) is column
