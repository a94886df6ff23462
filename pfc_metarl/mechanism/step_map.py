"""A step, or a whole trial, of one network as a map of its state, with its Jacobian."""

import functools
from collections.abc import Mapping, Sequence

import numpy as np
import torch

from pfc_metarl.networks.buffers import SINGLE
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.network import ACTOR, Network
from pfc_metarl.networks.tape import Part
from pfc_metarl.networks.weights import Weights
from pfc_metarl.settings import BadInput

Inputs = Mapping[str, float | Sequence[float]]
"""Inputs of the core in a step, by name."""


class StepMap:
    """One step of one network's core with constant input, as a map of its state.

    Parameters
    ----------
    shape : Part
    weights : Weights
        Of one network: the leading axis has length 1.
    inputs : mapping of Tensor
        Inputs of the core, by name, each [width].

    Notes
    -----
    It computes in double precision by the equations of `pfc_metarl.networks.cores`. For the Jacobian the state is
    repeated in as many columns as it has numbers, so that one backward pass gives all rows.
    """

    def __init__(self, shape: Part, weights: Weights, inputs: Mapping[str, torch.Tensor]) -> None:
        precise = {name: tensor[0].double() for name, tensor in weights.items()}
        self.core, self.units, self.outputs = CORES[shape.core], shape.units, shape.outputs
        self.size = len(precise["initial"]) * shape.units
        self.recurrent, self.head = precise["core"][shape.n_inputs : -1].mT, precise["heads"].mT
        seen = torch.cat([inputs[name].double() for name in shape.inputs])
        self.constant = (precise["core"][: shape.n_inputs].mT @ seen + precise["core"][-1]).unsqueeze(-1)

    def __call__(self, state: np.ndarray) -> np.ndarray:
        """Return F(s), shape [size]."""
        return self._step(torch.from_numpy(state).unsqueeze(-1)).squeeze(-1).numpy()

    def jacobian(self, state: np.ndarray) -> np.ndarray:
        """Return ∂F/∂s, shape [size, size]; rows: components of F."""
        before = torch.from_numpy(state).unsqueeze(-1).repeat(1, self.size).requires_grad_()
        (moved,) = torch.autograd.grad(self._step(before), before, torch.eye(self.size, dtype=torch.float64))
        return moved.mT.numpy()

    def heads(self, state: np.ndarray) -> dict[str, np.ndarray]:
        """Return the outputs of the heads after a step, by name."""
        hidden = torch.from_numpy(self(state))[: self.units]
        outputs = (self.head[:, :-1] @ hidden + self.head[:, -1]).split(list(self.outputs.values()))
        named = zip(self.outputs, outputs, strict=True)
        return {name: (output.squeeze(-1) if name in SINGLE else output).numpy() for name, output in named}

    def _step(self, state: torch.Tensor) -> torch.Tensor:
        """Return the states after a step, [size, episode], from those before."""
        hidden, cell = state[: self.units], state[self.units :]
        return torch.cat(self.core.step(self.recurrent @ hidden + self.constant, hidden, cell))


class TrialMap:
    """The steps of a trial, as one map of the state.

    Parameters
    ----------
    steps : sequence of StepMap
        In their order.
    """

    def __init__(self, steps: Sequence[StepMap]) -> None:
        self.steps, self.size, self.units = tuple(steps), steps[0].size, steps[0].units

    def __call__(self, state: np.ndarray) -> np.ndarray:
        """Return the state after the last step, shape [size]."""
        return functools.reduce(lambda reached, step: step(reached), self.steps, state)

    def jacobian(self, state: np.ndarray) -> np.ndarray:
        """Return ∂F/∂s, shape [size, size], by the chain rule."""
        found = np.eye(self.size)
        for step in self.steps:
            found, state = step.jacobian(state) @ found, step(state)
        return found

    def heads(self, state: np.ndarray) -> dict[str, np.ndarray]:
        """Return the outputs of the heads after the first step, by name."""
        return self.steps[0].heads(state)


def trial_map(network: Network, weights: Weights, inputs: Inputs | Sequence[Inputs]) -> TrialMap:
    """Return one network's steps with these inputs as a map of its state.

    Parameters
    ----------
    network : Network
    weights : Weights
        Of one network: the leading axis has length 1. With a separate critic, of the actor.
    inputs : mapping, or sequence of mappings
        As for `fixed_points`.

    Raises
    ------
    BadInput
        If the inputs are not those of the core.
    """
    each_step = [inputs] if isinstance(inputs, Mapping) else list(inputs)
    if not each_step:
        raise BadInput("inputs: is empty; give those of one step at least.")
    steps = []
    for of_step in each_step:
        shape = _shape(network, weights, of_step)
        given = {name: _input(name, of_step[name], width) for name, width in shape.inputs.items()}
        steps.append(StepMap(shape, weights, given))
    return TrialMap(steps)


def _shape(network: Network, own: Weights, inputs: Inputs) -> Part:
    """Return the shape of the core with the policy; the task's sizes follow from weights and inputs."""
    n_outputs = own["heads"].shape[-1] - (network.critic == "shared")
    channels = np.size(inputs.get("observation", ()))
    shape = network.parts(channels, n_outputs)[ACTOR]
    if set(inputs) != set(shape.inputs):
        raise BadInput(f"inputs = {sorted(inputs)}: the core of these networks has {', '.join(shape.inputs)}.")
    expected = own["core"].shape[1] - shape.units - 1
    if shape.n_inputs != expected:
        raise BadInput(f"inputs: there are {shape.n_inputs} numbers, observation {channels}; the core has {expected}.")
    return shape


def _input(name: str, value: float | Sequence[float], width: int) -> torch.Tensor:
    if name == "previous_action":
        if value not in range(-1, width):
            raise BadInput(
                f"inputs['previous_action'] = {value}: must be a number of an action, 0 to {width - 1}, or -1."
            )
        return torch.eq(torch.arange(width), torch.tensor(value)).double()
    numbers_given = torch.as_tensor(value, dtype=torch.float64).reshape(-1)
    if len(numbers_given) != width or not bool(numbers_given.isfinite().all()):
        raise BadInput(f"inputs[{name!r}] = {value}: must be {width} finite numbers.")
    return numbers_given
