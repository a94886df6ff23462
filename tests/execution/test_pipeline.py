import dataclasses
import hashlib
import threading

import pytest
import xarray as xr

from pfc_metarl import experiments
from pfc_metarl.execution.jobs import Interrupted
from pfc_metarl.execution.pipeline import Plan, carry_out, training_of
from pfc_metarl.execution.recordings import RecordingProgress, recorded_subjects
from pfc_metarl.execution.workers import context
from pfc_metarl.experiments.base import Probe
from pfc_metarl.experiments.two_step import choices
from pfc_metarl.networks.weights import digest
from pfc_metarl.runs.begin import begin
from pfc_metarl.settings import BadInput, Failure, changed

CHANGES = {
    "networks": 2,
    "task": {"n_trials": 8},
    "network": {"units": 4},
    "learner": {"updates": 6, "episodes": 2, "snapshots": (0.2, 0.9)},
    "probes": {"test": {"episodes": 4, "snapshots": True}},
}


def silent(progress):
    pass


PLAN = Plan(1, silent, None)


@pytest.fixture
def experiment():
    """The two-step experiment with two of its reference agents, and measures of choices."""
    whole = changed(experiments.load("two_step"), CHANGES)
    probe = whole.probes["test"]
    few = {name: probe.reference_agents[name] for name in ("model_based", "random")}
    probe = dataclasses.replace(probe, reference_agents=few, yoked={"model_based": few["model_based"]})
    parts = {"probes": {"test": probe}, "measures": choices, "headlines": (whole.headlines[0],)}
    return dataclasses.replace(whole, **parts)


def content(experiment):
    return {
        "experiment": "two_step",
        "source": "",
        "seed": 1,
        "device": "cpu",
        "settings": experiment.numbers(),
        "changes": {},
        "training": training_of(experiment, 1, "cpu"),
        "shards": 1,
        "arguments": ["two_step"],
        "provenance": {"code": "c"},
    }


def simulated(experiment, folder, plan=PLAN):
    """Run an experiment; the run, and what was kept and made."""
    with begin(folder, content(experiment)) as (run, _):
        return run, carry_out(experiment, run, plan)


def hashes(folder):
    paths = [*folder.glob("*.nc"), *folder.glob("*.safetensors"), folder / "summary.json"]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


class Stop(threading.Event):
    """Requests a stop at the n-th query."""

    def __init__(self, n):
        super().__init__()
        self.left = n

    def is_set(self):
        self.left -= 1
        return self.left < 0


def test_a_run_interrupted_everywhere_ends_with_the_same_bytes(experiment, tmp_path):
    simulated(experiment, tmp_path / "whole")
    interruptions = 0
    for n in [1, 2, 2, 2, 3, 2, 1, 3, 100]:
        try:
            run, _ = simulated(experiment, tmp_path / "broken", PLAN._replace(stop=Stop(n)))
        except Interrupted:
            interruptions += 1
    assert run.complete
    assert interruptions >= 6
    assert hashes(tmp_path / "broken") == hashes(tmp_path / "whole")
    others = {
        "history.nc",
        "summary.json",
        "weights.safetensors",
        "snapshots.safetensors",
        "state_0_1_to_6.safetensors",
    }
    recordings = {f"{name}.nc" for name in recorded_subjects(experiment, "test")}
    assert {"test.nc", "test_snapshot_1.nc", "test_snapshot_2.nc", "test_random.nc"} < recordings
    assert set(hashes(tmp_path / "whole")) == recordings | others
    assert not run.checkpoints.exists()


def test_two_workers_make_the_same_bytes_as_one(experiment, tmp_path):
    for workers in (1, 2):
        run, done = simulated(experiment, tmp_path / str(workers), PLAN._replace(workers=workers))
        names = [f"{name}.nc" for name in recorded_subjects(experiment, "test")]
        assert list(run.manifest["files"])[-len(names) - 1 :] == [*names, "summary.json"]
        assert done.made == ["weights", *recorded_subjects(experiment, "test"), "summary"]
    assert hashes(tmp_path / "1") == hashes(tmp_path / "2")


def test_workers_that_are_interrupted_while_recording_continue_to_the_same_bytes(experiment, tmp_path):
    simulated(experiment, tmp_path / "whole")
    stop = context().Event()

    def stop_while_recording(progress):
        if isinstance(progress, RecordingProgress) and progress.number == 2:
            stop.set()

    with pytest.raises(Interrupted):
        simulated(experiment, tmp_path / "broken", Plan(2, stop_while_recording, stop))
    run, done = simulated(experiment, tmp_path / "broken", PLAN._replace(workers=2))
    assert (done.kept[0], run.complete) == ("weights", True)
    assert hashes(tmp_path / "broken") == hashes(tmp_path / "whole")


def test_an_error_in_a_measure_is_reported_when_all_recordings_are_complete(experiment, tmp_path):
    def wrong(recordings):
        raise KeyError(recordings["test"].attrs["probe"])

    broken = dataclasses.replace(experiment, measures=wrong, headlines=())
    with pytest.raises(Failure, match=r"measure: KeyError: 'test'; the trained weights are kept"):
        simulated(broken, tmp_path, PLAN._replace(workers=2))
    assert simulated(experiment, tmp_path)[1].made == ["summary"]


def test_a_snapshot_is_recorded_with_the_weights_it_had(experiment, tmp_path):
    longer = changed(experiment, {"learner": {"updates": 6, "snapshots": (0.5,), "final_learning_rate": None}})
    shorter = changed(longer, {"learner": {"updates": 3, "snapshots": ()}})
    (long, _), (short, _) = (simulated(each, tmp_path / str(n)) for n, each in enumerate((longer, shorter)))
    at_snapshot, at_end = long.recording("test_snapshot_1"), short.recording("test")
    xr.testing.assert_equal(at_snapshot, at_end)
    assert not at_snapshot["policy"].equals(long.recording("test")["policy"])
    assert list(long.weights("snapshots.safetensors")) == ["snapshot_1.core", "snapshot_1.heads", "snapshot_1.initial"]


def test_every_file_states_its_origin(experiment, tmp_path):
    run, _ = simulated(experiment, tmp_path / "run")
    for dataset in (run.history(), run.recording("test"), run.recording("test_random")):
        assert dataset.attrs["experiment"] == "two_step"
        assert '"p_common": 0.8' in dataset.attrs["settings"]
        assert dataset.attrs["provenance"] == '{"code": "c"}'


def no_measures(recordings):
    return {}


def test_untrained_networks_have_the_weights_that_training_began_with(experiment, tmp_path):
    probes = {"test": dataclasses.replace(experiment.probes["test"], untrained=True, reference_agents={}, yoked={})}
    learner = changed(experiment.learner, {"initial_learning_rate": 1e-30, "final_learning_rate": None})
    frozen = dataclasses.replace(experiment, probes=probes, learner=learner, measures=no_measures, headlines=())
    run, _ = simulated(frozen, tmp_path / "run")
    test, untrained = run.recording("test"), run.recording("test_untrained")
    xr.testing.assert_equal(test, untrained)
    assert float(test["hidden"].std()) > 0


def burst(percept, state):
    return percept._replace(stimulation=percept.previous_reward * 0 + 2)


def test_probes_with_interventions_have_the_same_worlds_and_weights(tmp_path):
    changes = {**CHANGES, "network": {"units": 4, "critic": "separate"}, "learner": {"updates": 2, "episodes": 2}}
    plain = changed(experiments.load("two_step"), {**changes, "probes": {}})
    probes = {"test": Probe(episodes=4, untrained=True), "burst": Probe(episodes=4, intervene=burst, worlds="test")}
    experiment = dataclasses.replace(plain, probes=probes, measures=no_measures, headlines=())
    run, _ = simulated(experiment, tmp_path / "run")
    summary, control, stimulated = run.summary(), run.recording("test"), run.recording("burst")
    assert control["good_state"].equals(stimulated["good_state"])
    assert not control["policy"].equals(stimulated["policy"])
    assert stimulated.attrs["intervention"] == "burst"
    assert summary["intervention"] == {"burst": "burst"}
    hashes = summary["weights_sha256"]
    assert hashes["test"] == hashes["burst"] == digest(run.weights()) != hashes["test_untrained"]


def test_a_task_that_changes_the_weights_is_found_out(tmp_path, experiment, monkeypatch):
    agents = []
    original = type(experiment.learner).agent
    monkeypatch.setattr(type(experiment.learner), "agent", lambda *args: agents.append(original(*args)) or agents[-1])

    def change_weights(percept, state):
        agents[-1].weights["heads"] += 0.1
        return percept

    experiment = dataclasses.replace(experiment, probes={"test": Probe(episodes=4, intervene=change_weights)})
    with pytest.raises(Failure, match="weights were changed"):
        simulated(experiment, tmp_path / "run")


@pytest.fixture
def small(experiment):
    """No reference agents, no snapshots, nothing that decays."""
    probes = {"test": Probe(episodes=4)}
    learner = changed(experiment.learner, {"snapshots": (), "updates": 3, "final_learning_rate": None})
    learner = changed(learner, {"final_entropy_cost": None})
    return dataclasses.replace(experiment, learner=learner, probes=probes, measures=rewards, headlines=())


def rewards(recordings):
    return {
        "reward_test": recordings["test"]["reward"]
        .mean(["episode", "step"])
        .rename(network="subject")
        .to_dataset(name="reward_per_trial")
    }


def test_what_is_complete_is_kept_and_only_what_is_missing_made(small, tmp_path):
    run, done = simulated(small, tmp_path)
    before = hashes(tmp_path)
    assert done[:2] == ([], ["weights", "test", "summary"])
    assert simulated(small, tmp_path)[1][:2] == (["weights", "test", "summary"], [])
    more = dataclasses.replace(small, probes={**small.probes, "hard": Probe(episodes=2, changes={"p_common": 0.6})})
    _, done = simulated(more, tmp_path)
    assert done[:2] == (["weights", "test"], ["hard", "summary"])
    assert done.sentence() == "kept: weights, test; made: hard, summary"
    after = hashes(tmp_path)
    assert {name for name in before if after[name] != before[name]} <= {"summary.json"}
    assert run.recording("test").sizes["episode"] == 4


def test_more_episodes_are_recorded_and_nothing_is_trained(small, tmp_path):
    at_first = dataclasses.replace(small, probes={"test": Probe(episodes=50)})
    run, _ = simulated(at_first, tmp_path)
    first = run.recording("test").load()
    run, done = simulated(dataclasses.replace(small, probes={"test": Probe(episodes=60)}), tmp_path)
    assert done[:2] == (["weights"], ["test", "summary"])
    recorded = run.recording("test")
    assert recorded.sizes["episode"] == 60
    xr.testing.assert_equal(recorded.isel(episode=slice(50)), first)


def test_a_changed_claim_headline_or_measure_keeps_weights_and_recordings(small, tmp_path):
    simulated(small, tmp_path)
    assert simulated(dataclasses.replace(small, claim="Another."), tmp_path)[1].made == ["summary"]
    other = dataclasses.replace(small, measures=no_measures)
    assert simulated(other, tmp_path)[1][:2] == (["weights", "test"], ["summary"])


def test_more_updates_train_on_and_end_where_a_longer_training_does(small, tmp_path):
    simulated(small, tmp_path / "on")
    longer = changed(small, {"learner": {"updates": 5}})
    with begin(tmp_path / "on", content(longer)) as (run, notes):
        assert any("training continues from update 3 to 5" in note for note in notes)
        done = carry_out(longer, run, PLAN)
    assert done.made == ["weights", "test", "summary"]
    assert run.manifest["trained_on"] == [3]
    simulated(longer, tmp_path / "whole")
    names = ("weights.safetensors", "history.nc", "test.nc", "state_0_1_to_5.safetensors")
    assert all(hashes(tmp_path / "on")[name] == hashes(tmp_path / "whole")[name] for name in names)
    assert "state_0_1_to_3.safetensors" not in run.manifest["files"]


def test_a_rate_that_decays_follows_the_longer_schedule_from_where_the_training_ended(small, tmp_path):
    decaying = changed(small, {"learner": {"updates": 3, "final_learning_rate": 0.001}})
    longer = changed(decaying, {"learner": {"updates": 5}})
    simulated(decaying, tmp_path / "on")
    run, _ = simulated(longer, tmp_path / "on")
    whole, _ = simulated(longer, tmp_path / "whole")
    on, once = (each.history()["gradient_norm"].values for each in (run, whole))
    assert (on[0] == once[0]).all()
    assert (on[3:] != once[3:]).any()  # the first three updates had the schedule of three
    for name in ("weights.safetensors", "history.nc", "state_0_1_to_5.safetensors"):  # lost, it is made again
        (tmp_path / "on" / name).unlink()
    before = run.recording("test").load()
    again, done = simulated(longer, tmp_path / "on")
    assert done[:2] == (["test", "summary"], ["weights"])
    assert again.manifest["trained_on"] == [3]
    xr.testing.assert_equal(again.recording("test"), before)


def test_fewer_updates_and_snapshots_at_fractions_of_them_are_refused(small, experiment, tmp_path):
    simulated(small, tmp_path / "run")
    for each, folder, words in (
        (changed(small, {"learner": {"updates": 2}}), "run", "learner.updates = 3, this call 2"),
        (changed(experiment, {"learner": {"updates": 8}}), "snapshots", "snapshots are taken at fractions of 6"),
    ):
        if folder == "snapshots":
            simulated(experiment, tmp_path / folder)
        with pytest.raises(BadInput, match=words):
            simulated(each, tmp_path / folder)
        assert simulated(small if folder == "run" else experiment, tmp_path / folder)[1].made == []
