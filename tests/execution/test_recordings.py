import dataclasses
import shutil
import threading

import pytest

from pfc_metarl.agents import Random
from pfc_metarl.execution.jobs import InThisProcess
from pfc_metarl.execution.processes import Workers
from pfc_metarl.execution.recordings import NETWORKS, UNTRAINED, Recordings, attributes, planned, recorded_subjects
from pfc_metarl.execution.source import experiment_of
from pfc_metarl.experiments.base import Experiment, Probe
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.runs.run import open_run
from pfc_metarl.settings import changed
from pfc_metarl.tasks import TwoStep


@pytest.fixture
def experiment():
    probes = {
        "test": Probe(reference_agents={"coin": Random()}, untrained=True, snapshots=True),
        "hard": Probe(changes={"p_common": 0.6}),
    }
    return Experiment(claim="", task=TwoStep(), learner=A2C(snapshots=(0.5, 0.9)), probes=probes)


def test_each_probe_is_recorded_for_all_agents_that_it_names(experiment):
    assert recorded_subjects(experiment, "test") == {
        "test": NETWORKS,
        "test_untrained": UNTRAINED,
        "test_snapshot_1": "snapshot_1",
        "test_snapshot_2": "snapshot_2",
        "test_coin": "coin",
    }
    assert recorded_subjects(experiment, "hard") == {"hard": NETWORKS}
    assert [recorded.name for recorded in planned(experiment)][-2:] == ["test_coin", "hard"]
    assert [recorded.probe for recorded in planned(experiment)] == ["test"] * 5 + ["hard"]


def test_only_what_would_differ_is_recorded_again(tiny_run, tmp_path):
    shutil.copytree(tiny_run, tmp_path / "run")
    run = open_run(tmp_path / "run")
    experiment = experiment_of(run)
    names = [recorded.name for recorded in planned(experiment)]
    same = Recordings(experiment, run, InThisProcess(print))
    assert (same.kept, same.finish()) == (names, [])
    more = Recordings(changed(experiment, {"probes": {"test": {"episodes": 5}}}), run, InThisProcess(print))
    assert (more.kept, more.finish()) == ([], names)
    assert run.recording("test").sizes["episode"] == 5


def test_the_origin_of_a_run_is_stored_as_text_without_its_seed(tiny_run):
    found = attributes(open_run(tiny_run))
    assert "seed" not in found
    assert set(map(type, found.values())) == {str}
    assert '"n_trials": 10' in found["settings"]


def test_what_cannot_be_sent_to_a_worker_is_recorded_in_this_process(tiny_run, tmp_path):
    shutil.copytree(tiny_run, tmp_path / "run")
    run, lock = open_run(tmp_path / "run"), threading.Lock()

    def in_this_process(percept, state):
        with lock:
            return percept

    probes = {"locked": Probe(episodes=2, intervene=in_this_process)}
    experiment = dataclasses.replace(experiment_of(run), probes=probes, headlines=(), causality=None)
    with Workers(2, print) as workers:
        recordings = Recordings(experiment, run, workers)
        assert recordings.finish() == ["locked"]
        assert workers.pool is None
    assert recordings["locked"].sizes["episode"] == 2
