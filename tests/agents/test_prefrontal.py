import pytest
import torch

from pfc_metarl.agents import Percept, Prefrontal
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation import noise
from pfc_metarl.tasks import Bandit, TwoStep

TASK = TwoStep(n_trials=10)


def prefrontal(networks=(0,), core="lstm", units=6):
    network = Network(core=core, units=units)
    weights = network.initial_weights(3, 2, noise.generators(0, networks, "weights"))
    weights["heads"].mul_(20)  # so that it has preferences
    return Prefrontal(network, weights, n_channels=3, n_actions=2, n_steps=TASK.n_steps, discount=0.8)


def test_it_has_no_activity_before_its_first_episode():
    with pytest.raises(RuntimeError, match="has not begun"):
        _ = prefrontal().activity


def test_what_can_be_read_out():
    assert prefrontal().readouts == {"logits": ("option",), "value": (), "hidden": ("unit",), "cell": ("unit",)}
    assert "cell" not in prefrontal(core="gru").readouts
    assert prefrontal().discount == 0.8
    assert prefrontal().values_reach_next_trial


def test_acting_changes_no_weight(live):
    agent = prefrontal()
    before = [tensor.clone() for tensor in agent.weights.values()]
    live(TASK, agent)
    assert all(torch.equal(a, b) for a, b in zip(before, agent.weights.values(), strict=True))


def test_actions_are_samples_of_its_policy(live, noise_of):
    agent = prefrontal()
    trajectory = live(TASK, agent, n_episodes=500)
    logits = trajectory.readout()["logits"]
    assert torch.equal(trajectory.action(), (logits + noise_of(TASK, 500).choice).argmax(-1))
    policy = logits.softmax(-1)[..., 1]
    surplus = (trajectory.action() - policy).sum() / (policy * (1 - policy)).sum().sqrt()
    assert abs(surplus) < 4
    assert (policy - 0.5).abs().max() > 0.05


def test_the_percept_is_written_where_the_network_reads():
    agent = prefrontal()
    memory = agent.begin((1, 3))
    observation, reward = torch.randn(1, 3, 3, generator=torch.Generator().manual_seed(0)), torch.ones(1, 3) * 0.5
    percept = Percept(observation, torch.tensor([[-1, 0, 1]]), reward)
    agent.act(percept, memory, torch.zeros(1, 3, 2))
    slots = agent.activity.actor.steps[0].slots
    assert torch.equal(slots["observation"], observation)
    assert slots["previous_action"].tolist() == [[[0, 0], [1, 0], [0, 1]]]
    assert torch.equal(slots["previous_reward"], reward)


def test_memory_is_fresh_in_every_episode(live):
    agent = prefrontal()
    first = live(TASK, agent).readout()
    live(TASK, agent, seed=1)
    live(TASK, agent, n_episodes=3)
    again = live(TASK, agent).readout()
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_every_network_acts_by_its_own_weights(live):
    together = live(TASK, prefrontal((0, 1, 2)), networks=(0, 1, 2)).readout()
    alone = live(TASK, prefrontal((1,)), networks=(1,)).readout()
    for name, values in alone.items():
        torch.testing.assert_close(together[name][:, 1:2], values, rtol=1e-5, atol=1e-6)
    assert not torch.equal(together["hidden"][:, 0], together["hidden"][:, 1])


def test_the_same_networks_act_in_a_longer_task():
    agent = prefrontal()
    longer = agent.for_task(TwoStep(n_trials=11))
    assert (longer.n_steps, longer.weights is agent.weights, longer.n_networks) == (22, True, 1)
    assert agent.for_task(TASK) is agent
    assert agent.n_steps == TASK.n_steps
    with pytest.raises(BadInput, match="it has 1 channels, the networks were trained with 3"):
        agent.for_task(Bandit())


def test_it_is_shown_in_a_line():
    network = Network(units=4)
    weights = network.initial_weights(3, 2, [torch.Generator(), torch.Generator()])
    shown = repr(Prefrontal(network, weights, 3, 2, 10, 0.9))
    assert shown == "<Prefrontal: 2 Networks, 3 channels, 2 actions, 10 steps>"
