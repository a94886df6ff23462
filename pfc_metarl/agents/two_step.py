"""What the reference animals of the two-step task share: they perceive the same percepts, and learn from them alone."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.settings import settings

N_STATES = 2
FIRST_STAGE, SECOND_STAGE = -N_STATES - 1, slice(-N_STATES, None)
"""Channels of the two-step task, counted from the last."""


class Trial(NamedTuple):
    """What an animal remembers of the running trial; tensors of shape [network, episode], -1 for not yet."""

    choice1: Tensor
    state2: Tensor
    chose_before: Tensor
    """Whether the step before was the first stage."""


class Experience(NamedTuple):
    """A finished trial; where `finished` is false, the rest means nothing."""

    finished: Tensor
    choice1: Tensor
    state2: Tensor
    choice2: Tensor
    reward: Tensor


class AnimalMemory(NamedTuple):
    """The running trial, and what was learned so far."""

    trial: Trial
    learned: Any


class AnimalReadout(NamedTuple):
    """What is recorded of an animal."""

    logits: Tensor
    action_value: Tensor


@settings
class ReferenceAnimal(ABC):
    """An animal whose mind we wrote, for the two-step task.

    Parameters
    ----------
    p_common : float
        Probability of the common transition, as the animal believes it to be.
    second_stage_choice : bool
        Whether the task asks for a choice at the second stage.
    inverse_temperature : float
        β of the softmax over first-stage values.
    second_stage_inverse_temperature : float
        β of the softmax at the second stage, if there is a choice.
    """

    p_common: float = Field(0.8, ge=0, le=1)
    second_stage_choice: bool = False
    inverse_temperature: float = Field(5.0, ge=0)
    second_stage_inverse_temperature: float = Field(5.0, ge=0)

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {"logits": ("option",), "action_value": ("option",)}
    discount: ClassVar[float] = 1.0
    values_reach_next_trial: ClassVar[bool] = False

    @abstractmethod
    def innocent(self, shape: tuple[int, int]) -> Any:
        """Return what an animal knows before its first trial."""

    @abstractmethod
    def learn(self, learned: Any, trial: Experience) -> Any:
        """Learn from a finished trial; where ``trial.finished`` is false the result is not used."""

    @abstractmethod
    def first_stage_values(self, learned: Any) -> Tensor:
        """Return the values of the two first-stage choices, [network, episode, 2]."""

    @abstractmethod
    def second_stage_values(self, learned: Any) -> Tensor:
        """Return the values of the second-stage options, [network, episode, state, option]."""

    def first_stage_logits(self, learned: Any) -> Tensor:
        """Return the logits of the two first-stage choices."""
        return self.inverse_temperature * self.first_stage_values(learned)

    def begin(self, shape: tuple[int, int]) -> AnimalMemory:
        none = torch.full(shape, -1)
        return AnimalMemory(Trial(none, none, none > 0), self.innocent(shape))

    def act(self, percept: Percept, memory: AnimalMemory, noise: Tensor) -> tuple[Tensor, AnimalReadout, AnimalMemory]:
        at_first = percept.observation[..., FIRST_STAGE] > 0
        at_second = percept.observation[..., SECOND_STAGE].any(-1)
        trial, learned = self._perceive(percept, memory)
        options = self.second_stage_values(learned)
        reached = options.gather(
            -2, trial.state2.clamp(min=0)[..., None, None].expand(*options.shape[:2], 1, N_STATES)
        ).squeeze(-2)
        values = torch.where(at_first[..., None], self.first_stage_values(learned), reached * at_second[..., None])
        second_logits = (
            self.second_stage_inverse_temperature * self.second_stage_choice * reached * at_second[..., None]
        )
        logits = torch.where(at_first[..., None], self.first_stage_logits(learned), second_logits)
        waiting = ~(at_first | at_second)
        values, logits = self._with_centre(values, logits, waiting, noise.shape[-1])
        action = (logits + noise).argmax(-1)
        return action, AnimalReadout(logits, values), AnimalMemory(trial._replace(chose_before=at_first), learned)

    def _perceive(self, percept: Percept, memory: AnimalMemory) -> tuple[Trial, Any]:
        """Take in what the last action led to; learn, if it ended a trial."""
        trial, action = memory.trial, percept.previous_action
        seen = percept.observation[..., SECOND_STAGE]
        choice1 = torch.where(trial.chose_before, action, trial.choice1)
        state2 = torch.where(seen.any(-1), seen.argmax(-1), -1)
        finished = (trial.state2 >= 0) & (trial.choice1 >= 0)
        if self.second_stage_choice:
            finished = finished & (action < N_STATES)
        experience = Experience(finished, trial.choice1, trial.state2, action, percept.previous_reward)
        learned = memory.learned
        if bool(finished.any()):
            learned = _where(finished, self.learn(learned, experience), learned)
        choice1 = torch.where(finished & ~trial.chose_before, -1, choice1)
        return Trial(choice1, state2, trial.chose_before), learned

    @staticmethod
    def _with_centre(values: Tensor, logits: Tensor, waiting: Tensor, n_actions: int) -> tuple[Tensor, Tensor]:
        """Give the third action, fixation, its place where there is one."""
        if n_actions == N_STATES:
            return values, logits
        fixate = torch.where(waiting, 1e3, -1e3).unsqueeze(-1)
        return torch.cat([values, torch.zeros_like(fixate)], -1), torch.cat([logits, fixate], -1)


def _where(mask: Tensor, new: Any, old: Any) -> Any:
    """Choose between two NamedTuples of tensors, world by world."""
    pairs = zip(new, old, strict=True)
    return type(old)(*(torch.where(mask.reshape(mask.shape + (1,) * (a.ndim - 2)), a, b) for a, b in pairs))


def chosen(index: Tensor, size: int) -> Tensor:
    """Return a one-hot float tensor, all zero where `index` is -1; shape [..., size]."""
    return (torch.arange(size) == index.unsqueeze(-1)).float()


def transition_values(state_values: Tensor, p_common: float) -> Tensor:
    """Return T·V, the model-based values of the two first-stage choices, from the values of the two states."""
    return p_common * state_values + (1 - p_common) * state_values.flip(-1)
