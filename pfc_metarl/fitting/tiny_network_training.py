"""Training of tiny networks side by side, each stopped where its own loss on other choices is least."""

from typing import NamedTuple

import torch
from torch import Tensor

from pfc_metarl.effort import repeats
from pfc_metarl.fitting.tiny_network import Shape, log_probabilities

LEARNING_RATE = 0.1

PATIENCE = 40
"""Epochs without a smaller loss after which a network is not trained on."""


class Trained(NamedTuple):
    """Trained networks; tensors of shape [subject, network, ...]."""

    weights: Tensor
    n_epochs: Tensor
    """Epochs after which the weights were taken."""
    loss: Tensor
    """−log-probability per choice of the choices that decided when to stop; infinite where there are none."""


class Choices(NamedTuple):
    """What networks are shown, and what they predict."""

    shown: Tensor
    """[subject, session, trial, kind], as of `pfc_metarl.fitting.tiny_network.kinds`."""
    choice: Tensor
    """[subject, session, trial]; −1 where nothing was chosen."""

    def log_p(self, weights: Tensor, shape: Shape) -> Tensor:
        """Return the log-probability of each choice, [subject, network, session, trial]."""
        found = log_probabilities(weights, self.shown, shape)[..., :-1, :]
        index = self.choice.clamp(min=0)[:, None, ..., None].expand(*found.shape[:-1], 1)
        return found.gather(-1, index).squeeze(-1)


def stopped_early(
    choices: Choices, start: Tensor, shape: Shape, fitted: Tensor, checked: Tensor, most_epochs: int
) -> Trained:
    """Train networks, and take the weights of the epoch with the least loss on other choices.

    Parameters
    ----------
    choices : Choices
    start : Tensor, shape [subject, network, weight]
    shape : Shape
    fitted, checked : Tensor of bool, shape [subject, network, session, trial]
        Choices that weights are fitted to, and those that decide when to stop.
    most_epochs : int
    """
    weights, optimiser = _begun(start)
    best = Trained(start.clone(), *torch.full((2, *start.shape[:2]), torch.inf, dtype=start.dtype))
    best.n_epochs.zero_()
    for epoch in range(repeats(most_epochs, in_rehearsal=2) + 1):
        log_p = choices.log_p(weights, shape)
        loss = _mean(-log_p.detach(), checked)
        searching = epoch - best.n_epochs <= PATIENCE
        better = searching & (loss < best.loss)
        best.weights[better] = weights.detach()[better]
        best.n_epochs[better], best.loss[better] = epoch, loss[better]
        if not searching.any():
            break
        _step(optimiser, _mean(-log_p, fitted))
    return best


def trained_for(choices: Choices, start: Tensor, shape: Shape, fitted: Tensor, n_epochs: Tensor) -> Tensor:
    """Train each network for its own number of epochs, and return the weights, [subject, network, weight]."""
    weights, optimiser = _begun(start)
    found = start.clone()
    for epoch in range(int(n_epochs.max()) + 1):
        now = n_epochs == epoch
        found[now] = weights.detach()[now]
        if epoch < int(n_epochs.max()):
            _step(optimiser, _mean(-choices.log_p(weights, shape), fitted))
    return found


def _begun(start: Tensor) -> tuple[Tensor, torch.optim.Optimizer]:
    weights = start.clone().requires_grad_(True)
    return weights, torch.optim.Adam([weights], lr=LEARNING_RATE)


def _step(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    """Change weights once; the sum over networks leaves each with its own gradient, and Adam works weight by weight."""
    optimiser.zero_grad()
    loss.nan_to_num(posinf=0.0).sum().backward()
    optimiser.step()


def _mean(values: Tensor, which: Tensor) -> Tensor:
    """Return the mean over some choices, [subject, network]; infinite where there are none."""
    n = which.sum((-1, -2))
    total = values.masked_fill(~which, 0.0).sum((-1, -2))
    return torch.where(n > 0, total / n.clamp(min=1), torch.inf)
