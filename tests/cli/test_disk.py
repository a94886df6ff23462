import shutil

import pytest

from pfc_metarl import open_run
from pfc_metarl.cli.disk import announced, expected_bytes
from pfc_metarl.cli.progress import ProgressBar
from pfc_metarl.execution.shard import Progress
from pfc_metarl.experiments import load
from pfc_metarl.settings import changed


def test_the_estimate_is_that_of_the_files_within_a_third(tiny_run):
    run = open_run(tiny_run)
    recorded = sum(file["bytes"] for name, file in run.manifest["files"].items() if name.startswith("test"))
    fixed = 60_000 * len(run.recordings())  # names and attributes of files that are almost empty
    assert recorded - fixed < 1.35 * expected_bytes(run.experiment) < 3 * recorded


def test_a_new_run_is_announced_and_one_that_is_there_is_not(tmp_path, tiny_run):
    assert announced(tmp_path / "new", load("two_step")).startswith("recordings will take about ")
    assert announced(tiny_run, load("two_step")) == ""
    small = changed(load("two_step"), {"probes": {"test": {"episodes": 1}}, "networks": 1})
    assert announced(tmp_path / "new", small) == ""


def test_a_disk_that_is_too_small_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: type("Usage", (), {"free": 5_000_000}))
    assert "warning: the disk has 5.0 MB left" in announced(tmp_path / "not" / "there", load("two_step"))


def test_it_is_shown_once_when_the_training_begins_and_never_if_quiet(capsys):
    for quiet in (False, True):
        with ProgressBar(networks=1, updates=9, quiet=quiet, first="about 3 GB in [runs]/") as bar:
            assert capsys.readouterr().err == ""
            for updates in (0, 1):
                bar.report(Progress((0,), updates, 0.5))
        assert capsys.readouterr().err == ("" if quiet else "about 3 GB in [runs]/\n")


@pytest.mark.parametrize("name", ["two_step_rpe_input", "harlow_objects_wang2016_stacked", "two_step_gru"])
def test_every_kind_of_network_has_an_estimate(name):
    assert expected_bytes(load(name)) > 1_000_000
