"""Checkpoints: all that a training needs to go on as if nothing had happened, without a pickle.

One safetensors file holds weights, optimiser, generators, history and position. It is read only into a training of the
same settings, seed and networks, and only if every tensor has the name, shape and type that this training has.
"""

from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from pfc_metarl.files import replacing
from pfc_metarl.settings import BadInput
from pfc_metarl.training import Training

FORMAT = "1"


def save_checkpoint(path: Path, training: Training, fingerprint: str) -> None:
    """Write the state of a training; `fingerprint` says of which run."""
    with replacing(path) as temporary:
        save_file(_state(training), temporary, {"format": FORMAT, "fingerprint": fingerprint})


def load_checkpoint(path: Path, training: Training, fingerprint: str) -> None:
    """Bring a new training to the state of a checkpoint.

    Raises
    ------
    BadInput
        If the file is damaged, or belongs to another run; the training is left as it was.
    """
    expected = _state(training)
    try:
        with safe_open(path, framework="pt") as file:
            facts = file.metadata() or {}
            if facts.get("format") != FORMAT or facts.get("fingerprint") != fingerprint:
                raise BadInput(f"{path}: this checkpoint belongs to another run; delete it to begin again.")
            if set(file.keys()) != set(expected):
                raise BadInput(f"{path}: the checkpoint holds other tensors than this training; delete it.")
            state = {name: file.get_tensor(name) for name in expected}
    except (OSError, SafetensorError) as error:
        raise BadInput(f"{path}: the checkpoint cannot be read ({error}); delete it to begin again.") from None
    for name, tensor in state.items():
        if (tensor.shape, tensor.dtype) != (expected[name].shape, expected[name].dtype):
            raise BadInput(f"{path}: {name} of the checkpoint has another shape or type; delete it to begin again.")
    _restore(training, state)


def _state(training: Training) -> dict[str, Tensor]:
    tensors = dict(_tensors(training))
    generators = {f"generator.{number}": source.get_state() for number, source in _numbered(training)}
    state = {**tensors, **generators, "done": torch.tensor(training.done)}
    return {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}


def _restore(training: Training, state: dict[str, Tensor]) -> None:
    for name, tensor in _tensors(training):
        tensor.copy_(state[name])
    for number, source in _numbered(training):
        source.set_state(state[f"generator.{number}"])
    training.done = int(state["done"])


def _numbered(training: Training) -> list[tuple[int, torch.Generator]]:
    return list(zip(training.networks, training.sources, strict=True))


def _tensors(training: Training) -> Iterator[tuple[str, Tensor]]:
    """Yield every tensor that training changes, by name; they are written to in place when a checkpoint is read."""
    yield from ((f"weights.{name}", tensor) for name, tensor in training.weights._asdict().items())
    yield from ((f"history.{name}", tensor) for name, tensor in training.history.items())
    yield from (("stopped", training.stopped), ("silent", training.silent))
    for index, tensor in enumerate(training.learned):
        moments = training.optimiser.state[tensor]
        yield from ((f"optimiser.{index}.{name}", moment) for name, moment in moments.items())
