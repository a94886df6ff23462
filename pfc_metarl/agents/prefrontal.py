"""The prefrontal network as an agent: percepts in, activity and choices out, weights never touched."""

from typing import NamedTuple

import torch
from torch import Tensor

from pfc_metarl import dopamine
from pfc_metarl.agents.base import Edit, Percept
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.network import Activity, Network
from pfc_metarl.networks.tape import Tape
from pfc_metarl.networks.weights import Weights


class NetworkReadout(NamedTuple):
    """What is recorded of a network; views that hold until its next episode begins."""

    logits: Tensor
    value: Tensor
    hidden: Tensor
    """Of the core with the policy."""
    cell: Tensor


class RpeDrivenReadout(NamedTuple):
    """What is recorded of a network whose actor is given the reward-prediction error."""

    logits: Tensor
    value: Tensor
    hidden: Tensor
    cell: Tensor
    rpe_input: Tensor
    """What the actor was given: the prediction error of the step before, with what stimulation added."""


class NetworkMemory(NamedTuple):
    """The activity so far, and the step it has reached."""

    activity: Activity
    step: int


class Prefrontal:
    """A cohort of networks that acts by its activity alone.

    With a separate critic, the critic lives through a step first. Its value gives the reward-prediction error of the
    step before, δ[t−1] = r[t−1] + γ V[t] − V[t−1], and this is what reaches the actor (0 at the first step).

    If the percept brings an edit, it is applied to the units of the core with the policy: heads, recording and the
    next step see what it left. The cells of an LSTM are touched only if it brings an edit of these too.

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
    units_can_be_edited = True

    def __init__(
        self, network: Network, weights: Weights, n_channels: int, n_actions: int, n_steps: int, discount: float
    ) -> None:
        self.network, self.weights, self.discount = network, weights, discount
        self.n_channels, self.n_actions, self.n_steps = n_channels, n_actions, n_steps
        self.device = str(weights["core"].device)
        self.has_rpe_input = network.has_rpe_input
        self.readouts: dict[str, tuple[str, ...]] = {"logits": ("option",), "value": (), "hidden": ("unit",)}
        if CORES[network.core].has_cell:
            self.readouts["cell"] = ("unit",)
        if self.has_rpe_input:
            self.readouts["rpe_input"] = ()
        self._actions = torch.arange(n_actions, device=self.device)
        self._activity: Activity | None = None

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
                self._activity = activity = Activity(self.network, self.weights, *sizes)
        activity.rewind()
        return NetworkMemory(activity, 0)

    def act(
        self, percept: Percept, memory: NetworkMemory, noise: Tensor
    ) -> tuple[Tensor, NetworkReadout | RpeDrivenReadout, NetworkMemory]:
        activity, step = memory
        if activity.encoder is not None:
            percept = percept._replace(observation=activity.see(percept.observation))
        rpe = None
        if activity.critic is not None:
            self._perceive(activity.critic, step, percept)
            rpe = self._rpe(activity, step, percept)
        self._perceive(activity.actor, step, percept, rpe, (percept.edit, percept.cell_edit))
        told, frame = activity.told[step], activity.actor.steps[step].frame
        action = (told["logits"] + noise).argmax(-1)
        readout: NetworkReadout | RpeDrivenReadout
        readout = NetworkReadout(told["logits"], told["value"], frame.hidden, frame.cell)
        if rpe is not None and self.has_rpe_input:
            readout = RpeDrivenReadout(*readout, rpe)
        return action, readout, NetworkMemory(activity, step + 1)

    def _perceive(
        self,
        tape: Tape,
        step: int,
        percept: Percept,
        rpe: Tensor | None = None,
        edits: tuple[Edit | None, Edit | None] = (None, None),
    ) -> None:
        for name, slot in tape.steps[step].slots.items():
            if name == "previous_action":
                torch.eq(percept.previous_action.unsqueeze(-1), self._actions, out=slot)
            elif name == "previous_reward":
                slot.copy_(percept.previous_reward)
            elif name == "rpe" and rpe is not None:
                slot.copy_(rpe)
            else:
                slot.copy_(percept.observation)
        tape.forward(step, *edits)

    def _rpe(self, activity: Activity, step: int, percept: Percept) -> Tensor:
        if step == 0:
            rpe = torch.zeros_like(percept.previous_reward)
        else:
            before, now = activity.told[step - 1]["value"], activity.told[step]["value"]
            rpe = dopamine.prediction_error(percept.previous_reward, before, now, self.discount)
        return rpe if percept.stimulation is None else rpe + percept.stimulation
