import shutil

import pytest

from pfc_metarl import open_run
from pfc_metarl.cli.disk import announce_size, expected_bytes
from pfc_metarl.experiments import load
from pfc_metarl.settings import changed


def test_the_estimate_is_that_of_the_files_within_a_third(tiny_run):
    run = open_run(tiny_run)
    recorded = sum(file["bytes"] for name, file in run.manifest["files"].items() if name.startswith("test"))
    fixed = 60_000 * len(run.recordings())  # names and attributes of files that are almost empty
    assert recorded - fixed < 1.35 * expected_bytes(run.experiment) < 3 * recorded


def test_a_new_run_is_announced_and_one_that_is_there_is_not(tmp_path, tiny_run, capsys):
    announce_size(tmp_path / "new", load("two_step"))
    said = capsys.readouterr().err
    assert said.startswith("recordings will take about")
    assert said.count("\n") == 1
    announce_size(tiny_run, load("two_step"))
    announce_size(tmp_path / "new", changed(load("two_step"), {"probes": {"test": {"episodes": 1}}, "networks": 1}))
    assert capsys.readouterr().err == ""


def test_a_disk_that_is_too_small_is_a_warning(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: type("Usage", (), {"free": 5_000_000}))
    announce_size(tmp_path / "not" / "there", load("two_step"))
    assert "warning: the disk has 5.0 MB left" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["two_step_rpe_input", "harlow_objects_wang2016_stacked", "two_step_gru"])
def test_every_kind_of_network_has_an_estimate(name):
    assert expected_bytes(load(name)) > 1_000_000
