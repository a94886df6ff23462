"""Tasks that break the contract, each in one way, and the sentence it is told."""

from typing import NamedTuple

import pytest
import torch

from pfc_metarl.settings import BadInput, settings
from pfc_metarl.tasks import Task, check_task


class State(NamedTuple):
    trial: int
    phase: int
    good: torch.Tensor
    chosen: torch.Tensor


@settings
class Sound(Task):
    """Keeps the contract; the others below change one thing."""

    n_trials: int = 4
    n_steps = property(lambda self: self.n_trials)
    action_names = ("a", "b")
    channel_names = ("cue", "good")
    phase_names = ("go",)

    def begin(self, noise):
        good = (noise[..., 0] < 0.5).float()
        return State(0, 0, good, torch.zeros_like(good))

    def observe(self, state):
        return torch.stack([torch.ones_like(state.good), state.good], -1)

    def step(self, state, action, noise):
        reward = (noise[..., 0] < 0.2 + 0.6 * (action == state.good)).float()
        return state._replace(trial=state.trial + 1, chosen=action.float()), reward


class MutatesNoise(Sound):
    def begin(self, noise):
        return super().begin(noise.mul_(0.5))


class MutatesAction(Sound):
    def step(self, state, action, noise):
        return super().step(state, action.mul_(0), noise)


class ReusesItsScreen(Sound):
    def observe(self, state):
        if state.trial == 0:
            SCREEN.clear()
            SCREEN.append(super().observe(state))
        SCREEN[0][..., 0] = state.trial
        return SCREEN[0]


SCREEN: list[torch.Tensor] = []


class MutatesState(Sound):
    def step(self, state, action, noise):
        state.good.add_(1)
        return super().step(state, action, noise)


class GlobalGenerator(Sound):
    def begin(self, noise):
        return super().begin(torch.rand(noise.shape))


class OneChannelTooMany(Sound):
    channel_names = ("cue", "good", "bad")


class IntegerScreen(Sound):
    def observe(self, state):
        return super().observe(state).long()


class NanReward(Sound):
    def step(self, state, action, noise):
        after, reward = super().step(state, action, noise)
        return after, reward / reward


class RewardForOne(Sound):
    def step(self, state, action, noise):
        after, reward = super().step(state, action, noise)
        return after, reward.mean()


class AllAlike(Sound):
    def begin(self, noise):
        return super().begin(torch.zeros_like(noise))

    def step(self, state, action, noise):
        return super().step(state, action, torch.full_like(noise, 0.5))


class Crowded(Sound):
    def step(self, state, action, noise):
        return super().step(state, action, noise.roll(1, dims=1))


class NothingChanges(Sound):
    def observe(self, state):
        return torch.ones(*state.good.shape, 2)

    def step(self, state, action, noise):
        return super().step(state, action, torch.ones_like(noise))


class PhaseOutside(Sound):
    def begin(self, noise):
        return super().begin(noise)._replace(phase=1)


class TrialBelow(Sound):
    def begin(self, noise):
        return super().begin(noise)._replace(trial=-1)


class FloatClock(Sound):
    def begin(self, noise):
        return super().begin(noise)._replace(trial=0.0)


class StateWithoutWorlds(Sound):
    def begin(self, noise):
        return super().begin(noise)._replace(chosen=torch.tensor(0.0))


class NameTwice(Sound):
    action_names = ("a", "a")


class NoSteps(Sound):
    n_steps = 0


FAULTS = {
    Crowded: "one world depends on another's noise",
    MutatesNoise: "noise or actions that were handed in were changed",
    MutatesAction: "noise or actions that were handed in were changed",
    ReusesItsScreen: "what was handed out at step 0 was changed later",
    MutatesState: "what was handed out at step 0 was changed later",
    GlobalGenerator: "step 0 differs between two episodes with the same noise and actions",
    OneChannelTooMany: "observation at step 0 must be a floating-point tensor of shape (2, 32, 3)",
    IntegerScreen: "observation at step 0 must be a floating-point tensor",
    NanReward: "reward at step 0 is not finite",
    RewardForOne: "reward at step 0 must be a floating-point tensor of shape (2, 32)",
    AllAlike: "all worlds are the same although their noise differs",
    NothingChanges: "nothing ever changes",
    PhaseOutside: "phase at step 0 is outside of phase_names",
    TrialBelow: "trial at step 0 is below 0",
    FloatClock: "state field trial is neither a tensor nor a whole number",
    StateWithoutWorlds: "state field chosen at step 0 has shape ()",
    NameTwice: "action_names = ('a', 'a') must be different strings",
    NoSteps: "n_steps = 0 must be a whole number above 0",
}


def test_a_sound_task_passes():
    check_task(Sound())


@pytest.mark.parametrize("broken", FAULTS, ids=lambda task: task.__name__)
def test_a_broken_task_is_told_what_is_wrong(broken):
    with pytest.raises(BadInput) as refused:
        check_task(broken())
    assert str(refused.value).startswith(f"Task {broken.__name__} breaks the contract: ")
    assert FAULTS[broken] in str(refused.value)


def test_what_is_no_task_is_refused():
    with pytest.raises(BadInput, match="is not a task"):
        check_task("two_step")
