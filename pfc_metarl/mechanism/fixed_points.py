"""Fixed and slow points: states at which the recurrent dynamics of a network rest if its input is constant.

This analysis needs the weights, so it is not one of the measures, which take recordings only. A state s of a
core is its hidden units, and its cell where there is one; a step with constant input maps it to F(s). Points where the
speed ½‖F(s) − s‖² is at a minimum are searched from recorded states. The Jacobian of F there shows whether small
perturbations grow or decay.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
import xarray as xr
from scipy import optimize
from scipy.cluster import hierarchy
from scipy.spatial import distance

from pfc_metarl.data.dataset import numbers
from pfc_metarl.networks.buffers import SINGLE
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.network import ACTOR, Network
from pfc_metarl.networks.tape import Part
from pfc_metarl.networks.weights import Weights, of_networks, part
from pfc_metarl.settings import BadInput

MARGIN = 1e-3
"""An eigenvalue whose magnitude differs from 1 by less counts as 1: no growth or decay within 1000 steps."""


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


def fixed_points(
    network: Network,
    weights: Weights,
    recording: xr.Dataset,
    inputs: Mapping[str, float | Sequence[float]],
    n_starts: int = 32,
    tolerance: float = 1e-16,
    same: float = 0.01,
) -> xr.Dataset:
    """Find the fixed and slow points of each network's dynamics for a constant input.

    Parameters
    ----------
    network : Network
    weights : Weights
        Of the cohort, as ``run.weights()`` gives them. With a separate critic only the actor is analysed.
    recording : Dataset
        Of the same networks, with ``hidden`` and, where the core has one, ``cell``: the states to start from, evenly
        spread over its steps. Weights belong to its networks in the order of their labels.
    inputs : mapping
        Inputs of the core, by the names of `Network.inputs`: "observation", one number per channel
        (where there is an encoder, per feature); "previous_action", the number of an action, −1 for none;
        "previous_reward"; "rpe".
    n_starts : int
        Starting states of each network.
    tolerance : float
        Largest speed of a fixed point; faster points are slow points.
    same : float
        Points count as one if their distance is at most this fraction of the spread of the starting states.

    Returns
    -------
    Dataset, dims (subject, point, ...)
        The state as ``hidden(unit)`` and ``cell(unit)``; ``speed``, ½‖F(s) − s‖²; ``kind``: "fixed", "slow", or ""
        where a subject has fewer points than another; ``stability``: "stable" if all eigenvalues of the Jacobian lie
        inside the unit circle, "marginal" if some lie on it within 0.001 (as along a line attractor), "unstable" if
        any lies outside; ``eigenvalue_real``, ``eigenvalue_imaginary`` (mode), largest magnitude first;
        ``time_constant``, in steps, of the slowest decay, infinite if not stable; ``n_starts`` that ended there;
        ``distance`` to the nearest start, as a fraction of their spread: distant points are not visited by the network;
        ``policy(option)``, and ``value`` where the core has its head. Points come in the order of the starts.

    Raises
    ------
    BadInput
        If the network is no `Network`, the recording is not of these networks, or the inputs not those of the core.

    Notes
    -----
    Sussillo & Barak 2013, doi:10.1162/NECO_a_00409; scipy's least squares with the exact Jacobian.
    """
    if not isinstance(network, Network):
        raise BadInput(
            f"network = {type(network).__name__}: fixed points are found for the cores of pfc_metarl.Network only."
        )
    if n_starts < 1:
        raise BadInput(f"n_starts = {n_starts}: must be at least 1.")
    if "network" in recording.coords:
        recording = recording.sortby("network")  # as the weights stand
    own = part(weights, ACTOR)
    shape = _shape(network, own, inputs)
    given = {name: _input(name, inputs[name], width) for name, width in shape.inputs.items()}
    states = _states(recording, own, n_starts)
    found = []
    for number, starts in enumerate(states):
        step = StepMap(shape, of_networks(own, slice(number, number + 1)), given)
        found.append(_points(step, starts, tolerance, same))
    return _labelled(found, shape, recording)


def _shape(network: Network, own: Weights, inputs: Mapping[str, float | Sequence[float]]) -> Part:
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


def _states(recording: xr.Dataset, own: Weights, n_starts: int) -> np.ndarray:
    """Return recorded states, [network, start, size]."""
    n_networks, n_states, units = own["initial"].shape
    parts = [numbers(recording, name) for name in ("hidden", "cell")[:n_states]]
    if parts[0].shape[0] != n_networks or parts[0].shape[-1] != units:
        raise BadInput(
            f"recording: of {parts[0].shape[0]} networks of {parts[0].shape[-1]} units; the weights are not."
        )
    flat = [each.reshape(n_networks, -1, units) for each in parts]
    rows = np.linspace(0, flat[0].shape[1] - 1, min(n_starts, flat[0].shape[1])).round().astype(int)
    return np.concatenate([each[:, rows] for each in flat], axis=-1).astype(float)


def _points(step: StepMap, starts: np.ndarray, tolerance: float, same: float) -> list[dict[str, np.ndarray]]:
    """Return the points that the starts converge to, with their properties."""
    identity = np.eye(step.size)
    precision = {"xtol": 1e-12, "ftol": 1e-12, "gtol": 1e-12, "max_nfev": 400}
    ends = np.array(
        [
            optimize.least_squares(lambda s: step(s) - s, start, lambda s: step.jacobian(s) - identity, **precision).x
            for start in starts
        ]
    )
    spread = float(np.sqrt(((starts - starts.mean(axis=0)) ** 2).sum(axis=1).mean())) or 1.0
    groups = np.ones(1, int)
    if len(ends) > 1:
        groups = hierarchy.fcluster(hierarchy.linkage(ends, "complete"), same * spread, "distance")
    first = np.sort(np.unique(groups, return_index=True)[1])
    return [
        {
            **_properties(step, ends[row], tolerance),
            "n_starts": np.asarray((groups == groups[row]).sum()),
            "distance": distance.cdist(ends[row : row + 1], starts).min() / spread,
        }
        for row in first
    ]


def _properties(step: StepMap, state: np.ndarray, tolerance: float) -> dict[str, np.ndarray]:
    speed = 0.5 * float(((step(state) - state) ** 2).sum())
    heads = step.heads(state)
    values = np.linalg.eigvals(step.jacobian(state))
    values = values[np.lexsort((-values.imag, -np.abs(values).round(12)))]
    largest = float(np.abs(values[0]))
    stability = "stable" if largest < 1 - MARGIN else "marginal" if largest <= 1 + MARGIN else "unstable"
    logits = heads["logits"] - heads["logits"].max()
    facts = {
        "hidden": state[: step.units],
        **({"cell": state[step.units :]} if step.size > step.units else {}),
        "speed": np.asarray(speed),
        "kind": np.asarray("fixed" if speed <= tolerance else "slow"),
        "stability": np.asarray(stability),
        "eigenvalue_real": values.real,
        "eigenvalue_imaginary": values.imag,
        "time_constant": np.asarray(-1 / np.log(max(largest, 1e-300)) if largest < 1 else np.inf),
        "policy": np.exp(logits) / np.exp(logits).sum(),
    }
    return facts | ({"value": heads["value"]} if "value" in heads else {})


def _labelled(found: list[list[dict[str, np.ndarray]]], shape: Part, recording: xr.Dataset) -> xr.Dataset:
    most = max(map(len, found))
    last = {"hidden": "unit", "cell": "unit", "policy": "option"} | dict.fromkeys(
        ("eigenvalue_real", "eigenvalue_imaginary"), "mode"
    )
    data = {}
    for name, example in found[0][0].items():
        nothing: object = "" if example.dtype.kind == "U" else 0 if name == "n_starts" else np.nan
        values = np.full((len(found), most, *example.shape), nothing, dtype="U8" if nothing == "" else None)
        for number, points in enumerate(found):
            for row, point in enumerate(points):
                values[number, row] = point[name]
        data[name] = (("subject", "point", *((last[name],) if name in last else ())), values)
    coords = {
        "subject": recording["network"].values if "network" in recording.coords else np.arange(len(found)),
        "point": np.arange(most),
        "unit": np.arange(shape.units),
        "option": recording["option"].values if "option" in recording.coords else np.arange(shape.outputs["logits"]),
    }
    return xr.Dataset(data, coords)
