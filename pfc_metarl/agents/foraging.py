"""Baited foraging for models of trials."""

from typing import NamedTuple

import torch
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.agents.translation import Preferences, Translation, with_action
from pfc_metarl.models.base import CERTAIN, Experience, Model, State
from pfc_metarl.settings import settings

N_TARGETS = 2


class ForagingTrial(NamedTuple):
    """What is remembered of the running trial."""

    at_targets: Tensor
    """Whether targets were shown at the step before, shape [network, episode]."""


@settings
class ForagingTranslation(Translation):
    """The targets are the options. "centre" answers the fixation point; at the targets it loses the trial."""

    def n_options(self, n_actions: int) -> int:
        return N_TARGETS

    def begin(self, shape: tuple[int, int]) -> ForagingTrial:
        return ForagingTrial(torch.zeros(shape, dtype=torch.bool))

    def perceive(
        self, trial: ForagingTrial, percept: Percept, model: Model, state: State
    ) -> tuple[ForagingTrial, Experience]:
        action = percept.previous_action
        choice = torch.where(action < N_TARGETS, action, -1)
        experience = Experience(choice, percept.previous_reward, finished=trial.at_targets)
        return ForagingTrial(percept.observation[..., -1] > 0), experience

    def prefer(self, trial: ForagingTrial, percept: Percept, model: Model, state: State, n_actions: int) -> Preferences:
        centre = torch.where(trial.at_targets, -CERTAIN, 2 * CERTAIN)
        values, logits = with_action(model.values(state), model.logits(state), centre, n_actions)
        return Preferences(logits, {"action_value": values})
