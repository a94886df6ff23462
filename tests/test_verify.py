import shutil

import pytest

from pfc_metarl.verify import main


@pytest.fixture
def run(tiny_run, tmp_path):
    shutil.copytree(tiny_run, tmp_path / "run")
    return tmp_path / "run"


def test_a_whole_run_is_whole(run, capsys):
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


def test_no_run_is_told_in_a_sentence(tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
