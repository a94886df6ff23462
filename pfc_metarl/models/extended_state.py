"""Reward as cue: a model-free learner that resembles a planner in analyses of one previous trial."""

from typing import NamedTuple

import torch
from torch import Tensor

from pfc_metarl.models.base import Experience, OpenProbability, Parameter, Probability, Real, chosen, filled, spread
from pfc_metarl.models.two_step import N_STATES, TwoStepModel, transition_values, two_options
from pfc_metarl.settings import settings

N_CUES = 2 * N_STATES + 1
"""What a trial may follow: second-stage state 0 or 1, without or with reward; or nothing, in the first trial."""

NO_CUE = N_CUES - 1


class Habits(NamedTuple):
    """What the learner holds for each cue."""

    choice_value: Tensor
    """Q(cue, a), shape [..., cue, choice]."""
    state_value: Tensor
    """V(cue, s), shape [..., cue, state]."""
    cue: Tensor
    """What the running trial follows: 2 · second-stage state + reward, shape [...]."""


@settings
class ExtendedState(TwoStepModel):
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
        Whether it begins an episode with the values after long training, like an animal after months
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
    chance: its reward-prediction errors at both events depend on the last trial as a planner's do. The other
    parameters are those of `TwoStepModel`.
    """

    learning_rate: Probability = 0.05
    trace: Probability = 1.0
    practised: bool = True
    p_reward_good: OpenProbability = 0.9
    p_reward_bad: OpenProbability = 0.1
    p_reversal: Probability = 0.025
    initial_value: Real = 0.5

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Habits:
        two_options(self, n_options)
        state_value = filled((*shape, N_CUES, N_STATES), self.initial_value, dtype)
        choice_value = state_value
        if self.practised:
            after_cue = self._p_reward_after_cue(dtype)
            after_cue = after_cue.reshape(*after_cue.shape[:-2], *(1,) * (len(shape) + 2 - after_cue.ndim), NO_CUE, -1)
            after_cue = after_cue.expand(*shape, NO_CUE, N_STATES)
            state_value = torch.cat([after_cue, state_value[..., NO_CUE:, :]], -2)
            choice_value = transition_values(state_value, self.p_common)
        return Habits(choice_value, state_value, torch.full(shape, NO_CUE))

    def _p_reward_after_cue(self, dtype: torch.dtype) -> Tensor:
        """Return the probability of reward in each state after each cue, [..., cue, state]."""
        good, bad = self.p_reward_good, self.p_reward_bad
        after_none, after_reward = (1 - good) / (2 - good - bad), good / (good + bad)
        same_good = torch.stack([torch.as_tensor(p, dtype=dtype) for p in (after_none, after_reward)], -1)
        good, bad, p_reversal = (_with_axis(p) for p in (good, bad, self.p_reversal))
        same_good = same_good * (1 - p_reversal) + (1 - same_good) * p_reversal
        same, other = bad + (good - bad) * same_good, good - (good - bad) * same_good
        return torch.stack([torch.stack([same, other], -1), torch.stack([other, same], -1)], -3).flatten(-3, -2)

    def learn(self, state: Habits, experience: Experience) -> Habits:
        reached, _ = self.second_stage(experience)
        cue = chosen(state.cue, N_CUES).unsqueeze(-1)
        at_choice = cue * chosen(experience.choice, N_STATES).unsqueeze(-2)
        at_state = cue * chosen(reached, N_STATES).unsqueeze(-2)
        value = (state.state_value * at_state).sum((-1, -2))
        first_error = value - (state.choice_value * at_choice).sum((-1, -2))
        second_error = experience.reward - value
        rate = spread(self.learning_rate, value)
        taught = rate * (first_error + spread(self.trace, value) * second_error)
        rate = spread(self.learning_rate, at_state)
        return Habits(
            state.choice_value + at_choice * taught[..., None, None],
            state.state_value + rate * at_state * second_error[..., None, None],
            2 * reached + (experience.reward > 0),
        )

    def values(self, state: Habits) -> Tensor:
        return self._after_cue(state.choice_value, state)

    def second_stage_values(self, state: Habits) -> Tensor:
        value = self._after_cue(state.state_value, state)
        return value.unsqueeze(-1).expand(*value.shape, N_STATES)

    @staticmethod
    def _after_cue(values: Tensor, state: Habits) -> Tensor:
        return (values * chosen(state.cue, N_CUES).unsqueeze(-1)).sum(-2)


def _with_axis(parameter: Parameter) -> Parameter:
    return parameter.unsqueeze(-1) if isinstance(parameter, Tensor) else parameter
