"""Jobs of a batch system: their script; and, with a stand-in for SLURM, jobs that are refused, lost and replaced."""

import os
import re
import signal
import stat
import subprocess
import sys
import time

import pytest

pytest.importorskip("dask_jobqueue")

import dask
from distributed import Client

from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps import batch
from pfc_metarl.sweeps.batch import batch_cluster, job_script, submitted

SBATCH = """#!/bin/sh
if [ -e {folder}/full ]; then
    echo "sbatch: error: Batch job submission failed: Invalid partition name specified" >&2
    exit 1
fi
cp "$1" {folder}/script_$$  # the original is removed when this command ends
setsid sh {folder}/script_$$ > /dev/null 2>&1 &
echo $! >> {folder}/jobs
echo "Submitted batch job $!"
"""
SCANCEL = """#!/bin/sh
kill -TERM -- "-$1"
"""


@pytest.fixture
def system(tmp_path, monkeypatch):
    """A stand-in for SLURM: a job is a process group on this machine."""
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.format(folder=tmp_path))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    yield tmp_path
    for number in numbers(tmp_path):
        if is_there(number):
            os.killpg(int(number), signal.SIGKILL)


def numbers(folder):
    """Return the numbers of the jobs that were submitted."""
    path = folder / "jobs"
    return path.read_text().split() if path.exists() else []


def is_there(number):
    """Return whether a process of a job is there."""
    try:
        os.killpg(int(number), 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition):
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_job_script_of_slurm_asks_for_one_core_and_one_thread():
    job = {"queue": "short", "memory": "2GB", "walltime": "01:00:00", "account": "lab"}
    lines = job_script("slurm", job).splitlines()
    assert {
        "#SBATCH -p short",
        "#SBATCH -A lab",
        "#SBATCH -n 1",
        "#SBATCH --cpus-per-task=1",
        "#SBATCH -t 01:00:00",
    } <= {*lines}
    assert "export OMP_NUM_THREADS=1" in lines
    (worker,) = [line for line in lines if "dask_worker" in line]
    assert re.search(r"--nthreads 1\b", worker)
    assert "--nanny" in worker
    assert lines.index("export OMP_NUM_THREADS=1") < lines.index(worker)


def test_workers_of_a_batch_system_are_started_by_this_script():
    job = {"queue": "short", "memory": "2GB"}
    with batch_cluster("slurm", job) as made:
        same = [line for line in made.job_script().splitlines() if "dask_worker" not in line]
    assert same == [line for line in job_script("slurm", job).splitlines() if "dask_worker" not in line]


def test_options_that_a_batch_system_does_not_know_are_refused():
    with pytest.raises(BadInput, match=r"job: dask_jobqueue refuses it \(.*qeue.*\); see its SLURMCluster"):
        batch_cluster("slurm", {"qeue": "short"})


def test_a_job_that_is_lost_is_replaced_and_all_jobs_end_with_the_sweep(system, monkeypatch):
    monkeypatch.setattr(batch, "SECONDS_BETWEEN_SUBMISSIONS", 0.2)
    job = {"memory": "1GB", "interface": "lo", "nanny": False}
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "0.1s"}), submitted("slurm", 1, job) as cluster:
        (first,) = numbers(system)
        with Client(cluster, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=120)
            os.killpg(int(first), signal.SIGKILL)
            wait_until(lambda: len(numbers(system)) > 1)
            client.wait_for_workers(1, timeout=120)
            (second,) = numbers(system)[1:]
    wait_until(lambda: not is_there(second))
    assert len(numbers(system)) == 2


def test_a_job_that_the_system_refuses_is_said_before_work(system):
    (system / "full").touch()
    said = r"cluster = 'slurm': the job was refused \(sbatch: error: .*Invalid partition name specified\); give other"
    with pytest.raises(BadInput, match=said), submitted("slurm", 3, {"memory": "1GB"}):
        pass


def test_a_machine_without_the_command_of_the_system_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput, match="there is no command sbatch here"), submitted("slurm", 1, {"memory": "1GB"}):
        pass


def test_control_c_does_the_same_after_dask_jobqueue_is_imported():
    code = (
        "import signal; from pfc_metarl.sweeps.batch import job_script; job_script('slurm', {}); "
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
