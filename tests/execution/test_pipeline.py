import dataclasses
import hashlib
import threading

import pytest
import xarray as xr

from pfc_metarl import experiments
from pfc_metarl.execution import pipeline
from pfc_metarl.execution.pipeline import Plan, recorded_subjects, simulate
from pfc_metarl.execution.processes import Interrupted
from pfc_metarl.experiments.base import Probe
from pfc_metarl.networks.weights import digest
from pfc_metarl.runs.run import begin
from pfc_metarl.settings import Failure, changed

CHANGES = {
    "networks": 2,
    "task": {"n_trials": 8},
    "network": {"units": 4},
    "learner": {"updates": 6, "episodes": 2, "snapshots": (0.2, 0.9)},
    "probes": {"test": {"episodes": 4, "stages": True}},
}


@pytest.fixture
def experiment():
    return changed(experiments.load("two_step"), CHANGES)


def content(experiment):
    return {
        "experiment": "two_step",
        "source": "",
        "seed": 1,
        "device": "cpu",
        "settings": experiment.numbers(),
        "shares": 1,
        "arguments": ["two_step"],
        "fingerprint": "f",
        "provenance": {},
    }


def hashes(folder):
    paths = [*folder.glob("*.nc"), *folder.glob("*.safetensors"), folder / "summary.json"]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


class Stop(threading.Event):
    """Asks to stop when it was asked for the n-th time."""

    def __init__(self, n):
        super().__init__()
        self.left = n

    def is_set(self):
        self.left -= 1
        return self.left < 0


def test_a_run_interrupted_everywhere_ends_with_the_same_bytes(experiment, tmp_path):
    plan = Plan(1, lambda progress: None, threading.Event())
    with begin(tmp_path / "whole", content(experiment)) as run:
        simulate(experiment, CHANGES, run, plan)
    interruptions = 0
    for n in [1, 2, 2, 2, 3, 2, 1, 3, 100]:
        with begin(tmp_path / "broken", content(experiment)) as run:
            if run.complete:
                break
            try:
                simulate(experiment, CHANGES, run, plan._replace(stop=Stop(n)))
            except Interrupted:
                interruptions += 1
    assert interruptions == 8
    assert hashes(tmp_path / "broken") == hashes(tmp_path / "whole")
    others = {"history.nc", "summary.json", "weights.safetensors", "stages.safetensors"}
    recordings = {f"{name}.nc" for name in recorded_subjects(experiment, "test")}
    assert {"test.nc", "test_stage_1.nc", "test_stage_2.nc", "test_random.nc"} < recordings
    assert set(hashes(tmp_path / "whole")) == recordings | others


def test_a_stage_is_recorded_with_the_weights_it_had(experiment, tmp_path):
    learner = dataclasses.replace(experiment.learner, updates=6, snapshots=(0.5,), final_learning_rate=None)
    shorter = dataclasses.replace(learner, updates=3, snapshots=())
    runs = {}
    for name, each in {"long": learner, "short": shorter}.items():
        changes = changed(experiment, {"learner": dataclasses.asdict(each)})
        with begin(tmp_path / name, content(changes)) as run:
            simulate(changes, {**CHANGES, "learner": dataclasses.asdict(each)}, run, Plan(1, print, threading.Event()))
        runs[name] = run
    at_stage, at_end = runs["long"].recording("test_stage_1"), runs["short"].recording("test")
    xr.testing.assert_equal(at_stage, at_end)
    assert not at_stage["policy"].equals(runs["long"].recording("test")["policy"])
    assert list(runs["long"].weights("stages.safetensors")) == ["stage_1.core", "stage_1.heads", "stage_1.initial"]


def test_every_file_says_where_it_comes_from(experiment, tmp_path):
    with begin(tmp_path / "run", content(experiment)) as run:
        simulate(experiment, CHANGES, run, Plan(1, lambda progress: None, threading.Event()))
        for dataset in (run.history(), run.recording("test"), run.recording("test_random")):
            assert dataset.attrs["experiment"] == "two_step"
            assert '"p_common": 0.8' in dataset.attrs["settings"]
            assert dataset.attrs["provenance"] == "{}"


def test_untrained_networks_have_the_weights_that_training_began_with(experiment, tmp_path):
    probes = {"test": dataclasses.replace(experiment.probes["test"], untrained=True, reference_agents={}, yoked={})}
    none = dataclasses.replace(experiment.learner, initial_learning_rate=1e-30, final_learning_rate=None)
    frozen = dataclasses.replace(experiment, probes=probes, learner=none, measures=lambda recordings: {}, headlines=())
    changes = {
        **CHANGES,
        "learner": {**CHANGES["learner"], "initial_learning_rate": 1e-30, "final_learning_rate": None},
    }
    with begin(tmp_path / "run", content(frozen)) as run:
        simulate(frozen, changes, run, Plan(1, lambda progress: None, threading.Event()))
        test, untrained = run.recording("test"), run.recording("test_untrained")
    xr.testing.assert_equal(test, untrained)
    assert float(test["hidden"].std()) > 0


def burst(percept, state):
    return percept._replace(stimulation=percept.previous_reward * 0 + 2)


def test_probes_with_interventions_share_worlds_and_weights(tmp_path):
    changes = {**CHANGES, "network": {"units": 4, "critic": "separate"}, "learner": {"updates": 2, "episodes": 2}}
    plain = changed(experiments.load("two_step"), {**changes, "probes": {}})
    probes = {"test": Probe(episodes=4, untrained=True), "burst": Probe(episodes=4, intervene=burst, worlds="test")}
    experiment = dataclasses.replace(plain, probes=probes, measures=lambda recordings: {}, headlines=())
    with begin(tmp_path / "run", content(experiment)) as run:
        summary = simulate(experiment, changes, run, Plan(1, lambda progress: None, threading.Event()))
        control, stimulated = run.recording("test"), run.recording("burst")
    assert control["good_state"].equals(stimulated["good_state"])
    assert not control["policy"].equals(stimulated["policy"])
    assert stimulated.attrs["intervention"] == "burst"
    assert summary["intervention"] == {"burst": "burst"}
    hashes = summary["weights_sha256"]
    assert hashes["test"] == hashes["burst"] == digest(run.weights()) != hashes["test_untrained"]


def test_a_task_that_changes_the_weights_is_found_out(tmp_path, experiment, monkeypatch):
    agents = []
    original = pipeline.cohort_of
    monkeypatch.setattr(pipeline, "cohort_of", lambda *args: agents.append(original(*args)) or agents[-1])

    def meddle(percept, state):
        agents[-1].weights["heads"] += 0.1
        return percept

    experiment = dataclasses.replace(experiment, probes={"test": Probe(episodes=4, intervene=meddle)})
    with begin(tmp_path / "run", content(experiment)) as run, pytest.raises(Failure, match="weights were changed"):
        simulate(experiment, CHANGES | {"probes": {}}, run, Plan(1, lambda progress: None, threading.Event()))
