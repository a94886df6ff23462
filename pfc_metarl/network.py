"""The prefrontal network: a recurrent core with a policy and a value head, many independent ones in one stack.

A *cohort* of networks is one set of weights with a leading network axis; one batched product serves all. Nothing here
learns: `backward` returns gradients, and only `training` applies them.
"""

import math
from typing import Literal, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.cores import CORES, Core, Frame
from pfc_metarl.settings import settings

Input = Literal["observation", "previous_action", "previous_reward"]


@settings
class Network:
    """Settings of the prefrontal network.

    Parameters
    ----------
    core : {"lstm", "gru", "rnn", "feedforward"}
        The last is the control without memory.
    units : int
        Units of the core. Wang et al. 2018 use 48.
    inputs : tuple of {"observation", "previous_action", "previous_reward"}
        What reaches the network. Leave one out for a control, such as the network without reward input.
    learned_initial_state : bool
        Whether the state at the start of an episode is learned (as in Simulations 1-4 and 6) or zero.
    """

    core: Literal["lstm", "gru", "rnn", "feedforward"] = "lstm"
    units: int = Field(48, ge=1, le=1_000_000)
    inputs: tuple[Input, ...] = Field(("observation", "previous_action", "previous_reward"), min_length=1)
    learned_initial_state: bool = True

    def widths(self, n_channels: int, n_actions: int) -> dict[str, int]:
        """Return how many inputs each of `inputs` takes, in order."""
        width = {"observation": n_channels, "previous_action": n_actions, "previous_reward": 1}
        return {name: width[name] for name in self.inputs}


class Weights(NamedTuple):
    """Weights of a cohort; the first axis is the network."""

    core: Tensor
    """Shape [network, inputs + units + 1, gates * units]; rows: inputs, units of the step before, bias."""
    heads: Tensor
    """Shape [network, units + 1, actions + 1]; columns: a logit per action, value; last row: bias."""
    initial: Tensor
    """State at the start of an episode, shape [network, states, units]: hidden, and cell where there is one."""

    def of(self, networks: slice) -> "Weights":
        """Return the weights of some networks."""
        return Weights(*(tensor[networks] for tensor in self))


def initial_weights(network: Network, n_channels: int, n_actions: int, generators: list[torch.Generator]) -> Weights:
    """Draw the weights of a cohort, one generator per network.

    Input and recurrent weights are uniform within ±1/√units, as is usual in torch; biases are zero, but for a forget
    gate that starts open (bias 1); heads start small, so that every policy starts near chance.
    """
    core = CORES[network.core]
    n_inputs = sum(network.widths(n_channels, n_actions).values())
    shape = (n_inputs + network.units + 1, core.n_gates, network.units)
    bound = 1 / math.sqrt(network.units)
    columns, heads = [], []
    for generator in generators:
        weight = (2 * torch.rand(shape, generator=generator) - 1) * bound
        weight[-1] = 0
        if core.has_cell:
            weight[-1, 2] = 1
        columns.append((weight * core.connected(n_inputs, network.units)).flatten(1))
        head = torch.randn(network.units + 1, n_actions + 1, generator=generator) * (0.1 * bound)
        head[-1] = 0
        heads.append(head)
    initial = torch.zeros(len(generators), 1 + core.has_cell, network.units)
    return Weights(torch.stack(columns), torch.stack(heads), initial)


class StepViews(NamedTuple):
    """Where one step reads and writes; each [network, episode, ...]."""

    slots: dict[str, Tensor]
    """Where the parts of a percept go, by name."""
    inputs: Tensor
    """All that the core sees: inputs, units of the step before, 1."""
    outputs: Tensor
    """All that the heads see: units, 1."""
    heads: Tensor
    """Logits and value."""
    logits: Tensor
    value: Tensor
    errors_after: Tensor
    """Derivatives with respect to what this step's units lead to: the gates of the next step, the heads of this."""
    frame: Frame


class Tape:
    """Buffers for one episode of a cohort: percepts, activity, read-outs, errors; reused from episode to episode.

    What a product over all steps of a network reads (`percepts`, `errors`) is [network, step, episode, ...] in memory,
    everything else [step, network, episode, ...]: so no product needs a copy. Row t of `percepts` holds the inputs of
    step t and the units after step t − 1; row t of `errors` the derivatives with respect to all that is computed from
    it: the gates of step t and the heads of step t − 1.

    Parameters
    ----------
    network : Network
    weights : Weights
        Shared, not copied: after `rewind` the tape computes with their present values.
    n_channels, n_actions, n_steps, n_episodes : int
    """

    steps_at_once = 4
    """Steps whose factors `backward` prepares together: few enough to stay in the cache."""

    def __init__(
        self, network: Network, weights: Weights, n_channels: int, n_actions: int, n_steps: int, n_episodes: int
    ) -> None:
        self.core: type[Core] = CORES[network.core]
        self.weights, self.n_steps, self.units = weights, n_steps, network.units
        self.widths = network.widths(n_channels, n_actions)
        self.n_inputs = sum(self.widths.values())
        n_networks, n_rows, n_columns = weights.core.shape
        device = weights.core.device

        def buffer(steps: int, width: int) -> Tensor:
            return torch.zeros(steps, n_networks, n_episodes, width, device=device)

        self.percepts = buffer(n_steps + 1, n_rows).transpose(0, 1).contiguous()
        self.percepts[..., -1] = 1
        self.errors = buffer(n_steps + 1, n_columns + n_actions + 1).transpose(0, 1).contiguous()
        self.gates = buffer(n_steps, n_columns)
        self.work = buffer(n_steps, network.units)
        self.cells = buffer(n_steps + 1, network.units)
        self.heads = buffer(n_steps, n_actions + 1)
        self.actions = torch.arange(n_actions, device=device)
        pre_scale = torch.full((self.core.n_gates, network.units), 2.0, device=device)
        pre_scale[: self.core.n_sigmoids] = 1
        self.pre_scale = pre_scale.flatten()
        self.mask = self.core.connected(self.n_inputs, network.units).to(device)
        self.scaled = torch.empty_like(weights.core)
        self.steps = [self._views(t) for t in range(n_steps)]
        self.runs = [slice(max(0, stop - self.steps_at_once), stop) for stop in range(n_steps, 0, -self.steps_at_once)]
        self.run_frames = [self._frame(run) for run in self.runs]

    def rewind(self) -> None:
        """Start a new episode with the present weights."""
        torch.mul(self.weights.core, self.pre_scale, out=self.scaled)
        self.percepts[:, 0, :, self.n_inputs : -1] = self.weights.initial[:, :1]
        if self.core.has_cell:
            self.cells[0] = self.weights.initial[:, 1:]

    def forward(self, t: int) -> StepViews:
        """Compute step `t` from the percept in its slots."""
        views = self.steps[t]
        torch.bmm(views.inputs, self.scaled, out=views.frame.gates)
        self.core.forward(views.frame)
        torch.bmm(views.outputs, self.weights.heads, out=views.heads)
        return views

    def backward(self, d_heads: Tensor) -> Weights:
        """Return the gradient of a scalar with respect to the weights; activity on the tape is used up.

        Parameters
        ----------
        d_heads : Tensor, shape [step, network, episode, actions + 1]
            Derivative of the scalar with respect to the logits and the value of every step.
        """
        n_columns = self.gates.shape[-1]
        self.errors[:, 1:, :, n_columns:] = d_heads.transpose(0, 1)
        to_units = torch.cat([self.weights.core[:, self.n_inputs : -1], self.weights.heads[:, :-1]], -1).mT.contiguous()
        d_hidden = torch.zeros_like(self.work[0])
        passed_on, d_cell = torch.zeros_like(d_hidden), torch.zeros_like(d_hidden)
        for run, run_frame in zip(self.runs, self.run_frames, strict=True):
            self.core.prepare(run_frame)
            for t in reversed(range(run.start, run.stop)):
                views = self.steps[t]
                torch.baddbmm(passed_on, views.errors_after, to_units, out=d_hidden)
                self.core.backward(views.frame, d_hidden, passed_on, d_cell)
        d_initial = [torch.baddbmm(passed_on, self.errors[:, 0], to_units).sum(1), d_cell.sum(1)]
        d_weights = self.percepts.flatten(1, 2).mT @ self.errors.flatten(1, 2)
        d_core = d_weights[..., :n_columns].unflatten(-1, (self.core.n_gates, self.units)) * self.mask
        return Weights(
            core=d_core.flatten(-2),
            heads=d_weights[:, self.n_inputs :, n_columns:],
            initial=torch.stack(d_initial[: 1 + self.core.has_cell], dim=1),
        )

    def _views(self, t: int) -> StepViews:
        now, after = self.percepts[:, t], self.percepts[:, t + 1]
        parts = now[..., : self.n_inputs].split(list(self.widths.values()), dim=-1)
        heads = self.heads[t]
        return StepViews(
            slots=dict(zip(self.widths, parts, strict=True)),
            inputs=now,
            outputs=after[..., self.n_inputs :],
            heads=heads,
            logits=heads[..., :-1],
            value=heads[..., -1],
            errors_after=self.errors[:, t + 1],
            frame=self._frame(t),
        )

    def _frame(self, steps: int | slice) -> Frame:
        after = steps + 1 if isinstance(steps, int) else slice(steps.start + 1, steps.stop + 1)
        gates, units = self.gates[steps], slice(self.n_inputs, -1)
        percepts, errors = self.percepts.transpose(0, 1), self.errors.transpose(0, 1)[steps]
        return Frame(
            gates=gates,
            blocks=gates.chunk(self.core.n_gates, dim=-1),
            sigmoids=gates[..., : self.core.n_sigmoids * self.units],
            hidden_before=percepts[steps][..., units],
            hidden=percepts[after][..., units],
            cell_before=self.cells[steps],
            cell=self.cells[after],
            work=self.work[steps],
            errors=errors[..., : gates.shape[-1]].chunk(self.core.n_gates, dim=-1),
        )
