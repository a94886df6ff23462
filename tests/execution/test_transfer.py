import dataclasses
import shutil

import pytest

from pfc_metarl.execution.jobs import InThisProcess
from pfc_metarl.execution.simulation import open_run
from pfc_metarl.execution.source import experiment_of
from pfc_metarl.execution.transfer import EPISODES, planned_cells, record_cells
from pfc_metarl.experiments import load
from pfc_metarl.experiments.base import Experiment, Probe
from pfc_metarl.settings import BadInput, changed
from pfc_metarl.tasks import Bandit, Foraging, RestlessBandit, TwoStep

ARMS = {
    "independent": "bandit_independent",
    "uniform": "bandit_correlated",
    "easy": "bandit_correlated_easy",
    "medium": "bandit_correlated_medium",
    "hard": "bandit_correlated_hard",
}


def test_what_the_experiments_record_already_is_used():
    cells = planned_cells({name: load(experiment) for name, experiment in ARMS.items()})
    assert dict(cells.names) == {name: f"arms_{name}" for name in ARMS}
    assert not cells.missing


def test_with_another_number_of_episodes_the_cells_are_recorded_anew():
    cells = planned_cells({name: load(experiment) for name, experiment in ARMS.items()}, episodes=70)
    assert dict(cells.names) == {name: f"in_{name}" for name in ARMS}
    assert {probe.episodes for probe in cells.missing.values()} == {70}
    assert cells.missing["in_hard"].in_task.p_first == (0.4, 0.6)
    assert cells.missing["in_hard"].only == ("p_reward",), "no activity"


def test_tasks_of_other_classes_with_the_same_channels_and_actions_are_cells_too():
    bandit = Experiment(claim="", task=Bandit(n_trials=5), probes={"test": Probe(only=("policy",))})
    restless = Experiment(claim="", task=RestlessBandit(n_trials=7), probes={"mine": Probe()})
    sizes = [(len(each.task.channel_names), len(each.task.action_names)) for each in (bandit, restless)]
    assert sizes[0] == sizes[1]
    cells = planned_cells({"bandit": bandit, "restless": restless})
    assert cells.missing["in_restless"].in_task == RestlessBandit(n_trials=7)
    assert cells.missing["in_restless"].episodes == EPISODES
    assert cells.missing["in_bandit"].only == ()


def test_a_probe_with_other_conditions_is_no_cell():
    task = Bandit(n_trials=5)
    for condition in ({"plastic": True}, {"intervene": print}, {"worlds": "test"}):
        first = Experiment(claim="", task=task, probes={"test": Probe(), "other": Probe(**condition)})
        second = dataclasses.replace(first, task=changed(task, {"arms": "correlated"}))
        assert planned_cells({"a": first, "b": second}).names == {"a": "in_a", "b": "in_b"}


def test_tasks_that_differ_in_channels_or_actions_and_a_single_one_are_refused():
    one, other = (Experiment(claim="", task=task) for task in (TwoStep(), Foraging()))
    with pytest.raises(BadInput, match="the task of b has 2 channels, that of a 3"):
        planned_cells({"a": one, "b": other})
    with pytest.raises(BadInput, match="name two or more"):
        planned_cells({"a": one})


def test_the_cells_of_a_run_are_recorded_once(tiny_run, tmp_path):
    shutil.copytree(tiny_run, tmp_path / "run")
    run = open_run(tmp_path / "run")
    experiment = experiment_of(run)
    other = dataclasses.replace(experiment, task=changed(experiment.task, {"p_common": 0.6}))
    cells = planned_cells({"a": experiment, "b": other}, episodes=3)
    assert record_cells(run, experiment, cells, InThisProcess(print)) == ["in_a", "in_b"]
    assert record_cells(run, experiment, cells, InThisProcess(print)) == []
    again = open_run(run.folder)
    assert again.complete
    assert set(again.recordings()) == {*run.recordings(), "in_a", "in_b"}
    assert again.recording("in_b").sizes["episode"] == 3
    assert again.summary() == run.summary()
