"""The ideal observer of the two-step task with reversing transitions: a Bayes filter over rewards and transitions."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from pfc_metarl.models.base import Experience, OpenProbability, Probability, filled, spread
from pfc_metarl.models.latent_state import Belief, LatentState
from pfc_metarl.settings import settings


class Beliefs(NamedTuple):
    """What the observer holds, each of shape [...]."""

    state_1_good: Tensor
    """Probability that second-stage state 1 is the good one."""
    crossed: Tensor
    """Probability that the left choice commonly leads to state 1."""


@settings
class TransitionObserver(LatentState):
    """Infers which second-stage state is good, and where the choices lead, knowing all probabilities of the task.

    Parameters
    ----------
    p_transition_reversal : float
        Probability, per trial, that the two choices swap the states that they commonly lead to.

    Notes
    -----
    One of four hidden states holds: two for rewards, two for transitions. They reverse independently, and a trial's
    transition tells of one, its outcome of the other, so that the two beliefs stay independent. It is the latent-state
    strategy of Akam et al. 2015, doi:10.1371/journal.pcbi.1004648, with the hidden states of this task; `LatentState`,
    which takes transitions as fixed, is the one that fits the task without such reversals. The other
    parameters are those of `LatentState`.
    """

    p_common: OpenProbability = 0.8
    p_transition_reversal: Probability = 0.025

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Any:
        (state_1_good,) = super().begin(shape, n_options, dtype)
        return Beliefs(state_1_good, filled(shape, 0.5, dtype))

    def learn(self, state: Any, experience: Experience) -> Any:
        (state_1_good,) = super().learn(Belief(state.state_1_good), experience)
        reached, _ = self.second_stage(experience)
        p_common = spread(torch.as_tensor(self.p_common, dtype=state.crossed.dtype), state.crossed)
        straight = reached == experience.choice
        if_crossed = state.crossed * torch.where(straight, 1 - p_common, p_common)
        if_straight = (1 - state.crossed) * torch.where(straight, p_common, 1 - p_common)
        crossed = if_crossed / (if_crossed + if_straight)
        p_reversal = spread(self.p_transition_reversal, crossed)
        return Beliefs(state_1_good, crossed * (1 - p_reversal) + (1 - crossed) * p_reversal)

    def values(self, state: Any) -> Tensor:
        straight, crossed = super().values(state), super().values(state).flip(-1)
        return straight + state.crossed.unsqueeze(-1) * (crossed - straight)
