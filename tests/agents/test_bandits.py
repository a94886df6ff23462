from typing import NamedTuple

import torch

from pfc_metarl import Task, settings
from pfc_metarl.agents import Percept, TrialAgent
from pfc_metarl.agents.bandits import BanditTranslation, DelayedBanditTranslation
from pfc_metarl.models import RescorlaWagner
from pfc_metarl.tasks import Bandit

TRANSLATION, MODEL = BanditTranslation(), RescorlaWagner(unchosen="kept")


def perceived(action, reward):
    percept = Percept(torch.ones(1, 1, 1), torch.tensor([[action]]), torch.tensor([[reward]]))
    return TRANSLATION.perceive(None, percept, MODEL, MODEL.begin((1, 1), 3))[1]


def test_every_step_is_a_trial_but_the_first_follows_none():
    assert not perceived(-1, 0.0).finished.any()
    trial = perceived(2, 1.0)
    assert (trial.finished.item(), trial.choice.item(), trial.reward.item()) == (True, 2, 1)


def test_every_action_is_an_option():
    assert [TRANSLATION.n_options(n) for n in (2, 5)] == [2, 5]


class Waiting(NamedTuple):
    trial: int
    phase: int
    choice: torch.Tensor


@settings
class Delayed(Task):
    """The second of three options is paid, two steps after the choice; the delay pays nothing."""

    n_trials: int = 6

    action_names = ("a", "b", "c")
    channel_names = ("wait", "choose")
    phase_names = ("choice", "delay", "outcome")
    trial_columns = {"choice1": ("action", "choice"), "reward": ("reward", "outcome")}

    @property
    def n_steps(self):
        return 3 * self.n_trials

    def begin(self, noise):
        return Waiting(0, 0, torch.zeros(noise.shape[:-1], dtype=torch.int64))

    def observe(self, state):
        shown = torch.zeros(*state.choice.shape, 2)
        shown[..., 1 if state.phase == 0 else 0] = 1
        return shown

    def step(self, state, action, noise):
        if state.phase == 0:
            return state._replace(phase=1, choice=action), torch.zeros(action.shape)
        if state.phase == 1:
            return state._replace(phase=2), torch.zeros(action.shape)
        return Waiting(state.trial + 1, 0, state.choice), (state.choice == 1).float()


DELAYED = DelayedBanditTranslation(choice_channel=1)


def test_a_delayed_reward_is_learned_for_the_option_that_was_chosen(live):
    model = RescorlaWagner(learning_rate=0.5, unchosen="kept")
    trajectory = live(Delayed(), TrialAgent(model=model, translation=DELAYED), n_episodes=4)
    chosen, values = trajectory.action()[::3], trajectory.readout()["action_value"][::3]
    first = values[0, 0, 0, 0]
    for world in range(4):
        expected = torch.full((3,), float(first))
        for trial in range(6):
            assert torch.allclose(values[trial, 0, world], expected.to(values.dtype))
            option = int(chosen[trial, 0, world])
            expected[option] += 0.5 * (float(option == 1) - expected[option])


def test_between_choices_nothing_is_preferred(live):
    trajectory = live(Delayed(), TrialAgent(model=MODEL, translation=DELAYED), n_episodes=4)
    logits = trajectory.readout()["logits"]
    assert (logits[1::3] == 0).all()
    assert (logits[2::3] == 0).all()
    assert (logits[3::3] != 0).any()


def test_without_a_delay_it_is_a_bandit(live):
    agents = [TrialAgent(model=MODEL, translation=each) for each in (DelayedBanditTranslation(), TRANSLATION)]
    delayed, single = (live(Bandit(n_trials=20), agent, n_episodes=4) for agent in agents)
    assert torch.equal(delayed.action(), single.action())
    assert torch.equal(delayed.readout()["action_value"], single.readout()["action_value"])
