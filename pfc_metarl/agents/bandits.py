"""Bandits, and every task whose trials are one choice among options, for models of trials."""

from typing import NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.agents.translation import Preferences, Translation
from pfc_metarl.models.base import Experience, Model, State
from pfc_metarl.settings import settings


@settings
class BanditTranslation(Translation):
    """A step is a trial, and every action is an option. Its parameter is that of `Translation`."""

    def n_options(self, n_actions: int) -> int:
        return n_actions

    def begin(self, shape: tuple[int, int]) -> None:
        return None

    def perceive(self, trial: None, percept: Percept, model: Model, state: State) -> tuple[None, Experience]:
        choice = percept.previous_action
        return None, Experience(choice, percept.previous_reward, finished=choice >= 0)

    def prefer(self, trial: None, percept: Percept, model: Model, state: State, n_actions: int) -> Preferences:
        return Preferences(model.logits(state), {"action_value": model.values(state)})


class DelayedTrial(NamedTuple):
    """What is remembered of the running trial; tensors of shape [network, episode]."""

    choice: Tensor
    """Option chosen in the trial; -1 before the choice."""
    reward: Tensor
    """Sum of the rewards since the choice."""
    chose_before: Tensor
    """Whether the step before was a choice."""


@settings
class DelayedBanditTranslation(Translation):
    """A trial has several steps: in one of them an option is chosen, its reward follows before the next choice.

    Every action is an option. Actions at other steps are random, and count for nothing.

    Parameters
    ----------
    discount : float
        As of `Translation`.
    choice_channel : int
        Channel of the observation that is above 0 at the steps of a choice, and at no others.

    Examples
    --------
    >>> from pfc_metarl.agents import TrialAgent
    >>> from pfc_metarl.models import ValueLearner
    >>> TrialAgent(model=ValueLearner(), translation=DelayedBanditTranslation(choice_channel=1)).readouts
    {'logits': ('option',), 'action_value': ('option',)}
    """

    choice_channel: int = Field(0, ge=0)

    def n_options(self, n_actions: int) -> int:
        return n_actions

    def begin(self, shape: tuple[int, int]) -> DelayedTrial:
        none = torch.full(shape, -1)
        return DelayedTrial(none, torch.zeros(shape), none > 0)

    def perceive(
        self, trial: DelayedTrial, percept: Percept, model: Model, state: State
    ) -> tuple[DelayedTrial, Experience]:
        choosing = self._choosing(percept)
        choice = torch.where(trial.chose_before, percept.previous_action, trial.choice)
        reward = trial.reward + percept.previous_reward
        finished = choosing & (choice >= 0)
        remembered = DelayedTrial(torch.where(finished, -1, choice), torch.where(finished, 0, reward), choosing)
        return remembered, Experience(choice, reward, finished)

    def prefer(self, trial: DelayedTrial, percept: Percept, model: Model, state: State, n_actions: int) -> Preferences:
        at_choice = self._choosing(percept).unsqueeze(-1)
        return Preferences(model.logits(state) * at_choice, {"action_value": model.values(state) * at_choice})

    def _choosing(self, percept: Percept) -> Tensor:
        return percept.observation[..., self.choice_channel] > 0
