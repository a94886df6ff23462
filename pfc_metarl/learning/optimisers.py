"""Adam and RMSProp by torch's functions, with a state that is there from the start and has names.

Torch's optimiser classes import its compiler at their first use, which takes each process two seconds. The functions
that they call do not.

They take several numbers at a time, and round the few that are left over otherwise. Those would be weights of the last
network of a stack, whose results would depend on how many networks it is trained with. So tensors have room for a whole
number of such groups.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.rmsprop import rmsprop

Kind = Literal["adam", "rmsprop"]

MOMENTS: dict[Kind, tuple[str, ...]] = {"adam": ("exp_avg", "exp_avg_sq"), "rmsprop": ("square_avg",)}
"""What an optimiser remembers of each weight, by torch's names: means of the gradient and of its square."""

DECAY_OF_MEAN, DECAY_OF_SQUARE = 0.9, 0.999
"""β1 and β2 of Adam: Kingma & Ba 2015, arXiv:1412.6980."""


LARGEST_GROUP = 64
"""Numbers that torch's functions take at a time are a divisor of this."""


def with_room(tensor: Tensor) -> Tensor:
    """Return a copy of a tensor, followed in memory by zeros up to a whole number of the largest groups.

    Examples
    --------
    >>> with_room(torch.ones(2, 3)).untyped_storage().nbytes() // 4
    64
    """
    memory = tensor.new_zeros(_with_rest(tensor))
    return memory[: tensor.numel()].view(tensor.shape).copy_(tensor)


def _whole(tensor: Tensor) -> Tensor:
    """Return a tensor and the room behind it in one row; one without room as it is."""
    return tensor.as_strided((_with_rest(tensor),), (1,)) if _has_room(tensor) else tensor


def _has_room(tensor: Tensor) -> bool:
    memory = tensor.untyped_storage().nbytes()
    return tensor.is_contiguous() and memory == _with_rest(tensor) * tensor.element_size()


def _zeros_like(tensor: Tensor) -> Tensor:
    zeros = torch.zeros_like(tensor)
    return with_room(zeros) if _has_room(tensor) else zeros


def _with_rest(tensor: Tensor) -> int:
    return -(-tensor.numel() // LARGEST_GROUP) * LARGEST_GROUP


class Optimiser:
    """Changes weights along their gradients, each at its own learning rate.

    Parameters
    ----------
    kind : {"adam", "rmsprop"}
    weights : mapping of Tensor
        Changed in place; made by `with_room` if their rounding is not to depend on how many there are.
    epsilon : float
        Constant in the denominator.
    rmsprop_decay : float
        Memory of RMSProp.

    Attributes
    ----------
    gradients : dict of Tensor
        To be filled, by name, before each step.

    Examples
    --------
    >>> weights = {"core": torch.ones(2)}
    >>> optimiser = Optimiser("adam", weights, epsilon=1e-8)
    >>> optimiser.gradients["core"].fill_(3.0)
    tensor([3., 3.])
    >>> optimiser.step([0.5])
    >>> weights["core"]
    tensor([0.5000, 0.5000])
    """

    def __init__(self, kind: Kind, weights: Mapping[str, Tensor], epsilon: float, rmsprop_decay: float = 0.99) -> None:
        self.kind, self.weights, self.epsilon, self.rmsprop_decay = kind, weights, epsilon, rmsprop_decay
        self.gradients = {name: _zeros_like(tensor) for name, tensor in weights.items()}
        clock = {name: tensor.device if kind == "adam" else "cpu" for name, tensor in weights.items()}
        self.state = {
            name: {
                "step": torch.zeros((), device=clock[name]),
                **{moment: _zeros_like(tensor) for moment in MOMENTS[kind]},
            }
            for name, tensor in weights.items()
        }

    def moments(self) -> dict[str, Tensor]:
        """Return the state by name, for `pfc_metarl.learning.base.Training.moments`."""
        return {f"optimiser.{name}.{kind}": moment for name, own in self.state.items() for kind, moment in own.items()}

    def step(self, learning_rates: Sequence[float]) -> None:
        """Change the weights once; the learning rates are in their order."""
        change = self._adam if self.kind == "adam" else self._rmsprop
        for name, learning_rate in zip(self.weights, learning_rates, strict=True):
            step, *moments = self.state[name].values()
            weight, gradient, *moments = map(_whole, (self.weights[name], self.gradients[name], *moments))
            change(weight, gradient, step, moments, learning_rate)

    def _adam(
        self, weight: Tensor, gradient: Tensor, step: Tensor, moments: Sequence[Tensor], learning_rate: float
    ) -> None:
        mean, square = moments
        adam(
            *([weight], [gradient], [mean], [square], [], [step]),
            fused=True,
            amsgrad=False,
            beta1=DECAY_OF_MEAN,
            beta2=DECAY_OF_SQUARE,
            lr=learning_rate,
            weight_decay=0.0,
            eps=self.epsilon,
            maximize=False,
        )

    def _rmsprop(
        self, weight: Tensor, gradient: Tensor, step: Tensor, moments: Sequence[Tensor], learning_rate: float
    ) -> None:
        rmsprop(
            *([weight], [gradient], [moments[0]], [], [], [step]),
            lr=learning_rate,
            alpha=self.rmsprop_decay,
            eps=self.epsilon,
            weight_decay=0.0,
            momentum=0.0,
            centered=False,
        )
