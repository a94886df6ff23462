"""Model-based, model-free and in between: the hybrid learner of Daw et al. 2011."""

from typing import Any, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.two_step import N_STATES, Experience, ReferenceAnimal, chosen, transition_values
from pfc_metarl.settings import settings


class Values(NamedTuple):
    """What the hybrid learner has learned."""

    second_stage: Tensor
    """V(s) or Q(s, a), shape [network, episode, state, option]."""
    model_free: Tensor
    """Q(a), shape [network, episode, choice]."""
    repeated: Tensor
    """1 at the first-stage choice of the last trial, shape [network, episode, choice]."""


@settings
class Hybrid(ReferenceAnimal):
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
    Without a second-stage choice Q(s, a) is V(s). Daw et al. 2011,
    doi:10.1016/j.neuron.2011.02.027.
    """

    learning_rate: float = Field(0.5, ge=0, le=1)
    second_stage_learning_rate: float = Field(0.5, ge=0, le=1)
    trace: float = Field(1.0, ge=0, le=1)
    model_based_weight: float = Field(0.5, ge=0, le=1)
    perseveration: float = 0.0
    initial_value: float = 0.5

    def innocent(self, shape: tuple[int, int]) -> Values:
        second_stage = torch.full((*shape, N_STATES, N_STATES), self.initial_value)
        model_free = torch.full((*shape, N_STATES), self.initial_value)
        return Values(second_stage, model_free, repeated=torch.zeros_like(model_free))

    def learn(self, learned: Values, trial: Experience) -> Values:
        option = trial.choice2.clamp(max=1) if self.second_stage_choice else torch.zeros_like(trial.state2)
        at = chosen(trial.state2 * N_STATES + option, N_STATES**2).unflatten(-1, (N_STATES, N_STATES))
        value = (learned.second_stage * at).sum((-1, -2))
        choice1 = chosen(trial.choice1, N_STATES)
        first_error = value - (learned.model_free * choice1).sum(-1)
        second_error = trial.reward - value
        taught = self.learning_rate * (first_error + self.trace * second_error)
        return Values(
            learned.second_stage + self.second_stage_learning_rate * at * second_error[..., None, None],
            learned.model_free + choice1 * taught.unsqueeze(-1),
            choice1,
        )

    def second_stage_values(self, learned: Values) -> Tensor:
        values = learned.second_stage
        return values if self.second_stage_choice else values[..., :1].expand_as(values)

    def first_stage_values(self, learned: Values) -> Tensor:
        planned = transition_values(self.second_stage_values(learned).amax(-1), self.p_common)
        return self.model_based_weight * planned + (1 - self.model_based_weight) * learned.model_free

    def first_stage_logits(self, learned: Values) -> Tensor:
        return self.inverse_temperature * (self.first_stage_values(learned) + self.perseveration * learned.repeated)


def model_based(**parameters: Any) -> Hybrid:
    """Return the learner that only plans (w = 1)."""
    return Hybrid(model_based_weight=1.0, **parameters)


def model_free(**parameters: Any) -> Hybrid:
    """Return the learner that never plans (w = 0): SARSA(λ), by default TD(1)."""
    return Hybrid(model_based_weight=0.0, **parameters)
