"""Reward as cue: a model-free learner whose states remember the last trial looks like a planner, one trial back."""

from typing import NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.two_step import N_STATES, Experience, ReferenceAnimal, chosen, transition_values
from pfc_metarl.settings import settings

N_CUES = 2 * N_STATES + 1
"""What a trial may follow: second-stage state 0 or 1, without or with reward; or nothing, in the first trial."""

NO_CUE = N_CUES - 1


class Habits(NamedTuple):
    """What is known after each cue."""

    choice_value: Tensor
    """Q(cue, a), shape [network, episode, cue, choice]."""
    state_value: Tensor
    """V(cue, s), shape [network, episode, cue, state]."""
    cue: Tensor
    """What the running trial follows: 2 · second-stage state + reward, shape [network, episode]."""


@settings
class ExtendedState(ReferenceAnimal):
    """Learns by temporal differences alone, in states extended by where the last trial ended and whether it paid.

    "After a reward in state 0, left is good" is a habit, learned over many trials from reward alone, and plans
    nothing. One trial back it stays and shifts like a planner. But it has forgotten every earlier trial, so that the
    weights of the multi-lag regression vanish beyond lag 1.

    Parameters
    ----------
    learning_rate : float
        α, of all values. Habits hold over reversals, so it is small.
    trace : float
        λ: how far the reward reaches back to the first stage within a trial; 1 is TD(1).
    practised : bool
        Whether it begins an episode with the values that long practice leads to, as an animal does after months
        of training; otherwise with `initial_value`.
    p_reward_good, p_reward_bad, p_reversal : float
        The task it has practised.
    initial_value : float
        Of every value before the first trial of a learner without practice, and of those that follow no trial.

    Notes
    -----
    The "reward-as-cue" strategy of Akam et al. 2015, doi:10.1371/journal.pcbi.1004648; our parameters. The values of
    practice are the expected rewards when the choices made were even: after a cue, the good state is known as well as
    one trial tells. The states of the second stage are extended as well, which gives this account of dopamine its best
    chance: its reward-prediction errors at both events depend on the last trial as a planner's do.
    """

    learning_rate: float = Field(0.05, ge=0, le=1)
    trace: float = Field(1.0, ge=0, le=1)
    practised: bool = True
    p_reward_good: float = Field(0.9, gt=0, lt=1)
    p_reward_bad: float = Field(0.1, gt=0, lt=1)
    p_reversal: float = Field(0.025, ge=0, le=1)
    initial_value: float = 0.5

    def innocent(self, shape: tuple[int, int]) -> Habits:
        state_value = torch.full((N_CUES, N_STATES), self.initial_value)
        choice_value = state_value.clone()
        if self.practised:
            state_value[:NO_CUE] = self._p_reward_after_cue()
            choice_value = transition_values(state_value, self.p_common)
        no_cue = torch.full(shape, NO_CUE)
        return Habits(choice_value.expand(*shape, -1, -1), state_value.expand(*shape, -1, -1), no_cue)

    def _p_reward_after_cue(self) -> Tensor:
        """Return the probability of reward in each state after each cue, [cue, state]."""
        good, bad = self.p_reward_good, self.p_reward_bad
        same_good = torch.tensor([(1 - good) / (2 - good - bad), good / (good + bad)])  # after no reward, after reward
        same_good = same_good * (1 - self.p_reversal) + (1 - same_good) * self.p_reversal
        same, other = bad + (good - bad) * same_good, good - (good - bad) * same_good
        return torch.stack([torch.stack([same, other], -1), torch.stack([other, same], -1)]).flatten(0, 1)

    def learn(self, learned: Habits, trial: Experience) -> Habits:
        cue = chosen(learned.cue, N_CUES).unsqueeze(-1)
        at_choice = cue * chosen(trial.choice1, N_STATES).unsqueeze(-2)
        at_state = cue * chosen(trial.state2, N_STATES).unsqueeze(-2)
        value = (learned.state_value * at_state).sum((-1, -2))
        first_error = value - (learned.choice_value * at_choice).sum((-1, -2))
        second_error = trial.reward - value
        taught = self.learning_rate * (first_error + self.trace * second_error)
        return Habits(
            learned.choice_value + at_choice * taught[..., None, None],
            learned.state_value + self.learning_rate * at_state * second_error[..., None, None],
            2 * trial.state2 + (trial.reward > 0),
        )

    def first_stage_values(self, learned: Habits) -> Tensor:
        return self._after_cue(learned.choice_value, learned)

    def second_stage_values(self, learned: Habits) -> Tensor:
        value = self._after_cue(learned.state_value, learned)
        return value.unsqueeze(-1).expand(*value.shape, N_STATES)

    @staticmethod
    def _after_cue(values: Tensor, learned: Habits) -> Tensor:
        return (values * chosen(learned.cue, N_CUES).unsqueeze(-1)).sum(-2)
