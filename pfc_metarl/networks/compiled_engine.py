"""The compiled engine: a tape's buffers handed to the loops of `pfc_metarl.networks.compiled`."""

from typing import Any

import torch
from torch import Tensor

from pfc_metarl.compiler import Array
from pfc_metarl.networks import compiled
from pfc_metarl.networks.buffers import Buffers
from pfc_metarl.networks.compiled import KINDS
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.weights import Weights

__all__ = ["KINDS", "CompiledEngine"]


class CompiledEngine:
    """Computes the steps of a tape on a CPU, in single precision.

    Parameters
    ----------
    core : str
    weights : Weights
    buffers : Buffers
    """

    def __init__(self, core: str, weights: Weights, buffers: Buffers) -> None:
        self.kind, self.has_cell, self.weights, self.buffers = KINDS[core], CORES[core].has_cell, weights, buffers
        n_networks, n_steps, n_outputs, n_episodes = buffers.outputs.shape
        n_rows, units, self.n_gates = buffers.percepts.shape[2], buffers.hidden.shape[2], weights["core"].shape[2]
        self.n_inputs = n_rows - units - 1
        connected = CORES[core].connected(self.n_inputs, units)
        self.connected = connected.expand(n_rows, self.n_gates // units, units).flatten(1)
        new = weights["core"].new_zeros
        self.core, self.heads = new(n_networks, self.n_gates, n_rows), new(n_networks, n_outputs, units + 1)
        self.gates = new(n_networks, n_steps, self.n_gates, n_episodes)
        written = self.core, self.heads, buffers.percepts, self.gates, buffers.cells, buffers.outputs
        self.written: Any = tuple(tensor.numpy() for tensor in written)
        places = [buffers.rows.get(name, slice(-1, -1)) for name in compiled.INPUTS]
        self.rows: Any = tuple(place.start for place in places)
        self.n_actions = places[1].stop - places[1].start
        self.arrays = compiled.TapeArrays(*(self.kind, *self.written, self.rows, self.n_actions))

    def rewind(self) -> None:
        self.core.copy_(self.weights["core"].mT)
        self.heads.copy_(self.weights["heads"].mT)

    def perceive(self, t: int, observation: Tensor, action: Tensor, reward: Tensor, rpe: Tensor | None) -> None:
        percept = _arrays(observation, action, reward, rpe)
        compiled.perceive(t, self.arrays.percepts, self.rows, self.n_actions, *percept)

    def forward(self, t: int, moves_units: bool = True, reads_heads: bool = True) -> None:
        compiled.forward(self.kind, t, *self.written, moves_units, reads_heads)

    def act(
        self, t: int, observation: Tensor, action: Tensor, reward: Tensor, rpe: Tensor | None, noise: Tensor
    ) -> Tensor:
        percept = _arrays(observation, action, reward, rpe)
        given = self.rows, self.n_actions, *percept, _single(noise)
        return torch.from_numpy(compiled.act(self.kind, t, *self.written, *given))

    def backward(self, d_heads: Tensor) -> Weights:
        """Return the gradient of a scalar with respect to the weights."""
        buffers, inputs, new = self.buffers, self.n_inputs, self.core.new_zeros
        n_networks, n_outputs, n_units = len(self.heads), self.heads.shape[1], self.heads.shape[2] - 1
        to_units = torch.cat([self.core[:, :, inputs:-1].mT, self.heads[:, :, :-1].mT], -1).contiguous()
        to_input = self.core[:, :, buffers.traced].mT.contiguous()
        d_outputs = torch.nn.functional.pad(d_heads.permute(1, 0, 3, 2), (0, 0, 0, 0, 1, 0))
        d_weights = new(n_networks, self.n_gates + n_outputs, self.core.shape[2])
        d_state = new(n_networks, 2, n_units, buffers.percepts.shape[3])
        read = to_units, to_input, buffers.percepts, self.gates, buffers.cells, d_outputs.contiguous()
        written = d_weights, d_state, buffers.d_input
        for of_network in zip(*(tensor.numpy() for tensor in (*read, *written)), strict=True):
            compiled.backward(self.kind, *of_network)
        d_core = d_weights[:, : self.n_gates].mT.contiguous()
        return {
            "core": d_core.mul_(self.connected),
            "heads": d_weights[:, self.n_gates :, inputs:].mT,
            "initial": self._initial(d_state.sum(-1)),
        }

    def _initial(self, d_state: Tensor) -> Tensor:
        """Return the derivative by the initial state, [network, states, units]: an LSTM carries that of its cell."""
        return d_state if self.has_cell else d_state.sum(1, keepdim=True)


def _arrays(observation: Tensor, action: Tensor, reward: Tensor, rpe: Tensor | None) -> tuple[Any, ...]:
    earned = _single(reward)
    return _single(observation), action.numpy(), earned, earned if rpe is None else rpe.numpy()


def _single(tensor: Tensor) -> Array:
    return tensor.numpy() if tensor.dtype is torch.float32 else tensor.float().numpy()
