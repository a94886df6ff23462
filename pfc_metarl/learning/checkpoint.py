"""Checkpoints: the state of a training in a file, from which it continues with the same results; no pickle.

A safetensors file holds the tensors of `pfc_metarl.learning.base.Training.state` and a hash of them all. It is read
only into a training with the same fingerprint, and only if every tensor has the name, shape and type that this training
has, and the bytes that were written.
"""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from pfc_metarl.data.files import replacing
from pfc_metarl.learning.base import Training
from pfc_metarl.learning.requirements import require_alike
from pfc_metarl.networks.weights import digest
from pfc_metarl.settings import BadInput

FORMAT = 4


def save_checkpoint(path: Path, training: Training, fingerprint: str) -> None:
    """Write the state of a training; `fingerprint` identifies the run."""
    state = training.state()
    facts = {"format": FORMAT, "fingerprint": fingerprint, "sha256": digest(state)}
    with replacing(path) as temporary:
        temporary.write_bytes(save(state, {"facts": json.dumps(facts)}))  # safetensors writes several in random order


def load_checkpoint(path: Path, training: Training, fingerprint: str) -> None:
    """Read the state of a checkpoint into a new training.

    Raises
    ------
    BadInput
        If the file is damaged, or belongs to another run; the training is left as it was.
    """
    expected = training.state()
    try:
        facts, state = _read(path, set(expected))
        if (facts.get("format"), facts.get("fingerprint")) != (FORMAT, fingerprint):
            raise BadInput("it belongs to another run or version")
        require_alike(state, expected)
        if facts.get("sha256") != digest(state):
            raise BadInput("its contents were changed")
        training.load(state)
    except (OSError, SafetensorError, ValueError, RecursionError) as error:  # a BadInput is a ValueError
        reason = str(error).rstrip(".")
        raise BadInput(f"{path}: the checkpoint cannot be used ({reason}); delete it to begin again.") from None


def _read(path: Path, names: set[str]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    if path.is_symlink() or not path.is_file():
        raise BadInput("it is not a file")
    with safe_open(path, framework="pt") as file:
        facts = json.loads((file.metadata() or {}).get("facts", "{}"))
        if not isinstance(facts, dict) or set(file.keys()) != names:
            raise BadInput("it holds other tensors than this training")
        return facts, {name: file.get_tensor(name) for name in names}
