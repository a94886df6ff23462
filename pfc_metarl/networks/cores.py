"""Recurrent cores: what one step computes, and how an error flows back through it.

A core sees a step as a `Frame` of views into preallocated buffers and works in place. Its equations have two halves:
``forward`` turns pre-activations into activations and the next state; ``prepare`` and ``backward`` undo it. `prepare`
does, for several steps at once, everything that does not wait for later errors: where the errors of the pre-activations
will stand it puts the factors that the error of the state will be multiplied with. `backward` then multiplies, step by
step.

A tanh is computed as tanh(x) = 1 − 2 σ(−2x), so one sigmoid serves all gates (and the sigmoid is the faster of the
two where torch takes tanh from MKL: five times on an AMD core), and a product with it is a single operation,
a tanh(x) = a − 2 a σ(−2x). The factor −2 is in the weights (`scales`), and so is a factor that errors lack
(`error_scales`): both cost nothing.

Sources: Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735 (with forget gates, no peepholes, as in Wang et
al. 2018); Cho et al. 2014, arXiv:1406.1078, in the form whose reset gate follows the recurrent product.
"""

from typing import ClassVar, NamedTuple, Protocol

import torch
from torch import Tensor


class Gates(NamedTuple):
    """Numbers for all gates, and parts of them as views."""

    every: Tensor
    """Shape [..., gates * units]."""
    blocks: tuple[Tensor, ...]
    """One view per gate, [..., units]."""
    sigmoids: Tensor
    """The leading gates that end as sigmoids, as one view."""


class Frame(NamedTuple):
    """Views of one step, or of a run of steps, into the buffers of a tape; [..., units] unless said otherwise."""

    pre_activations: Gates
    """All steps have them in one place, so `forward` reads what is still in the cache."""
    gates: Gates
    """Activations."""
    hidden_before: Tensor
    hidden: Tensor
    cell_before: Tensor
    cell: Tensor
    work: Tensor
    """Scratch that lives until `backward` has used it."""
    errors: Gates
    """Factors, then derivatives with respect to the pre-activations."""


class Core(Protocol):
    """What the network asks of a core."""

    scales: ClassVar[tuple[float, ...]]
    """By what the pre-activations of each gate are multiplied before `forward` sees them."""
    error_scales: ClassVar[tuple[float, ...]]
    """By what its errors must be multiplied, after `backward`, to be derivatives by what was not multiplied so."""
    n_sigmoids: ClassVar[int]
    """Gates that end as sigmoids; they come first."""
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


ONE, MINUS_TWO = torch.tensor(1.0), torch.tensor(-2.0)


def tanh_from_sigmoid(sigmoid: Tensor) -> None:
    """Turn σ(−2x) into tanh(x), in place."""
    torch.add(ONE, sigmoid, alpha=-2, out=sigmoid)


class LSTM(Core):
    """c′ = f c + i tanh(g) and h′ = o tanh(c′); gates in the order output, input, forget, candidate.

    Of both tanh, σ(−2 ·) is kept: s for the candidate, q for the cell. The derivatives, 1 − tanh² = 4 s (1 − s), have
    their 4 in `error_scales` and, for the cell, in `backward`.
    """

    scales = (1, 1, 1, -2)
    error_scales = (1, 1, 1, 4)
    n_sigmoids = 3
    has_cell = True

    @staticmethod
    def forward(frame: Frame) -> None:
        torch.sigmoid(frame.pre_activations.every, out=frame.gates.every)
        (o, i, f, s), q = frame.gates.blocks, frame.work
        torch.addcmul(i, i, s, value=-2, out=frame.cell).addcmul_(f, frame.cell_before)
        torch.mul(frame.cell, MINUS_TWO, out=q).sigmoid_()
        torch.addcmul(o, o, q, value=-2, out=frame.hidden)

    @staticmethod
    def prepare(frame: Frame) -> None:
        (o, i, _, s), q = frame.gates.blocks, frame.work
        d_o, d_i, d_f, d_g = frame.errors.blocks
        sigmoids = frame.gates.sigmoids
        torch.addcmul(sigmoids, sigmoids, sigmoids, value=-1, out=frame.errors.sigmoids)
        d_o.addcmul_(d_o, q, value=-2)
        d_i.addcmul_(d_i, s, value=-2)
        d_f.mul_(frame.cell_before)
        torch.mul(i, s, out=d_g)
        d_g.addcmul_(d_g, s, value=-1)
        torch.mul(o, q, out=s)
        torch.addcmul(s, s, q, value=-1, out=q)

    @staticmethod
    def backward(frame: Frame, d_hidden: Tensor, passed_on: Tensor, d_cell: Tensor) -> None:
        d_o, d_i, d_f, d_g = frame.errors.blocks
        d_o.mul_(d_hidden)
        d_cell.addcmul_(d_hidden, frame.work, value=4)
        for error in (d_i, d_f, d_g):
            error.mul_(d_cell)
        d_cell.mul_(frame.gates.blocks[2])


class GRU(Core):
    """h′ = n + z (h − n), n = tanh(a + r b); blocks in the order reset r, update z, input part a, recurrent part b."""

    scales = (1, 1, -2, -2)
    error_scales = (1, 1, 1, 1)
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
        *_, a, b_before = frame.pre_activations.blocks
        torch.sigmoid(frame.pre_activations.sigmoids, out=frame.gates.sigmoids)
        r, z, n, b = frame.gates.blocks
        b.copy_(b_before)
        torch.addcmul(a, r, b, out=n).sigmoid_()
        tanh_from_sigmoid(n)
        torch.sub(frame.hidden_before, n, out=frame.hidden).mul_(z).add_(n)

    @staticmethod
    def prepare(frame: Frame) -> None:
        r, z, n, b = frame.gates.blocks
        d_r, d_z, d_n, d_b = frame.errors.blocks
        torch.mul(1 - n * n, 1 - z, out=d_n)
        torch.mul(d_n, r, out=d_b)
        torch.mul(z, 1 - z, out=d_z).mul_(frame.hidden_before - n)
        torch.mul(r, 1 - r, out=d_r).mul_(b).mul_(d_n).mul_(-0.5)

    @staticmethod
    def backward(frame: Frame, d_hidden: Tensor, passed_on: Tensor, d_cell: Tensor) -> None:
        torch.mul(d_hidden, frame.gates.blocks[1], out=passed_on)
        for error in frame.errors.blocks:
            error.mul_(d_hidden)


class RNN(Core):
    """h′ = tanh(a): a vanilla recurrent network."""

    scales = (-2,)
    error_scales = (1,)
    n_sigmoids = 0
    has_cell = False

    @staticmethod
    def forward(frame: Frame) -> None:
        torch.sigmoid(frame.pre_activations.every, out=frame.hidden)
        tanh_from_sigmoid(frame.hidden)

    @staticmethod
    def prepare(frame: Frame) -> None:
        torch.mul(frame.hidden, frame.hidden, out=frame.errors.every).neg_().add_(1)

    @staticmethod
    def backward(frame: Frame, d_hidden: Tensor, passed_on: Tensor, d_cell: Tensor) -> None:
        frame.errors.every.mul_(d_hidden)


class Feedforward(RNN):
    """The control without memory: a vanilla network whose recurrent weights are cut."""

    @staticmethod
    def connected(n_inputs: int, units: int) -> Tensor:
        mask = torch.ones(n_inputs + units + 1, 1, 1)
        mask[n_inputs:-1] = 0
        return mask


CORES: dict[str, type[Core]] = {"lstm": LSTM, "gru": GRU, "rnn": RNN, "feedforward": Feedforward}
