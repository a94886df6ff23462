import pytest
import xarray as xr

from pfc_metarl.data.validity import refuse_all, validity
from pfc_metarl.settings import BadInput


def test_a_subject_is_valid_if_there_is_no_reason_against_it():
    made = xr.Dataset(validity(["", "too few trials", ""]))
    assert made["valid"].values.tolist() == [True, False, True]
    assert made["reason"].values.tolist() == ["", "too few trials", ""]
    assert made["reason"].dims == ("subject",)


def test_reasons_are_text_even_if_there_is_none():
    assert validity(["", ""])["reason"][1].dtype.kind == "U"


def test_only_if_no_subject_is_left_the_first_reason_is_raised():
    refuse_all(["too few trials", ""])
    with pytest.raises(BadInput, match=r"^too few trials\.$"):
        refuse_all(["too few trials", "too few episodes"])
