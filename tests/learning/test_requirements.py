"""What every update must keep to, with learners that do not."""

import math

import pytest
import torch

from pfc_metarl.learning.base import Learner, Training
from pfc_metarl.learning.requirements import require_begin, required_loss
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import BadInput, settings
from pfc_metarl.tasks import TwoStep

TASK, NETWORK = TwoStep(n_trials=3), Network(units=3, learned_initial_state=False)


class ChangedTraining(Training):
    def learn(self):
        returned = self.learner.change(self)
        return {"reward_per_trial": torch.zeros(len(self.networks))} if returned is None else returned


@settings
class Changed(Learner):
    change: object = None

    def begin(self, task, network, seed, networks, device="cpu"):
        return ChangedTraining(self, task, network, seed, networks, device)


def begun(change, updates=3):
    return Changed(updates=updates, episodes=2, change=change).begin(TASK, NETWORK, 0, (0, 4))


def rebinds(training):
    training.weights["core"] = training.weights["core"] - 0.1


def rebinds_all(training):
    training.weights = {name: tensor - 0.1 for name, tensor in training.weights.items()}


def moves_the_memory(training):
    training.weights["core"].data = training.weights["core"].data - 0.1


@pytest.mark.parametrize("change", [rebinds, rebinds_all, moves_the_memory])
def test_weights_that_are_replaced_instead_of_changed_are_refused(change):
    with pytest.raises(BadInput, match=r"replaced it by another tensor.*in place: self\.weights\["):
        begun(change).update()


def test_a_network_whose_new_weights_are_not_finite_is_stopped_with_the_weights_it_had():
    def second_breaks(training):
        training.weights["core"] += torch.tensor([1.0, math.nan if training.done else 1.0])[:, None, None]

    training = begun(second_breaks)
    first = training.weights["core"].clone()
    for _ in range(3):
        training.update()
    assert training.stopped.tolist() == [-1, 1]
    torch.testing.assert_close(training.weights["core"][0], first[0] + 3)
    torch.testing.assert_close(training.weights["core"][1], first[1] + 1)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (3.0, "it returns a float; return a dict with reward_per_trial"),
        ({"loss": torch.zeros(2)}, "returns loss; the history has reward_per_trial"),
        ({"reward_per_trial": torch.tensor(0.5)}, r"shape \(\); return a tensor with one number per network"),
        ({"reward_per_trial": torch.zeros(2, 2)}, r"has shape \(2, 2\)"),
        ({"reward_per_trial": 0.5}, "has a float; return a tensor"),
    ],
)
def test_what_an_update_returns_is_checked(row, said):
    with pytest.raises(BadInput, match=said):
        begun(lambda training: row).update()


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (None, "loss = None: return a torch tensor"),
        (0.0, "not a float"),
        (torch.zeros(2, requires_grad=True), r"shape \(2,\); return one number"),
        (torch.zeros(()), "does not depend on the heads"),
    ],
)
def test_a_loss_that_cannot_be_differentiated_is_refused(loss, said):
    with pytest.raises(BadInput, match=said):
        required_loss(loss)


def test_the_gradient_holds_only_weights_that_are_learned():
    training = begun(lambda training: None)
    training.agent.begin((2, 2))
    assert not NETWORK.learns("initial")
    assert set(training.gradient(lambda heads: heads.sum())) == {"core", "heads"}


def test_begin_must_take_what_a_training_gives():
    require_begin(Changed())

    class Short(Changed):
        def begin(self, task, network, seed, networks):
            """Lack the device."""

    with pytest.raises(BadInput, match=r"^Short\.begin: too many positional arguments; it must take task, network"):
        require_begin(Short())
