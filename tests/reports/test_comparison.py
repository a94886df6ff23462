import shutil

import pytest

from pfc_metarl import open_run
from pfc_metarl.reports.comparison import compared, difference, rows


@pytest.fixture
def runs(tiny_run, tmp_path):
    for name in ("first", "second"):
        shutil.copytree(tiny_run, tmp_path / name)
    return [open_run(tmp_path / name) for name in ("first", "second")]


def test_measures_of_every_run_have_a_row_and_only_the_others_a_difference():
    first = {"measure": "a", "mean": 2.0, "sem": 0.577, "n": 3, "subjects": [1.0, 2.0, 3.0]}
    other = {**first, "mean": 4.0, "subjects": [3.0, 4.0, 5.0], "criterion": [3.5, None], "reached": 2}
    a, b = rows([[first], [other, {**first, "measure": "b"}]])
    assert a["cells"] == ["2.000 ± 0.577 (3)", "4.000 ± 0.577 (3); 2 of 3 ≥ 3.5; difference -0.267 to 4.267"]
    assert b["cells"] == ["–", "2.000 ± 0.577 (3)"]


def test_differences_need_two_networks_that_differ():
    assert difference([1.0], [1.0, 2.0]) == ""
    assert difference([1.0, 1.0], [1.0, 1.0]) == ""
    assert difference([1.0, None, 2.0], [1.0, 2.0]).startswith("difference -")


def test_only_settings_that_differ_are_shown(runs):
    assert compared(runs)["settings"] == []
    runs[1].manifest["settings"] = {**runs[1].manifest["settings"], "networks": 99}
    ((name, values),) = compared(runs)["settings"]
    assert (name, values[1]) == ("networks", "99")


def test_warnings_name_their_run(runs):
    runs[1].manifest["stopped"] = {"0": 2}
    assert any(each.startswith("second: Network 0 was stopped") for each in compared(runs)["warnings"])
