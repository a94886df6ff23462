import pytest

import pfc_metarl
from pfc_metarl.execution.loading import load
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import Bandit


def test_a_network_that_comes_with_the_package_plans_with_frozen_weights():
    task = pfc_metarl.experiments.load("two_step").task
    recording = pfc_metarl.record(task, load("two_step"), n_episodes=50, seed=1)
    reward = pfc_metarl.measures.reward_per_trial(recording)["reward_per_trial"]
    assert float(reward.mean()) > 0.66  # a model-free learner has 0.64


def test_a_run_directory_of_the_same_name_goes_before(tiny_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two_step").symlink_to(tiny_run)
    assert load("two_step").n_networks == 2


def test_another_task_needs_the_same_channels_and_actions():
    with pytest.raises(BadInput, match="channels, the networks were trained with"):
        load("two_step", Bandit())


def test_a_name_that_is_neither_run_nor_network_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        BadInput, match=r"two_stepp: this is neither a run directory nor a trained network.*mean 'two_step'"
    ):
        load("two_stepp")
    with pytest.raises(BadInput, match=r"runs/two_step: this is not a run directory"):
        load("runs/two_step")


def test_a_plain_folder_of_the_name_of_a_network_is_no_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two_step").mkdir()
    (tmp_path / "plots").mkdir()
    assert load("two_step").n_networks == 1
    with pytest.raises(BadInput, match="plots: this is not a run directory"):
        load("plots")
