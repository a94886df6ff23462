"""Every learner trains every network, a lab's own from a file like ours, and keeps the contract of both."""

import dataclasses
from pathlib import Path

import pytest
import torch

from pfc_metarl import experiments
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.learning.base import train
from pfc_metarl.learning.checkpoint import load_checkpoint, save_checkpoint
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.network import Network
from pfc_metarl.networks.weights import digest
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.interventions import Edited, silence
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
OWN_LEARNER = experiments.load(str(EXAMPLES / "own_learner.py")).learner
OWN_NETWORK = experiments.load(str(EXAMPLES / "own_network.py")).network
LEARNERS = {"a2c": A2C(max_gradient_norm=1.0), "own": OWN_LEARNER}
NETWORKS = {
    **{core: Network(core=core, units=5) for core in CORES},
    "separate critic": Network(critic="separate", units=5),
    "own": dataclasses.replace(OWN_NETWORK, n_units=5),
}
TASK = TwoStep(n_trials=5)


@pytest.fixture(params=LEARNERS)
def learner(request):
    return dataclasses.replace(LEARNERS[request.param], updates=4, episodes=3, snapshots=(0.5,))


@pytest.fixture(params=NETWORKS)
def network(request):
    return NETWORKS[request.param]


@pytest.fixture
def begun(learner, network):
    return lambda networks=(0, 3): learner.begin(TASK, network, 7, networks)


def same(one, other):
    return all(torch.equal(one[name].nan_to_num(), other[name].nan_to_num()) for name in one)


def test_it_trains_and_reports_it(begun, learner):
    training, rows = begun(), []
    before = {name: tensor.clone() for name, tensor in training.weights.items()}
    train(training, lambda row: not rows.append(row))
    assert training.complete
    assert training.done == len(rows) == learner.updates
    assert "reward_per_trial" in training.history
    for name, values in training.history.items():
        assert torch.equal(values, torch.stack([row[name] for row in rows]))
    assert ((training.history["reward_per_trial"] >= 0) & (training.history["reward_per_trial"] <= 1)).all()
    assert any(not torch.equal(before[name], tensor) for name, tensor in training.weights.items())
    assert all(tensor.isfinite().all() for tensor in training.weights.values())
    assert training.stopped.tolist() == [-1, -1]


def test_an_interrupted_training_ends_with_the_same_bytes(begun, tmp_path):
    whole, first, second = begun(), begun(), begun()
    train(whole)
    train(first, lambda row: first.done < 2)
    assert not first.complete
    save_checkpoint(tmp_path / "checkpoint", first, "run")
    load_checkpoint(tmp_path / "checkpoint", second, "run")
    assert same(first.state(), second.state())
    train(second)
    assert same(whole.state(), second.state())
    assert not same(first.state(), second.state())
    (snapshot,) = second.weights_at_snapshots()
    assert all(torch.equal(tensor, first.weights[name]) for name, tensor in snapshot.items())


def test_a_state_of_another_training_is_refused_and_changes_nothing(begun, learner, network):
    training, longer = begun(), dataclasses.replace(learner, updates=5).begin(TASK, network, 7, (0, 3))
    train(longer)
    before, state = training.state(), longer.state()
    late = {**before, "done": torch.tensor(5), "weights." + next(iter(training.weights)): state["stopped"]}
    broken = {**before, "generator.0": torch.zeros_like(before["generator.0"]), "done": torch.tensor(1)}
    missing = {name: tensor for name, tensor in before.items() if name != "stopped"}
    for wrong in (state, late, {**before, "done": torch.tensor(5)}, broken, missing):
        with pytest.raises(BadInput):
            training.load(wrong)
        assert same(training.state(), before)


def test_a_network_is_independent_of_the_other_networks(begun):
    together, alone = begun((0, 1, 3)), begun((1,))
    for training in (together, alone):
        train(training)
    for name, tensor in alone.weights.items():
        torch.testing.assert_close(together.weights[name][1:2], tensor, rtol=1e-5, atol=1e-5)
        if tensor.any():
            assert not torch.equal(together.weights[name][0], tensor[0])
    ends = [training.sources[number].get_state() for training, number in ((together, 1), (alone, 0))]
    assert torch.equal(*ends), "both drew the same noise"


def test_nothing_is_drawn_from_the_global_generator(begun):
    before = torch.get_rng_state()
    first, second = begun(), begun()
    torch.manual_seed(1)
    try:
        train(second)
    finally:
        torch.set_rng_state(before)
    train(first)
    assert torch.equal(torch.get_rng_state(), before)
    assert same(first.state(), second.state())


def test_it_is_recorded_as_ours_and_recording_changes_no_weight(begun, learner, network):
    training = begun()
    train(training)
    before = digest(training.weights)
    agent = learner.agent(TASK, network, training.weights)
    options = {"n_episodes": 3, "seed": 0, "networks": (0, 3)}
    made = record(TASK, agent, **options)
    assert digest(training.weights) == before
    assert {"action", "reward", "policy", "value", "rpe", "hidden", "good_state"} <= set(made)
    assert dict(made["hidden"].sizes) == {"network": 2, "episode": 3, "step": TASK.n_steps, "unit": 5}
    value, reward = made["value"].values, made["reward"].values
    rpe = reward[..., :-1] + learner.discount * value[..., 1:] - value[..., :-1]
    torch.testing.assert_close(torch.from_numpy(made["rpe"].values[..., :-1]), torch.from_numpy(rpe))
    edited = record(TASK, agent, **options, intervene=Edited("silence", silence([1])))
    hidden = edited["hidden"].values
    assert (hidden[..., 1] == 0).all()
    assert (hidden[..., [0, 2, 3, 4]] != 0).any()
    assert not edited["policy"].equals(made["policy"])
