"""A real scheduler and real workers on loopback: kills, a client that is cut off, a scheduler that is restarted."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import xarray as xr

pytest.importorskip("distributed")

from distributed import Client, LocalCluster
from distributed.scheduler import KilledWorker

import pfc_metarl
from pfc_metarl import measures, simulate
from pfc_metarl.data import dataset
from pfc_metarl.runs.lock import InUse, locked
from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps import distribution, folder
from pfc_metarl.sweeps.cells import is_complete, run_of
from pfc_metarl.sweeps.cluster import require_workers
from pfc_metarl.sweeps.distribution import on_cluster
from pfc_metarl.sweeps.serial import in_this_process
from pfc_metarl.sweeps.sites import site_of
from tests.sweeps.conftest import tiny
from tests.sweeps.processes import WORKER, Cluster, Following, client_of, wait_for_a_new_checkpoint

LONG = {"learner": {"updates": 800}}
"""A training of seconds, which can be cut."""
FILES = ("weights.safetensors", "history.nc", "summary.json")


@pytest.fixture
def cluster(tmp_path):
    made = Cluster(tmp_path / "cluster.log")
    yield made
    made.close()


def test_a_sweep_survives_the_death_of_workers_client_and_scheduler_with_the_bytes_of_a_serial_run(cluster, sweep):
    options = {"designs": {"grid": {"learner.discount": [0.5]}}, "changes": LONG, "shards": 2}
    serial, made = sweep(folder="serial", **options), sweep(folder="made", checkpoint_every=0.05, **options)
    site = site_of(made.folder, folder.prepare(made))
    (cell,) = made.cells()

    first, client = cluster.start_worker(), client_of(cluster)
    assert require_workers(client, site) == 1
    Following(made, [cell], client, site)
    wait_for_a_new_checkpoint(made, cell)
    os.kill(first.pid, signal.SIGKILL)
    cluster.start_worker()
    wait_for_a_new_checkpoint(made, cell)
    client.close()  # cut off: its tasks are forgotten

    client = client_of(cluster)
    following = Following(made, [cell], client, site)
    wait_for_a_new_checkpoint(made, cell)
    os.kill(cluster.scheduler.pid, signal.SIGKILL)
    cluster.scheduler.join()
    following.join(60)
    assert "the scheduler was lost; complete cells are kept" in following.error
    client.close()

    cluster.start_scheduler()
    third, client = cluster.start_worker(), client_of(cluster)
    require_workers(client, site)
    following = Following(made, [cell], client, site)
    wait_for_a_new_checkpoint(made, cell)
    os.kill(third.pid, signal.SIGTERM)  # a preemption
    third.join(60)
    assert third.exitcode is not None
    assert not list(made.path(cell).glob("summary.json"))
    cluster.start_worker()
    assert not [each.error for each in in_this_process(serial, serial.cells(), threading.Event()) if each.error]
    following.join(120)
    client.close()
    assert [each.error for each in following.ended] == [""]
    histories = [dataset.load(each.path(cell) / "history.nc").load() for each in (made, serial)]
    xr.testing.assert_identical(*histories)  # shows what differs
    for name in FILES:
        assert (made.path(cell) / name).read_bytes() == (serial.path(cell) / name).read_bytes(), name


OWN_TASK = """
from pfc_metarl import A2C, Experiment, Network, Probe
from pfc_metarl.tasks import Bandit

SCALE = 1.0

class Own(Bandit):
    def observe(self, state):
        return SCALE * super().observe(state)

EXPERIMENT = Experiment(
    claim="", task=Own(n_trials=5), network=Network(units=4), learner=A2C(updates=2, episodes=2), networks=2,
    probes={"test": Probe(episodes=2)},
)
"""


def test_cells_of_a_task_of_a_lab_are_those_of_a_serial_run(cluster, sweep, tmp_path):
    (tmp_path / "own.py").write_text(OWN_TASK)
    options = {"experiments": str(tmp_path / "own.py"), "designs": {"grid": {"learner.discount": [0.5, 0.9]}}}
    serial, made = (sweep(folder=name, keep="weights", **options) for name in ("serial", "made"))
    cluster.start_worker()
    client = client_of(cluster)
    site = site_of(made.folder, folder.prepare(made))
    require_workers(client, site)
    assert [each.error for each in on_cluster(made, made.cells(), client, site)] == ["", ""]
    client.close()
    assert [each.error for each in in_this_process(serial, serial.cells(), threading.Event())] == ["", ""]
    for cell in made.cells():
        assert is_complete(run_of(made, cell), made.source(cell), made.terms)
        for name in FILES:
            assert (made.path(cell) / name).read_bytes() == (serial.path(cell) / name).read_bytes(), name


@pytest.mark.slow
def test_a_worker_writes_a_checkpoint_when_all_processes_of_its_job_get_sigterm(cluster, sweep):
    options = {"designs": {"grid": {"learner.discount": [0.5]}}, "changes": {"learner": {"updates": 100_000}}}
    made = sweep(folder="made", checkpoint_every=3600.0, **options)
    site = site_of(made.folder, folder.prepare(made))
    (cell,) = made.cells()
    words = [sys.executable, "-m", WORKER, cluster.address, "--nthreads", "1", "--no-dashboard", "--nanny"]
    worker, client = subprocess.Popen(words, start_new_session=True, stderr=subprocess.DEVNULL), client_of(cluster)
    require_workers(client, site)
    following = Following(made, [cell], client, site)
    end = time.monotonic() + 120
    while not list(made.path(cell).glob("checkpoints")) and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(1.0)  # it trains
    os.killpg(worker.pid, signal.SIGTERM)
    worker.wait(60)
    assert list(made.path(cell).glob("checkpoints/networks*.safetensors"))
    client.close()
    following.join(60)


def test_a_cell_whose_workers_died_is_done_again_while_its_training_goes_on(sweep):
    class Ended:
        status = "error"
        error: Exception = KilledWorker("task", None, 3)

        def exception(self):
            return self.error

    made = sweep()
    cell = next(made.cells())
    path = made.path(cell) / "checkpoints" / "networks_0_1_to_2.safetensors"
    first = distribution.Attempt(cell, 0, 0.0)
    assert distribution._another_attempt(Ended(), first, made.path(cell)) is None, "nothing was trained"
    path.parent.mkdir(parents=True)
    path.touch()
    second = distribution._another_attempt(Ended(), first, made.path(cell))
    assert (second.cell, second.number, second.trained) == (cell, 1, path.stat().st_mtime)
    assert distribution._another_attempt(Ended(), second, made.path(cell)) is None, "no new checkpoint"
    other = Ended()
    other.error = MemoryError()
    assert distribution._another_attempt(other, first, made.path(cell)) is None


@pytest.mark.slow
def test_a_worker_with_another_version_of_the_package_is_refused(cluster, sweep, tmp_path):
    copy = tmp_path / "older" / "pfc_metarl"
    shutil.copytree(Path(pfc_metarl.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    own = f'__version__ = "{pfc_metarl.__version__}"'
    text = (copy / "__init__.py").read_text()
    assert own in text
    (copy / "__init__.py").write_text(text.replace(own, '__version__ = "0.0.9"'))
    words = [cluster.address, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    env = os.environ | {"PYTHONPATH": str(copy.parent), "OMP_NUM_THREADS": "1"}
    with (tmp_path / "worker.log").open("w") as log:
        worker = subprocess.Popen([sys.executable, "-m", WORKER, *words], env=env, cwd=tmp_path, stdout=log, stderr=log)
    made = sweep()
    site = site_of(made.folder, folder.prepare(made))
    try:
        with client_of(cluster) as client, pytest.raises(BadInput, match=r"tcp://.*: a worker has pfc_metarl 0\.0\.9"):
            require_workers(client, site)
    finally:
        worker.kill()
        worker.wait()
    assert not (made.folder / "cells").exists()


@pytest.fixture(scope="module")
def threads():
    """A client whose workers are threads of this process."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


def test_cells_of_several_experiments_are_those_of_a_serial_run(threads, sweep):
    experiments = {"a": tiny(), "b": tiny(networks=3)}
    options = {"experiments": experiments, "designs": {"grid": {"learner.discount": [0.5, 0.9]}}, "shards": 2}
    serial, made = (sweep(folder=name, **options) for name in ("serial", "made"))
    site = site_of(made.folder, folder.prepare(made))
    assert require_workers(threads, site) == 2
    ended = list(on_cluster(made, made.cells(), threads, site))
    assert sorted(each.cell.name for each in ended) == sorted(cell.name for cell in made.cells())
    assert not [each.error for each in in_this_process(serial, serial.cells(), threading.Event()) if each.error]
    for cell in made.cells():
        for name in FILES:
            assert (made.path(cell) / name).read_bytes() == (serial.path(cell) / name).read_bytes(), name


def test_a_cell_that_fails_for_good_is_named_and_the_others_are_made(threads, sweep):
    def fails_with_many_units(recordings):
        if recordings["test"].sizes["unit"] > 3:
            raise ZeroDivisionError("too many units")
        return {"reward_test": measures.reward_per_trial(recordings["test"])}

    made = sweep(experiments=tiny(measures=fails_with_many_units))
    site = site_of(made.folder, folder.prepare(made))
    ended = {each.cell.name: each.error for each in on_cluster(made, made.cells(), threads, site)}
    assert {name for name, error in ended.items() if error} == {"discount=0.5,units=4", "discount=0.9,units=4"}
    assert "ZeroDivisionError: too many units" in ended["discount=0.5,units=4"]
    assert all(run_of(made, cell).trained for cell in made.cells())


def test_more_cells_than_the_scheduler_has_at_a_time(threads, sweep, monkeypatch):
    monkeypatch.setattr(distribution, "SUBMITTED", 2)
    made = sweep()
    site = site_of(made.folder, folder.prepare(made))
    assert [each.error for each in on_cluster(made, made.cells(), threads, site)] == [""] * 4


@pytest.mark.parametrize("wrong", ["version", "folder"])
def test_a_worker_that_cannot_be_used_is_refused_before_work_and_in_work(threads, sweep, wrong):
    made = sweep()
    site = site_of(made.folder, folder.prepare(made))
    if wrong == "version":
        site, said = site._replace(versions=(("pfc_metarl", "9.9"), *site.versions[1:])), "the sweep needs 9.9"
    else:
        site, said = site._replace(folder="/nowhere"), "cannot see the folder /nowhere"
    with pytest.raises(BadInput, match=said):
        require_workers(threads, site)
    assert all(said in each.error for each in on_cluster(made, made.cells(), threads, site))
    assert not (made.folder / "cells").exists()


def test_a_task_stops_when_its_client_has_gone(threads, sweep):
    options = {"designs": {"grid": {"learner.discount": [0.5]}}, "changes": {"learner": {"updates": 10**6}}}
    made = sweep(checkpoint_every=0.05, **options)
    site = site_of(made.folder, folder.prepare(made))
    (cell,) = made.cells()
    client = Client(threads.cluster.scheduler_address, set_as_default=False)
    following = Following(made, [cell], client, site)
    wait_for_a_new_checkpoint(made, cell)
    with pytest.raises(InUse), locked(made.path(cell)):
        pass
    client.close()
    following.join(60)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(InUse), locked(made.path(cell)):
            break
        time.sleep(0.05)
    with locked(made.path(cell)):
        assert not run_of(made, cell).trained


def test_a_run_is_saved_while_a_client_is_the_default_one(threads, tmp_path):
    with threads.as_current():
        run = simulate(tiny(), out=tmp_path / "run", workers=1, progress=False)
    assert run.complete
