"""The Rescorla-Wagner learner: a value for each option, moved by a fixed fraction of the prediction error."""

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from pfc_metarl.models.base import Experience, Model, NonNegative, Parameter, Probability, Real, chosen, filled, spread
from pfc_metarl.models.two_step import two_options
from pfc_metarl.settings import settings


class Values(NamedTuple):
    """Value of each option, shape [..., option]; of the first one alone if the other's is 1 minus it."""

    value: Tensor


@settings
class RescorlaWagner(Model):
    """Moves the value of the chosen option by a fixed fraction of the prediction error, V ← V + α (reward − V).

    Parameters
    ----------
    learning_rate : float
        α.
    inverse_temperature : float
        β of the softmax over values, per unit of reward.
    lapse : float
        ε: fraction of choices that are made at random.
    initial_value : float
        Of every option before the first trial.
    unchosen : {"mirrored", "kept"}
        Whether the other of two options is taken to have paid 1 − reward, as where exactly one of the two pays, or
        keeps its value.

    Notes
    -----
    Rescorla & Wagner 1972. With ``unchosen="mirrored"`` the two values sum to 1, and rewards must lie between 0 and 1.
    Its learning rate is the same in stable and in volatile environments, which makes it the control for
    `BayesianLearner`.

    Examples
    --------
    >>> from pfc_metarl.models import Experience
    >>> model = RescorlaWagner(learning_rate=0.2)
    >>> trial = Experience(choice=torch.tensor([0]), reward=torch.ones(1), finished=torch.tensor([True]))
    >>> model.values(model.update(model.begin((1,)), trial))
    tensor([[0.6000, 0.4000]])
    """

    learning_rate: Probability = 0.3
    inverse_temperature: NonNegative = 5.0
    lapse: Probability = 0.0
    initial_value: Real = 0.5
    unchosen: Literal["mirrored", "kept"] = "mirrored"

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Values:
        if self.unchosen == "mirrored":
            two_options(self, n_options, ' where unchosen = "mirrored"; more options take unchosen = "kept"')
            n_options = 1
        return Values(filled((*shape, n_options), self.initial_value, dtype))

    def learn(self, state: Values, experience: Experience) -> Values:
        rate, reward = spread(self.learning_rate, state.value), experience.reward
        if self.unchosen == "kept":
            at_choice = chosen(experience.choice, state.value.shape[-1])
            error = self.prediction_error(state, experience)
            return Values(state.value + rate * at_choice * error.unsqueeze(-1))
        paid_first = torch.where(experience.choice == 0, reward, 1 - reward).unsqueeze(-1)
        return Values(state.value + rate * (paid_first - state.value))

    def values(self, state: Values) -> Tensor:
        return state.value if self.unchosen == "kept" else torch.cat([state.value, 1 - state.value], -1)

    def logits(self, state: Values) -> Tensor:
        values = self.values(state)
        return lapsing(spread(self.inverse_temperature, values) * values, self.lapse)


def lapsing(logits: Tensor, lapse: Parameter) -> Tensor:
    """Return the logits of choices a fraction of which is made at random."""
    if not isinstance(lapse, Tensor) and lapse == 0:
        return logits
    fraction = spread(lapse, logits)
    return ((1 - fraction) * logits.softmax(-1) + fraction / logits.shape[-1]).log()
