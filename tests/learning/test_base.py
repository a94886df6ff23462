"""Common behaviour of trainings; see tests/contracts/test_learners.py for the contract of each."""

import dataclasses

import pytest
import torch

from pfc_metarl.agents import Percept
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.learning.base import Learner, Training, first_weights, train
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import BadInput, settings
from pfc_metarl.tasks import TwoStep

TASK = TwoStep(n_trials=5)
SMALL = A2C(updates=3, episodes=4, discount=0.8, trace_decay=0.7, value_cost=0.3, initial_entropy_cost=0.2)


FIRST = Percept(torch.zeros(2, 3, 3), torch.full((2, 3), -1), torch.zeros(2, 3))


class Idle(Training):
    """Changes no weight."""

    measured = ("reward_per_trial", "drawn")

    def learn(self):
        drawn = self.draw()
        return {"reward_per_trial": torch.zeros(len(self.networks)), "drawn": drawn.world[0, :, 0, 0]}


@settings
class Idling(Learner):
    def begin(self, task, network, seed, networks, device="cpu"):
        return Idle(self, task, network, seed, networks, device)


def test_the_history_has_a_row_per_update_and_a_column_per_network():
    training, rows = SMALL.begin(TASK, Network(units=4), seed=0, networks=[3, 7]), []
    train(training, lambda row: not rows.append(row))
    assert training.done == len(rows) == SMALL.updates
    assert set(training.history) == {"reward_per_trial", "policy_loss", "value_loss", "entropy", "gradient_norm"}
    for name, values in training.history.items():
        assert values.shape == (3, 2)
        assert torch.equal(torch.stack([row[name] for row in rows]), values)


def test_a_paused_training_continues_as_if_uninterrupted():
    paused, whole = (SMALL.begin(TASK, Network(units=4), seed=0, networks=[0]) for _ in range(2))
    train(paused, lambda row: False)
    assert paused.done == 1
    train(paused)
    train(whole)
    assert all(torch.equal(a, b) for a, b in zip(paused.weights.values(), whole.weights.values(), strict=True))


def test_initial_weights_are_not_the_noise_of_training():
    training = SMALL.begin(TASK, Network(core="rnn", units=4), seed=0, networks=[0])
    drawn = training.weights["core"][0, :-1] + 0.5  # uniform within half, as 1 / sqrt(4)
    met = torch.rand(training.weights["core"][0].shape, generator=training.sources[0])[:-1]
    assert not torch.isclose(drawn, met).any()


def test_weights_at_a_snapshot_are_those_of_a_shorter_training():
    learner = dataclasses.replace(SMALL, updates=4, snapshots=(0.3, 0.5, 1.0))
    assert learner.updates_at_snapshots() == (1, 2, 4)
    whole, *shorter = (
        dataclasses.replace(learner, updates=n, snapshots=snapshots).begin(TASK, Network(units=4), 0, [0, 1])
        for n, snapshots in ((4, learner.snapshots), (1, ()), (2, ()), (4, ()))
    )
    for training in (whole, *shorter):
        train(training)
    for kept, short in zip(whole.weights_at_snapshots(), shorter, strict=True):
        assert all(torch.equal(kept[name], tensor) for name, tensor in short.weights.items())
    assert not torch.equal(whole.snapshots[0]["core"], whole.snapshots[1]["core"])


def test_a_snapshot_after_the_end_of_all_networks_has_their_last_weights():
    learner = dataclasses.replace(SMALL, updates=4, snapshots=(0.25, 0.75))
    training = learner.begin(TASK, Network(units=4), 0, [0])
    training.update()
    first, second = training.weights_at_snapshots()
    training.weights["core"] += 1
    assert torch.equal(first["core"] + 1, training.weights["core"])
    assert torch.equal(second["core"], training.weights["core"])


@pytest.mark.parametrize(
    ("snapshots", "said"),
    [((0.5, 0.2), "must rise"), ((0.5, 0.5), "must rise"), ((0.0,), "greater than 0"), ((1.5,), "1")],
)
def test_snapshots_that_make_no_sense_are_refused(snapshots, said):
    with pytest.raises(BadInput, match=said):
        A2C(snapshots=snapshots)


def test_a_custom_learner_declares_what_it_learns_and_its_state_is_stored():
    training = Idling(updates=2, episodes=3, snapshots=(1.0,)).begin(TASK, Network(units=4), 0, [0, 5])
    before = training.state()
    train(training)
    assert training.complete
    assert torch.equal(training.history["drawn"][0], training.history["drawn"][0].clamp(0, 1))
    assert (training.history["drawn"][0] != training.history["drawn"][1]).all(), "each update draws anew"
    expected = first_weights(TASK, Network(units=4), 0, [0, 5])
    assert all(torch.equal(training.weights[name], tensor) for name, tensor in expected.items())
    training.load(before)
    assert (training.done, training.complete) == (0, False)
    assert training.history["drawn"].isnan().all()


def test_a_row_of_the_history_that_was_not_declared_is_refused():
    training = Idling(updates=2).begin(TASK, Network(units=4), 0, [0])
    training.history.pop("drawn")
    with pytest.raises(BadInput, match="drawn"):
        training.update()


def test_the_gradient_is_that_of_the_loss():
    training = Idling(updates=2, episodes=3).begin(TASK, Network(units=4), 0, [0, 5])
    training.agent.begin((2, 3))
    for step in range(TASK.n_steps):
        training.agent.activity.perceive(step, FIRST)
    found = training.gradient(lambda heads: heads[..., -1].sum())["heads"]
    # the bias of the value is in the sum once for every step and episode, the policy is not in it
    assert found[:, -1].tolist() == [[0.0, 0.0, TASK.n_steps * 3.0]] * 2


def test_a_training_is_shown_in_a_line():
    training = Idling(updates=3).begin(TASK, Network(units=4), 0, [0, 5])
    training.update()
    assert repr(training) == "<Idle: 2 networks, 1 of 3 updates>"
