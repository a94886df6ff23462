"""A value for each of any number of options: two learning rates, forgetting, perseveration, lapses."""

from typing import NamedTuple

import torch
from torch import Tensor

from pfc_metarl.models.base import Experience, Model, NonNegative, Probability, Real, chosen, filled, spread
from pfc_metarl.models.rescorla_wagner import lapsing
from pfc_metarl.settings import settings


class ValuesAndHabits(NamedTuple):
    """What the learner holds, shape [..., option] each."""

    value: Tensor
    habit: Tensor
    """How often each option was chosen lately, 0 to 1."""


@settings
class ValueLearner(Model):
    """Moves the value of the chosen option towards the reward, and lets the others decay.

    Parameters
    ----------
    positive_rate, negative_rate : float
        Learning rate after a positive and after a negative prediction error.
    forgetting : float
        Fraction of the way that the value of an option not chosen goes back to its initial value.
    perseveration : float
        Weight of the habit in the choice, in logits; below 0 for alternation.
    habit_rate : float
        Learning rate of the habit; at 1 it is the last choice alone.
    inverse_temperature : float
        β of the softmax over values, per unit of reward.
    lapse : float
        Fraction of choices made at random.
    initial_value : float
        Of every option before the first trial.

    Notes
    -----
    With one rate, no forgetting and no perseveration it is Rescorla-Wagner. Two rates: Frank et al. 2007,
    doi:10.1073/pnas.0706111104; forgetting: Ito & Doya 2009, doi:10.1523/JNEUROSCI.6157-08.2009; habits: Lau & Glimcher
    2005, doi:10.1901/jeab.2005.110-04.

    Examples
    --------
    >>> from pfc_metarl.models import Experience
    >>> model = ValueLearner(positive_rate=0.2, forgetting=0.5, initial_value=0.0)
    >>> state = model.begin((1,), n_options=3)
    >>> for option in (0, 2):
    ...     trial = Experience(choice=torch.tensor([option]), reward=torch.ones(1), finished=torch.tensor([True]))
    ...     state = model.update(state, trial)
    >>> model.values(state)
    tensor([[0.1000, 0.0000, 0.2000]])
    """

    positive_rate: Probability = 0.3
    negative_rate: Probability = 0.3
    forgetting: Probability = 0.0
    perseveration: Real = 0.0
    habit_rate: Probability = 1.0
    inverse_temperature: NonNegative = 5.0
    lapse: Probability = 0.0
    initial_value: Real = 0.5

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> ValuesAndHabits:
        value = filled((*shape, n_options), self.initial_value, dtype)
        return ValuesAndHabits(value, torch.zeros((*shape, n_options), dtype=dtype))

    def learn(self, state: ValuesAndHabits, experience: Experience) -> ValuesAndHabits:
        at_choice = chosen(experience.choice, state.value.shape[-1]).to(state.value.dtype)
        error = self.prediction_error(state, experience).unsqueeze(-1)
        positive, negative, forgetting, initial, habit_rate = (
            spread(parameter, state.value)
            for parameter in (
                self.positive_rate, self.negative_rate, self.forgetting, self.initial_value, self.habit_rate
            )
        )  # fmt: skip
        rate = torch.where(error > 0, positive, negative)
        decayed = forgetting * (initial - state.value)
        return ValuesAndHabits(
            state.value + torch.where(at_choice > 0, rate * error, decayed),
            state.habit + habit_rate * (at_choice - state.habit),
        )

    def values(self, state: ValuesAndHabits) -> Tensor:
        return state.value

    def logits(self, state: ValuesAndHabits) -> Tensor:
        beta, perseveration = (spread(p, state.value) for p in (self.inverse_temperature, self.perseveration))
        return lapsing(beta * state.value + perseveration * state.habit, self.lapse)
