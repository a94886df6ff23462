import importlib.util
import os
from typing import ClassVar

import pytest

pytest.importorskip("dask_jobqueue")

from dask_jobqueue import SLURMCluster
from distributed import LocalCluster
from distributed.comm import CommClosedError

from pfc_metarl.cli.connecting import n_at_a_time
from pfc_metarl.cli.sweep_options import sweep_parser
from pfc_metarl.settings import BadInput, Caution, Failure
from pfc_metarl.sweep import main
from pfc_metarl.sweeps import cluster as module
from pfc_metarl.sweeps.cluster import connected, require_place, require_workers
from tests.test_sweep import FILE


def test_a_dry_run_shows_plan_and_job_script_and_submits_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(FILE)
    words = ["mine.py", "--grid", "learner.discount=0.5,0.9", "--cluster", "slurm", "--workers", "5", "--dry-run"]
    assert main([*words, "--job", "queue=short", "--job", "memory=2GB"]) == 0
    out = capsys.readouterr().out
    assert "#SBATCH -p short" in out
    assert "with 5 workers" in out
    assert [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"] == ["mine.py"]


@pytest.mark.parametrize(
    ("where", "said"),
    [("sluurm", "did you mean 'slurm'"), ("127.0.0.1:8786", "choose local, tcp://HOST:PORT"), ("", "choose local")],
)
def test_places_are_checked(where, said):
    for known in ("local", "slurm", "tcp://127.0.0.1:1"):
        require_place(known)
    with pytest.raises(BadInput, match=said):
        require_place(where)


def test_a_missing_extra_is_said_with_the_line_that_installs_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for where, needed in (("local", "distributed"), ("slurm", "dask_jobqueue")):
        with pytest.raises(BadInput, match=rf'{needed} is not installed; pip install "pfc_metarl\[cluster\]"'):
            require_place(where)


def test_a_scheduler_that_does_not_answer_is_said(monkeypatch):
    monkeypatch.setattr(module, "SECONDS_TO_CONNECT", 0.5)
    with pytest.raises(BadInput, match="no scheduler answers there"), connected("tcp://127.0.0.1:1", 1, {}):
        pass


def test_the_command_uses_a_scheduler_that_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "SECONDS_FOR_A_WORKER", 0.2)
    (tmp_path / "mine.py").write_text(FILE)
    options = {"threads_per_worker": 1, "processes": False, "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(n_workers=0, host="127.0.0.1", protocol="tcp", **options) as made:
        words = ["mine.py", "--grid", "learner.discount=0.5,0.9", "--cluster", made.scheduler_address]
        assert main(words) == 2
        assert "there was no worker for 0.2 s; start one with `dask worker tcp://127" in capsys.readouterr().err
        assert not (tmp_path / "sweeps").exists()
        made.scale(1)
        made.wait_for_workers(1)
        assert main(words) == 0
    assert "2 of 2 cells complete" in capsys.readouterr().out


class Answering:
    """A client of two workers."""

    cluster = None
    answers: ClassVar = {"tcp://a:1": None, "tcp://b:2": None}

    def wait_for_workers(self, n, timeout=None):
        pass

    def run(self, function, site, on_error):
        return self.answers


def test_a_worker_without_the_package_is_named():
    class Client(Answering):
        answers: ClassVar = {"tcp://a:1": None, "tcp://b:2": ModuleNotFoundError("No module named 'pfc_metarl'")}

    with pytest.raises(
        BadInput, match=r"tcp://b:2: this worker cannot use pfc_metarl .*install the same version there"
    ):
        require_workers(Client(), None)


def test_a_scheduler_that_is_lost_before_work_begins_is_said():
    class Client(Answering):
        def run(self, function, site, on_error):
            raise CommClosedError("closed")

    with pytest.raises(Failure, match="the scheduler was lost before work began"):
        require_workers(Client(), None)


def test_a_sweep_waits_for_the_queue_of_a_batch_system():
    class Client(Answering):
        cluster = SLURMCluster
        began = False

        def wait_for_workers(self, n, timeout=None):
            if timeout is not None:
                raise TimeoutError
            self.began = True

    client = Client()
    with pytest.warns(Caution, match=r"no job has started a worker for 60 s; the sweep waits"):
        assert require_workers(client, None) == 2
    assert client.began


def test_the_plan_counts_the_jobs_that_are_asked_for_and_the_workers_of_a_scheduler():
    def at_a_time(*words, client=None):
        return n_at_a_time(sweep_parser().parse_args(["two_step", *words]), client)

    class Client:
        def nthreads(self):
            return {"tcp://a:1": 2, "tcp://b:2": 1}

    assert at_a_time("--cluster", "slurm", "--workers", "50", client=Client()) == 50, (
        "jobs that wait in the queue count"
    )
    assert at_a_time("--cluster", "tcp://a:0", "--workers", "50", client=Client()) == 3
    assert at_a_time("--workers", "4") == 4


def test_workers_of_this_machine_keep_freed_memory_and_have_one_thread():
    with connected("local", 1, {}) as client:
        (environment,) = client.run(lambda: dict(os.environ)).values()
    assert "MALLOC_TRIM_THRESHOLD_" not in environment
    assert environment["OMP_NUM_THREADS"] == "1"
