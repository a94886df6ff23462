"""Tapes: the activity of a recurrent core and its heads over an episode, and how errors flow back through it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from torch import Tensor

from pfc_metarl import networks
from pfc_metarl.networks.base import runs_compiled
from pfc_metarl.networks.buffers import SINGLE, Buffers
from pfc_metarl.networks.cores import CORES, Core
from pfc_metarl.networks.plain import PlainEngine
from pfc_metarl.networks.weights import Weights

if TYPE_CHECKING:
    from pfc_metarl.networks.compiled import TapeArrays

Edit = Callable[[Tensor], Tensor]


class Part(NamedTuple):
    """The shape of a recurrent core with its heads."""

    core: str
    """A name of `pfc_metarl.networks.cores.CORES`."""
    units: int
    inputs: dict[str, int]
    """What reaches the core: name -> width."""
    outputs: dict[str, int]
    """What its heads compute: name -> width; a value has width 1."""

    @property
    def n_inputs(self) -> int:
        """Width of all inputs together."""
        return sum(self.inputs.values())

    @property
    def n_outputs(self) -> int:
        """Width of all outputs together."""
        return sum(self.outputs.values())


class StepViews(NamedTuple):
    """Where one step reads and writes; views, each [network, episode, ...]."""

    slots: dict[str, Tensor]
    """Where the parts of a percept go, by name."""
    outputs: dict[str, Tensor]
    """The outputs of the heads, by name: logits [network, episode, action], value [network, episode]."""
    hidden: Tensor
    """Hidden units after the step."""
    cell: Tensor
    """Cells after the step; no units where the core has none."""


class Engine(Protocol):
    """What computes the steps of a tape, in its buffers."""

    @property
    def arrays(self) -> "TapeArrays | None":
        """What compiled loops compute with; None where the plain equations compute."""

    def rewind(self) -> None:
        """Take the present weights."""

    def perceive(self, t: int, observation: Tensor, action: Tensor, reward: Tensor, rpe: Tensor | None) -> None:
        """Write the percept of a step."""

    def forward(self, t: int, moves_units: bool = True, reads_heads: bool = True) -> None:
        """Compute units and heads of a step, or only one of the two."""

    def act(
        self, t: int, observation: Tensor, action: Tensor, reward: Tensor, rpe: Tensor | None, noise: Tensor
    ) -> Tensor:
        """Write the percept of a step, compute it, and return the action of the largest sum of logit and noise."""

    def backward(self, d_heads: Tensor) -> Weights:
        """Return the gradient of a scalar, given its derivative with respect to the outputs of the heads."""


class Tape:
    """The activity of one episode of a cohort, in buffers that are used again from episode to episode.

    On a CPU in single precision the loops of `pfc_metarl.networks.compiled` compute it; on an accelerator, in double
    precision, or where a core has no compiled loop, the equations of `pfc_metarl.networks.cores` do.

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
        this input stands. Both have shape [network, step, episode, width].
    compiled : bool, optional
        Whether compiled loops compute the steps where they can.
    """

    def __init__(
        self,
        part: Part,
        weights: Weights,
        n_steps: int,
        n_episodes: int,
        traced: str | None = None,
        compiled: bool = True,
    ) -> None:
        self.part, self.weights, self.n_steps = part, weights, n_steps
        self.core: type[Core] = CORES[part.core]
        self.buffers = Buffers.like(weights, part.inputs, self.core.has_cell, n_steps, n_episodes, traced)
        engine = networks.compiled_engine.CompiledEngine if compiled and self._can_be_compiled() else PlainEngine
        self.engine: Engine = engine(part.core, weights, self.buffers)
        self.steps = [self._views(t) for t in range(n_steps)]

    @property
    def heads(self) -> Tensor:
        """Outputs of the heads, [step, network, episode, output]."""
        return self.buffers.outputs.permute(1, 0, 3, 2)

    @property
    def input(self) -> Tensor:
        """The traced input, [network, step, episode, width]."""
        return self.buffers.percepts[:, :-1, self.buffers.traced].mT

    @property
    def d_input(self) -> Tensor:
        """The derivative with respect to the traced input, [network, step, episode, width]."""
        return self.buffers.d_input.mT

    def rewind(self) -> None:
        """Start a new episode with the present weights."""
        initial = self.weights["initial"].unsqueeze(-1)
        self.buffers.hidden[:, 0] = initial[:, 0]
        if self.core.has_cell:
            self.buffers.cells[:, 0] = initial[:, 1]
        self.engine.rewind()

    def step(
        self,
        t: int,
        observation: Tensor,
        action: Tensor,
        reward: Tensor,
        rpe: Tensor | None = None,
        edit: Edit | None = None,
        cell_edit: Edit | None = None,
    ) -> None:
        """Compute step `t` from its percept; what is no input of this core is left out.

        Parameters
        ----------
        t : int
        observation : Tensor, shape [network, episode, channel]
        action : Tensor of int, shape [network, episode]
            The previous one; −1 for none.
        reward, rpe : Tensor, shape [network, episode]
            The previous ones.
        edit : callable, optional
            hidden -> hidden, [network, episode, unit]: applied to the hidden units before the heads and the next step
            read them. `backward` cannot follow it.
        cell_edit : callable, optional
            cell -> cell, in the same way.
        """
        self.engine.perceive(t, observation, action, reward, rpe)
        if edit is None and cell_edit is None:
            self.engine.forward(t)
        else:
            self._edited(t, edit, cell_edit)

    def forward(self, t: int) -> None:
        """Compute step `t` from the percept in its slots."""
        self.engine.forward(t)

    def _edited(self, t: int, edit: Edit | None, cell_edit: Edit | None) -> None:
        views = self.steps[t]
        self.engine.forward(t, reads_heads=False)
        if edit is not None:
            views.hidden.copy_(edit(views.hidden))
        if cell_edit is not None:
            views.cell.copy_(cell_edit(views.cell))
        self.engine.forward(t, moves_units=False)

    def act(
        self, t: int, observation: Tensor, action: Tensor, reward: Tensor, rpe: Tensor | None, noise: Tensor
    ) -> Tensor:
        """Compute step `t` and choose by its first output, the logits: the action of the largest logit plus noise.

        Parameters
        ----------
        t, observation, action, reward, rpe
            As of `step`.
        noise : Tensor, shape [network, episode, action]

        Returns
        -------
        Tensor of int, shape [network, episode]
        """
        return self.engine.act(t, observation, action, reward, rpe, noise)

    def backward(self, d_heads: Tensor) -> Weights:
        """Return the gradient of a scalar with respect to the weights.

        Parameters
        ----------
        d_heads : Tensor, shape [step, network, episode, outputs]
            Derivative of the scalar with respect to `heads`.
        """
        return self.engine.backward(d_heads)

    def _can_be_compiled(self) -> bool:
        return runs_compiled(self.weights["core"]) and self.part.core in networks.compiled_engine.KINDS

    def _views(self, t: int) -> StepViews:
        buffers = self.buffers
        return StepViews(
            slots=buffers.slots(t),
            outputs=_by_name(buffers.outputs[:, t].mT, self.part.outputs),
            hidden=buffers.hidden[:, t + 1].mT,
            cell=buffers.cells[:, t + 1].mT,
        )


def _by_name(values: Tensor, widths: dict[str, int]) -> dict[str, Tensor]:
    parts = zip(widths, values.split(list(widths.values()), dim=-1), strict=True)
    return {name: part.squeeze(-1) if name in SINGLE else part for name, part in parts}
