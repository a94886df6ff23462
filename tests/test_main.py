import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import pfc_metarl
from pfc_metarl import __main__ as listing
from pfc_metarl import experiments

ROOT = Path(pfc_metarl.__file__).parent
COMMANDS = {file.stem for file in ROOT.glob("*.py") if "exit_code(" in file.read_text(encoding="utf-8")} - {"__main__"}


def test_every_command_is_listed_and_can_be_run():
    assert set(listing.COMMANDS) == COMMANDS
    done = subprocess.run([sys.executable, "-m", "pfc_metarl"], capture_output=True, text=True, check=True)
    assert all(f"python -m pfc_metarl.{name}" in done.stdout for name in COMMANDS)


def test_experiments_are_listed_and_variants_on_demand(capsys):
    assert listing.main([]) == 0
    main = capsys.readouterr().out
    assert all(f"{name} (" in main for name in experiments.main_names())
    assert "two_step_wang2018" not in main
    assert listing.main(["--variants"]) == 0
    assert "two_step_wang2018 (" in capsys.readouterr().out


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_the_list_fits_the_terminal(columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    listing.main([])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= max(int(columns), 60)


@pytest.mark.parametrize("name", sorted(COMMANDS | {"__main__"}))
def test_the_help_of_every_command_fits_the_terminal(name, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit, match="0"):
        importlib.import_module(f"pfc_metarl.{name}").main(["--help"])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_an_unknown_option_is_one_sentence(capsys):
    assert listing.main(["--all"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_every_command_is_a_script_of_the_installation():
    scripts = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert set(scripts) == {"pfc-metarl", "pfc-metarl-analyses", *(f"pfc-metarl-{name}" for name in COMMANDS)}
    for target in scripts.values():
        module, _, function = target.partition(":")
        assert callable(getattr(importlib.import_module(module), function))
