"""Training with workers; processes are slow to start, so one run of two serves all."""

import numpy as np
import pytest
import torch

from pfc_metarl import A2C, Network, experiments, train
from pfc_metarl.execution.cohort import train_cohort
from pfc_metarl.execution.shard import Shard
from pfc_metarl.settings import changed
from pfc_metarl.tasks import TwoStep

COHORT = Shard(
    TwoStep(n_trials=4),
    Network(units=4),
    A2C(updates=3, episodes=4, snapshots=(0.4, 0.7)),
    seed=0,
    networks=(0, 2, 5),
)


@pytest.fixture(scope="module")
def by_workers():
    reports = {workers: [] for workers in (1, 2)}
    return {n: (train_cohort(COHORT, n, n, reports[n].append), reports[n]) for n in reports}


def test_the_number_of_workers_changes_nothing(by_workers):
    one, two = by_workers[1][0], by_workers[2][0]
    for name, alone in {**one.weights, **one.snapshots}.items():
        assert torch.equal(alone, {**two.weights, **two.snapshots}[name]), name
    assert list(two.snapshots) == [f"snapshot_{number}.{name}" for number in (1, 2) for name in two.weights]
    assert set(one.history) == set(two.history)
    for name, values in one.history.items():
        assert values.shape == (3, 3)
        np.testing.assert_array_equal(two.history[name], values, err_msg=name)


@pytest.mark.parametrize("optimiser", ["adam", "rmsprop"])
@pytest.mark.parametrize("network", [Network(core="gru"), Network(core="rnn"), Network(critic="separate")], ids=repr)
def test_bytes_do_not_depend_on_the_number_of_shards(network, optimiser):
    learner = A2C(updates=6, episodes=4, optimiser=optimiser, max_gradient_norm=0.1)
    cohort = COHORT._replace(network=changed(network, {"units": 5}), learner=learner, networks=(0, 1, 2, 3, 4))
    once = train_cohort(cohort, 1, 1, lambda progress: None)
    for shards in (2, 3, 5):
        again = train_cohort(cohort, shards, 1, lambda progress: None)
        for name, weights in once.weights.items():
            assert torch.equal(again.weights[name], weights), (shards, name)


def test_networks_stay_in_order_and_differ(by_workers):
    weights = by_workers[2][0].weights["core"]
    single = train_cohort(COHORT._replace(networks=(5,)), 1, 1, lambda progress: None)
    assert torch.equal(weights[2:], single.weights["core"])
    assert not torch.equal(weights[1], weights[2])


@pytest.mark.parametrize(("workers", "dealt"), [(1, {(0, 2, 5)}), (2, {(0, 2), (5,)})])
def test_progress_is_reported_to_the_end(by_workers, workers, dealt):
    reports = by_workers[workers][1]
    assert {progress.networks for progress in reports if progress.updates == 3} == dealt
    assert all(1 <= progress.updates <= 3 and 0 <= progress.reward_per_trial <= 1 for progress in reports)


def test_a_cohort_is_trained_in_memory():
    experiment = experiments.load("two_step")
    from_function = train(
        type(experiment)(claim="", task=COHORT.task, network=COHORT.network, learner=COHORT.learner),
        networks=2,
        workers=1,
    )
    same = train_cohort(COHORT._replace(networks=(0, 1)), 1, 1, lambda progress: None)
    assert all(torch.equal(from_function.weights[name], values) for name, values in same.weights.items())
    assert from_function.stopped.tolist() == [-1, -1]
