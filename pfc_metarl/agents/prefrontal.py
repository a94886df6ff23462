"""A cohort of networks as an agent: percepts are its input, activity and choices its output."""

import copy
from typing import NamedTuple, Self

import torch
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.networks.base import Activity, Architecture, Readout
from pfc_metarl.networks.weights import Weights
from pfc_metarl.settings import BadInput, counted
from pfc_metarl.tasks.base import Task


class NetworkMemory(NamedTuple):
    """The activity so far, and the step it has reached."""

    activity: Activity
    step: int


class Prefrontal:
    """A cohort of networks that acts by its activity alone.

    If the percept has an edit, it is applied to the units of the core with the policy: heads, recording and the
    next step receive the edited activity. The cells of an LSTM are edited only if the percept has an edit of cells.

    Parameters
    ----------
    network : Architecture
    weights : Weights
        Not copied: training may change them, an agent only reads them.
    n_channels, n_actions, n_steps : int
        Sizes of the task.
    discount : float
        γ with which the value head was trained.
    """

    values_reach_next_trial = True
    units_can_be_edited = True

    def __init__(
        self, network: Architecture, weights: Weights, n_channels: int, n_actions: int, n_steps: int, discount: float
    ) -> None:
        self.network, self.weights, self.discount = network, weights, discount
        self.n_channels, self.n_actions, self.n_steps = n_channels, n_actions, n_steps
        self.device = str(next(iter(weights.values())).device)
        self.has_rpe_input = network.has_rpe_input
        self.readouts = dict(network.readouts)
        self._activity: Activity | None = None

    def __repr__(self) -> str:
        sizes = {type(self.network).__name__: self.n_networks, "channel": self.n_channels, "action": self.n_actions}
        sizes["step"] = self.n_steps
        return f"<Prefrontal: {', '.join(counted(number, noun) for noun, number in sizes.items())}>"

    @property
    def n_networks(self) -> int:
        """Networks of the cohort."""
        return len(next(iter(self.weights.values())))

    def for_task(self, task: Task) -> Self:
        """Return the same networks with room for the activity of all steps of an episode.

        Raises
        ------
        BadInput
            If they were trained with another number of channels or actions.
        """
        sizes = (("channels", task.channel_names, self.n_channels), ("actions", task.action_names, self.n_actions))
        for what, names, trained in sizes:
            if len(names) != trained:
                raise BadInput(f"task: it has {len(names)} {what}, the networks were trained with {trained}.")
        if task.n_steps <= self.n_steps:
            return self
        longer = copy.copy(self)
        longer.n_steps, longer._activity = task.n_steps, None
        return longer

    @property
    def activity(self) -> Activity:
        """The activity of the running or last episode."""
        if self._activity is None:
            raise RuntimeError("the agent has not begun an episode")
        return self._activity

    def begin(self, shape: tuple[int, int]) -> NetworkMemory:
        activity = self._activity
        if activity is None or activity.n_episodes != shape[1]:
            sizes = self.n_channels, self.n_actions, self.n_steps, shape[1]
            with torch.inference_mode(False):  # these buffers are used again, where derivatives are taken
                self._activity = activity = self.network.activity(self.weights, *sizes, self.discount)
        activity.rewind()
        return NetworkMemory(activity, 0)

    def act(self, percept: Percept, memory: NetworkMemory, noise: Tensor) -> tuple[Tensor, Readout, NetworkMemory]:
        activity, step = memory
        action, readout = activity.act(step, percept, noise)
        return action, readout, NetworkMemory(activity, step + 1)
