"""The ideal observer of the reversing two-step task: a Bayes filter over which state is good."""

from typing import NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.two_step import N_STATES, Experience, ReferenceAnimal, transition_values
from pfc_metarl.settings import settings


class Belief(NamedTuple):
    """Probability that second-stage state 1 is the good one, shape [network, episode]."""

    state_1_good: Tensor


@settings
class LatentState(ReferenceAnimal):
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
    informative whatever is chosen. Akam et al. 2015, doi:10.1371/journal.pcbi.1004648, on how such an agent looks.
    """

    p_reward_good: float = Field(0.9, gt=0, lt=1)
    p_reward_bad: float = Field(0.1, gt=0, lt=1)
    p_reversal: float = Field(0.025, ge=0, le=1)
    inverse_temperature: float = Field(1000.0, ge=0)

    def innocent(self, shape: tuple[int, int]) -> Belief:
        return Belief(torch.full(shape, 0.5))

    def learn(self, learned: Belief, trial: Experience) -> Belief:
        if_1_good, if_0_good = (self._likelihood(trial.reward, good=trial.state2 == state) for state in (1, 0))
        joint = learned.state_1_good * if_1_good
        posterior = joint / (joint + (1 - learned.state_1_good) * if_0_good)
        return Belief(posterior * (1 - self.p_reversal) + (1 - posterior) * self.p_reversal)

    def _likelihood(self, reward: Tensor, good: Tensor) -> Tensor:
        p_reward = torch.where(good, self.p_reward_good, self.p_reward_bad)
        return torch.where(reward > 0, p_reward, 1 - p_reward)

    def second_stage_values(self, learned: Belief) -> Tensor:
        good = torch.stack([1 - learned.state_1_good, learned.state_1_good], -1)
        value = self.p_reward_bad + (self.p_reward_good - self.p_reward_bad) * good
        return value.unsqueeze(-1).expand(*value.shape, N_STATES)

    def first_stage_values(self, learned: Belief) -> Tensor:
        return transition_values(self.second_stage_values(learned)[..., 0], self.p_common)
