import pytest
import xarray as xr

from pfc_metarl.data.combining import along


def test_parts_are_found_by_their_labels():
    parts = {name: xr.Dataset({"value": ("subject", [number, number + 1.0])}) for number, name in enumerate("abc")}
    made = along("condition", parts)
    assert made["value"].dims == ("condition", "subject")
    for name, part in parts.items():
        xr.testing.assert_equal(made.sel(condition=name, drop=True), part)


def test_nothing_cannot_be_concatenated():
    with pytest.raises(ValueError, match="must supply at least one"):
        along("condition", {})
