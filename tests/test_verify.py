import shlex
import shutil
from pathlib import Path

import pytest

from pfc_metarl.simulate import main as simulate_main
from pfc_metarl.verify import main
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
