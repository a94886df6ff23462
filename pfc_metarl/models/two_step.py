"""Common parts of models of the two-step task: values of two choices, and of the two states that these lead to."""

from abc import abstractmethod

import torch
from torch import Tensor

from pfc_metarl.models.base import Experience, Model, NonNegative, Parameter, Probability, State, chosen, spread
from pfc_metarl.settings import BadInput, settings

N_STATES = 2


@settings
class TwoStepModel(Model):
    """A model that learns from the first choice, the second-stage state, the choice there if any, and the reward.

    Parameters
    ----------
    p_common : float
        Probability of the common transition, as the model assumes it.
    second_stage_choice : bool
        Whether the task asks for a choice at the second stage.
    inverse_temperature : float
        β of the softmax over first-stage values.
    second_stage_inverse_temperature : float
        β of the softmax at the second stage, if there is a choice.
    """

    p_common: Probability = 0.8
    second_stage_choice: bool = False
    inverse_temperature: NonNegative = 5.0
    second_stage_inverse_temperature: NonNegative = 5.0

    @property
    def n_choices(self) -> int:
        return 2 if self.second_stage_choice else 1

    @property
    def needs(self) -> tuple[str, ...]:
        return ("choice", "reward", "state", *(["choice2"] if self.second_stage_choice else []))

    @abstractmethod
    def second_stage_values(self, state: State) -> Tensor:
        """Return the values of the second-stage options, [..., state, option]."""

    def logits(self, state: State) -> Tensor:
        values = self.values(state)
        return spread(self.inverse_temperature, values) * values

    def values_at(self, state: State, reached: Tensor) -> Tensor:
        options = self.second_stage_values(state)
        index = reached.clamp(min=0)[..., None, None].expand(*options.shape[:-2], 1, N_STATES)
        return options.gather(-2, index).squeeze(-2)

    def logits_at(self, state: State, reached: Tensor) -> Tensor:
        values = self.values_at(state, reached)
        return spread(self.second_stage_inverse_temperature, values) * self.second_stage_choice * values

    def expected(self, state: State, experience: Experience) -> Tensor:
        """Return the value of the state reached, and of the option chosen there; 0 where none was reached."""
        reached, option = self.second_stage(experience)
        values = self.values_at(state, reached) * chosen(option, N_STATES)
        return values.sum(-1) * (reached >= 0)

    def second_stage(self, experience: Experience) -> tuple[Tensor, Tensor]:
        """Return the state reached and the option chosen there, which is 0 where there is no choice.

        Raises
        ------
        BadInput
            If the trials have no second stage.
        """
        state, option = experience.state, experience.choice2
        if state is None or (self.second_stage_choice and option is None):
            missing = "second-stage state" if state is None else "second-stage choice"
            raise BadInput(f"{type(self).__name__} learns from the {missing}, and these trials have none.")
        if option is None or not self.second_stage_choice:
            return state, torch.zeros_like(state)
        return state, option.clamp(max=N_STATES - 1)


def two_options(model: Model, n_options: int, remedy: str = "") -> None:
    """Raise BadInput if a model of two options is to choose among others; `remedy` says what to do then."""
    if n_options != N_STATES:
        raise BadInput(f"{type(model).__name__} chooses between two options, not among {n_options}{remedy}.")


def transition_values(state_values: Tensor, p_common: Parameter) -> Tensor:
    """Return T·V, the model-based values of the two first-stage choices, from the values of the two states."""
    p = spread(p_common, state_values)
    return p * state_values + (1 - p) * state_values.flip(-1)
