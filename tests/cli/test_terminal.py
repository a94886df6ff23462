from pathlib import Path

import pytest

from pfc_metarl.cli.terminal import ProgressBar, show_run, show_summary
from pfc_metarl.execution.recordings import RecordingProgress
from pfc_metarl.execution.shard import Progress
from pfc_metarl.execution.simulation import SimulatedRun

CLAIM = {"text": "It plans.", "networks": 8, "reached": 0, "changed": []}


def test_the_bar_adds_up_what_all_networks_have_done():
    bar = ProgressBar(networks=3, updates=10, quiet=True)
    bar.report(Progress((0,), 1, 0.1))
    bar.report(Progress((1, 2), 2, 0.2))
    bar.report(Progress((0,), 4, 0.5))
    task = bar.progress.tasks[0]
    assert (task.completed, task.total) == (1 * 4 + 2 * 2, 30)
    assert float(task.fields["detail"].split()[0]) == pytest.approx((0.5 + 2 * 0.2) / 3, abs=1e-3)


def test_the_bar_names_the_recording_and_adds_up_all_recordings():
    bar = ProgressBar(networks=1, updates=2, quiet=True)
    bar.report(Progress((0,), 2, 0.1))
    bar.report(RecordingProgress("test", 1, 4, 300, 300))
    bar.report(RecordingProgress("test_random", 3, 4, 150, 300))
    task = bar.progress.tasks[0]
    assert (task.completed, task.total) == (1.5, 4)
    assert task.description == "recording test_random, 3 of 4"


@pytest.mark.parametrize("quiet", [True, False])
def test_the_bar_is_not_shown_without_a_terminal(capsys, quiet):
    with ProgressBar(networks=1, updates=2, quiet=quiet) as bar:
        bar.report(Progress((0,), 1, 0.5))
    assert capsys.readouterr() == ("", "")


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


def test_the_seconds_shown_are_those_of_this_command(capsys, monkeypatch):
    monkeypatch.setattr(SimulatedRun, "summary", lambda run: {"claim": CLAIM, "measures": [], "stopped": {}})
    manifest = {"seconds": {"train": 54.6, "measure": 70.0}, "provenance": {}}
    show_run(SimulatedRun(Path("runs/x"), manifest, seconds={"measure": 37.0}), False, False)
    assert capsys.readouterr().out.splitlines()[-1] == "runs/x/  (measure 37.0 s)"
    show_run(SimulatedRun(Path("runs/x"), manifest), False, False)
    assert capsys.readouterr().out.splitlines()[-1] == "runs/x/"
