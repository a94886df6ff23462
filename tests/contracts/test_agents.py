"""Every agent of the package keeps the contract."""

import pytest
import torch

from pfc_metarl.agents import Percept, Prefrontal
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_OF
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.network import Network
from pfc_metarl.simulation import noise
from pfc_metarl.simulation.rollout import rollout
from pfc_metarl.tasks import TASKS, TwoStep
from tests.contracts import short

UNITS, NETWORKS = 6, (0, 1)
SHORT = {task.__name__: short(task) for task in TASKS} | {"fixation": TwoStep(n_trials=8, fixation=True)}
NETWORKS_OF = {**{core: {"core": core} for core in CORES}, "rpe_input": {"critic": "separate"}}
CASES = {
    f"{kind}-{name}": (name, task)
    for kind, task in SHORT.items()
    for name in [*REFERENCE_AGENTS_OF[type(task)], *NETWORKS_OF]
}


def made(name, task):
    reference_agents = REFERENCE_AGENTS_OF[type(task)]
    if name in reference_agents:
        return reference_agents[name]
    sizes = len(task.channel_names), len(task.action_names)
    network = Network(units=UNITS, **NETWORKS_OF[name])
    weights = network.initial_weights(*sizes, noise.generators(0, NETWORKS, "weights"))
    return Prefrontal(network, weights, *sizes, task.n_steps, discount=0.9)


def everything(trajectory):
    return {"action": trajectory.action(), "reward": trajectory.reward(), **trajectory.readout(), **trajectory.state()}


pytestmark = pytest.mark.parametrize(("name", "task"), CASES.values(), ids=CASES)


def test_same_noise_same_trajectory(name, task, live):
    agent = made(name, task)
    first, second = (everything(live(task, agent, networks=NETWORKS)) for _ in range(2))
    assert all(torch.equal(first[field], second[field]) for field in first)


def test_an_action_is_the_largest_of_logits_and_noise(name, task, live, noise_of):
    trajectory = live(task, made(name, task), networks=NETWORKS)
    logits = trajectory.readout()["logits"]
    assert torch.equal(trajectory.action(), (logits + noise_of(task, networks=NETWORKS).choice).argmax(-1))


def test_actions_and_readouts_have_the_right_shapes(name, task, live):
    agent = made(name, task)
    trajectory = live(task, agent, n_episodes=5, networks=NETWORKS)
    action, readout = trajectory.action(), trajectory.readout()
    assert action.dtype == torch.int64
    assert action.min() >= 0
    assert action.max() < len(task.action_names)
    sizes = {"option": len(task.action_names), "unit": UNITS}
    for field, axes in agent.readouts.items():
        assert readout[field].shape == (task.n_steps, 2, 5, *(sizes[axis] for axis in axes)), field
        assert readout[field].isfinite().all()
    assert {"logits"} <= set(agent.readouts)


def test_nothing_handed_in_is_changed(name, task, noise_of):
    agent, drawn = made(name, task), noise_of(task, networks=NETWORKS)
    before = [tensor.clone() for tensor in drawn]
    trajectory = rollout(task, agent, drawn)
    assert all(torch.equal(a, b) for a, b in zip(before, drawn, strict=True))
    memory = agent.begin((2, 8))
    for moment, choice in zip(trajectory.moments, drawn.choice, strict=True):
        copy = Percept(*(tensor.clone() for tensor in moment.percept[:3]))
        _, _, memory = agent.act(moment.percept, memory, choice)
        assert all(torch.equal(a, b) for a, b in zip(copy[:3], moment.percept[:3], strict=True))


def test_an_episode_does_not_influence_its_neighbour(name, task, noise_of):
    agent, drawn = made(name, task), noise_of(task, networks=NETWORKS)
    first = everything(rollout(task, agent, drawn))
    other = noise_of(task, networks=NETWORKS, seed=1)
    for field, new in zip(drawn, other, strict=True):
        field[:, :, 3] = new[:, :, 3]
        field[:, 1] = new[:, 1]
    second = everything(rollout(task, agent, drawn))
    untouched = [0, 1, 2, 4, 5, 6, 7]
    for field, values in first.items():
        torch.testing.assert_close(values[:, 0, untouched], second[field][:, 0, untouched], rtol=1e-5, atol=1e-6)
    assert any(not torch.equal(values[:, 0, 3], second[field][:, 0, 3]) for field, values in first.items())
