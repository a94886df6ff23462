"""The two-step task for models of trials."""

from typing import NamedTuple

import torch
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.agents.translation import Preferences, Translation, with_action
from pfc_metarl.models.base import CERTAIN, Experience, Model, State
from pfc_metarl.models.two_step import N_STATES
from pfc_metarl.settings import settings

FIRST_STAGE, SECOND_STAGE = -N_STATES - 1, slice(-N_STATES, None)
"""Channels of the task, counted from the last."""


class TwoStepTrial(NamedTuple):
    """What is remembered of the running trial; tensors of shape [network, episode], -1 for not yet."""

    choice1: Tensor
    state2: Tensor
    chose_before: Tensor
    """Whether the step before was the first stage."""


@settings
class TwoStepTranslation(Translation):
    """A trial is a first choice, the state it leads to, and an action there. A lost first choice is no trial."""

    def n_options(self, n_actions: int) -> int:
        return N_STATES

    def begin(self, shape: tuple[int, int]) -> TwoStepTrial:
        none = torch.full(shape, -1)
        return TwoStepTrial(none, none, none > 0)

    def perceive(
        self, trial: TwoStepTrial, percept: Percept, model: Model, state: State
    ) -> tuple[TwoStepTrial, Experience]:
        action, seen = percept.previous_action, percept.observation[..., SECOND_STAGE]
        choice1 = torch.where(trial.chose_before, action, trial.choice1)
        state2 = torch.where(seen.any(-1), seen.argmax(-1), -1)
        finished = (trial.state2 >= 0) & (trial.choice1 >= 0)
        if model.n_choices > 1:
            finished = finished & (action < N_STATES)
        experience = Experience(trial.choice1, percept.previous_reward, finished, trial.state2, action)
        choice1 = torch.where(finished & ~trial.chose_before, -1, choice1)
        return TwoStepTrial(choice1, state2, percept.observation[..., FIRST_STAGE] > 0), experience

    def prefer(self, trial: TwoStepTrial, percept: Percept, model: Model, state: State, n_actions: int) -> Preferences:
        at_first = trial.chose_before
        at_second = percept.observation[..., SECOND_STAGE].any(-1)
        first, second = at_first.unsqueeze(-1), at_second.unsqueeze(-1)
        values = torch.where(first, model.values(state), model.values_at(state, trial.state2) * second)
        logits = torch.where(first, model.logits(state), model.logits_at(state, trial.state2) * second)
        fixate = torch.where(at_first | at_second, -CERTAIN, CERTAIN)
        values, logits = with_action(values, logits, fixate, n_actions)
        return Preferences(logits, {"action_value": values})
