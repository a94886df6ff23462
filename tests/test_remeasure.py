import errno
import json
import shutil

import pytest

from pfc_metarl.remeasure import main
from pfc_metarl.runs import begin
from pfc_metarl.runs.run import open_run


@pytest.fixture
def run(tiny_run, tmp_path):
    """A copy of the tiny run."""
    shutil.copytree(tiny_run, tmp_path / "run")
    return tmp_path / "run"


def test_more_episodes_are_recorded_with_the_same_weights(run, capsys):
    before = (run / "weights.safetensors").read_bytes()
    assert main([str(run), "--set", "probes.test.episodes=5", "--json"]) == 0
    assert open_run(run).recording("test").sizes["episode"] == 5
    assert (run / "weights.safetensors").read_bytes() == before
    printed = json.loads(capsys.readouterr().out)
    assert printed == open_run(run).summary()


def test_without_changes_the_same_numbers_are_measured_again(run, capsys):
    before = open_run(run).summary()
    assert main([str(run), "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert open_run(run).summary() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "task.p_common=0.7"], "--set task.p_common=0.7: only probes can be changed here"),
        (["--set", "probes.tset.episodes=3"], "probes.tset: there is no such entry"),
        (["--set", "probes.test.episodes=0"], "probes.test.episodes = 0"),
    ],
)
def test_what_cannot_be_changed_is_refused_and_the_run_stays_as_it_was(run, words, said, capsys):
    before = (run / "run.json").read_bytes()
    assert main([str(run), *words]) == 2
    assert said in capsys.readouterr().err
    assert (run / "run.json").read_bytes() == before


def test_a_folder_that_is_no_run_is_refused(tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    assert "this is not a run directory" in capsys.readouterr().err


def test_damaged_weights_are_not_trained_again(run, capsys):
    (run / "weights.safetensors").write_bytes(b"")
    before = (run / "run.json").read_bytes()
    assert main([str(run)]) == 2
    assert "weights.safetensors is damaged" in capsys.readouterr().err
    assert (run / "run.json").read_bytes() == before


def test_a_run_that_cannot_be_written_is_named_without_an_option(run, capsys, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(begin, "locked_run", refuse)
    assert main([str(run)]) == 2
    said = f"error: {run}: Permission denied; make it writable, or choose another folder.\n"
    assert capsys.readouterr().err == said
