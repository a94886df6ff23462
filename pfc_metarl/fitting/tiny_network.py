"""Tiny gated recurrent networks that predict choices: their equations, for many networks side by side."""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from pfc_metarl.fitting import compiled_tiny_network
from pfc_metarl.fitting.layout import Trials

START_SD = 0.5
"""Standard deviation of weights before training."""


class Shape(NamedTuple):
    """Sizes of a tiny network."""

    n_units: int
    n_kinds: int
    """Kinds of trials: option chosen, reward or none, and state where there is one."""
    n_options: int

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        """Numbers of weights: from inputs, recurrent, of the read-out, and its biases."""
        gates = 3 * self.n_units
        return self.n_kinds * gates, self.n_units * gates, self.n_units * (self.n_options - 1), self.n_options - 1


def kinds(trials: Trials) -> Tensor:
    """Return what a tiny network is shown of each trial, [subject, session, trial, kind].

    Each kind of trial (option chosen, rewarded or not, and the state reached) has an input of its own; a reward between
    0 and 1 is divided between two inputs. Where nothing was chosen all inputs are 0.
    """
    experience = trials.experience
    reward = experience.reward.clamp(0, 1)
    found = torch.stack([1 - reward, reward], -1)
    for code in (experience.choice, experience.state):
        if code is not None:
            size = max(trials.n_options if code is experience.choice else 2, int(code.max()) + 1)
            one_hot = torch.nn.functional.one_hot(code.clamp(min=0), size).double() * (code >= 0)[..., None]
            found = (one_hot[..., None] * found[..., None, :]).flatten(-2)
    return found


def start_weights(shape: Shape, n_starts: int) -> Tensor:
    """Return weights before training, [start, weight]; the same in every fit."""
    return torch.from_numpy(np.random.default_rng(0).normal(0, START_SD, (n_starts, sum(shape.sizes))))


def log_probabilities(weights: Tensor, shown: Tensor, shape: Shape) -> Tensor:
    """Return the log-probabilities of options before each trial and after the last one.

    Parameters
    ----------
    weights : Tensor, shape [subject, network, weight]
    shown : Tensor, shape [subject, session, trial, kind]
        As of `kinds`; every network of a subject is shown the same trials.
    shape : Shape

    Returns
    -------
    Tensor, shape [subject, network, session, trial + 1, option]
    """
    return _LogProbabilities.apply(weights, shown, shape)


class _LogProbabilities(torch.autograd.Function):
    """Log-probabilities by compiled loops over trials; derivatives are with respect to the weights."""

    @staticmethod
    def forward(ctx: Any, weights: Tensor, shown: Tensor, shape: Shape) -> Tensor:
        """Return the log-probabilities, and keep what derivatives need."""
        own = _parts(weights.detach(), shape)
        batch = (*weights.shape[:2], shown.shape[1])
        hidden = np.empty((*batch, shown.shape[2] + 1, shape.n_units))
        gates = np.empty((*batch, shown.shape[2], 4 * shape.n_units))
        log_p = np.empty((*hidden.shape[:-1], shape.n_options))
        kept = np.ascontiguousarray(shown.numpy())
        compiled_tiny_network.forward(*own, kept, hidden, gates, log_p)
        ctx.kept = own, kept, hidden, gates, log_p
        ctx.shape = shape
        return torch.from_numpy(log_p)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None, None]:
        """Return the derivatives with respect to the weights."""
        weights, *others = ctx.kept
        slope = np.ascontiguousarray(slopes[0].numpy())
        added = tuple(np.zeros_like(each) for each in weights)
        compiled_tiny_network.backward(*weights[1:3], *others, slope, added)
        return torch.cat([torch.from_numpy(each).flatten(2) for each in added], -1), None, None


def _parts(weights: Tensor, shape: Shape) -> tuple[np.ndarray, ...]:
    """Return the weights by what they connect: from inputs, recurrent, of the read-out, and its biases."""
    gates, others = 3 * shape.n_units, shape.n_options - 1
    sizes = ((shape.n_kinds, gates), (shape.n_units, gates), (shape.n_units, others), (others,))
    found = weights.split(shape.sizes, -1)
    return tuple(
        np.ascontiguousarray(each.unflatten(-1, size).numpy()) for each, size in zip(found, sizes, strict=True)
    )
