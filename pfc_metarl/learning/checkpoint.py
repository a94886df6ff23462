"""Checkpoints: all that a training needs to go on as if nothing had happened, without a pickle.

One safetensors file holds weights, optimiser, generators, history and position, and a hash of them all. It is read only
into a training of the same settings, seed and networks, and only if every tensor has the name, shape and type that this
training has, and the bytes that were written.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from pfc_metarl.data.files import replacing
from pfc_metarl.learning.a2c import Training
from pfc_metarl.networks.weights import digest, with_stage_names
from pfc_metarl.settings import BadInput

FORMAT = 3


def save_checkpoint(path: Path, training: Training, fingerprint: str) -> None:
    """Write the state of a training; `fingerprint` says of which run."""
    state = _state(training)
    facts = {"format": FORMAT, "fingerprint": fingerprint, "sha256": digest(state)}
    with replacing(path) as temporary:
        temporary.write_bytes(save(state, {"facts": json.dumps(facts)}))  # safetensors writes several in random order


def load_checkpoint(path: Path, training: Training, fingerprint: str) -> None:
    """Bring a new training to the state of a checkpoint.

    Raises
    ------
    BadInput
        If the file is damaged, or belongs to another run; the training is left as it was.
    """
    expected = _state(training)
    try:
        facts, state = _read(path, expected)
    except (OSError, SafetensorError, ValueError, RecursionError) as error:
        raise BadInput(f"{path}: the checkpoint cannot be read ({error}); delete it to begin again.") from None
    if (facts.get("format"), facts.get("fingerprint")) != (FORMAT, fingerprint):
        raise BadInput(f"{path}: this checkpoint belongs to another run or version; delete it to begin again.")
    for name, tensor in expected.items():
        if name not in state or (state[name].shape, state[name].dtype) != (tensor.shape, tensor.dtype):
            raise BadInput(f"{path}: {name} of the checkpoint has another shape or type; delete it to begin again.")
    in_range = 0 <= int(state["done"]) <= training.learner.updates
    if facts.get("sha256") != digest(state) or not in_range:
        raise BadInput(f"{path}: the contents of the checkpoint were changed; delete it to begin again.")
    _restore(training, state)


def _read(path: Path, expected: Mapping[str, Tensor]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    if path.is_symlink() or not path.is_file():
        raise ValueError("it is not a file")
    with safe_open(path, framework="pt") as file:
        facts = json.loads((file.metadata() or {}).get("facts", "{}"))
        if not isinstance(facts, dict) or set(file.keys()) != set(expected):
            raise ValueError("it holds other tensors than this training")
        return facts, {name: file.get_tensor(name) for name in expected}


def _state(training: Training) -> dict[str, Tensor]:
    tensors = dict(_tensors(training))
    generators = {f"generator.{number}": source.get_state() for number, source in _numbered(training)}
    state = {**tensors, **generators, "done": torch.tensor(training.done)}
    return {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}


def _restore(training: Training, state: dict[str, Tensor]) -> None:
    for number, source in _numbered(training):
        source.set_state(state[f"generator.{number}"])
    for name, tensor in _tensors(training):
        tensor.copy_(state[name])
    training.done = int(state["done"])


def _numbered(training: Training) -> list[tuple[int, torch.Generator]]:
    return list(zip(training.networks, training.sources, strict=True))


def _tensors(training: Training) -> Iterator[tuple[str, Tensor]]:
    """Yield every tensor that training changes, by name; they are written to in place when a checkpoint is read."""
    yield from ((f"weights.{name}", tensor) for name, tensor in training.weights.items())
    yield from with_stage_names(training.kept).items()
    yield from ((f"history.{name}", tensor) for name, tensor in training.history.items())
    yield from (("stopped", training.stopped), ("silent", training.silent))
    for name, tensor in training.learned.items():
        moments = training.optimiser.state[tensor]
        yield from ((f"optimiser.{name}.{kind}", moment) for kind, moment in moments.items())
