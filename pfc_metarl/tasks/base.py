"""The contract between a task and whatever meets it.

A task is a frozen set of parameters with three pure, batched functions. Its state is a NamedTuple whose fields are
either tensors over worlds, of shape ``[network, episode]`` (with further axes where the task names them in
``field_dims``), or plain integers where all worlds share them, such as the clock of a task whose trials have one
length. Every field is recorded: the state is the log.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from torch import Tensor

State = Any
"""A NamedTuple with at least the fields ``trial`` and ``phase``; each task defines its own."""


class Task(ABC):
    """A world to act in. Subclass it as a frozen dataclass (`pfc_metarl.settings.settings` makes one).

    Attributes
    ----------
    n_trials : int
        Trials of an episode, at most.
    """

    n_trials: int

    @property
    def n_draws(self) -> int:
        """Uniform random numbers that `begin` and every `step` are given per world, needed or not."""
        return 1

    @property
    def field_dims(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the further axes of those state fields that have any."""
        return {}

    @property
    def trial_columns(self) -> Mapping[str, tuple[str, str]]:
        """How a row of the trial table is read off a trial: column -> (variable, phase at which it is read)."""
        return {}

    @property
    @abstractmethod
    def action_names(self) -> tuple[str, ...]:
        """Names of the actions, in the order of their numbers."""

    @property
    @abstractmethod
    def channel_names(self) -> tuple[str, ...]:
        """Names of the channels of an observation."""

    @property
    @abstractmethod
    def phase_names(self) -> tuple[str, ...]:
        """Names of the values of ``state.phase``."""

    @property
    @abstractmethod
    def n_steps(self) -> int:
        """Steps of an episode."""

    @abstractmethod
    def begin(self, noise: Tensor) -> State:
        """Draw the worlds of an episode.

        Parameters
        ----------
        noise : Tensor, shape [network, episode, n_draws]
            Uniform in [0, 1); the only source of chance.
        """

    @abstractmethod
    def observe(self, state: State) -> Tensor:
        """Show what a screen would show: a new tensor, shape [network, episode, channel]."""

    @abstractmethod
    def step(self, state: State, action: Tensor, noise: Tensor) -> tuple[State, Tensor]:
        """Move the worlds on by one action.

        Parameters
        ----------
        state : State
            Left as it is.
        action : Tensor of int, shape [network, episode]
        noise : Tensor, shape [network, episode, n_draws]

        Returns
        -------
        state : State
        reward : Tensor, shape [network, episode]
            What followed this action.
        """
