"""The page of clusters: its commands are understood, its file is a sweep, its job script is that of dask-jobqueue."""

import re
from pathlib import Path

import pytest

from pfc_metarl.cli.sweep_options import job_options, sweep_parser, wanted_by
from pfc_metarl.sweep import main
from pfc_metarl.sweeps.building import axes_of

PAGE = (Path(__file__).parents[2] / "docs" / "cluster.md").read_text(encoding="utf-8")
TOML = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1]


def commands():
    text = PAGE.replace("\\\n", " ")
    return re.findall(r"^(?:exec |srun )?python -m pfc_metarl\.sweep (.*?)(?: +#.*)?$", text, re.MULTILINE)


def test_the_file_is_a_sweep(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("sweep.toml").write_text("draws = 3\n" + TOML)
    wanted = wanted_by(sweep_parser().parse_args(["--config", "sweep.toml"]))
    axes = axes_of(wanted.designs, 3, 0)
    assert [(axis.dim, len(axis)) for axis in axes] == [("discount", 4), ("initial_learning_rate", 2), ("draw", 3)]
    assert main(["--config", "sweep.toml", "--collect", "--out", "s"]) == 2  # understood, but there is nothing yet
    assert "there is no sweep to collect" in capsys.readouterr().err


def test_commands_are_understood(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("sweep.toml").write_text(TOML.partition("[latin]")[0])
    found = commands()
    assert len(found) >= 4
    for command in found:
        words = [word.strip("'\"") for word in command.replace("$SLURM_ARRAY_TASK_ID", "3").split()]
        wanted_by(sweep_parser().parse_args(words))


def test_the_job_script_is_that_of_dask_jobqueue():
    batch = pytest.importorskip("pfc_metarl.sweeps.batch")
    pytest.importorskip("dask_jobqueue")
    (command,) = [command for command in commands() if "--cluster slurm" in command]
    job = job_options(sweep_parser().parse_args(command.split()).job)
    shown = re.search(r"<!-- job script -->\n```sh\n(.*?)```", PAGE, re.DOTALL)[1].splitlines()
    assert (
        shown
        == [line for line in batch.job_script("slurm", job).splitlines() if "dask_worker" not in line][: len(shown)]
    )
