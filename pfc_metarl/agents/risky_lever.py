"""The risky lever task for models of trials, with dopamine that can be blocked and stimulated."""

from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.agents.translation import Preferences, Translation, with_action
from pfc_metarl.models.base import CERTAIN, Experience, Model, State
from pfc_metarl.settings import settings

N_LEVERS = 2


class LeverTrial(NamedTuple):
    """What is remembered of the running trial; tensors of shape [network, episode]."""

    pulled: Tensor
    """Lever pulled at the step before, -1 for none."""
    rpe_input: Tensor
    """Prediction error of the step before, with stimulation; 0 where no lever was pulled, but for stimulation."""


@settings
class RiskyLeverTranslation(Translation):
    """The levers that are shown are the options. The agent always answers the fixation cue."""

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {"action_value": ("option",), "rpe_input": ()}
    takes_stimulation: ClassVar[bool] = True

    def n_options(self, n_actions: int) -> int:
        return N_LEVERS

    def begin(self, shape: tuple[int, int]) -> LeverTrial:
        return LeverTrial(torch.full(shape, -1), torch.zeros(shape))

    def perceive(
        self, trial: LeverTrial, percept: Percept, model: Model, state: State
    ) -> tuple[LeverTrial, Experience]:
        reward, was_pulled = percept.previous_reward, trial.pulled >= 0
        experience = Experience(trial.pulled, reward, finished=was_pulled, stimulation=percept.stimulation)
        rpe = torch.where(was_pulled, reward - model.expected(state, experience), 0.0)
        if percept.stimulation is not None:
            rpe = rpe + percept.stimulation
        return trial._replace(rpe_input=rpe), experience

    def prefer(self, trial: LeverTrial, percept: Percept, model: Model, state: State, n_actions: int) -> Preferences:
        shown = percept.observation[..., 1:] > 0
        levers = torch.where(shown, model.logits(state), -CERTAIN)
        centre = torch.where(shown.any(-1), -CERTAIN, 0.0)
        values, logits = with_action(model.values(state), levers, centre, n_actions)
        return Preferences(logits, {"action_value": values, "rpe_input": trial.rpe_input})

    def act(self, trial: LeverTrial, percept: Percept, action: Tensor) -> LeverTrial:
        at_lever = (percept.observation[..., 1:] > 0).any(-1) & (action < N_LEVERS)
        return trial._replace(pulled=torch.where(at_lever, action, -1))
