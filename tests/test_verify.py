import shlex
import shutil
from pathlib import Path

import pytest

from pfc_metarl import load, open_recording, open_run
from pfc_metarl.export import main as export_main
from pfc_metarl.remeasure import main as remeasure_main
from pfc_metarl.settings import BadInput
from pfc_metarl.simulate import main as simulate_main
from pfc_metarl.verify import main
from tests.handmade import TINY
from tests.test_simulate import OUTSIDE


@pytest.fixture
def run(tiny_run, tmp_path):
    shutil.copytree(tiny_run, tmp_path / "run")
    return tmp_path / "run"


def test_a_complete_run_has_no_damage(run, capsys):
    assert main([str(run)]) == 0
    assert "the run is complete" in capsys.readouterr().out


def test_damage_is_named_and_the_cure_too(run, capsys):
    content = bytearray((run / "test.nc").read_bytes())
    content[len(content) // 2] ^= 4
    (run / "test.nc").write_bytes(content)
    (run / "history.nc").unlink()
    assert main([str(run)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert sorted(lines[:2]) == [f"{run}/history.nc: it is missing", f"{run}/test.nc: its contents were changed"]
    assert lines[2].startswith("to repair it: python -m pfc_metarl.simulate two_step ")


def test_a_missing_run_is_refused_in_a_sentence(tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_the_command_repairs_a_moved_run_of_a_file_that_is_elsewhere(tmp_path, monkeypatch, capsys):
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "before")
    Path("bandit.py").write_text(OUTSIDE)
    few = ["--workers", "1", "--quiet", "--set", "probes.test.episodes=3"]
    for same in ("./bandit.py", str(Path("bandit.py").resolve()), "bandit.py"):
        assert simulate_main([same, *few, "--out", "run"]) == 0
    weights = Path("run/weights.safetensors").read_bytes()
    Path("run").rename(tmp_path / "after" / "moved")
    monkeypatch.chdir(tmp_path / "after")
    Path("moved/test.nc").unlink()
    capsys.readouterr()
    assert main(["moved"]) == 1
    advice = capsys.readouterr().out.splitlines()[-1].partition("python -m pfc_metarl.simulate ")[2]
    assert simulate_main(shlex.split(advice)) == 0
    assert main(["moved"]) == 0
    assert Path("moved/weights.safetensors").read_bytes() == weights
    assert sorted(path.name for path in Path().iterdir()) == ["moved"]


CONFIG = """
[probes.test]
episodes = 3
[task]
n_trials = 20
p_common = 0.75
[network]
units = 6
inputs = ["observation", "previous_action", "previous_reward"]
core = "gru"
"""


@pytest.mark.parametrize("option", [["--config", "mine.toml"], ["--config=mine.toml"]])
def test_the_command_repairs_a_moved_run_of_a_configuration_that_is_gone(tmp_path, monkeypatch, capsys, option):
    (tmp_path / "before").mkdir()
    monkeypatch.chdir(tmp_path / "before")
    Path("mine.toml").write_text(CONFIG)
    few = ["--networks", "2", "--updates", "2", "--workers", "1", "--quiet", "--set", "task.n_trials=10"]
    assert simulate_main(["two_step", *few, *option, "--out", "run"]) == 0
    Path("mine.toml").unlink()
    Path("run").rename(tmp_path / "moved")
    monkeypatch.chdir(tmp_path)
    settings = open_run("moved").manifest["settings"]
    assert settings["task"]["n_trials"] == 10
    Path("moved/test.nc").unlink()
    assert main(["moved"]) == 1
    advice = capsys.readouterr().out.splitlines()[-1].partition("python -m pfc_metarl.simulate ")[2]
    assert simulate_main(shlex.split(advice)) == 0
    assert main(["moved"]) == 0
    assert open_run("moved").manifest["settings"] == settings
    assert not Path("before").joinpath("run").exists()


def linked(run, store):
    """Move the files of a run into a store and put links in their place, as git-annex does."""
    store.mkdir()
    for path in [path for path in run.rglob("*") if path.is_file() and path.name != ".lock"]:
        target = store / path.name
        path.rename(target)
        target.chmod(0o444)
        path.symlink_to(target)
    return {path.name: path.read_bytes() for path in store.iterdir()}


def test_a_run_of_links_is_read_if_asked_and_nothing_is_written_through_a_link(run, tmp_path, capsys):
    stored = linked(run, tmp_path / "store")
    assert main([str(run)]) == 2
    assert "run.json is a symbolic link; --follow-links reads it." in capsys.readouterr().err
    assert main([str(run), "--follow-links"]) == 0
    with pytest.raises(BadInput, match=r"is a symbolic link; follow_links=True reads it\.$"):
        open_recording(run / "test.nc")
    assert open_recording(run / "test.nc", follow_links=True).sizes["network"] == 2
    assert load(open_run(run, follow_links=True)).act is not None
    assert export_main([str(run), "--follow-links"]) == 0
    more = ["--set", "probes.test.episodes=6", "--quiet"]
    assert remeasure_main([str(run), *more]) == 2
    assert remeasure_main([str(run), "--follow-links", *more]) == 0
    assert not (run / "test.nc").is_symlink()
    assert (run / "weights.safetensors").is_symlink()
    assert {path.name: path.read_bytes() for path in (tmp_path / "store").iterdir()} == stored


def test_a_run_of_links_is_not_trained_again_by_mistake(run, tmp_path, capsys):
    manifest = (run / "run.json").read_bytes()
    stored = linked(run, tmp_path / "store")
    (run / "run.json").unlink()
    (run / "run.json").write_bytes(manifest)  # small files of text are often kept in git itself
    assert simulate_main(["two_step", *TINY, "--quiet", "--out", str(run)]) == 2
    said = capsys.readouterr().err
    assert "all files of the run are symbolic links; --follow-links reads them, and --force trains again." in said
    assert simulate_main(["two_step", *TINY, "--quiet", "--follow-links", "--out", str(run)]) == 0
    assert (run / "test.nc").is_symlink()
    assert {path.name: path.read_bytes() for path in (tmp_path / "store").iterdir()} == stored
