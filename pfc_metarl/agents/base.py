"""The contract of everything that can act: networks, models of trials, random agents."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, Self, runtime_checkable

from torch import Tensor

from pfc_metarl.tasks.base import Task

Memory = Any
"""State of an agent between steps; each agent defines its own."""

Readout = Any
"""A NamedTuple of what can be read out of an agent at a step; every field is recorded."""


Edit = Callable[[Tensor], Tensor]
"""What is done to the units of a network: activity -> activity, [network, episode, unit]; see
`pfc_metarl.simulation.interventions`."""


class Percept(NamedTuple):
    """What reaches an agent at a step."""

    observation: Tensor
    """Shape [network, episode, channel]."""
    previous_action: Tensor
    """Shape [network, episode]; -1 at the first step of an episode."""
    previous_reward: Tensor
    """Shape [network, episode]; 0 at the first step of an episode."""
    stimulation: Tensor | None = None
    """Dopamine added to the reward-prediction error that the agent is given, shape [network, episode]; none if None."""
    edit: Edit | None = None
    """What is done to the activity that this percept causes, before it is read out and passed on; nothing if None."""
    cell_edit: Edit | None = None
    """The same for the units' cells, whose state is passed to the next step too."""


@runtime_checkable
class Agent(Protocol):
    """Anything that can be put into a task by `pfc_metarl.simulation.rollout.rollout`.

    An agent of your own declares all of this; `AgentDefaults` is a base class with what most have in common.
    """

    @property
    def readouts(self) -> Mapping[str, tuple[str, ...]]:
        """Fields of the read-out to record -> their axes beyond network and episode ("option", "unit")."""

    @property
    def discount(self) -> float:
        """Weight of the next step's value in the agent's reward-prediction error."""

    @property
    def values_reach_next_trial(self) -> bool:
        """Whether the value at the end of a trial includes the trials after it."""

    @property
    def device(self) -> str:
        """Where its tensors are, as torch names it; noise is drawn there."""

    @property
    def has_rpe_input(self) -> bool:
        """Whether it is given its reward-prediction error, so that ``Percept.stimulation`` has an effect."""

    @property
    def units_can_be_edited(self) -> bool:
        """Whether it has units, so that ``Percept.edit`` has an effect."""

    @property
    def n_networks(self) -> int | None:
        """Number of networks, each with its own weights; None for an agent that may be any number of individuals."""

    def for_task(self, task: Task) -> "Agent":
        """Return this agent, ready for the episodes of a task.

        Raises
        ------
        BadInput
            If it cannot act in it.
        """

    def begin(self, shape: tuple[int, int]) -> Memory:
        """Return the memory at the start of an episode, for `shape` = (networks, episodes) worlds."""

    def act(self, percept: Percept, memory: Memory, noise: Tensor) -> tuple[Tensor, Readout, Memory]:
        """Choose an action in every world.

        Parameters
        ----------
        percept : Percept
        memory : Memory
        noise : Tensor, shape [network, episode, action]
            Standard Gumbel variates, so that ``(logits + noise).argmax(-1)`` is a sample of the softmax.

        Returns
        -------
        action : Tensor of int, shape [network, episode]
        readout : Readout
        memory : Memory
        """


class AgentDefaults:
    """What most agents declare: tensors on the CPU, no dopamine to stimulate, no units to edit, and any task."""

    device: str = "cpu"
    n_networks: int | None = None

    @property
    def has_rpe_input(self) -> bool:
        return False

    @property
    def units_can_be_edited(self) -> bool:
        return False

    def for_task(self, task: Task) -> Self:
        return self
