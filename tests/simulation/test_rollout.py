from typing import NamedTuple

import pytest
import torch

from pfc_metarl.agents import Prefrontal, Random
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import settings
from pfc_metarl.simulation.noise import Noise, generators
from pfc_metarl.simulation.rollout import rollout, yoke
from pfc_metarl.tasks import Task, TwoStep


class ClockState(NamedTuple):
    trial: int
    phase: int
    luck: torch.Tensor


@settings
class Clock(Task):
    """Shows the number of the step and pays 10 times the action, plus the number of the step, plus noise."""

    n_trials: int = 4

    @property
    def action_names(self):
        return ("a", "b", "c")

    @property
    def channel_names(self):
        return ("time",)

    @property
    def phase_names(self):
        return ("only",)

    @property
    def n_steps(self):
        return self.n_trials

    def begin(self, noise):
        return ClockState(0, 0, noise[..., 0])

    def observe(self, state):
        return torch.full((*state.luck.shape, 1), float(state.trial))

    def step(self, state, action, noise):
        reward = 10.0 * action + state.trial + noise[..., 0]
        return ClockState(state.trial + 1, 0, noise[..., 0]), reward


def still_noise(n_steps=4, n_networks=2, n_episodes=3):
    """World noise 0.01 * step number; choices 0, 1, 2, 0, ... and one apart in the second network."""
    world = torch.arange(n_steps + 1.0).mul(0.01)[:, None, None, None].expand(-1, n_networks, n_episodes, 1)
    wanted = torch.arange(n_steps)[:, None, None] + torch.arange(n_networks)[:, None]
    choice = torch.nn.functional.one_hot(wanted.expand(-1, -1, n_episodes) % 3, 3).float()
    return Noise(world, choice)


def test_the_first_percept_is_nothing_done_and_nothing_earned():
    first = rollout(Clock(), Random(), still_noise()).moments[0].percept
    assert (first.previous_action == -1).all()
    assert (first.previous_reward == 0).all()
    assert first.previous_action.shape == first.previous_reward.shape == (2, 3)


def test_reward_follows_the_action_and_both_come_back_with_the_next_percept():
    trajectory = rollout(Clock(), Random(), still_noise())
    assert trajectory.action()[:, :, 0].tolist() == [[0, 1], [1, 2], [2, 0], [0, 1]]
    # 10 * action + step + noise after that which began the world
    expected = torch.tensor([[0.01, 10.01], [11.02, 21.02], [22.03, 2.03], [3.04, 13.04]])
    torch.testing.assert_close(trajectory.reward()[:, :, 2], expected)
    for before, now in zip(trajectory.moments, trajectory.moments[1:], strict=False):
        assert torch.equal(now.percept.previous_action, before.action)
        assert torch.equal(now.percept.previous_reward, before.reward)


def test_state_and_observation_are_those_in_which_the_action_was_chosen():
    trajectory = rollout(Clock(), Random(), still_noise())
    assert trajectory.observation().shape == (4, 2, 3, 1)
    assert trajectory.observation()[:, 0, 0, 0].tolist() == [0, 1, 2, 3]
    state = trajectory.state()
    assert state["trial"].shape == (4, 2, 3)
    assert state["trial"][:, 1, 2].tolist() == [0, 1, 2, 3]
    torch.testing.assert_close(state["luck"][:, 0, 0], torch.tensor([0.0, 0.01, 0.02, 0.03]))


def test_readouts_are_stacked_by_name():
    readout = rollout(Clock(), Random(), still_noise()).readout()
    assert {name: tuple(value.shape) for name, value in readout.items()} == {"logits": (4, 2, 3, 3)}


def test_no_derivative_is_recorded_so_that_nothing_can_be_learned():
    weight = torch.ones(1, requires_grad=True)

    class Wishful(Random):
        def act(self, percept, memory, noise):
            action, readout, memory = super().act(percept, memory, noise)
            return action, readout._replace(logits=readout.logits + weight), memory

    logits = rollout(Clock(), Wishful(), still_noise()).readout()["logits"]
    assert (logits == 1).all()
    assert not logits.requires_grad


def test_an_intervention_changes_what_reaches_the_agent_and_not_the_world():
    def blind(percept, state):
        return percept._replace(previous_reward=percept.previous_reward * 0 + state.trial)

    plain, changed = rollout(Clock(), Random(), still_noise()), rollout(Clock(), Random(), still_noise(), blind)
    assert torch.equal(plain.reward(), changed.reward())
    reached = torch.stack([moment.percept.previous_reward for moment in changed.moments])
    assert reached[:, 0, 0].tolist() == [0, 1, 2, 3]


def test_an_intervention_can_change_behaviour(noise_of):
    def hide_reward(percept, state):
        return percept._replace(previous_reward=torch.zeros_like(percept.previous_reward))

    task = TwoStep(n_trials=50)
    plain = rollout(task, REFERENCE_AGENTS_TWO_STEP["model_free"], noise_of(task))
    hidden = rollout(task, REFERENCE_AGENTS_TWO_STEP["model_free"], noise_of(task), hide_reward)
    assert hidden.reward().sum() > 0
    assert not torch.equal(plain.action(), hidden.action())


def test_two_agents_meet_the_same_world(live):
    task = TwoStep(n_trials=50)
    one, other = (live(task, REFERENCE_AGENTS_TWO_STEP[name]).state() for name in ("random", "model_based"))
    assert torch.equal(one["good_state"], other["good_state"])
    assert torch.equal(one["common"], other["common"])
    assert not torch.equal(one["choice1"], other["choice1"])


def test_an_agent_yoked_to_itself_has_the_same_read_outs(live):
    for name in ("model_based", "model_free", "hybrid", "latent_state", "win_stay_lose_shift"):
        trajectory = live(TwoStep(n_trials=30), REFERENCE_AGENTS_TWO_STEP[name])
        yoked = yoke(REFERENCE_AGENTS_TWO_STEP[name], trajectory)
        for field, values in trajectory.readout().items():
            assert torch.equal(yoked[field], values), (name, field)


def test_a_yoked_agent_learns_from_the_others_choices(live):
    trajectory = live(TwoStep(n_trials=30), REFERENCE_AGENTS_TWO_STEP["random"])
    value = yoke(REFERENCE_AGENTS_TWO_STEP["model_free"], trajectory)["action_value"]
    state, second = trajectory.state(), slice(1, None, 2)
    learned = torch.zeros(1, 8, 2)
    for t, (choice, reward) in enumerate(zip(state["choice1"][second], trajectory.reward()[second], strict=True)):
        torch.testing.assert_close(value[2 * t], learned)
        # TD(1) with learning rate 0.5: half-way to the reward
        its_own = learned.gather(-1, choice[..., None])
        learned = learned.scatter(-1, choice[..., None], (its_own + reward[..., None]) / 2)


@pytest.mark.parametrize("critic", ["shared", "separate"])
def test_a_trajectory_does_not_change_when_the_agent_continues(critic, noise_of):
    task, network = TwoStep(n_trials=5), Network(units=4, critic=critic)
    weights = network.initial_weights(3, 2, generators(0, (0, 1), "weights"))
    agent = Prefrontal(network, weights, 3, 2, task.n_steps, 0.9)
    first = rollout(task, agent, noise_of(task, networks=(0, 1)))
    before = {name: tensor.clone() for name, tensor in {**first.readout(), **first.state()}.items()}
    second = rollout(task, agent, noise_of(task, networks=(0, 1), seed=1))
    after = {**first.readout(), **first.state()}
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert not torch.equal(first.readout()["hidden"], second.readout()["hidden"])
    yoked = yoke(agent, first)  # the first episode can be shown to the agent again
    assert all(torch.equal(yoked[name], before[name]) for name in yoked if name in agent.readouts)
    heads = torch.cat([before["logits"], before["value"][..., None]], -1)
    assert torch.equal(agent.activity.heads, heads)
