"""Weights of a cohort: tensors by name, the first axis of each the network.

A network with one core has ``core``, ``heads`` and ``initial``; that of a separate critic has them as ``critic.core``
and so on. Functions that handle weights as a whole go through all names.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import Tensor

Weights = dict[str, Tensor]


def part(weights: Mapping[str, Tensor], prefix: str) -> Weights:
    """Return the weights of a part, by their names within it; not copied.

    Examples
    --------
    >>> list(part({"core": torch.ones(1), "critic.core": torch.zeros(1)}, "critic."))
    ['core']
    """
    names = [name for name in weights if name.rpartition(".")[0] == prefix.rstrip(".")]
    return {name.removeprefix(prefix): weights[name] for name in names}


def of_networks(weights: Mapping[str, Tensor], networks: slice) -> Weights:
    """Return the weights of some networks; not copied."""
    return {name: tensor[networks] for name, tensor in weights.items()}


def joined(parts: Sequence[Mapping[str, Tensor]]) -> Weights:
    """Return the weights of several cohorts as those of one, network after network."""
    return {name: torch.cat([weights[name] for weights in parts]) for name in parts[0]}


def snapshot_name(number: int) -> str:
    """Return the name of a snapshot of training; the first is 1."""
    return f"snapshot_{number}"


def with_snapshot_names(snapshots: Sequence[Mapping[str, Tensor]]) -> Weights:
    """Return the weights at several snapshots as one mapping: "snapshot_1.core", ...

    Examples
    --------
    >>> list(with_snapshot_names([{"core": torch.ones(1)}, {"core": torch.zeros(1)}]))
    ['snapshot_1.core', 'snapshot_2.core']
    """
    numbered = enumerate(snapshots, start=1)
    return {f"{snapshot_name(n)}.{name}": tensor for n, weights in numbered for name, tensor in weights.items()}


def at_snapshot(weights: Mapping[str, Tensor], snapshot: str) -> Weights:
    """Return the weights of one snapshot, by its name, from those of `with_snapshot_names`; not copied."""
    prefix = f"{snapshot}."
    return {name.removeprefix(prefix): tensor for name, tensor in weights.items() if name.startswith(prefix)}


def encoded(weights: Mapping[str, Tensor], facts: str) -> bytes:
    """Return weights, and facts about them, as the content of a safetensors file."""
    tensors = {name: tensor.contiguous() for name, tensor in weights.items()}
    return bytes(save(tensors, {"facts": facts}))  # safetensors writes several entries in random order


def read(path: Path) -> Weights:
    """Read the weights in a safetensors file."""
    return dict(load_file(path))


def digest(weights: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of all names and values, which changes with every bit of them.

    Examples
    --------
    >>> weights = {"core": torch.tensor([1.0, 2.0])}
    >>> before = digest(weights)
    >>> weights["core"][1] += 1e-6
    >>> digest(weights) == before
    False
    """
    found = hashlib.sha256()
    for name in sorted(weights):
        found.update(name.encode())
        found.update(weights[name].detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()
