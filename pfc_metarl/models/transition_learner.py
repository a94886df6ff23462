"""A planner that learns where the choices of the two-step task lead, and what the states pay, by error correction."""

from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

from pfc_metarl.models.base import Experience, Probability, chosen, filled, spread
from pfc_metarl.models.hybrid import Hybrid, Values
from pfc_metarl.models.two_step import N_STATES
from pfc_metarl.settings import settings


class LearnedTransitions(NamedTuple):
    """What the learner holds: the values of `Hybrid`, and the transitions."""

    second_stage: Tensor
    """V(s) or Q(s, a), shape [..., state, option]."""
    model_free: Tensor
    """Q(a), shape [..., choice]."""
    repeated: Tensor
    """1 at the first-stage choice of the last trial, shape [..., choice]."""
    to_state_1: Tensor
    """Estimated probability that each choice leads to state 1, shape [..., choice]."""


@settings
class TransitionLearner(Hybrid):
    """SARSA(λ) and a planner whose transition probabilities are learned, side by side, weighted.

    Parameters
    ----------
    transition_learning_rate : float
        How far the estimated transition moves towards the one that was seen.
    other_choice : {"mirrored", "kept"}
        Whether the choice that was not made is taken to lead to the other state, or keeps its estimate.

    Notes
    -----
    With ``model_based_weight`` 1 the model-based learner of Akam, Costa & Dayan 2015,
    doi:10.1371/journal.pcbi.1004648. The transitions begin at ½. The other parameters are those of `Hybrid`.
    """

    model_based_weight: Probability = 1.0
    transition_learning_rate: Probability = 0.5
    other_choice: Literal["mirrored", "kept"] = "mirrored"

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Any:
        values = super().begin(shape, n_options, dtype)
        return LearnedTransitions(*values, to_state_1=filled((*shape, N_STATES), 0.5, dtype))

    def learn(self, state: Any, experience: Experience) -> Any:
        values = super().learn(Values(*state[:3]), experience)
        reached, _ = self.second_stage(experience)
        mine, seen = chosen(experience.choice, N_STATES), reached.unsqueeze(-1).to(state.to_state_1.dtype)
        target = mine * seen + (1 - mine) * (1 - seen)
        moves = 1.0 if self.other_choice == "mirrored" else mine
        error = moves * (target - state.to_state_1)
        return LearnedTransitions(*values, state.to_state_1 + spread(self.transition_learning_rate, error) * error)

    def values(self, state: Any) -> Tensor:
        of_state = self.second_stage_values(state).amax(-1)
        planned = of_state[..., :1] + state.to_state_1 * (of_state[..., 1:] - of_state[..., :1])
        weight = spread(self.model_based_weight, planned)
        return weight * planned + (1 - weight) * state.model_free
