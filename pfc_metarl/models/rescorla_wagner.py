"""The Rescorla-Wagner learner: a value for each option, moved by a fixed fraction of the prediction error."""

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from pfc_metarl.models.base import Experience, Model, NonNegative, Probability, Real, chosen, filled, spread
from pfc_metarl.models.two_step import two_options
from pfc_metarl.settings import settings


class Values(NamedTuple):
    """Value of each option, shape [..., option]."""

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
            two_options(self, n_options)
            return Values(_mirrored(filled(shape, self.initial_value, dtype)))
        return Values(filled((*shape, n_options), self.initial_value, dtype))

    def learn(self, state: Values, experience: Experience) -> Values:
        rate = spread(self.learning_rate, experience.reward)
        if self.unchosen == "kept":
            error = self.prediction_error(state, experience)
            at_choice = chosen(experience.choice, state.value.shape[-1])
            return Values(state.value + spread(rate, at_choice) * at_choice * error.unsqueeze(-1))
        first, reward = state.value[..., 0], experience.reward
        paid_first = torch.where(experience.choice == 0, reward, 1 - reward)
        return Values(_mirrored(first + rate * (paid_first - first)))

    def values(self, state: Values) -> Tensor:
        return state.value

    def logits(self, state: Values) -> Tensor:
        logits = spread(self.inverse_temperature, state.value) * state.value
        if not isinstance(self.lapse, Tensor) and self.lapse == 0:
            return logits
        lapse = spread(self.lapse, logits)
        return ((1 - lapse) * logits.softmax(-1) + lapse / logits.shape[-1]).log()


def _mirrored(first: Tensor) -> Tensor:
    return torch.stack([first, 1 - first], -1)
