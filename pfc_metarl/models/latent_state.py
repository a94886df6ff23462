"""The ideal observer of the reversing two-step task: a Bayes filter over which state is good."""

from typing import NamedTuple

import torch
from torch import Tensor

from pfc_metarl.models.base import Experience, NonNegative, OpenProbability, Probability, filled, spread
from pfc_metarl.models.two_step import N_STATES, TwoStepModel, transition_values, two_options
from pfc_metarl.settings import settings


class Belief(NamedTuple):
    """Probability that second-stage state 1 is the good one, shape [...]."""

    state_1_good: Tensor


@settings
class LatentState(TwoStepModel):
    """Infers which second-stage state is good, knowing all probabilities of the task, and plans.

    Parameters
    ----------
    p_reward_good, p_reward_bad : float
        Probability of reward in the good and in the other state.
    p_reversal : float
        Probability, per trial, that they swap.

    Notes
    -----
    With a large inverse temperature it is the optimal policy of Wang et al.'s task, because every trial is equally
    informative whatever is chosen. Akam et al. 2015, doi:10.1371/journal.pcbi.1004648, describe such an agent.
    The other parameters are those of `TwoStepModel`.
    """

    p_reward_good: OpenProbability = 0.9
    p_reward_bad: OpenProbability = 0.1
    p_reversal: Probability = 0.025
    inverse_temperature: NonNegative = 1000.0

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Belief:
        two_options(self, n_options)
        return Belief(filled(shape, 0.5, dtype))

    def learn(self, state: Belief, experience: Experience) -> Belief:
        belief, (reached, _) = state.state_1_good, self.second_stage(experience)
        if_1_good, if_0_good = (
            self._likelihood(experience.reward, reached == good_state, belief.dtype) for good_state in (1, 0)
        )
        joint = belief * if_1_good
        posterior = joint / (joint + (1 - belief) * if_0_good)
        p_reversal = spread(self.p_reversal, belief)
        return Belief(posterior * (1 - p_reversal) + (1 - posterior) * p_reversal)

    def _likelihood(self, reward: Tensor, good: Tensor, dtype: torch.dtype) -> Tensor:
        """Return the probability of the outcome, where the state reached is the good one and where it is not."""
        if_good, if_bad = (
            spread(torch.as_tensor(p, dtype=dtype), good) for p in (self.p_reward_good, self.p_reward_bad)
        )
        p_reward = torch.where(good, if_good, if_bad)
        return torch.where(reward > 0, p_reward, 1 - p_reward)

    def second_stage_values(self, state: Belief) -> Tensor:
        good = torch.stack([1 - state.state_1_good, state.state_1_good], -1)
        bad_value, good_value = (spread(p, good) for p in (self.p_reward_bad, self.p_reward_good))
        value = bad_value + (good_value - bad_value) * good
        return value.unsqueeze(-1).expand(*value.shape, N_STATES)

    def values(self, state: Belief) -> Tensor:
        return transition_values(self.second_stage_values(state)[..., 0], self.p_common)
