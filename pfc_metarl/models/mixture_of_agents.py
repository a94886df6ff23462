"""The mixture of agents of Miller, Botvinick & Brody 2017: simple strategies whose weighted votes make the choice."""

from typing import NamedTuple

import torch
from torch import Tensor

from pfc_metarl.models.base import Experience, NonNegative, Probability, Real, chosen, filled, spread
from pfc_metarl.models.two_step import N_STATES, TwoStepModel, transition_values, two_options
from pfc_metarl.settings import settings


class Votes(NamedTuple):
    """What the agents hold."""

    second_stage: Tensor
    """V(s) of the planner, shape [..., state]."""
    model_free: Tensor
    """Q(a), shape [..., choice]."""
    repeated: Tensor
    """1 at the last choice, shape [..., choice]."""
    novelty: Tensor
    """1 at the choice to repeat after a common transition, and at the other after a rare one, shape [..., choice]."""


@settings
class MixtureOfAgents(TwoStepModel):
    """A planner, a model-free learner, perseveration, a preference for common transitions, and a bias.

    Parameters
    ----------
    learning_rate : float
        Of both learners.
    model_based_weight, model_free_weight, perseveration, transition_weight : float
        Weights of the agents, in logits for a full difference between the two choices.
    bias : float
        Towards choice 0, in logits.

    Notes
    -----
    Miller, Botvinick & Brody 2017, doi:10.1038/nn.4613, who call the preference for the choice whose transition was
    rare a novelty preference: a `transition_weight` below 0. Venditto et al. 2024, doi:10.1101/2024.02.28.582617. The
    weights stand for the inverse temperature, which is not used; there is no choice at the second stage. The other
    parameters are those of `TwoStepModel`.

    Examples
    --------
    >>> from pfc_metarl.models import Experience
    >>> model = MixtureOfAgents(model_based_weight=2.0, model_free_weight=0.0, perseveration=0.0)
    >>> trial = Experience(torch.tensor([0]), torch.ones(1), torch.tensor([True]), state=torch.tensor([1]))
    >>> p = model.logits(model.update(model.begin((1,)), trial)).softmax(-1)
    >>> bool(p[0, 1] > 0.5)  # a reward after a rare transition speaks for the other choice
    True
    """

    learning_rate: Probability = 0.3
    model_based_weight: Real = 2.0
    model_free_weight: Real = 1.0
    perseveration: Real = 0.5
    transition_weight: Real = 0.0
    bias: Real = 0.0
    inverse_temperature: NonNegative = 1.0

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Votes:
        two_options(self, n_options)
        value, none = filled((*shape, N_STATES), 0.5, dtype), torch.zeros((*shape, N_STATES), dtype=dtype)
        return Votes(value, value, none, none)

    def learn(self, state: Votes, experience: Experience) -> Votes:
        reached, _ = self.second_stage(experience)
        at_state, at_choice = (
            chosen(code, N_STATES).to(state.model_free.dtype) for code in (reached, experience.choice)
        )
        rate, reward = spread(self.learning_rate, at_state), experience.reward.unsqueeze(-1)
        common = (reached == experience.choice).unsqueeze(-1)
        return Votes(
            state.second_stage + rate * at_state * (reward - state.second_stage),
            state.model_free + rate * at_choice * (reward - state.model_free),
            at_choice,
            torch.where(common, at_choice, 1 - at_choice),
        )

    def second_stage_values(self, state: Votes) -> Tensor:
        return state.second_stage.unsqueeze(-1).expand(*state.second_stage.shape, N_STATES)

    def values(self, state: Votes) -> Tensor:
        return transition_values(state.second_stage, self.p_common)

    def logits(self, state: Votes) -> Tensor:
        planned, like = self.values(state), state.model_free
        votes = (
            (self.model_based_weight, planned),
            (self.model_free_weight, state.model_free),
            (self.perseveration, state.repeated),
            (self.transition_weight, state.novelty),
            (self.bias, torch.tensor([1.0, 0.0], dtype=like.dtype).expand_as(like)),
        )
        total = torch.zeros_like(like)
        for weight, vote in votes:
            total = total + spread(weight, vote) * vote
        return total
