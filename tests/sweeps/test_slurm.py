"""With a real SLURM, where there is one: ``pytest -m slow --basetemp FOLDER tests/sweeps/test_slurm.py``.

All machines of the SLURM must see the folder.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("dask_jobqueue")

from pfc_metarl.sweep import main
from tests.test_sweep import FILE

PAGE = (Path(__file__).parents[2] / "docs" / "cluster.md").read_text(encoding="utf-8")
GRID = ["mine.py", "--grid", "learner.discount=0.5,0.9"]
FILES = ("weights.safetensors", "history.nc", "summary.json")


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """Be in an empty folder, where SLURM has an idle machine."""
    if not shutil.which("sbatch"):
        pytest.skip("there is no SLURM")
    asked = subprocess.run(["sinfo", "-h", "-t", "idle,mix", "-o", "%n"], capture_output=True, timeout=30, check=False)
    if asked.returncode or not asked.stdout.strip():
        pytest.skip("SLURM has no idle machine")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    (tmp_path / "mine.py").write_text(FILE)
    assert main([*GRID, "--workers", "1", "--out", "serial", "--quiet"]) == 0
    return tmp_path


def require_same_cells(folder, made):
    for discount in ("0.5", "0.9"):
        for name in FILES:
            one, other = (folder / each / "cells" / f"discount={discount}" / name for each in ("serial", made))
            assert one.read_bytes() == other.read_bytes(), name


@pytest.mark.slow
def test_workers_as_jobs_make_the_bytes_of_a_serial_run(slurm):
    job = ["--job", "memory=1GB", "--job", "walltime=00:10:00"]
    assert main([*GRID, "--out", "jobs", "--cluster", "slurm", "--workers", "2", *job, "--quiet"]) == 0
    require_same_cells(slurm, "jobs")


@pytest.mark.slow
def test_the_job_array_of_the_page_makes_the_bytes_of_a_serial_run(slurm):
    (script,) = re.findall(r"```sh\n(#!/usr/bin/env bash\n#SBATCH --array.*?)```", PAGE, re.DOTALL)
    for there, here in (
        ("=1-50", "=1-2"),
        ('/50"', '/2"'),
        ("=02:00:00", "=00:10:00"),
        ("srun python", f"srun {sys.executable}"),
        ("--config sweep.toml", " ".join(GRID)),
        ("/shared/sweeps/discount", "array"),
    ):
        assert there in script
        script = script.replace(there, here)
    Path("array.sh").write_text(script)
    subprocess.run(["sbatch", "--wait", "array.sh"], check=True, timeout=600)
    assert main(["--collect", "--out", "array"]) == 0
    require_same_cells(slurm, "array")
