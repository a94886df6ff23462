"""What every update of a training must keep to: weights changed in place, and as many results as are declared."""

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from pfc_metarl.settings import BadInput


class InPlace:
    """The weights of a training in memory: whether they are still the same tensors, and their values before an update.

    Parameters
    ----------
    weights : dict of Tensor, [network, ...]
    """

    def __init__(self, weights: dict[str, Tensor]) -> None:
        self.weights, self.tensors = weights, dict(weights)
        self.addresses = {name: tensor.data_ptr() for name, tensor in weights.items()}
        self.before = {name: tensor.clone() for name, tensor in weights.items()}

    def remember(self) -> None:
        """Copy the present values."""
        for name, tensor in self.tensors.items():
            self.before[name].copy_(tensor)

    def require(self, weights: Mapping[str, Tensor]) -> None:
        """Check that the weights are the tensors that the agent computes with.

        Raises
        ------
        BadInput
            If one of them was replaced by another tensor.
        """
        for name, tensor in self.tensors.items():
            if self.weights.get(name) is not tensor or tensor.data_ptr() != self.addresses[name]:
                raise _replaced(f"weights[{name!r}]", f"weights[{name!r}] -= step, or .copy_(new)")
        if weights is not self.weights or len(weights) != len(self.tensors):
            raise _replaced("weights", "weights[name] -= step, or .copy_(new)")

    def finite(self) -> Tensor:
        """Return whether all weights of a network are finite, shape [network]."""
        finite = [tensor.isfinite().reshape(len(tensor), -1).all(1) for tensor in self.tensors.values()]
        return torch.stack(finite).all(0)

    def restore(self, networks: Tensor) -> None:
        """Give some networks the values that were copied; shape [network], of bool."""
        if bool(networks.any()):
            for name, tensor in self.tensors.items():
                tensor[networks] = self.before[name][networks]


def _replaced(what: str, instead: str) -> BadInput:
    return BadInput(
        f"self.{what}: an update replaced it by another tensor, which the network would not use; "
        f"change it in place: self.{instead}."
    )


def require_begin(learner: Any) -> None:
    """Check that the method ``begin`` of a learner takes what a training gives it.

    Parameters
    ----------
    learner : pfc_metarl.learning.base.Learner

    Raises
    ------
    BadInput
        If it does not.
    """
    try:
        inspect.signature(learner.begin).bind("task", "network", "seed", "networks", "device")
    except TypeError as error:
        raise BadInput(
            f"{type(learner).__name__}.begin: {error}; it must take task, network, seed, networks and device."
        ) from None


def required_loss(loss: Any) -> Tensor:
    """Return a loss; check that it is one number that torch can differentiate.

    Raises
    ------
    BadInput
        If it is not.
    """
    if not isinstance(loss, Tensor):
        raise BadInput(f"loss = {loss!r}: return a torch tensor that is computed from the heads, not {_kind(loss)}.")
    if loss.numel() != 1:
        raise BadInput(f"loss: it has shape {tuple(loss.shape)}; return one number, the sum over networks: loss.sum().")
    if not loss.requires_grad:
        raise BadInput("loss: it does not depend on the heads; compute it from them by torch's operations.")
    return loss.sum()


def history_row(row: Any, training: Any) -> dict[str, Tensor]:
    """Return what `learn` returned; check that it has one number per network for each name of the history.

    Parameters
    ----------
    row : mapping of Tensor
    training : pfc_metarl.learning.base.Training

    Raises
    ------
    BadInput
        With the first difference.
    """
    learn = f"{type(training).__name__}.learn"
    if not isinstance(row, Mapping):
        raise BadInput(f"{learn}: it returns {_kind(row)}; return a dict with {', '.join(training.history)}.")
    if set(row) != set(training.history):
        raise BadInput(
            f"{learn} returns {', '.join(sorted(map(str, row)))}; "
            f"the history has {', '.join(training.history)}: name all of them in `measured`."
        )
    n = len(training.networks)
    for name, values in row.items():
        shape = tuple(values.shape) if isinstance(values, Tensor) else None
        if shape != (n,):
            has = _kind(values) if shape is None else f"shape {shape}"
            raise BadInput(f"{learn}: {name} has {has}; return a tensor with one number per network, shape ({n},).")
    return dict(row)


def require_alike(state: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Check that a state has the names, shapes and types of another.

    Raises
    ------
    BadInput
        With the first difference.
    """
    if unknown := set(state) ^ set(expected):
        raise BadInput(f"{min(unknown)}: the state holds other tensors than this training.")
    for name, tensor in expected.items():
        if (state[name].shape, state[name].dtype) != (tensor.shape, tensor.dtype):
            raise BadInput(f"{name}: the state has another shape or type than this training.")


def require_generator_state(name: str, source: torch.Generator, state: Tensor) -> None:
    """Check that a tensor is the state of a generator."""
    try:
        torch.Generator(source.device).set_state(state)
    except RuntimeError:
        raise BadInput(f"{name}: this is not the state of a generator.") from None


def _kind(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
