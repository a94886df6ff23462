"""The prefrontal network as an agent: percepts in, activity and choices out, weights never touched."""

from typing import NamedTuple

import torch
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.cores import CORES
from pfc_metarl.network import Network, Tape, Weights


class NetworkReadout(NamedTuple):
    """What is recorded of a network; views that hold until its next episode begins."""

    logits: Tensor
    value: Tensor
    hidden: Tensor
    cell: Tensor


class NetworkMemory(NamedTuple):
    """The tape on which activity is written, and the step it has reached."""

    tape: Tape
    step: int


class Prefrontal:
    """A cohort of networks that acts by its activity alone.

    Parameters
    ----------
    network : Network
    weights : Weights
        Shared with whoever trains them; an agent only reads them.
    n_channels, n_actions, n_steps : int
        Sizes of the task.
    discount : float
        γ with which the value head was trained.
    """

    values_reach_next_trial = True

    def __init__(
        self, network: Network, weights: Weights, n_channels: int, n_actions: int, n_steps: int, discount: float
    ) -> None:
        self.network, self.weights, self.discount = network, weights, discount
        self.n_channels, self.n_actions, self.n_steps = n_channels, n_actions, n_steps
        self.device = str(weights.core.device)
        self.readouts: dict[str, tuple[str, ...]] = {"logits": ("option",), "value": (), "hidden": ("unit",)}
        if CORES[network.core].has_cell:
            self.readouts["cell"] = ("unit",)
        self._tape: Tape | None = None

    @property
    def tape(self) -> Tape:
        """The activity of the running or last episode."""
        if self._tape is None:
            raise RuntimeError("the agent has not begun an episode")
        return self._tape

    def begin(self, shape: tuple[int, int]) -> NetworkMemory:
        tape = self._tape
        if tape is None or tape.heads.shape[2] != shape[1]:
            tape = Tape(self.network, self.weights, self.n_channels, self.n_actions, self.n_steps, shape[1])
            self._tape = tape
        tape.rewind()
        return NetworkMemory(tape, 0)

    def act(
        self, percept: Percept, memory: NetworkMemory, noise: Tensor
    ) -> tuple[Tensor, NetworkReadout, NetworkMemory]:
        tape, step = memory
        for name, slot in tape.steps[step].slots.items():
            if name == "previous_action":
                torch.eq(percept.previous_action.unsqueeze(-1), tape.actions, out=slot)
            elif name == "previous_reward":
                slot.copy_(percept.previous_reward.unsqueeze(-1))
            else:
                slot.copy_(percept.observation)
        views = tape.forward(step)
        action = (views.logits + noise).argmax(-1)
        readout = NetworkReadout(views.logits, views.value, views.frame.hidden, views.frame.cell)
        return action, readout, NetworkMemory(tape, step + 1)
