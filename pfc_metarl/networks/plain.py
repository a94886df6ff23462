"""The plain engine: the equations of a core as they stand, derivatives by autograd."""

import torch
from torch import Tensor

from pfc_metarl.networks.buffers import Buffers
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.weights import Weights


class PlainEngine:
    """Computes the steps of a tape by the equations of `pfc_metarl.networks.cores`, on any device.

    Parameters
    ----------
    core : str
    weights : Weights
    buffers : Buffers
    """

    def __init__(self, core: str, weights: Weights, buffers: Buffers) -> None:
        self.core, self.weights, self.buffers = CORES[core], weights, buffers
        self.units, self.n_inputs = buffers.hidden.shape[2], buffers.percepts.shape[2] - buffers.hidden.shape[2] - 1
        connected = self.core.connected(self.n_inputs, self.units)
        self.connected = connected.to(weights["core"])
        self.slots = [buffers.slots(t) for t in range(len(buffers.outputs[0]))]
        self.actions = torch.arange(self.n_inputs, device=weights["core"].device)

    arrays = None

    def rewind(self) -> None:
        """Do nothing: every step reads the present weights."""

    def perceive(self, t: int, observation: Tensor, action: Tensor, reward: Tensor, rpe: Tensor | None) -> None:
        for name, slot in self.slots[t].items():
            if name == "observation":
                slot.copy_(observation)
            elif name == "previous_action":
                torch.eq(action.unsqueeze(-1), self.actions[: slot.shape[-1]], out=slot)
            elif name == "previous_reward":
                slot.copy_(reward)
            elif rpe is not None:
                slot.copy_(rpe)

    def forward(self, t: int, moves_units: bool = True, reads_heads: bool = True) -> None:
        buffers = self.buffers
        if moves_units:
            pre_activations = self.weights["core"].mT @ buffers.percepts[:, t]
            hidden, cell = self.core.step(pre_activations, buffers.hidden[:, t], buffers.cells[:, t])
            buffers.hidden[:, t + 1] = hidden
            buffers.cells[:, t + 1] = cell
        if reads_heads:
            read = buffers.percepts[:, t + 1, self.n_inputs :]
            torch.bmm(self.weights["heads"].mT, read, out=buffers.outputs[:, t])

    def act(
        self, t: int, observation: Tensor, action: Tensor, reward: Tensor, rpe: Tensor | None, noise: Tensor
    ) -> Tensor:
        self.perceive(t, observation, action, reward, rpe)
        self.forward(t)
        logits = self.buffers.outputs[:, t, : noise.shape[-1]].mT
        return (logits + noise).argmax(-1)

    def backward(self, d_heads: Tensor) -> Weights:
        """Return the gradient of a scalar with respect to the weights; the episode is computed once more for it."""
        buffers = self.buffers
        leaves = {name: tensor.detach().requires_grad_() for name, tensor in self.weights.items()}
        seen = buffers.percepts[:, :-1, : self.n_inputs].detach().clone()
        seen.requires_grad_(buffers.d_input.shape[2] > 0)
        with torch.enable_grad():
            outputs = self._unrolled(leaves, seen)
        wanted = [*leaves.values(), *[seen] * seen.requires_grad]
        found = torch.autograd.grad(outputs, wanted, d_heads.permute(1, 0, 3, 2), materialize_grads=True)
        if seen.requires_grad:
            buffers.d_input.copy_(found[-1][:, :, buffers.traced])
        return dict(zip(leaves, found, strict=False))

    def _unrolled(self, weights: Weights, seen: Tensor) -> Tensor:
        """Return the outputs of all steps, [network, step, output, episode], for derivatives by autograd.

        Parameters
        ----------
        weights : Weights
        seen : Tensor, shape [network, step, inputs, episode]
        """
        weight = (weights["core"].unflatten(-1, (-1, self.units)) * self.connected).flatten(-2).mT
        initial = weights["initial"].unsqueeze(-1).expand(-1, -1, -1, seen.shape[-1])
        hidden, cell = initial[:, 0], initial[:, -1]
        one, after = torch.ones_like(hidden[:, :1]), []
        for now in seen.unbind(1):
            hidden, cell = self.core.step(weight @ torch.cat([now, hidden, one], 1), hidden, cell)
            after.append(torch.cat([hidden, one], 1))
        return weights["heads"].mT.unsqueeze(1) @ torch.stack(after, 1)
