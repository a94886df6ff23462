"""Recurrent cores: what one step computes, and how an error flows back through it.

A core sees a step as a `Frame` of views into preallocated buffers and works in place. Its equations have two halves:
``forward`` turns pre-activations into activations and the next state; ``prepare`` and ``backward`` undo it. `prepare`
does, for several steps at once, everything that does not wait for later errors: where the errors of the pre-activations
will stand it puts the factors that the error of the state will be multiplied with. `backward` then multiplies, step by
step.

A tanh is computed as tanh(x) = 2 σ(2x) − 1, so one sigmoid serves all gates (and the sigmoid is the faster of the
two where torch takes tanh from MKL: five times on an AMD core). The doubling of x is in the weights
(`pre_scale`); derivatives are taken with respect to the undoubled pre-activations.

Sources: Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735 (with forget gates, no peepholes, as in Wang et
al. 2018); Cho et al. 2014, arXiv:1406.1078, in the form whose reset gate follows the recurrent product.
"""

from typing import ClassVar, NamedTuple, Protocol

import torch
from torch import Tensor


class Frame(NamedTuple):
    """Views of one step, or of a run of steps, into the buffers of a tape; [..., units] unless said otherwise."""

    gates: Tensor
    """Pre-activations, then activations; shape [..., gates * units]."""
    blocks: tuple[Tensor, ...]
    """`gates`, one view per gate."""
    sigmoids: Tensor
    """The leading gates that end as sigmoids, as one view."""
    hidden_before: Tensor
    hidden: Tensor
    cell_before: Tensor
    cell: Tensor
    work: Tensor
    """Scratch that lives until `backward` has used it."""
    errors: tuple[Tensor, ...]
    """Factors, then derivatives with respect to the pre-activations, one view per gate."""
    sigmoid_errors: Tensor
    """Those of the leading gates, as one view."""


class Core(Protocol):
    """What the network asks of a core."""

    n_gates: ClassVar[int]
    n_sigmoids: ClassVar[int]
    """Gates whose pre-activations are not doubled; they come first."""
    has_cell: ClassVar[bool]

    @staticmethod
    def connected(n_inputs: int, units: int) -> Tensor:
        """1 where a weight exists, 0 where the core has none; broadcastable to [inputs + units + 1, gates, units]."""
        return torch.ones(1, 1, 1)

    @staticmethod
    def forward(frame: Frame) -> None:
        """Pre-activations and the state before -> activations and the state after."""

    @staticmethod
    def prepare(frame: Frame) -> None:
        """Activations -> factors of the errors, for one or more steps."""

    @staticmethod
    def backward(frame: Frame, d_hidden: Tensor, passed_on: Tensor, d_cell: Tensor) -> None:
        """Factors and the error of the state after -> errors of the pre-activations and of the state before.

        What reaches the hidden state before directly, not by a weight, is written to `passed_on` (zero at first).
        """


MINUS_ONE = torch.tensor(-1.0)


def tanh_from_sigmoid(sigmoid: Tensor) -> None:
    """Turn σ(2x) into tanh(x), in place."""
    torch.add(MINUS_ONE, sigmoid, alpha=2, out=sigmoid)


class LSTM(Core):
    """c′ = f c + i g and h′ = o tanh(c′); gates in the order output, input, forget, candidate."""

    n_gates = 4
    n_sigmoids = 3
    has_cell = True

    @staticmethod
    def forward(frame: Frame) -> None:
        o, i, f, g = frame.blocks
        frame.gates.sigmoid_()
        tanh_from_sigmoid(g)
        torch.mul(f, frame.cell_before, out=frame.cell).addcmul_(i, g)
        torch.add(frame.cell, frame.cell, out=frame.work).sigmoid_()
        tanh_from_sigmoid(frame.work)
        torch.mul(o, frame.work, out=frame.hidden)

    @staticmethod
    def prepare(frame: Frame) -> None:
        o, i, f, g = frame.blocks
        d_o, d_i, d_f, d_g = frame.errors
        squashed = frame.work
        torch.mul(o, squashed, out=d_o)
        torch.mul(i, g, out=d_i)
        torch.mul(f, frame.cell_before, out=d_f)
        torch.addcmul(i, d_i, g, value=-1, out=d_g)
        torch.addcmul(o, d_o, squashed, value=-1, out=squashed)
        frame.sigmoid_errors.addcmul_(frame.sigmoid_errors, frame.sigmoids, value=-1)

    @staticmethod
    def backward(frame: Frame, d_hidden: Tensor, passed_on: Tensor, d_cell: Tensor) -> None:
        d_o, d_i, d_f, d_g = frame.errors
        d_o.mul_(d_hidden)
        d_cell.addcmul_(d_hidden, frame.work)
        for error in (d_i, d_f, d_g):
            error.mul_(d_cell)
        d_cell.mul_(frame.blocks[2])


class GRU(Core):
    """h′ = n + z (h − n), n = tanh(a + r b); blocks in the order reset r, update z, input part a, recurrent part b."""

    n_gates = 4
    n_sigmoids = 2
    has_cell = False

    @staticmethod
    def connected(n_inputs: int, units: int) -> Tensor:
        mask = torch.ones(n_inputs + units + 1, 4, 1)
        mask[n_inputs:-1, 2] = 0
        mask[:n_inputs, 3] = 0
        return mask

    @staticmethod
    def forward(frame: Frame) -> None:
        r, z, a, b = frame.blocks
        frame.sigmoids.sigmoid_()
        a.addcmul_(r, b).sigmoid_()
        tanh_from_sigmoid(a)
        torch.sub(frame.hidden_before, a, out=frame.hidden).mul_(z).add_(a)

    @staticmethod
    def prepare(frame: Frame) -> None:
        r, z, n, b = frame.blocks
        d_r, d_z, d_n, d_b = frame.errors
        torch.mul(1 - n * n, 1 - z, out=d_n)
        torch.mul(d_n, r, out=d_b)
        torch.mul(z, 1 - z, out=d_z).mul_(frame.hidden_before - n)
        torch.mul(r, 1 - r, out=d_r).mul_(b).mul_(d_n).mul_(0.5)

    @staticmethod
    def backward(frame: Frame, d_hidden: Tensor, passed_on: Tensor, d_cell: Tensor) -> None:
        torch.mul(d_hidden, frame.blocks[1], out=passed_on)
        for error in frame.errors:
            error.mul_(d_hidden)


class RNN(Core):
    """h′ = tanh(a): a vanilla recurrent network."""

    n_gates = 1
    n_sigmoids = 0
    has_cell = False

    @staticmethod
    def forward(frame: Frame) -> None:
        torch.sigmoid(frame.gates, out=frame.hidden)
        tanh_from_sigmoid(frame.hidden)

    @staticmethod
    def prepare(frame: Frame) -> None:
        torch.mul(frame.hidden, frame.hidden, out=frame.errors[0]).neg_().add_(1)

    @staticmethod
    def backward(frame: Frame, d_hidden: Tensor, passed_on: Tensor, d_cell: Tensor) -> None:
        frame.errors[0].mul_(d_hidden)


class Feedforward(RNN):
    """The control without memory: a vanilla network whose recurrent weights are cut."""

    @staticmethod
    def connected(n_inputs: int, units: int) -> Tensor:
        mask = torch.ones(n_inputs + units + 1, 1, 1)
        mask[n_inputs:-1] = 0
        return mask


CORES: dict[str, type[Core]] = {"lstm": LSTM, "gru": GRU, "rnn": RNN, "feedforward": Feedforward}
