"""Fixed and slow points: states at which the recurrent dynamics of a network rest if its input is constant or repeats.

This analysis needs the weights, so it is not one of the measures, which take recordings only. A state s of a core is
its hidden units, and its cell where there is one; a step with constant input maps it to F(s). If the percepts of a
trial repeat, F is the map of a whole trial, from the state before its first step to that after its last. Points where
the speed ½‖F(s) − s‖² is at a minimum are searched from recorded states. The Jacobian of F there shows whether small
perturbations grow or decay.
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from scipy import optimize
from scipy.cluster import hierarchy
from scipy.spatial import distance

from pfc_metarl.data.dataset import numbers
from pfc_metarl.mechanism.step_map import Inputs, StepMap, TrialMap, trial_map
from pfc_metarl.networks.network import ACTOR, Network
from pfc_metarl.networks.weights import Weights, of_networks, part
from pfc_metarl.settings import BadInput, counted

MARGIN = 1e-3
"""An eigenvalue whose magnitude differs from 1 by less counts as 1: no growth or decay within 1000 steps."""


def fixed_points(
    network: Network,
    weights: Weights,
    recording: xr.Dataset,
    inputs: Inputs | Sequence[Inputs],
    n_starts: int = 32,
    tolerance: float = 1e-16,
    same: float = 0.01,
    n_settle: int = 0,
) -> xr.Dataset:
    """Find the fixed and slow points of each network's dynamics for a constant input, or for a trial that repeats.

    Parameters
    ----------
    network : Network
    weights : Weights
        Of the cohort, as ``run.weights()`` gives them. With a separate critic only the actor is analysed.
    recording : Dataset
        Of the same networks, with ``hidden`` and, where the core has one, ``cell``: the states to start from, evenly
        spread over its steps. Weights belong to its networks in the order of their labels. For trials that repeat, give
        the steps at the end of a trial only.
    inputs : mapping, or sequence of mappings
        One for a constant input, or one for each step of a trial. Inputs of the core, by the names of `Network.inputs`:
        "observation", one number per channel (where there is an encoder, per feature); "previous_action", the number of
        an action, −1 for none; "previous_reward"; "rpe".
    n_starts : int
        Starting states of each network.
    tolerance : float
        Largest speed of a fixed point; faster points are slow points.
    same : float
        Points count as one if their distance is at most this fraction of the spread of the starting states.
    n_settle : int
        How often the map is applied to the starting states before the search; with some hundred applications only
        points that attract the network are found.

    Returns
    -------
    Dataset, dims (subject, point, ...)
        The state as ``hidden(unit)`` and ``cell(unit)``; ``speed``, ½‖F(s) − s‖²; ``kind``: "fixed", "slow", or ""
        where a subject has fewer points than another; ``stability``: "stable" if all eigenvalues of the Jacobian lie
        inside the unit circle, "marginal" if some lie on it within 0.001 (as along a line attractor), "unstable" if
        any lies outside; ``eigenvalue_real``, ``eigenvalue_imaginary`` (mode), largest magnitude first;
        ``time_constant``, in steps (of trials, where these repeat), of the slowest decay, infinite if not stable;
        ``n_starts`` that ended there; ``distance`` to the nearest start, as a fraction of their spread: distant points
        are not visited by the network; ``policy(option)``, and ``value`` where the core has its head, after the (first)
        step. Points come in the order of the starts.

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
    states = _states(recording, own, n_starts)
    found = []
    for number, starts in enumerate(states):
        trial = trial_map(network, of_networks(own, slice(number, number + 1)), inputs)
        for _ in range(n_settle):
            starts = np.array([trial(start) for start in starts])
        spread = float(np.sqrt(((states[number] - states[number].mean(axis=0)) ** 2).sum(axis=1).mean())) or 1.0
        found.append(_points(trial, starts, spread, tolerance, same))
    return _labelled(found, trial.steps[0], recording)


def _states(recording: xr.Dataset, own: Weights, n_starts: int) -> np.ndarray:
    """Return recorded states, [network, start, size]."""
    n_networks, n_states, units = own["initial"].shape
    parts = [numbers(recording, name) for name in ("hidden", "cell")[:n_states]]
    if parts[0].shape[0] != n_networks or parts[0].shape[-1] != units:
        raise BadInput(
            f"recording: of {counted(parts[0].shape[0], 'network')} with {counted(parts[0].shape[-1], 'unit')}, "
            f"the weights are of {n_networks} with {units}; give the recording and the weights of one run."
        )
    flat = [each.reshape(n_networks, -1, units) for each in parts]
    rows = np.linspace(0, flat[0].shape[1] - 1, min(n_starts, flat[0].shape[1])).round().astype(int)
    return np.concatenate([each[:, rows] for each in flat], axis=-1).astype(float)


def _points(
    step: TrialMap, starts: np.ndarray, spread: float, tolerance: float, same: float
) -> list[dict[str, np.ndarray]]:
    """Return the points that the starts converge to, with their properties."""
    identity = np.eye(step.size)
    precision = {"xtol": 1e-12, "ftol": 1e-12, "gtol": 1e-12, "max_nfev": 400}
    ends = np.array(
        [
            optimize.least_squares(lambda s: step(s) - s, start, lambda s: step.jacobian(s) - identity, **precision).x
            for start in starts
        ]
    )
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


def _properties(step: TrialMap, state: np.ndarray, tolerance: float) -> dict[str, np.ndarray]:
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


def _labelled(found: list[list[dict[str, np.ndarray]]], step: StepMap, recording: xr.Dataset) -> xr.Dataset:
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
        "unit": np.arange(step.units),
        "option": recording["option"].values if "option" in recording.coords else np.arange(step.outputs["logits"]),
    }
    return xr.Dataset(data, coords)
