"""Translation of the percepts of a task into trials of a model, and of its preferences into actions."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.models.base import Experience, Model, State
from pfc_metarl.settings import settings

Trial = Any
"""A NamedTuple of tensors: what must be remembered of the running trial; each translation defines its own."""


class Preferences(NamedTuple):
    """What an agent prefers at a step."""

    logits: Tensor
    """Of the actions, shape [network, episode, action]."""
    recorded: dict[str, Tensor]
    """Read-outs by name, such as the values of the actions."""


@settings
class Translation(ABC):
    """What connects one kind of task with models of trials; one for each task.

    Parameters
    ----------
    discount : float
        γ: weight of the next step's value in the agent's reward-prediction error.
    """

    discount: float = Field(1.0, ge=0, le=1)

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {"action_value": ("option",)}
    """Fields of `Preferences.recorded` -> their axes beyond network and episode."""
    takes_stimulation: ClassVar[bool] = False
    """Whether dopamine can be stimulated, because the reward-prediction error reaches the model."""

    @abstractmethod
    def n_options(self, n_actions: int) -> int:
        """Return the number of options of a trial, in a task with so many actions."""

    @abstractmethod
    def begin(self, shape: tuple[int, int]) -> Trial:
        """Return what is remembered before the first step."""

    @abstractmethod
    def perceive(self, trial: Trial, percept: Percept, model: Model, state: State) -> tuple[Trial, Experience]:
        """Process the result of the last action; return also the trial that it finished, if any."""

    @abstractmethod
    def prefer(self, trial: Trial, percept: Percept, model: Model, state: State, n_actions: int) -> Preferences:
        """Return the preferences at this step."""

    def act(self, trial: Trial, percept: Percept, action: Tensor) -> Trial:
        """Return what is remembered after an action was chosen."""
        return trial


def with_action(values: Tensor, logits: Tensor, other: Tensor, n_actions: int) -> tuple[Tensor, Tensor]:
    """Append an action that is no option, such as fixation, with value 0 and its logit, if the task has it."""
    if n_actions == values.shape[-1]:
        return values, logits
    other = other.unsqueeze(-1)
    return torch.cat([values, torch.zeros_like(other)], -1), torch.cat([logits, other], -1)
