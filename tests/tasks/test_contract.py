"""Tasks that break the contract, each in one way, and the sentence that reports it."""

from typing import NamedTuple

import pytest
import torch

from pfc_metarl.experiments import load
from pfc_metarl.settings import BadInput, settings
from pfc_metarl.tasks import Task, TrialColumn, check_task


class State(NamedTuple):
    trial: int
    phase: int
    good: torch.Tensor
    chosen: torch.Tensor


@settings
class Sound(Task):
    """Fulfils the contract; each of the others below changes one thing."""

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


class ChangesItsStateInPlace(Sound):
    def step(self, state, action, noise):
        result = super().step(state, action, noise)
        state.good.zero_()
        return result


class Named(NamedTuple):
    trial: int
    phase: int
    good: torch.Tensor
    chosen: torch.Tensor
    reward: torch.Tensor


class NamesAFieldReward(Sound):
    def begin(self, noise):
        state = super().begin(noise)
        return Named(*state, state.good)


class CountsTooFar(Sound):
    def step(self, state, action, noise):
        after, reward = super().step(state, action, noise)
        return after._replace(trial=state.trial + 3), reward


class CountsBack(Sound):
    def step(self, state, action, noise):
        after, reward = super().step(state, action, noise)
        return after._replace(trial=max(2 - state.trial, 0)), reward


class DrawsTooMany(Sound):
    def step(self, state, action, noise):
        return super().step(state, action, noise[..., 1:2] + noise[..., 1].unsqueeze(-1))


class TooManyActions(Sound):
    action_names = tuple(f"key_{key}" for key in range(129))


class PhaseUnknown(Sound):
    trial_columns = property(lambda self: {"choice1": ("action", "choose")})


class VariableUnknown(Sound):
    trial_columns = property(lambda self: {"choice1": ("response", "go")})


class ReadInAnotherWay(Sound):
    trial_columns = property(lambda self: {"reward": TrialColumn("reward", "go", "mean")})


class ColumnOfOneWord(Sound):
    trial_columns = property(lambda self: {"choice1": 3})


class ColumnOfSubjects(Sound):
    trial_columns = property(lambda self: {"subject": ("action", "go")})


class HoldsNoSuchAction(Sound):
    no_response_actions = ("hold",)


class AxisNamedStep(Sound):
    field_dims = property(lambda self: {"good": ("step",)})


class AxisOfNothing(Sound):
    field_dims = property(lambda self: {"better": ("option",)})


FAULTS = {
    ChangesItsStateInPlace: "results of step 0 were changed later",
    NamesAFieldReward: "state field reward has a name that every recording uses",
    CountsTooFar: "trial at step 2 is 6, but n_trials = 4",
    CountsBack: "trial at step 2 is smaller than at the step before",
    DrawsTooMany: "step uses an index that is not there",
    TooManyActions: "action_names has 129 names; there may be 128 at most",
    PhaseUnknown: "trial_columns['choice1'] is read at 'choose', which is not one of its phase_names, go",
    VariableUnknown: "trial_columns['choice1'] reads 'response', which is not one of action, chosen, good",
    ReadInAnotherWay: "trial_columns['reward']: read = 'mean' is not first, last or sum",
    ColumnOfOneWord: "trial_columns['choice1'] = 3 must be a TrialColumn",
    ColumnOfSubjects: "trial_columns['subject']: this is not the name of a column of its own",
    HoldsNoSuchAction: "no_response_actions = 'hold' is not one of its action_names",
    AxisNamedStep: "field_dims of good: the axis 'step' has the name of something else",
    AxisOfNothing: "field_dims has 'better', but its state has no such field",
    Crowded: "one world depends on another's noise",
    MutatesNoise: "its arguments noise or action were changed",
    MutatesAction: "its arguments noise or action were changed",
    ReusesItsScreen: "results of step 0 were changed later",
    MutatesState: "results of step 0 were changed later",
    GlobalGenerator: "step 0 differs between two episodes with the same noise and actions",
    OneChannelTooMany: "(2, 32, 3), (network, episode, channel); it is a torch.float32 tensor of shape (2, 32, 2)",
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
def test_a_broken_task_is_refused_with_the_violation(broken):
    with pytest.raises(BadInput) as refused:
        check_task(broken())
    assert str(refused.value).startswith(f"Task {broken.__name__} breaks the contract: ")
    assert FAULTS[broken] in str(refused.value)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("two_step", "this is not a task; give one"),
        (Sound, r"this is a class; give a task, Sound\(\)"),
        (load("two_step"), r"this is not a task, but has one; give its \.task"),
    ],
    ids=["name", "class", "experiment"],
)
def test_what_is_no_task_is_refused_with_what_to_give(given, sentence):
    with pytest.raises(BadInput, match=sentence) as refused:
        check_task(given)
    assert len(str(refused.value)) < 400
