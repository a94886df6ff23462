"""The contract of a task.

A task is a frozen set of parameters with three pure, batched functions. Its state is a NamedTuple whose fields are
either tensors over worlds, of shape ``[network, episode]`` (with further axes where the task names them in
``field_dims``), or plain integers where they are equal in all worlds, such as the clock of a task whose trials have one
length. Every field is recorded: the state is the log.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from torch import Tensor

State = Any
"""A NamedTuple with at least the fields ``trial`` and ``phase``; each task defines its own."""


class TrialColumn(NamedTuple):
    """How a column of the trial table is read off a trial; a plain tuple (variable, phase) does as well.

    Parameters
    ----------
    variable : str
        A field of the state, or ``action``, ``reward``, ``observation``.
    phase : str or None
        Phase whose steps are read; None for all steps of the trial.
    read : {"first", "last", "sum"} or None
        Value at the first or the last of those steps, or their sum; None means the sum for ``reward``, the first for
        all others.
    codes : tuple of str
        Names of the codes 0, 1, ...; the column is empty where there is no such code, such as −1 before a choice.
    response : bool or None
        Whether a trial in which the column is empty is lost; None means that it is if the variable is ``action``.

    Examples
    --------
    >>> TrialColumn("reward", "outcome", read="last")
    TrialColumn(variable='reward', phase='outcome', read='last', codes=(), response=None)
    """

    variable: str
    phase: str | None = None
    read: Literal["first", "last", "sum"] | None = None
    codes: tuple[str, ...] = ()
    response: bool | None = None


class Task(ABC):
    """A task. Subclass it as a frozen dataclass (`pfc_metarl.settings.settings` makes one).

    Attributes
    ----------
    n_trials : int
        Trials of an episode, at most.

    Examples
    --------
    A coin whose side is guessed; a lab's own tasks look like this:

    >>> from typing import NamedTuple
    >>> import torch
    >>> from pfc_metarl import settings
    >>> class Coin(NamedTuple):
    ...     trial: int
    ...     phase: int
    ...     side: torch.Tensor
    >>> @settings
    ... class Guess(Task):
    ...     n_trials: int = 3
    ...     action_names = ("heads", "tails")
    ...     channel_names = ("light",)
    ...     phase_names = ("choice",)
    ...     trial_columns = {"choice1": ("action", "choice"), "reward": ("reward", "choice")}
    ...
    ...     @property
    ...     def n_steps(self):
    ...         return self.n_trials
    ...
    ...     def begin(self, noise):
    ...         return Coin(0, 0, noise[..., 0] < 0.5)
    ...
    ...     def observe(self, state):
    ...         return torch.ones(*state.side.shape, 1)
    ...
    ...     def step(self, state, action, noise):
    ...         reward = (state.side == (action == 1)).float()
    ...         return Coin(state.trial + 1, 0, noise[..., 0] < 0.5), reward
    >>> from pfc_metarl import check_task
    >>> check_task(Guess())
    """

    n_trials: int

    @property
    def n_draws(self) -> int:
        """Uniform random numbers that `begin` and every `step` are given per world, whether they use them or not."""
        return 1

    @property
    def field_dims(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the further axes of those state fields that have any."""
        return {}

    @property
    def trial_columns(self) -> Mapping[str, TrialColumn | tuple[str, str]]:
        """How a row of the trial table is read off a trial, by the name of the column."""
        return {}

    @property
    def no_response_actions(self) -> tuple[str, ...]:
        """Names of actions that are no response: a column of actions is empty there, and the trial is lost."""
        return ()

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
        """Draw the initial states of an episode.

        Parameters
        ----------
        noise : Tensor, shape [network, episode, n_draws]
            Uniform in [0, 1); the only source of randomness.
        """

    @abstractmethod
    def observe(self, state: State) -> Tensor:
        """Return what a screen would show: a new tensor, shape [network, episode, channel]."""

    @abstractmethod
    def step(self, state: State, action: Tensor, noise: Tensor) -> tuple[State, Tensor]:
        """Return the states after an action, and its reward.

        Parameters
        ----------
        state : State
            Not changed.
        action : Tensor of int, shape [network, episode]
        noise : Tensor, shape [network, episode, n_draws]

        Returns
        -------
        state : State
        reward : Tensor, shape [network, episode]
            What followed this action.
        """
