"""The trained networks that come with the package: one of each main experiment, chosen by rule.

Of each file in ``experiments/`` it is the experiment itself and none of its variants, and of its cohort network 0 of
seed 0, whatever this network does. ``python -m analyses.trained`` makes the files from runs.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from safetensors import safe_open

from pfc_metarl import experiments
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.networks import weights
from pfc_metarl.networks.weights import Weights
from pfc_metarl.settings import BadInput, choice_of

NETWORK, SEED = 0, 0
"""Which network is shipped, and of which seed, whatever it does."""

HOME = Path(__file__).parent
WEIGHTS, CARDS = HOME / "weights", HOME / "cards"


class Pretrained(NamedTuple):
    """A trained network of an experiment."""

    experiment: Experiment
    weights: Weights
    """Of a cohort of one network."""


def names() -> list[str]:
    """Return the names of the experiments of which a trained network comes with the package.

    Examples
    --------
    >>> "two_step" in names(), "two_step_no_reward" in names()
    (True, False)
    """
    return sorted(path.stem for path in WEIGHTS.glob("*.safetensors"))


def load(name: str) -> Pretrained:
    """Return the trained network of an experiment; `pfc_metarl.load` makes an agent of it.

    Raises
    ------
    BadInput
        If no network of this name comes with the package.

    Examples
    --------
    >>> found = load("two_step")
    >>> found.experiment.network.units, found.weights["heads"].shape[0]
    (48, 1)
    """
    path = _path(name)
    return Pretrained(experiments.load(name), weights.read(path))


def facts(name: str) -> dict[str, Any]:
    """Return where a trained network comes from: experiment, seed, number, training, headline values, versions.

    Examples
    --------
    >>> facts("two_step")["training"]["task"]["p_common"]
    0.8
    """
    with safe_open(_path(name), framework="numpy") as file:
        found: dict[str, Any] = json.loads(file.metadata()["facts"])
    return found


def card(name: str) -> str:
    """Return the model card of a trained network, in markdown.

    Examples
    --------
    >>> card("two_step").splitlines()[0]
    '# two_step'
    """
    _path(name)
    return (CARDS / f"{name}.md").read_text(encoding="utf-8")


def _path(name: str) -> Path:
    if name not in names():
        raise BadInput(f"{name}: this is neither a run directory nor a trained network of the package; {_there(name)}")
    return WEIGHTS / f"{name}.safetensors"


def _there(name: str) -> str:
    return f"there are: {choice_of(names(), name)}"


def encoded(found: Mapping[str, Any], origin: Mapping[str, Any]) -> bytes:
    """Return the content of a file with one network of a cohort.

    Parameters
    ----------
    found : mapping of Tensor
        Weights of the cohort.
    origin : mapping
        What `facts` returns.

    Examples
    --------
    >>> import torch
    >>> len(encoded({"core": torch.zeros(8, 100)}, {})) < 600  # one of eight networks
    True
    """
    return weights.encoded(weights.of_networks(found, slice(NETWORK, NETWORK + 1)), json.dumps(dict(origin)))
