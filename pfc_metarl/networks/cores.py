"""Recurrent cores: the equations of one step, as the papers write them.

These are the reference. They are differentiable PyTorch for any device and precision, and the compiled loops of
`pfc_metarl.networks.compiled` are tested against them. A core of your own is a subclass of `Core` in `CORES`; it needs
no compiled loop.

Sources: Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735 (with forget gates, no peepholes, as in Wang et
al. 2018); Cho et al. 2014, arXiv:1406.1078, in the form whose reset gate follows the recurrent product.
"""

from typing import ClassVar, Protocol

import torch
from torch import Tensor


class Core(Protocol):
    """What the network asks of a core."""

    gates: ClassVar[tuple[str, ...]]
    """Names of the blocks of pre-activations, each as wide as the core has units."""
    has_cell: ClassVar[bool]
    """Whether the state has a cell beside the hidden units."""

    @staticmethod
    def connected(n_inputs: int, units: int) -> Tensor:
        """Return 1 where a weight exists, 0 where the core has none.

        Returns
        -------
        Tensor
            Can be broadcast to [inputs + units + 1, gates, units].
        """
        return torch.ones(1, 1, 1)

    @staticmethod
    def step(pre_activations: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        """Return hidden and cell after a step.

        Parameters
        ----------
        pre_activations : Tensor, shape [..., gates * units, episode]
            Weights times inputs, hidden units of the step before, and 1.
        hidden, cell : Tensor, shape [..., units, episode]
            The state before; a core without cells returns `cell` as it is.
        """


class LSTM(Core):
    """c′ = f c + i g and h′ = o tanh(c′)."""

    gates = ("output", "input", "forget", "candidate")
    has_cell = True

    @staticmethod
    def step(pre_activations: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        o, i, f, g = pre_activations.chunk(4, -2)
        cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
        return o.sigmoid() * cell.tanh(), cell


class GRU(Core):
    """h′ = (1 − z) n + z h with n = tanh(a + r b); a is computed from the inputs, b from the hidden units."""

    gates = ("reset", "update", "candidate_from_inputs", "candidate_from_hidden")
    has_cell = False

    @staticmethod
    def connected(n_inputs: int, units: int) -> Tensor:
        mask = torch.ones(n_inputs + units + 1, 4, 1)
        mask[n_inputs:-1, 2] = 0
        mask[:n_inputs, 3] = 0
        return mask

    @staticmethod
    def step(pre_activations: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        r, z, a, b = pre_activations.chunk(4, -2)
        n, z = (a + r.sigmoid() * b).tanh(), z.sigmoid()
        return (1 - z) * n + z * hidden, cell


class RNN(Core):
    """h′ = tanh(a): a vanilla recurrent network."""

    gates = ("hidden",)
    has_cell = False

    @staticmethod
    def step(pre_activations: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        return pre_activations.tanh(), cell


class Feedforward(RNN):
    """The control without memory: a vanilla network without recurrent weights."""

    @staticmethod
    def connected(n_inputs: int, units: int) -> Tensor:
        mask = torch.ones(n_inputs + units + 1, 1, 1)
        mask[n_inputs:-1] = 0
        return mask


CORES: dict[str, type[Core]] = {"lstm": LSTM, "gru": GRU, "rnn": RNN, "feedforward": Feedforward}
