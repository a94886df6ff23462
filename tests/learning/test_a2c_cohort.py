"""Networks trained side by side, from the first update to the last."""

import dataclasses

import pytest
import torch

from pfc_metarl.learning.a2c import A2C, SILENT_UPDATES
from pfc_metarl.learning.base import train
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.network import Network
from pfc_metarl.simulation import noise
from pfc_metarl.tasks import TwoStep

TASK = TwoStep(n_trials=5)
SMALL = A2C(updates=3, episodes=4, discount=0.8, trace_decay=0.7, value_cost=0.3, initial_entropy_cost=0.2)


@pytest.mark.parametrize("critic", ["shared", "separate"])
@pytest.mark.parametrize("core", CORES)
def test_a_network_is_independent_of_the_other_networks(core, critic):
    network, learner = Network(core=core, units=6, critic=critic), dataclasses.replace(SMALL, max_gradient_norm=0.1)
    together = learner.begin(TASK, network, seed=0, networks=range(4))
    alone = learner.begin(TASK, network, seed=0, networks=[2])
    train(together)
    train(alone)
    for cohort, single in zip(together.weights.values(), alone.weights.values(), strict=True):
        torch.testing.assert_close(cohort[2:3], single, rtol=1e-5, atol=1e-5)
        if cohort.any():
            assert not torch.equal(cohort[1], cohort[2])
    ends = [noise.draw(sources, 1, 1, 1, 1) for sources in (together.sources[2:3], alone.sources)]
    assert all(torch.equal(a, b) for a, b in zip(*ends, strict=True)), "both drew the same noise so far"


def test_a_network_that_breaks_is_stopped_and_the_others_go_on():
    broken, whole = (SMALL.begin(TASK, Network(units=4), seed=0, networks=[0, 1]) for _ in range(2))
    whole.update()
    broken.update()
    broken.weights["core"][0, 0, 0] = torch.nan
    before = broken.weights["heads"][0].clone()
    train(whole)
    train(broken)
    assert broken.stopped.tolist() == [1, -1]
    assert torch.equal(broken.weights["heads"][0], before)
    assert all(torch.equal(a[1], b[1]) for a, b in zip(broken.weights.values(), whole.weights.values(), strict=True))
    assert whole.stopped.tolist() == [-1, -1]


def test_a_gradient_whose_squares_are_too_large_for_float32_is_cut_like_any_other(monkeypatch):
    learner = dataclasses.replace(SMALL, max_gradient_norm=1.0)
    high, huge, lost = (learner.begin(TASK, Network(units=4), seed=0, networks=[0, 1]) for _ in range(3))
    directions = {name: torch.sin(torch.arange(high.weights[name].numel()) + 1.0) for name in high.learned}
    for training, size in ((high, 1e3), (huge, 1e25), (lost, torch.inf)):
        found = {name: size * way.reshape(training.weights[name].shape) for name, way in directions.items()}
        terms = dict.fromkeys(("policy_loss", "value_loss", "entropy"), torch.zeros(2))
        monkeypatch.setattr(training, "gradients", lambda action, reward, found=found, terms=terms: (found, terms))
        training.update()
    assert huge.stopped.tolist() == [-1, -1]
    assert lost.stopped.tolist() == [0, 0]
    for name in high.learned:
        torch.testing.assert_close(huge.weights[name], high.weights[name])
        assert not torch.equal(huge.weights[name], lost.weights[name])


def test_a_network_that_gets_no_gradient_any_more_is_stopped():
    barren = TwoStep(n_trials=5, p_reward_good=0.0, p_reward_bad=0.0)
    learner = dataclasses.replace(SMALL, updates=SILENT_UPDATES + 2, initial_entropy_cost=0.0)
    dead, beside = (learner.begin(barren, Network(units=4), seed=0, networks=n) for n in ([0], [0, 1]))
    for training in (dead, beside):
        training.weights["heads"][0] = 0  # its value is 0 and its prediction errors are
        train(training)
    assert dead.done == SILENT_UPDATES
    assert beside.stopped.tolist() == [SILENT_UPDATES - 1, -1]
    assert beside.done == SILENT_UPDATES + 2


@pytest.mark.parametrize("core", ["lstm", "gru"])
def test_a_network_learns_to_learn_and_cannot_without_reward_as_an_input(core):
    bandit = TwoStep(n_trials=10, p_common=1.0, p_reversal=0.0, p_reward_good=1.0, p_reward_bad=0.0)
    learner = A2C(updates=150, episodes=32, initial_learning_rate=0.03, discount=0.5, initial_entropy_cost=0.02)

    def learned(**inputs):
        training = learner.begin(bandit, Network(core=core, units=16, **inputs), seed=0, networks=[0, 1])
        train(training)
        return training.history["reward_per_trial"]

    whole, blind = learned(), learned(inputs=("observation", "previous_action"))
    assert (abs(whole[:3].mean(0) - 0.5) < 0.1).all(), "chance"
    assert (whole[-10:].mean(0) > 0.85).all(), "the best possible is 0.95: one trial to find out"
    assert (abs(blind[-10:].mean(0) - 0.5) < 0.1).all(), "chance"
