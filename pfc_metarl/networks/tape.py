"""Tapes: the activity of a recurrent core and its heads over an episode, and how errors flow back through it."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from pfc_metarl.networks.cores import CORES, Core, Frame, Gates
from pfc_metarl.networks.weights import Weights


class Part(NamedTuple):
    """The shape of a recurrent core with its heads."""

    core: str
    """A name of `pfc_metarl.networks.cores.CORES`."""
    units: int
    inputs: dict[str, int]
    """What reaches the core: name -> width."""
    outputs: dict[str, int]
    """What its heads tell: name -> width; a value has width 1."""

    @property
    def n_inputs(self) -> int:
        """Width of all inputs together."""
        return sum(self.inputs.values())

    @property
    def n_outputs(self) -> int:
        """Width of all outputs together."""
        return sum(self.outputs.values())


SINGLE = ("previous_reward", "rpe", "value")
"""Inputs and outputs that are one number; views of them have no axis for it."""


class StepViews(NamedTuple):
    """Where one step reads and writes; each [network, episode, ...]."""

    slots: dict[str, Tensor]
    """Where the parts of a percept go, by name."""
    inputs: Tensor
    """All that the core sees: inputs, units of the step before, 1."""
    outputs: Tensor
    """All that the heads see: units, 1."""
    heads: Tensor
    """All that the heads tell."""
    told: dict[str, Tensor]
    """The parts of it, by name: logits [network, episode, action], value [network, episode]."""
    errors_after: Tensor
    """Derivatives with respect to what this step's units lead to: the gates of the next step, the heads of this."""
    frame: Frame


class RunViews(NamedTuple):
    """Where a run of steps reads and writes on the way back; [network, step, episode, ...] but for the frame."""

    steps: slice
    frame: Frame
    errors_after: Tensor
    """Derivatives with respect to what these steps lead to."""
    percepts_after: Tensor
    """What they belong to: the inputs of the steps after these, the units of these."""
    errors: Tensor
    """Derivatives with respect to the gates of these steps."""


class Tape:
    """Buffers for one episode of a cohort: percepts, activity, read-outs, errors; reused from episode to episode.

    What a product over several steps of a network reads (`percepts`, `errors`) is [network, step, episode, ...] in
    memory, everything else [step, network, episode, ...]: so no product needs a copy. Row t of `percepts` holds the
    inputs of step t and the units after step t − 1; its row of `errors` the derivatives with respect to all that is
    computed from it: the gates of step t and the heads of step t − 1. Errors are kept for a run of `steps_at_once`
    steps only, which stays in the cache, and a row for the step after it.

    Parameters
    ----------
    part : Part
    weights : Weights
        Shared, not copied: after `rewind` the tape computes with their present values. ``core`` has shape
        [network, inputs + units + 1, gates * units], rows: inputs, units of the step before, bias; ``heads``
        [network, units + 1, outputs], last row: bias; ``initial``, the state at the start of an episode,
        [network, states, units]: hidden, and cell where there is one.
    n_steps, n_episodes : int
    traced : str, optional
        Name of the input with respect to which `backward` takes the derivative too, into `d_input`; `input` is where
        this input stands. Shape [network, step, episode, width].
    """

    steps_at_once = 5
    """Steps that `backward` takes together: few enough to stay in the cache."""
    floats_at_once = 8
    """Rows of errors begin where a processor can load so many numbers at once."""

    def __init__(self, part: Part, weights: Weights, n_steps: int, n_episodes: int, traced: str | None = None) -> None:
        self.core: type[Core] = CORES[part.core]
        self.part, self.weights, self.units, self.n_inputs = part, weights, part.units, part.n_inputs
        n_networks, n_rows, self.n_columns = weights["core"].shape
        device = weights["core"].device

        def buffer(steps: int, width: int) -> Tensor:
            return torch.zeros(steps, n_networks, n_episodes, width, device=device, dtype=weights["core"].dtype)

        self.percepts = buffer(n_steps + 1, n_rows).transpose(0, 1).contiguous()
        self.percepts[..., -1].fill_(1)
        self.told = slice(self.n_columns, self.n_columns + part.n_outputs)
        width = math.ceil(self.told.stop / self.floats_at_once) * self.floats_at_once
        self.errors = buffer(self.steps_at_once + 1, width).transpose(0, 1).contiguous()
        self.gates = buffer(n_steps, self.n_columns)
        self.pre_activations = self._gates(buffer(1, self.n_columns)[0])
        self.work = buffer(n_steps, part.units)
        self.cells = buffer(n_steps + 1, part.units)
        self.heads = buffer(n_steps, part.n_outputs)
        scales = weights["core"].new_tensor([self.core.scales, self.core.error_scales])
        self.scale, self.error_scale = scales.repeat_interleave(part.units, -1)
        connected = self.core.connected(self.n_inputs, part.units).to(device)
        self.d_core_scale = (connected * scales[1, :, None]).expand(-1, -1, part.units).flatten(1)
        self.scaled = torch.empty_like(weights["core"])
        self.read_by_heads = torch.empty_like(weights["heads"].mT, memory_format=torch.contiguous_format).mT
        self.traced, self.n_steps = _place(part.inputs, traced), n_steps
        self.input = self.percepts[:, :-1, :, self.traced]
        self.d_input = torch.zeros_like(self.input, memory_format=torch.contiguous_format)
        self.steps = [self._views(t) for t in range(n_steps)]
        ends = range(n_steps, 0, -self.steps_at_once)
        self.runs = [self._run_views(slice(max(0, end - self.steps_at_once), end)) for end in ends]

    def rewind(self) -> None:
        """Start a new episode with the present weights."""
        torch.mul(self.weights["core"], self.scale, out=self.scaled)
        self.read_by_heads.copy_(self.weights["heads"])  # columns contiguous: twice as fast for so narrow a product
        self.percepts[:, 0, :, self.n_inputs : -1] = self.weights["initial"][:, :1]
        if self.core.has_cell:
            self.cells[0] = self.weights["initial"][:, 1:]

    def forward(
        self,
        t: int,
        edit: Callable[[Tensor], Tensor] | None = None,
        cell_edit: Callable[[Tensor], Tensor] | None = None,
    ) -> StepViews:
        """Compute step `t` from the percept in its slots.

        Parameters
        ----------
        t : int
        edit : callable, optional
            hidden -> hidden, [network, episode, unit]: applied to what the core tells, before heads and the next step
            see it. `backward` knows nothing of it.
        cell_edit : callable, optional
            cell -> cell, in the same way.
        """
        views = self.steps[t]
        torch.bmm(views.inputs, self.scaled, out=views.frame.pre_activations.every)
        self.core.forward(views.frame)
        if edit is not None:
            views.frame.hidden.copy_(edit(views.frame.hidden))
        if cell_edit is not None:
            views.frame.cell.copy_(cell_edit(views.frame.cell))
        torch.bmm(views.outputs, self.read_by_heads, out=views.heads)
        return views

    def backward(self, d_heads: Tensor) -> Weights:
        """Return the gradient of a scalar with respect to the weights; once per episode, for scratch is used up.

        Parameters
        ----------
        d_heads : Tensor, shape [step, network, episode, outputs]
            Derivative of the scalar with respect to what the heads told at every step.
        """
        n_columns, core, heads = self.n_columns, self.weights["core"] * self.error_scale, self.weights["heads"]
        to_units = core.new_zeros(len(core), self.errors.shape[-1], self.units)
        to_units[:, :n_columns] = core[:, self.n_inputs : -1].mT
        to_units[:, self.told] = heads[:, :-1].mT
        d_weights = core.new_zeros(*core.shape[:2], self.errors.shape[-1])
        d_hidden, passed_on, d_cell = core.new_zeros(3, *self.work.shape[1:])
        self.errors[:, 0].zero_()
        for run in self.runs:
            run.errors_after[:, -1, :, :n_columns] = self.errors[:, 0, :, :n_columns]
            run.errors_after[..., self.told] = d_heads[run.steps].transpose(0, 1)
            self.core.prepare(run.frame)
            for views in reversed(self.steps[run.steps]):
                torch.baddbmm(passed_on, views.errors_after, to_units, out=d_hidden)
                self.core.backward(views.frame, d_hidden, passed_on, d_cell)
            d_weights.baddbmm_(run.percepts_after.flatten(1, 2).mT, run.errors_after.flatten(1, 2))
            self._trace(run, core)
        first = self.errors[:, self._row(0)]
        first[..., n_columns:].zero_()
        d_weights.baddbmm_(self.percepts[:, 0].mT, first)
        d_initial = [torch.baddbmm(passed_on, first, to_units).sum(1), d_cell.sum(1)]
        return {
            "core": d_weights[..., :n_columns] * self.d_core_scale,
            "heads": d_weights[:, self.n_inputs :, self.told],
            "initial": torch.stack(d_initial[: 1 + self.core.has_cell], dim=1),
        }

    def _trace(self, run: RunViews, core: Tensor) -> None:
        """Keep the derivative with respect to the traced input."""
        if self.d_input.numel():
            rows = core[:, self.traced]
            self.d_input[:, run.steps] = (run.errors.flatten(1, 2) @ rows.mT).unflatten(1, run.errors.shape[1:3])

    def _row(self, t: int) -> int:
        """Return the row of `errors` for the gates of a step."""
        return (t - self.n_steps) % self.steps_at_once

    def _views(self, t: int) -> StepViews:
        now, after = self.percepts[:, t], self.percepts[:, t + 1]
        return StepViews(
            slots=_by_name(now[..., : self.n_inputs], self.part.inputs),
            inputs=now,
            outputs=after[..., self.n_inputs :],
            heads=self.heads[t],
            told=_by_name(self.heads[t], self.part.outputs),
            errors_after=self.errors[:, self._row(t) + 1],
            frame=self._frame(t),
        )

    def _run_views(self, steps: slice) -> RunViews:
        return RunViews(
            steps=steps,
            frame=self._frame(steps),
            errors_after=self.errors[:, self._row(steps.start) + 1 :],
            percepts_after=self.percepts[:, steps.start + 1 : steps.stop + 1],
            errors=self._errors(steps).transpose(0, 1),
        )

    def _frame(self, steps: int | slice) -> Frame:
        units = slice(self.n_inputs, -1)
        after = steps + 1 if isinstance(steps, int) else slice(steps.start + 1, steps.stop + 1)
        percepts, errors = self.percepts.transpose(0, 1), self._errors(steps)
        return Frame(
            pre_activations=self.pre_activations,
            gates=self._gates(self.gates[steps]),
            hidden_before=percepts[steps][..., units],
            hidden=percepts[after][..., units],
            cell_before=self.cells[steps],
            cell=self.cells[after],
            work=self.work[steps],
            errors=self._gates(errors),
        )

    def _gates(self, every: Tensor) -> Gates:
        return Gates(every, every.chunk(len(self.core.scales), -1), every[..., : self.core.n_sigmoids * self.units])

    def _errors(self, steps: int | slice) -> Tensor:
        """Return where the errors of the gates of these steps stand, [(step,) network, episode, ...]."""
        first, last = (steps, steps) if isinstance(steps, int) else (steps.start, steps.stop - 1)
        rows = self.errors.transpose(0, 1)[self._row(first) : self._row(last) + 1, ..., : self.n_columns]
        return rows[0] if isinstance(steps, int) else rows


def _by_name(values: Tensor, widths: dict[str, int]) -> dict[str, Tensor]:
    parts = zip(widths, values.split(list(widths.values()), dim=-1), strict=True)
    return {name: part.squeeze(-1) if name in SINGLE else part for name, part in parts}


def _place(widths: dict[str, int], name: str | None) -> slice:
    """Return where the input of this name stands among all, which follow each other; nowhere if none is named."""
    if name is None:
        return slice(0)
    names = list(widths)
    start = sum(widths[before] for before in names[: names.index(name)])
    return slice(start, start + widths[name])
