"""Networks with a critic of their own, whose prediction error is an input of the actor."""

import dataclasses

import pytest
import torch

from pfc_metarl import dopamine
from pfc_metarl.agents import Percept, Prefrontal, Random
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.network import Network
from pfc_metarl.networks.weights import part
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation import noise
from pfc_metarl.simulation.recording import record
from pfc_metarl.simulation.rollout import rollout
from pfc_metarl.tasks import TwoStep
from tests.networks.test_cores import N_ACTIONS, N_CHANNELS, UNITS, textbook_step

SHAPE, N_STEPS, DISCOUNT = (2, 3), 9, 0.8
TASK = TwoStep(n_trials=6)


def agent_of(networks=(0, 1), **settings):
    network = Network(critic="separate", units=UNITS, **settings)
    weights = network.initial_weights(N_CHANNELS, N_ACTIONS, noise.generators(0, networks, "weights"))
    generator = torch.Generator().manual_seed(1)
    for name, tensor in weights.items():
        mask = (tensor != 0) if name.endswith("core") else 1
        tensor += 0.5 * torch.randn(tensor.shape, generator=generator) * mask  # far from small
    return Prefrontal(network, weights, N_CHANNELS, N_ACTIONS, N_STEPS, DISCOUNT)


def in_two_step(n_networks=1, **settings):
    network = Network(critic="separate", units=6, **settings)
    weights = network.initial_weights(3, 2, noise.generators(0, range(n_networks), "weights"))
    weights["critic.heads"].mul_(100)
    weights["heads"].mul_(20)
    return Prefrontal(network, weights, 3, 2, TASK.n_steps, DISCOUNT)


def percepts():
    generator = torch.Generator().manual_seed(2)
    return [
        Percept(
            torch.randn(*SHAPE, N_CHANNELS, generator=generator),
            torch.randint(-1 if t == 0 else 0, N_ACTIONS, SHAPE, generator=generator),
            torch.randn(SHAPE, generator=generator),
        )
        for t in range(N_STEPS)
    ]


def textbook_heads(core, weights, inputs):
    h, c = (weights["initial"][:, s].unsqueeze(1).expand(-1, SHAPE[1], -1) for s in (0, -1))
    heads = []
    for x in inputs:
        h, c = textbook_step(core, x, h, c, weights["core"])
        heads.append(h @ weights["heads"][:, :-1] + weights["heads"][:, -1:])
    return torch.stack(heads)


def textbook(core, weights, seen, leak):
    """Logits and value of every step, in double precision, by the equations; `leak` lets errors through the RPE."""
    actions = torch.stack([torch.eye(N_ACTIONS + 1)[p.previous_action][..., :-1] for p in seen]).double()
    shown = torch.cat([torch.stack([p.observation for p in seen]).double(), actions], -1)
    reward = torch.stack([p.previous_reward for p in seen]).double()
    value = textbook_heads(core, part(weights, "critic."), torch.cat([shown, reward[..., None]], -1))
    rpe = reward[1:] + DISCOUNT * value[1:, ..., 0] - value[:-1, ..., 0]
    rpe = torch.cat([torch.zeros_like(reward[:1]), rpe if leak else rpe.detach()])
    return torch.cat([textbook_heads(core, part(weights, ""), torch.cat([shown, rpe[..., None]], -1)), value], -1)


@pytest.mark.parametrize("core", CORES)
def test_both_passes_equal_autograd_with_the_rpe_held_fixed(core):
    agent, seen = agent_of(core=core), percepts()
    memory = agent.begin(SHAPE)
    for percept in seen:
        _, _, memory = agent.act(percept, memory, torch.zeros(*SHAPE, N_ACTIONS))
    precise = {name: tensor.double().requires_grad_() for name, tensor in agent.weights.items()}
    heads = textbook(core, precise, seen, leak=False)
    torch.testing.assert_close(agent.activity.heads.double(), heads, rtol=1e-5, atol=1e-5)
    tensors = list(precise.values())
    d_heads = torch.randn(heads.shape, generator=torch.Generator().manual_seed(3))
    found, leaked = agent.activity.backward(d_heads), textbook(core, precise, seen, leak=True)
    expected, wrong = (
        dict(
            zip(
                precise,
                torch.autograd.grad((found_heads * d_heads).sum(), tensors, materialize_grads=True),
                strict=True,
            )
        )
        for found_heads in (heads, leaked)
    )
    assert set(found) == set(expected)
    for name, its_expected in expected.items():
        assert (found[name] - its_expected).abs().max() <= 1e-5 * its_expected.abs().max(), name
    assert not torch.allclose(wrong["critic.core"], expected["critic.core"], rtol=0.01)


def test_the_actor_is_given_the_prediction_error_of_the_step_before(live):
    trajectory = live(TASK, in_two_step())
    readout, reward = trajectory.readout(), trajectory.reward()
    value = readout["value"]
    expected = dopamine.prediction_error(reward[:-1], value[:-1], value[1:], DISCOUNT)
    torch.testing.assert_close(readout["rpe_input"][1:], expected)
    assert (readout["rpe_input"][0] == 0).all()
    assert expected.std() > 0.1


def test_the_input_of_the_actor_is_recorded_with_the_critics_error():
    made = record(TASK, in_two_step(), 4, seed=0)
    before, given = made["rpe"].isel(step=slice(-1)).values, made["rpe_input"].isel(step=slice(1, None)).values
    torch.testing.assert_close(torch.from_numpy(given), torch.from_numpy(before))


def pulse(percept, state):
    return percept._replace(stimulation=torch.full_like(percept.previous_reward, 2.0 * (state.trial == 3)))


def test_stimulation_reaches_the_actor_and_nothing_else():
    agent = in_two_step(n_networks=2)
    plain, pulsed = (record(TASK, agent, 4, seed=0, networks=(0, 1), intervene=it) for it in (None, pulse))
    at = (plain["trial"] == 3).isel(network=0, episode=0)
    first = int(at.argmax("step"))
    until = {"step": slice(first + 1)}
    difference = (pulsed["rpe_input"] - plain["rpe_input"]).isel(until)
    torch.testing.assert_close(
        torch.from_numpy(difference.values), 2.0 * torch.from_numpy(at.isel(until).values).expand(2, 4, -1)
    )
    assert pulsed["value"].isel(until).equals(plain["value"].isel(until)), "the critic is not stimulated"
    assert pulsed["rpe"].isel(step=slice(first)).equals(plain["rpe"].isel(step=slice(first)))
    assert not pulsed["hidden"].isel(step=first).equals(plain["hidden"].isel(step=first))
    assert (pulsed.attrs["intervention"], "intervention" in plain.attrs) == ("pulse", False)


@pytest.mark.parametrize("agent", [Random(), "shared", "without"], ids=["random", "shared", "without"])
def test_an_agent_without_the_error_as_an_input_cannot_be_stimulated(agent, noise_of):
    if agent == "without":
        agent = in_two_step(inputs=("observation", "previous_action"))
        assert "rpe_input" not in agent.readouts
    elif agent == "shared":
        weights = Network(units=4).initial_weights(3, 2, noise.generators(0, (0,), "weights"))
        agent = Prefrontal(Network(units=4), weights, 3, 2, TASK.n_steps, DISCOUNT)
    rollout(TASK, agent, noise_of(TASK))
    with pytest.raises(BadInput, match="stimulated but does not receive its prediction error"):
        rollout(TASK, agent, noise_of(TASK), pulse)


def test_probes_can_share_their_worlds():
    options = {"n_episodes": 4, "seed": 0, "purpose": "burst"}
    own, shared = (record(TASK, Random(), **options, worlds=worlds) for worlds in (None, "control"))
    control = record(TASK, Random(), **{**options, "purpose": "control"})
    assert shared["action"].equals(control["action"])
    assert not own["action"].equals(control["action"])
    assert (shared.attrs["probe"], control.attrs["probe"]) == ("burst", "control")


def test_both_cores_learn_and_only_the_critic_is_moved_by_the_value_cost():
    learner = A2C(updates=2, episodes=4, epsilon=1e6, initial_learning_rate=1e6)

    def step(value_cost):
        changed = dataclasses.replace(learner, value_cost=value_cost, max_gradient_norm=1e6)
        training = changed.begin(TASK, Network(critic="separate", units=4), seed=0, networks=[0])
        before = {name: tensor.clone() for name, tensor in training.weights.items()}
        training.update()
        return {name: tensor - before[name] for name, tensor in training.weights.items()}

    small, large = step(0.1), step(0.2)
    for name, change in small.items():
        torch.testing.assert_close(large[name], change * (2 if name.startswith("critic") else 1), rtol=1e-3, atol=1e-7)
        assert (change != 0).any()
