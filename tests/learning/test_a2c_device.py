"""What training on an accelerator relies on, tested on the CPU."""

from collections import Counter

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from pfc_metarl.agents import Prefrontal
from pfc_metarl.learning import a2c
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.learning.base import train
from pfc_metarl.networks import encoder, tape
from pfc_metarl.networks.encoder import Encoder
from pfc_metarl.networks.network import Network
from pfc_metarl.simulation.noise import Noise
from pfc_metarl.simulation.rollout import rollout
from pfc_metarl.tasks import HarlowPixels, TwoStep
from tests.contracts import TASKS, short

LEARNER = A2C(updates=3, episodes=2, max_gradient_norm=0.5)
WAITING = ("_local_scalar_dense", "item", "is_nonzero", "nonzero", "masked_select", "equal", "_unique2")
"""Operations for whose result the host must wait: a number for Python, or a shape that depends on values."""
MOVING = ("_to_copy", "to")
"""Operations that move a tensor, if they name a device; "lift_fresh" makes one of Python's numbers."""


class Waits(TorchDispatchMode):
    """Counts the operations that make the host wait for a device, or move a tensor between host and device."""

    def __init__(self):
        super().__init__()
        self.found = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        if name in WAITING:
            self.found["waits"] += 1
        elif name == "lift_fresh" or (name in MOVING and (kwargs or {}).get("device") is not None):
            self.found["moves"] += 1
        return func(*args, **(kwargs or {}))


@pytest.fixture
def plain(monkeypatch):
    """The plain equations compute on the CPU what they compute on an accelerator."""
    for module in (tape, a2c):
        monkeypatch.setattr(module, "runs_compiled", lambda like: False)


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("critic", ["shared", "separate"])
@pytest.mark.parametrize("variant", [{}, {"fixation": True}, {"second_stage_choice": True, "drift_sd": 0.1}])
def test_no_step_makes_the_host_wait_for_the_device(critic, variant):
    waits = []
    for n_trials in (4, 8):
        training = LEARNER.begin(TwoStep(n_trials=n_trials, **variant), Network(units=3, critic=critic), 0, [0, 1])
        training.update()  # constants are made once
        with Waits() as counted:
            training.update()
        waits.append(counted.found)
    assert waits[0] == waits[1], "longer episodes, as many waits"
    assert set(waits[0]) == {"waits"}, "does every network still run?"


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.__name__)
def test_no_task_makes_the_host_wait_or_moves_a_tensor_at_any_step(task):
    shows_images = task is HarlowPixels
    encoder = Encoder(filters=(4, 2), kernels=(3, 1), strides=(2, 1)) if shows_images else None
    training = LEARNER.begin(short(task), Network(units=3, encoder=encoder), 0, [0, 1])
    training.update()
    with Waits() as counted:
        training.update()
    assert set(counted.found) == {"waits"}
    n_networks = 2
    assert counted.found["waits"] == 1 + n_networks * shows_images  # images that came twice are found by their values


@pytest.mark.parametrize(("core", "critic"), [("lstm", "separate"), ("gru", "shared"), ("rnn", "shared")])
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.__name__)
def test_an_update_makes_every_tensor_on_the_device_of_the_weights(task, core, critic, monkeypatch):
    """On torch's device "meta", where tensors have no values and nothing mixes with those of another device."""
    monkeypatch.setattr(
        encoder, "distinct", lambda shown, features, errors: (shown, errors)
    )  # how many there are is a value
    task = short(task)
    images = Encoder(filters=(4, 2), kernels=(3, 1), strides=(2, 1)) if isinstance(task, HarlowPixels) else None
    training = LEARNER.begin(task, Network(core=core, units=3, critic=critic, encoder=images), 0, [0, 1])
    training.weights = {name: tensor.to("meta") for name, tensor in training.weights.items()}
    sizes = len(task.channel_names), len(task.action_names), task.n_steps
    training.agent = Prefrontal(training.agent.network, training.weights, *sizes, discount=0.9)
    world = torch.rand(task.n_steps + 1, 2, LEARNER.episodes, task.n_draws, device="meta")
    action, reward = training.act(Noise(world, torch.rand(task.n_steps, *world.shape[1:3], sizes[1], device="meta")))
    with torch.no_grad():
        gradients, terms = training.gradients(action, reward)
    assert {tensor.device.type for tensor in (action, reward, *gradients.values(), *terms.values())} == {"meta"}


@pytest.mark.usefixtures("plain")
def test_operations_that_wait_or_move_are_counted():
    class Asking(Prefrontal):
        def act(self, percept, memory, noise):
            assert bool((percept.previous_reward <= torch.tensor(1.0)).all())
            return super().act(percept, memory, noise)

    training = LEARNER.begin(TwoStep(n_trials=4), Network(units=3), 0, [0])
    asking = Asking(Network(units=3), training.weights, 3, 2, training.task.n_steps, 0.9)
    drawn = Noise(torch.rand(9, 1, 2, 3), torch.rand(8, 1, 2, 2))
    rollout(training.task, asking, drawn)  # constants are made once
    with Waits() as counted:
        rollout(training.task, asking, drawn)
    assert counted.found == {"waits": 8, "moves": 8}


def test_a_thousand_networks_learn_as_each_alone():
    task, network = TwoStep(n_trials=3), Network(units=8)
    together = LEARNER.begin(task, network, seed=0, networks=range(1000))
    train(together)
    assert (together.stopped == -1).all()
    for number in (0, 499, 999):
        alone = LEARNER.begin(task, network, seed=0, networks=[number])
        train(alone)
        for name, tensor in alone.weights.items():
            torch.testing.assert_close(together.weights[name][number], tensor[0], rtol=1e-5, atol=1e-5)
            assert not torch.equal(tensor[0], together.weights[name][number - 1])
