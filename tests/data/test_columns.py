import itertools

import pytest
import xarray as xr

from pfc_metarl.data.columns import Column, columns_of, no_response_actions
from pfc_metarl.settings import BadInput


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (Column("choice1", "action", "first_stage"), "choice1 = action at first_stage"),
        (Column("reward", "reward", "outcome"), "reward = sum of reward at outcome"),
        (Column("reward", "reward", "outcome", "first"), "reward = reward at outcome"),
        (Column("reward", "reward"), "reward = sum of reward over the trial"),
        (Column("rt", "clock", "choice", "last"), "rt = last of clock at choice"),
        (
            Column("choice1", "side", "end", codes=("left", "right"), response=True),
            "choice1 = side at end; codes left, right; response",
        ),
    ],
)
def test_a_column_is_written_in_plain_words(column, text):
    assert str(column) == text
    assert Column.parse(text) == column.resolved()


def test_every_column_reads_back():
    phases, reads, codes = (None, "go", "go on"), (None, "first", "last", "sum"), ((), ("a",), ("a b", "c"))
    for variable, phase, read, code, response in itertools.product(
        ("action", "reward", "x_y"), phases, reads, codes, (None, True)
    ):
        column = Column("name", variable, phase, read, code, response)
        assert Column.parse(str(column)) == column.resolved()


def test_what_is_no_column_is_refused():
    with pytest.raises(BadInput, match="trial_columns = 'choice1': this does not describe a column"):
        columns_of(xr.Dataset(attrs={"trial_columns": "choice1"}))
    with pytest.raises(BadInput, match="trial_columns is missing"):
        columns_of(xr.Dataset())


def test_actions_are_found_by_their_names():
    made = xr.Dataset(coords={"option": ["hold", "left", "right"]}, attrs={"no_response_actions": ["hold", "blink"]})
    assert no_response_actions(made).tolist() == [0]
    assert no_response_actions(made.assign_attrs(no_response_actions="right")).tolist() == [2]
    assert no_response_actions(made.drop_attrs()).tolist() == []
    assert no_response_actions(made.drop_vars("option")).tolist() == []
