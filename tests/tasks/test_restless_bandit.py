import numpy as np
import pytest
import torch
from scipy.stats import binomtest, kstest

from pfc_metarl.agents import Random
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import RestlessBandit, check_task


@pytest.fixture(scope="module")
def walks():
    return record(RestlessBandit(), Random(), n_episodes=1000, seed=0, networks=(0,)).sel(network=0)


def test_the_contract():
    check_task(RestlessBandit(n_trials=5, slow_sd=0.0, fast_sd=1.0))


def test_payoffs_are_uniform_at_the_start_and_stay_so(walks):
    left = walks["p_reward"].sel(option="left")
    assert kstest(left.isel(step=0), "uniform").pvalue > 0.001
    assert kstest(left.isel(step=-1), "uniform").pvalue > 0.001  # the reflected walk keeps the uniform distribution
    np.testing.assert_allclose(walks["p_reward"].sum("option"), 1, atol=1e-6)


@pytest.mark.parametrize(("volatile", "sd"), [(0, 0.02), (1, 0.2)])
def test_steps_have_their_standard_deviation(walks, volatile, sd):
    left = walks["p_reward"].sel(option="left").values
    inside = (left[:, :-1] > 0.45) & (left[:, :-1] < 0.55) & (walks["volatile"].values[:, :1] == volatile)
    moved = np.diff(left, axis=1)[inside]
    if volatile == 0:  # a fast walk is often reflected
        assert moved.std() == pytest.approx(sd, rel=0.05)
    assert np.median(np.abs(moved)) == pytest.approx(0.6745 * sd, rel=0.1)


def test_one_arm_pays_in_every_trial():
    task = RestlessBandit()
    noise = torch.rand(1, 500, 2, generator=torch.Generator().manual_seed(1))
    state = task.begin(noise)
    rewards = [task.step(state, torch.full((1, 500), arm), noise.flip(-1))[1] for arm in (0, 1)]
    assert ((rewards[0] + rewards[1]) == 1).all()


def test_half_of_the_episodes_are_volatile_and_stay_so(walks):
    volatile = walks["volatile"].values
    assert (volatile == volatile[:, :1]).all()
    assert binomtest(int(volatile[:, 0].sum()), 1000, 0.5).pvalue > 0.001


def test_a_slow_walk_that_is_faster_is_refused():
    with pytest.raises(BadInput, match="slow_sd"):
        RestlessBandit(slow_sd=0.3)
