"""The command: a sweep, its plan, its parts, its dataset, and what it refuses."""

import json
import subprocess
import sys

import pytest
import xarray as xr

import pfc_metarl
from pfc_metarl.sweep import main
from pfc_metarl.sweeps import cluster
from tests.sweeps.conftest import tiny

FILE = """
from pfc_metarl import A2C, Experiment, Network, Probe
from pfc_metarl.tasks import Bandit
EXPERIMENT = Experiment(
    claim="", task=Bandit(n_trials=5), network=Network(units=4), learner=A2C(updates=2, episodes=2), networks=2,
    probes={"test": Probe(episodes=2)},
)
"""
GRID = ("--grid", "learner.discount=0.5,0.9")

needs_dask = pytest.mark.skipif(not cluster.is_installed(), reason="needs dask.distributed, of the extra 'cluster'")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(FILE)
    return tmp_path


def test_the_command_plans_makes_and_continues(here, capsys):
    assert main(["mine.py", *GRID, "--workers", "1", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("sweeps/mine: 2 cells, 4 networks; less than 1 core-minute, ")
    assert len(out.splitlines()) == 1
    assert not (here / "sweeps").exists()
    assert main(["mine.py", *GRID, "--workers", "1"]) == 0
    assert "2 of 2 cells complete; sweeps/mine/sweep.nc" in capsys.readouterr().out
    found = xr.load_dataset("sweeps/mine/sweep.nc")
    assert found["reward_per_trial_test"].dims == ("discount", "network")
    assert found["reward_per_trial_test"].notnull().all()
    log = (here / "sweeps/mine/sweep.log").read_text().splitlines()
    assert log[0].endswith("0 of 2 cells, 1 running, 0 failed")
    assert main(["mine.py", "--grid", "learner.discount=0.5,0.7,0.9", "--workers", "1"]) == 0
    assert "3 cells, 2 complete, 1 to do" in capsys.readouterr().out
    assert main(["mine.py", *GRID, "--workers", "1", "--quiet"]) == 0
    assert capsys.readouterr().out == ""


def test_parts_of_a_job_array_are_collected(here, capsys):
    words = ["mine.py", "--grid", "learner.discount=0.5,0.7,0.9", "--out", "s"]
    assert main([*words, "--array", "2/2"]) == 0
    assert not (here / "s" / "sweep.nc").exists()
    assert main([*words, "--collect"]) == 0
    assert "1 of 3 cells complete" in capsys.readouterr().out
    assert main([*words, "--array", "1/2"]) == 0
    assert main([*words, "--collect"]) == 0
    assert xr.load_dataset("s/sweep.nc")["status"].values.tolist() == [1, 1, 1]


def test_a_sweep_is_collected_by_its_folder_alone(here, capsys, monkeypatch):
    assert main(["mine.py", *GRID, "--workers", "1", "--out", "s", "--quiet"]) == 0
    before = (here / "s/sweep.nc").read_bytes()
    (here / "s/sweep.nc").unlink()
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    assert main(["--collect", "--out", "../s"]) == 0
    assert "2 of 2 cells complete" in capsys.readouterr().out
    assert (here / "s/sweep.nc").read_bytes() == before


def test_fewer_values_leave_the_cells_that_were_made(here, capsys):
    words = ["mine.py", "--workers", "1", "--out", "s", "--grid"]
    assert main([*words, "learner.discount=0.5,0.9"]) == 0
    assert main([*words, "learner.discount=0.7"]) == 0
    assert "s: 1 cell, 2 networks" in capsys.readouterr().out
    found = xr.load_dataset("s/sweep.nc")
    assert found["discount"].values.tolist() == [0.5, 0.7, 0.9]
    assert found["status"].values.tolist() == [1, 1, 1]
    asked = pfc_metarl.sweep("mine.py", {"learner.discount": [0.7, 0.5]}, out="s", progress=False)
    xr.testing.assert_identical(asked["reward_per_trial_test"], found["reward_per_trial_test"].isel(discount=[1, 0]))


def test_the_plan_of_a_part_is_printed(capsys):
    assert main(["mine.py", *GRID, "--array", "1/2", "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("sweeps/mine: 1 cell, 2 networks; less than 1 core-minute")


def test_a_failed_cell_is_named_at_the_end(here, capsys):
    (here / "s" / "cells" / "discount=0.5").mkdir(parents=True)
    (here / "s" / "sweep.json").write_text("{}")
    words = ["mine.py", *GRID, "--workers", "1", "--out", "s"]
    assert main(words) == 2, "the design is damaged"
    (here / "s" / "sweep.json").unlink()
    (here / "s" / "cells" / "discount=0.5").rmdir()
    (here / "s" / "cells").rmdir()
    (here / "s").rmdir()
    assert main([*words, "--array", "2/2"]) == 0
    (here / "s" / "cells" / "discount=0.5").mkdir()
    (here / "s" / "cells" / "discount=0.5" / "thesis.tex").write_text("")
    capsys.readouterr()
    assert main(words) == 1
    said = capsys.readouterr()
    assert said.err.splitlines()[-1].startswith("failed: discount=0.5: out = ") or "holds no run" in said.err
    assert "1 of 2 cells complete" in said.out
    assert xr.load_dataset("s/sweep.nc")["status"].values.tolist() == [2, 1]


def test_python_does_what_the_command_does(here, capsys):
    found = pfc_metarl.sweep(
        {"a": tiny(), "b": tiny(networks=1)}, zipped={"learner.discount": [0.5, 0.9], "task.n_trials": [3, 4]}, out="p"
    )
    assert dict(found.sizes) == {"experiment": 2, "discount": 2, "network": 2}
    assert found["n_trials"].values.tolist() == [3, 4]
    assert capsys.readouterr().out.startswith("p: 4 cells, 6 networks; ")
    xr.testing.assert_identical(xr.load_dataset("p/sweep.nc"), found)


def test_without_dask_cells_are_made_one_after_the_other_and_this_is_said(monkeypatch, capsys):
    monkeypatch.setattr(cluster, "is_installed", lambda: False)
    assert main(["mine.py", *GRID, "--workers", "2"]) == 0
    said = capsys.readouterr()
    assert "dask.distributed is not installed" in said.err
    assert 'pip install "pfc_metarl[cluster]"' in said.err
    assert "2 of 2 cells complete" in said.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "experiments: name one"),
        (["mine.py"], "nothing is varied"),
        (["nonsense", *GRID], "nonsense"),
        (["nonsense"], "unknown experiment"),
        (
            ["mine.py", "--random", "learner.discount=0.9", "--draws", "3"],
            "--random learner.discount=0.9: give a range",
        ),
        (["mine.py", "--random", "network.core=lstm,gru", "--draws", "9"], "give fewer draws"),
        (["mine.py", *GRID, "--shards", "3"], "--shards 3: a cell has 2 networks"),
        (["--collect"], "--collect: give the folder of a sweep with --out"),
        (["mine.py", *GRID, "--collect", "--array", "1/2"], "--array 1/2: --collect carries out no part"),
        (["mine.py", *GRID, "--out", "mine.py", "--dry-run"], "--out mine.py: this is a file; choose a folder"),
        (["mine.py", *GRID, "--workers", "1", "--job", "queue=x"], "--job queue=x: only jobs of a batch system"),
        pytest.param(
            ["mine.py", *GRID, "--cluster", "local", "--job", "queue=x"],
            "--job queue=x: only jobs of a batch system",
            marks=needs_dask,
        ),
        (["--collect", "--out", "new"], "--out new: there is no sweep to collect"),
        (["--collect", "--out", "new", *GRID], "experiments: name one"),
        (["mine.py", "--grid", "learner.discont=1"], "did you mean 'discount'"),
        (["mine.py", "--grid", "learner.discount=2"], "learner.discount = 2"),
        (["mine.py", *GRID, "--keep", "nothing"], "--keep nothing: choose measures, weights, all"),
        (["mine.py", *GRID, "--array", "3/2"], "--array 3/2"),
        (["mine.py", *GRID, "--workers", "0"], "workers = 0"),
        (["mine.py", *GRID, "--cluster", "sluurm"], "did you mean 'slurm'"),
        (["mine.py", *GRID, "--networks", "0"], "networks = 0"),
        (["mine.py", *GRID, "--seed", "-1"], "seed = -1"),
        (
            ["mine.py", *(x for n in "abc" for x in ("--grid", f"task.{n}={','.join(map(str, range(100)))}"))],
            "the design has 1,000,000 cells",
        ),
        (["mine.py", *GRID, "--workers", "1", "--out", "mine.py/x"], "out"),
        (["mine.py", *GRID, "--out", "new", "--collect"], "--out new: there is no sweep to collect"),
        (["mine.py", *GRID, "--set", "learner.discount=0.1"], "learner.discount: this setting is varied, and set"),
    ],
)
def test_bad_input_is_one_sentence_before_anything_is_written(here, words, said, capsys):
    assert main(words) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert [path.name for path in here.iterdir() if path.name != "__pycache__"] == ["mine.py"]


def test_another_sweep_in_the_folder_is_refused(here, capsys):
    assert main(["mine.py", *GRID, "--workers", "1", "--out", "s"]) == 0
    capsys.readouterr()
    assert main(["mine.py", *GRID, "--workers", "1", "--out", "s", "--networks", "3"]) == 2
    assert "--out s: the sweep there has networks = 2, this command 3" in capsys.readouterr().err


def test_the_dataset_is_that_of_the_runs(here):
    assert main(["mine.py", *GRID, "--workers", "1", "--out", "s"]) == 0
    found = xr.load_dataset("s/sweep.nc")["reward_per_trial_test"]
    for discount in (0.5, 0.9):
        summary = json.loads((here / f"s/cells/discount={discount}/summary.json").read_text())
        assert found.sel(discount=discount).values.tolist() == summary["measures"][0]["subjects"]


def test_help_is_shown_without_slow_imports():
    code = "import sys; from pfc_metarl.sweep import main; main(['--help'])"
    check = (
        f"try:\n    {code}\nfinally:\n    print([n for n in ('torch', 'xarray', 'scipy', 'dask') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "[]"
