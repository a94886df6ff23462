import numpy as np
import pandas as pd
import pytest

from pfc_metarl.data.labels import coded, rows_of, subjects, whole_numbers


def test_subjects_are_sorted_numbers_or_names():
    assert subjects(pd.DataFrame({"subject": [3, 1, 3]})).tolist() == [1, 3]
    assert subjects(pd.DataFrame({"subject": ["b", "a", "b"]})).tolist() == ["a", "b"]
    assert subjects(pd.DataFrame({"subject": ["b", "a"]})).dtype.kind == "U"


def test_a_categorical_keeps_its_order_without_unused_categories():
    column = pd.Series(pd.Categorical(["b", "a", "b"], ["c", "b", "a"]))
    labels, codes = coded(column)
    assert labels.tolist() == ["b", "a"]
    assert codes.tolist() == [0, 1, 0]
    assert subjects(column.to_frame("subject")).tolist() == ["b", "a"]


@pytest.mark.parametrize("kind", ["int64", "Int64", "float64", "Float64", "object", "int8", "category"])
def test_numbers_are_the_same_labels_whatever_their_type(kind):
    labels, codes = coded(pd.Series([3, 1, 3]).astype(kind))
    assert labels.tolist() == [1, 3]
    assert labels.dtype.kind == "i"
    assert codes.tolist() == [1, 0, 1]


def test_numbers_of_trials_are_whole_if_they_all_are():
    assert whole_numbers(np.array([0.0, 2.0])).dtype.kind == "i"
    assert whole_numbers(np.array([0.5, 2.0])).tolist() == [0.5, 2.0]


def test_rows_of_labels_are_in_order_and_labels_without_rows_have_none():
    codes = np.random.default_rng(0).integers(-1, 4, 50)
    found = rows_of(codes, n_labels=5)
    for label, rows in enumerate(found):
        np.testing.assert_array_equal(rows, np.flatnonzero(codes == label))
    assert len(found) == 5
