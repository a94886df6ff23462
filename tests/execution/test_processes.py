"""Training with workers; processes are slow to start, so one run of two serves all."""

import numpy as np
import pytest
import torch

from pfc_metarl.execution.processes import Job, train_cohort

CHANGES = {
    "task": {"n_trials": 4},
    "network": {"units": 4},
    "learner": {"updates": 3, "episodes": 4, "snapshots": (0.4, 0.7)},
}
JOB = Job("two_step", CHANGES, seed=0, networks=(0, 2, 5))


@pytest.fixture(scope="module")
def by_workers():
    told = {workers: [] for workers in (1, 2)}
    return {n: (train_cohort(JOB, n, n, told[n].append), told[n]) for n in told}


def test_the_number_of_workers_changes_nothing(by_workers):
    one, two = by_workers[1][0], by_workers[2][0]
    for name, alone in {**one.weights, **one.stages}.items():
        torch.testing.assert_close(alone, {**two.weights, **two.stages}[name], rtol=1e-5, atol=1e-6)
    assert list(two.stages) == [f"stage_{stage}.{name}" for stage in (1, 2) for name in two.weights]
    assert set(one.history) == set(two.history)
    for name, values in one.history.items():
        assert values.shape == (3, 3)
        np.testing.assert_allclose(two.history[name], values, rtol=1e-5, atol=1e-6, err_msg=name)


def test_networks_stay_in_order_and_differ(by_workers):
    weights = by_workers[2][0].weights["core"]
    single = train_cohort(JOB._replace(networks=(5,)), 1, 1, lambda progress: None)
    torch.testing.assert_close(weights[2:], single.weights["core"], rtol=1e-5, atol=1e-6)
    assert not torch.equal(weights[1], weights[2])


@pytest.mark.parametrize(("workers", "dealt"), [(1, {(0, 2, 5)}), (2, {(0, 2), (5,)})])
def test_progress_is_reported_to_the_end(by_workers, workers, dealt):
    told = by_workers[workers][1]
    assert {progress.networks for progress in told if progress.updates == 3} == dealt
    assert all(1 <= progress.updates <= 3 and 0 <= progress.reward_per_trial <= 1 for progress in told)
