"""Where a tape writes an episode."""

import itertools
from typing import NamedTuple

from torch import Tensor

from pfc_metarl.networks.weights import Weights

SINGLE = ("previous_reward", "rpe", "value")
"""Inputs and outputs that are one number; views of them have no axis for it."""


class Buffers(NamedTuple):
    """Percepts, activity and outputs of an episode of a cohort; all are [network, step, ..., episode]."""

    percepts: Tensor
    """Shape [network, step + 1, inputs + units + 1, episode]. Row t: inputs of step t, hidden units before it, 1."""
    hidden: Tensor
    """The hidden units in `percepts`: entry t + 1 is what step t led to."""
    cells: Tensor
    """Shape [network, step + 1, units, episode]; no units where the core has no cell."""
    outputs: Tensor
    """Of the heads, shape [network, step, output, episode]."""
    rows: dict[str, slice]
    """Rows of `percepts` by the names of the inputs."""
    traced: slice
    """Rows with respect to which the derivative is taken; none if no input is traced."""
    d_input: Tensor
    """This derivative, shape [network, step, width, episode]."""

    @classmethod
    def like(
        cls, weights: Weights, inputs: dict[str, int], has_cell: bool, n_steps: int, n_episodes: int, traced: str | None
    ) -> "Buffers":
        """Make buffers on the device and in the precision of the weights.

        Parameters
        ----------
        weights : Weights
        inputs : dict of int
            What reaches the core: name -> width.
        has_cell : bool
        n_steps, n_episodes : int
        traced : str or None
            Name of an input.
        """
        n_networks, n_rows, _ = weights["core"].shape
        units, n_outputs = weights["heads"].shape[1] - 1, weights["heads"].shape[2]

        def zeros(steps: int, rows: int) -> Tensor:
            return weights["core"].new_zeros(n_networks, steps, rows, n_episodes)

        percepts = zeros(n_steps + 1, n_rows)
        percepts[:, :, -1] = 1
        ends = [0, *itertools.accumulate(inputs.values())]
        rows = {name: slice(*place) for name, place in zip(inputs, itertools.pairwise(ends), strict=True)}
        return cls(
            percepts=percepts,
            hidden=percepts[:, :, ends[-1] : -1],
            cells=zeros(n_steps + 1, units if has_cell else 0),
            outputs=zeros(n_steps, n_outputs),
            rows=rows,
            traced=rows[traced] if traced else slice(0, 0),
            d_input=zeros(n_steps, inputs[traced] if traced else 0),
        )

    def slots(self, t: int) -> dict[str, Tensor]:
        """Return where the parts of a percept go, each [network, episode, width], or [network, episode] for numbers."""
        parts = {name: self.percepts[:, t, rows].mT for name, rows in self.rows.items()}
        return {name: part.squeeze(-1) if name in SINGLE else part for name, part in parts.items()}
