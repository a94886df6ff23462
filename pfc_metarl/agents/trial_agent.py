"""A model of trials as an agent: it acts in a task, and learns from its trials."""

import functools
from collections import namedtuple
from typing import Any, ClassVar, NamedTuple

from torch import Tensor

from pfc_metarl.agents.bandits import BanditTranslation
from pfc_metarl.agents.base import AgentDefaults, Percept
from pfc_metarl.agents.foraging import ForagingTranslation
from pfc_metarl.agents.harlow import HarlowTranslation
from pfc_metarl.agents.inferred_value import InferredValueTranslation
from pfc_metarl.agents.risky_lever import RiskyLeverTranslation
from pfc_metarl.agents.translation import Translation, Trial
from pfc_metarl.agents.two_step import TwoStepTranslation
from pfc_metarl.models.base import Model, State, required_model
from pfc_metarl.settings import BadInput, settings
from pfc_metarl.tasks import (
    Bandit,
    Foraging,
    HarlowObjects,
    InferredValue,
    InformativeArm,
    RestlessBandit,
    RiskyLever,
    Task,
    TwoStep,
    TwoStepReversing,
    Volatility,
)

TRANSLATIONS: dict[type[Task], type[Translation]] = {
    Bandit: BanditTranslation,
    Foraging: ForagingTranslation,
    HarlowObjects: HarlowTranslation,
    InferredValue: InferredValueTranslation,
    InformativeArm: BanditTranslation,
    RestlessBandit: BanditTranslation,
    RiskyLever: RiskyLeverTranslation,
    TwoStep: TwoStepTranslation,
    TwoStepReversing: TwoStepTranslation,
    Volatility: BanditTranslation,
}
"""The translation of each task; for a task of one's own, `BanditTranslation` fits if a trial is one step, and
`DelayedBanditTranslation` if it has several, with a choice in one of them."""


class TrialMemory(NamedTuple):
    """State of an agent between steps."""

    trial: Trial
    """What is remembered of the running trial."""
    state: State
    """What the model has learned."""


@settings
class TrialAgent(AgentDefaults):
    """An agent that chooses and learns as a model of trials does.

    Parameters
    ----------
    model : Model
    translation : Translation
        Of the task; `agent_of` finds it.
    """

    model: Model
    translation: Translation

    values_reach_next_trial: ClassVar[bool] = False

    @property
    def discount(self) -> float:
        """Weight of the next step's value in the agent's reward-prediction error."""
        return self.translation.discount

    @property
    def has_rpe_input(self) -> bool:
        """Whether the agent's dopamine can be stimulated."""
        return self.translation.takes_stimulation

    @property
    def readouts(self) -> dict[str, tuple[str, ...]]:
        """Fields of the read-out -> their axes beyond network and episode."""
        return {"logits": ("option",), **self.translation.readouts, **dict.fromkeys(self.model.signals, ())}

    def begin(self, shape: tuple[int, int]) -> None:
        """Return the memory at the start of an episode: the first step fills it."""
        return

    def act(self, percept: Percept, memory: TrialMemory | None, noise: Tensor) -> tuple[Tensor, Any, TrialMemory]:
        trial, state = memory or self._born(noise)
        trial, experience = self.translation.perceive(trial, percept, self.model, state)
        if bool(experience.finished.any()):
            state = self.model.update(state, experience)
        logits, recorded = self.translation.prefer(trial, percept, self.model, state, noise.shape[-1])
        logits = logits.to(noise.dtype)
        action = (logits + noise).argmax(-1)
        recorded = {name: value.to(noise.dtype) for name, value in {**recorded, **self.model.read(state)}.items()}
        readout = _readout_type(tuple(self.readouts))(logits=logits, **recorded)
        return action, readout, TrialMemory(self.translation.act(trial, percept, action), state)

    def _born(self, noise: Tensor) -> TrialMemory:
        shape = noise.shape[0], noise.shape[1]
        n_options = self.translation.n_options(noise.shape[-1])
        return TrialMemory(self.translation.begin(shape), self.model.begin(shape, n_options))


def agent_of(model: Model, task: Task | type[Task], **options: Any) -> TrialAgent:
    """Return the agent that acts in a task as a model of trials does.

    Parameters
    ----------
    model : Model
    task : Task, or its class
    **options
        Of the task's translation, such as ``discount`` in `InferredValue`.

    Raises
    ------
    BadInput
        If there is no translation of the task.

    Examples
    --------
    >>> from pfc_metarl.models import RescorlaWagner
    >>> from pfc_metarl.tasks import Volatility
    >>> agent_of(RescorlaWagner(), Volatility).readouts
    {'logits': ('option',), 'action_value': ('option',)}
    """
    model = required_model(model)
    kind = task if isinstance(task, type) else type(task)
    found = [translation for known, translation in TRANSLATIONS.items() if issubclass(kind, known)]
    if not found:
        raise BadInput(
            f"task = {kind.__name__}: no translation of its percepts into trials is known; give one to TrialAgent, "
            "such as BanditTranslation() where a trial is one step."
        )
    return TrialAgent(model=model, translation=found[0](**options))


@functools.cache
def _readout_type(fields: tuple[str, ...]) -> Any:
    return namedtuple("TrialReadout", fields)
