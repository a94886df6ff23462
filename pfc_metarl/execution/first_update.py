"""The first update, made twice before the training: mistakes of a learner or a network are found in it."""

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pfc_metarl.execution.mistakes import as_bad_input
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.learning.base import Learner, Training
from pfc_metarl.learning.requirements import require_begin
from pfc_metarl.settings import BadInput, changed

INSTEAD = (
    "leave dropout and other noise out of a network; let a learner draw from Training.sources, "
    "an agent and a task from the noise that they are given"
)
"""What to do where code of a lab draws from a global generator."""


def try_first_update(experiment: Experiment, seed: int, device: str) -> None:
    """Make the first update of a training twice.

    Raises
    ------
    BadInput
        If it fails, differs between both, changes weights that are not learned, or stops every network.
    """
    networks = tuple(range(min(experiment.networks, 2)))
    begun = [_begun(experiment, seed, networks, device) for _ in range(2)]
    fixed = {name: tensor.clone() for name, tensor in begun[0].weights.items() if name not in begun[0].learned}
    with as_bad_input("learner, a first update"):
        for training in begun:
            with without_global_noise():
                training.update()
        _require_same(*(training.state() for training in begun))
        _require_fixed(begun[0], fixed)
        if bool((begun[0].stopped >= 0).all()):
            raise BadInput(
                "the gradient or the new weights of every network are not finite; "
                "check the loss, or choose a lower learning rate."
            )


def _begun(experiment: Experiment, seed: int, networks: tuple[int, ...], device: str) -> Training:
    with as_bad_input("learner"), without_global_noise():
        learner: Learner = changed(experiment.learner, {"updates": 1})  # the history of all updates may be large
        require_begin(learner)
        begun: Any = learner.begin(experiment.task, experiment.network, seed, networks, device)
    if not isinstance(begun, Training):
        what = "None" if begun is None else f"a {type(begun).__name__}"
        raise BadInput(f"learner: {type(learner).__name__}.begin returns {what}; return an instance of Training.")
    return begun


@contextlib.contextmanager
def without_global_noise() -> Iterator[None]:
    """Check that no random number is drawn from a global generator.

    Raises
    ------
    BadInput
        If one was.
    """
    before = _global_states()
    yield
    for library, state in _global_states().items():
        if state != before[library]:
            raise BadInput(
                f"random numbers are drawn from {library} global generator, so the same seed would give other results: "
                f"{INSTEAD}."
            )


def _global_states() -> dict[str, Any]:
    numpy_state: Any = np.random.get_state(legacy=False)  # noqa: NPY002
    return {
        "torch's": torch.get_rng_state().numpy().tobytes(),
        "numpy's": (numpy_state["state"]["key"].tobytes(), numpy_state["state"]["pos"]),
        "Python's": random.getstate(),
    }


def _require_same(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    for name, tensor in one.items():
        if not torch.equal(tensor.nan_to_num(), other[name].nan_to_num()):
            raise BadInput(f"{name} differs between two trainings with the same seed; {INSTEAD}.")


def _require_fixed(training: Training, before: dict[str, Tensor]) -> None:
    for name, tensor in before.items():
        if not torch.equal(tensor, training.weights[name]):
            raise BadInput(
                f"weights[{name!r}] were changed, but the network does not learn them; change `learned` only."
            )
