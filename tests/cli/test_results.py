from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from pfc_metarl.cli.results import MOST_ROWS, refuse_unwritable, show_reasons, show_table, write_groups
from pfc_metarl.data.validity import validity
from pfc_metarl.settings import BadInput


def test_a_place_that_can_be_written_is_left_empty(tmp_path):
    refuse_unwritable(None)
    refuse_unwritable(tmp_path / "new" / "out.nc")
    assert not list((tmp_path / "new").iterdir())


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="choose a file that can be written"):
        refuse_unwritable(tmp_path / "file" / "out.nc")
    with pytest.raises(BadInput, match="this is a folder"):
        refuse_unwritable(tmp_path)


def test_results_are_written_as_groups(tmp_path):
    tables = {name: xr.Dataset({"x": ("subject", [1.0, value])}) for name, value in (("one", 2.0), ("two", 3.0))}
    out = write_groups(tables, tmp_path / "out.nc")
    with xr.open_datatree(out, engine="h5netcdf") as tree:
        for name, table in tables.items():
            xr.testing.assert_identical(tree[name].to_dataset().load(), table)


def test_a_table_shows_mean_error_number_and_subjects(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    show_table(pd.DataFrame({"stay": [1.0, 3.0, np.nan]}, index=["a", "b", "c"]), "people")
    row = next(line for line in capsys.readouterr().out.splitlines() if "stay" in line)
    assert "2.000 ± 1.000" in row  # s.e.m. of 1 and 3
    cells = [cell.strip() for cell in row.split("│")]
    assert cells[3:-1] == ["2", "1.00", "3.00", "-"]


def test_of_many_subjects_the_first_are_shown_and_the_rest_counted(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    n = MOST_ROWS + 5
    show_table(pd.DataFrame({"stay": np.arange(n, dtype=float)}), "people")
    shown = capsys.readouterr().out
    assert "5 more subjects are not shown; --out FILE writes all" in shown
    assert f"{np.mean(np.arange(n)):.3f}" in shown
    show_table(pd.DataFrame({"stay": np.arange(n, dtype=float)}), "people", Path("all.nc"))
    assert "5 more subjects are not shown; all.nc holds all" in capsys.readouterr().out


def test_long_names_of_rows_are_told_apart_in_a_narrow_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    names = ["stay_rewarded_common", "stay_rewarded_rare"]
    show_table(pd.DataFrame({name: [1.0, 2.0] for name in names}), "people")
    shown = capsys.readouterr().out
    cells = "".join(line.split("│")[1].strip() for line in shown.splitlines() if "│" in line)
    assert cells == "".join(names)
    assert "2 subjects are not shown; --out FILE writes all" in " ".join(shown.split())
    assert max(len(line) for line in shown.splitlines() if "│" in line) <= 40


def test_subjects_without_a_result_are_named_with_the_reason(capsys):
    reasons = ["", "no trials", "no trials", "no choice"]
    result = xr.Dataset({**validity(reasons)}, {"subject": ["a", "b", "c", "d"]})
    show_reasons({"stay": result, "whole": xr.Dataset({"x": 1.0})})
    assert capsys.readouterr().out.splitlines() == [
        "stay has no result for 2 subjects (b, c): no trials",
        "stay has no result for 1 subject (d): no choice",
    ]


def test_a_reason_is_wrapped_by_words_in_a_terminal_and_one_line_in_a_file(capsys, monkeypatch):
    fit = {"reason": ("subject", ["the search did not end, and [this] is a long reason"] * 2)}
    fit = xr.Dataset({**fit, "valid": ("subject", [False] * 2)}, {"subject": ["a", "b"]})
    whole = "hybrid has no result for 2 subjects (a, b): the search did not end, and [this] is a long reason"
    monkeypatch.setenv("COLUMNS", "40")
    show_reasons({"hybrid": fit})
    assert capsys.readouterr().out == f"{whole}\n"
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    show_reasons({"hybrid": fit})
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(line.rstrip() for line in lines) == whole
    assert max(map(len, lines)) <= 40
