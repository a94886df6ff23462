from pathlib import Path

import pytest

from pfc_metarl.cli.terminal import show_run, show_summary
from pfc_metarl.execution.simulation import SimulatedRun

CLAIM = {"text": "It plans.", "networks": 8, "reached": 0, "changed": []}


def test_the_summary_is_a_table(capsys):
    rows = [
        {"measure": "reward", "mean": 0.70649, "sem": 0.00123, "n": 8, "expected": "optimum 0.707"},
        {"measure": "planning index", "mean": None, "sem": None, "n": 0, "expected": ""},
    ]
    show_summary({"claim": CLAIM, "measures": rows, "stopped": {"3": 57}})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].strip() == "Claim: It plans. Reached by 0 of 8 networks."
    (reward,) = (line for line in lines if "reward" in line)
    assert all(word in reward for word in ("0.706 ± 0.001", "8", "optimum 0.707"))
    (planning,) = (line for line in lines if "planning" in line)
    assert "– ± –" in planning
    assert "network 3 was stopped at update 57" in lines[-1]


@pytest.mark.parametrize(("columns", "widest"), [("40", 40), ("200", 200), ("", 118), ("wide", 118)])
def test_the_table_has_the_width_of_columns_or_shows_whole_rows(capsys, monkeypatch, columns, widest):
    monkeypatch.setenv("COLUMNS", columns)
    row = {"measure": "reward " * 9, "mean": 0.7, "sem": 0.1, "n": 8, "expected": "optimum " * 5}
    show_summary({"claim": CLAIM, "measures": [row], "stopped": {}})
    width = max(map(len, capsys.readouterr().out.splitlines()))
    assert width <= widest
    assert (width > 118) == (widest > 118)
    assert (width > 100) == (widest > 100)


@pytest.mark.parametrize("columns", ["40", "60", "80"])
def test_a_narrow_terminal_shows_every_measure_without_cutting_it(capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    row = {"measure": "planning weight", "mean": 8.3, "sem": 0.3, "n": 8, "criterion": [1.1, None], "reached": 8}
    row |= {"subjects": [8.3] * 8, "expected": "ideal observer 6.9"}
    show_summary({"claim": CLAIM, "measures": [row], "stopped": {}})
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= int(columns)
    assert "…" not in shown
    assert all(text in shown for text in ("planning weight", "8.300 ± 0.300", "8 of 8 ≥ 1.1"))
    assert ("ideal observer" in shown) == (columns != "80")


def test_the_seconds_shown_are_those_of_this_command(capsys, monkeypatch):
    monkeypatch.setattr(SimulatedRun, "summary", lambda run: {"claim": CLAIM, "measures": [], "stopped": {}})
    manifest = {"seconds": {"train": 54.6, "measure": 70.0}, "provenance": {}}
    show_run(SimulatedRun(Path("runs/x"), manifest, seconds={"measure": 37.0}), False, False)
    assert capsys.readouterr().out.splitlines()[-1] == "runs/x/  (measure 37.0 s)"
    show_run(SimulatedRun(Path("runs/x"), manifest), False, False)
    assert capsys.readouterr().out.splitlines()[-1] == "runs/x/"
