"""Model-based, model-free and in between: the hybrid learner of Daw et al. 2011."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from pfc_metarl.models.base import Experience, Probability, Real, chosen, filled, spread
from pfc_metarl.models.two_step import N_STATES, TwoStepModel, transition_values, two_options
from pfc_metarl.settings import settings


class Values(NamedTuple):
    """What the hybrid learner holds."""

    second_stage: Tensor
    """V(s) or Q(s, a), shape [..., state, option]."""
    model_free: Tensor
    """Q(a), shape [..., choice]."""
    repeated: Tensor
    """1 at the first-stage choice of the last trial, shape [..., choice]."""


@settings
class Hybrid(TwoStepModel):
    """SARSA(λ) and a one-step planner side by side, weighted.

    Parameters
    ----------
    learning_rate : float
        α₁, of the first-stage values.
    second_stage_learning_rate : float
        α₂, of the second-stage values.
    trace : float
        λ: how far the reward reaches back to the first stage within a trial; 1 is TD(1).
    model_based_weight : float
        w: 1 plans by the transition probabilities, 0 repeats what was followed by reward.
    perseveration : float
        Bonus of the first-stage choice made last, in units of value.
    initial_value : float
        Of every value before the first trial.

    Notes
    -----
    Without a second-stage choice Q(s, a) is V(s). Daw et al. 2011, doi:10.1016/j.neuron.2011.02.027. The other
    parameters are those of `TwoStepModel`.
    """

    learning_rate: Probability = 0.5
    second_stage_learning_rate: Probability = 0.5
    trace: Probability = 1.0
    model_based_weight: Probability = 0.5
    perseveration: Real = 0.0
    initial_value: Real = 0.5

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Values:
        two_options(self, n_options)
        second_stage = filled((*shape, N_STATES, N_STATES), self.initial_value, dtype)
        model_free = filled((*shape, N_STATES), self.initial_value, dtype)
        return Values(second_stage, model_free, repeated=torch.zeros_like(model_free))

    def learn(self, state: Values, experience: Experience) -> Values:
        value, reward = self.expected(state, experience), experience.reward
        reached, option = self.second_stage(experience)
        at = chosen(reached * N_STATES + option, N_STATES**2).unflatten(-1, (N_STATES, N_STATES))
        choice1 = chosen(experience.choice, N_STATES)
        first_error = value - (state.model_free * choice1).sum(-1)
        second_error = reward - value
        taught = spread(self.learning_rate, value) * (first_error + spread(self.trace, value) * second_error)
        return Values(
            state.second_stage + spread(self.second_stage_learning_rate, at) * at * second_error[..., None, None],
            state.model_free + choice1 * taught.unsqueeze(-1),
            choice1.to(state.repeated.dtype),
        )

    def second_stage_values(self, state: Values) -> Tensor:
        values = state.second_stage
        return values if self.second_stage_choice else values[..., :1].expand_as(values)

    def values(self, state: Values) -> Tensor:
        planned = transition_values(self.second_stage_values(state).amax(-1), self.p_common)
        weight = spread(self.model_based_weight, planned)
        return weight * planned + (1 - weight) * state.model_free

    def logits(self, state: Values) -> Tensor:
        values = self.values(state)
        bonus = spread(self.perseveration, values) * state.repeated
        return spread(self.inverse_temperature, values) * (values + bonus)


def model_based(**parameters: Any) -> Hybrid:
    """Return the learner that only plans (w = 1).

    Parameters
    ----------
    **parameters
        Of `Hybrid`, by name.

    Examples
    --------
    >>> model_based(perseveration=0.2).model_based_weight
    1.0
    """
    return Hybrid(model_based_weight=1.0, **parameters)


def model_free(**parameters: Any) -> Hybrid:
    """Return the learner that never plans (w = 0): SARSA(λ), by default TD(1).

    Parameters
    ----------
    **parameters
        Of `Hybrid`, by name.

    Examples
    --------
    >>> model_free(perseveration=0.2).model_based_weight
    0.0
    """
    return Hybrid(model_based_weight=0.0, **parameters)
