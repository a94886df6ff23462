"""Torch's optimisers in a training that can be interrupted: their state is there from the start and has names."""

from collections.abc import Mapping

import torch
from torch import Tensor


def allocated(optimiser: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """Make an optimiser allocate its state, all zeros, so that a checkpoint can be read into it; return it.

    Torch allocates the state at the first step, here a step along a gradient of zeros: a weight decay would act in it.

    Examples
    --------
    >>> weights = {"core": torch.ones(3)}
    >>> adam = allocated(torch.optim.Adam(list(weights.values())))
    >>> sorted(moments(adam, weights))
    ['optimiser.core.exp_avg', 'optimiser.core.exp_avg_sq', 'optimiser.core.step']
    """
    for group in optimiser.param_groups:
        for tensor in group["params"]:
            tensor.grad = torch.zeros_like(tensor)
    optimiser.step()
    for state in optimiser.state.values():
        for moment in state.values():
            moment.zero_()
    return optimiser


def moments(optimiser: torch.optim.Optimizer, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the state of an allocated optimiser by name, for `pfc_metarl.learning.base.Training.moments`."""
    return {
        f"optimiser.{name}.{kind}": moment
        for name, tensor in weights.items()
        for kind, moment in optimiser.state[tensor].items()
    }
