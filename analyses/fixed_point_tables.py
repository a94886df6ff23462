"""Fixed points of networks whose trials repeat: where activity comes to rest, and what the network would do there.

Each task has its types of trials, as the percepts of their steps. A type is repeated until activity comes to rest.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from analyses import style
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.mechanism.fixed_points import fixed_points
from pfc_metarl.mechanism.initial_weights import initial_weights
from pfc_metarl.mechanism.step_map import Inputs, trial_map
from pfc_metarl.networks.network import ACTOR, Network
from pfc_metarl.networks.weights import Weights, of_networks, part
from pfc_metarl.runs.run import Run

SIDES = ("left", "right")
N_STARTS, N_BEFORE, N_SETTLE = 4, 20, 300
"""States of each network that the search starts from, random trials before them, and repeated trials after them."""

N_SHOWN = 800
"""States of network 0 in its portrait."""


class Trials(NamedTuple):
    """Types of trials of a task."""

    steps: Mapping[str, Sequence[Inputs]]
    """Name of a type -> percepts of its steps."""
    n_actions: int
    phase: str
    """The last of a trial: its state is that before the next trial."""
    latent: Callable[[xr.Dataset], xr.DataArray]
    """What the network has to infer, 0 to 1, for each trial."""
    probed: Sequence[Sequence[Inputs]] = ()
    """Percepts after which the value is read, one sequence for each side; if there are none, the policy is read."""


def step(observation: Sequence[float], previous_action: int, previous_reward: float = 0.0) -> Inputs:
    """Return what reaches the network in a step."""
    return {"observation": observation, "previous_action": previous_action, "previous_reward": previous_reward}


def _paid(reward: int) -> str:
    return "rewarded" if reward else "unrewarded"


def bandit() -> Trials:
    """Return the trials of a two-armed bandit, half-way through its episode: which arm was chosen, and its reward."""
    kinds = {
        f"{side}, {_paid(reward)}": [step([1.0, 0.5], arm, reward)]
        for arm, side in enumerate(SIDES)
        for reward in (1, 0)
    }
    return Trials(kinds, 2, "choice", lambda made: trial_view(made, "p_reward", "choice").sel(option="left"))


def two_step() -> Trials:
    """Return the trials of the two-step task: choice, state and reward; its second action, without effect, is left."""
    kinds = {
        f"{side}, {'common' if choice == state else 'rare'}, {_paid(reward)}": [
            step([1, 0, 0], 0, reward),
            step([0, 1 - state, state], choice),
        ]
        for choice, side in enumerate(SIDES)
        for state in ((0, 1) if choice == 0 else (1, 0))
        for reward in (1, 0)
    }
    return Trials(kinds, 2, "second_stage", lambda made: 1.0 - trial_view(made, "good_state", "second_stage"))


def reversal() -> Trials:
    """Return the trials of the task of inferred value: cue and reward; the action at the outcome is centre."""
    fixation = step([1, 0, 0], 2)

    def cue(side: int) -> Inputs:
        return step([1, 1 - side, side], 2)

    kinds = {
        f"{name}, {_paid(reward)}": [
            fixation,
            cue(side),
            step([0, 1 - side, side], 2),
            step([0, 0, 0], side, reward),
        ]
        for side, name in enumerate(SIDES)
        for reward in (1, 0)
    }
    probed = [[fixation, cue(side)] for side in (0, 1)]
    return Trials(kinds, 3, "outcome", lambda made: 1.0 - trial_view(made, "rewarded_side", "outcome"), probed)


def resting(run: Run, kinds: Trials) -> dict[str, xr.Dataset]:
    """Return the points at which trained and untrained networks rest, and a portrait of network 0."""
    first = next(iter(kinds.steps.values()))[0]
    n_channels = np.size(first["observation"])
    weights = {"trained": run.weights(), "untrained": initial_weights(run, n_channels, kinds.n_actions)}
    network = Network(**run.manifest["settings"]["network"])
    points = {who: _points(network, own, kinds) for who, own in weights.items()}
    rows = {who: [_read(network, weights[who], found, kinds) for found in points[who].values()] for who in weights}
    types = xr.IndexVariable("type", list(kinds.steps))
    return {
        "points": style.stacked({who: xr.concat(each, types) for who, each in rows.items()}, "who"),
        "portrait": portrait(run.recording("test"), points["trained"], kinds),
    }


def starts(network: Network, weights: Weights, kinds: Trials) -> xr.Dataset:
    """Return states of each network after random trials, from its initial state on, as a recording holds them."""
    own = part(weights, ACTOR)
    n_networks, n_states, units = own["initial"].shape
    found = np.empty((n_networks, N_STARTS, n_states, units))
    for number in range(n_networks):
        random = np.random.default_rng(number)
        alone = of_networks(own, slice(number, number + 1))
        maps = [trial_map(network, alone, steps) for steps in kinds.steps.values()]
        for start in range(N_STARTS):
            state = alone["initial"].double().numpy().ravel()
            for kind in random.integers(len(maps), size=N_BEFORE):
                state = maps[kind](state)
            found[number, start] = state.reshape(n_states, units)
    dims = ("network", "episode", "step", "unit")
    named = zip(("hidden", "cell"), np.moveaxis(found, 2, 0), strict=False)
    return xr.Dataset({name: (dims, values[:, None]) for name, values in named}, {"network": np.arange(n_networks)})


def _points(network: Network, weights: Weights, kinds: Trials) -> dict[str, xr.Dataset]:
    """Return the points of each type of trial."""
    begin = starts(network, weights, kinds)
    return {
        name: fixed_points(network, weights, begin, steps, n_starts=N_STARTS, n_settle=N_SETTLE)
        for name, steps in kinds.steps.items()
    }


def main_points(found: xr.Dataset) -> xr.Dataset:
    """Return the point of each network at which most starts end."""
    return found.isel(point=found["n_starts"].argmax("point"))


def _read(network: Network, weights: Weights, found: xr.Dataset, kinds: Trials) -> xr.Dataset:
    """Return what each network would do at its main point, and how it comes to it."""
    main = main_points(found)
    read = main["policy"].isel(option=slice(2)).values
    if kinds.probed:
        read = np.array([_values(network, weights, number, main, kinds) for number in range(len(read))])
    stable = (found["stability"] == "stable") & (found["kind"] == "fixed")
    return xr.Dataset(
        {
            "read": (("subject", "side"), read),
            "n_stable": stable.sum("point").reset_coords(drop=True),
            "is_stable": ("subject", stable.isel(point=found["n_starts"].argmax("point")).values),
            "time_constant": ("subject", main["time_constant"].values),
        },
        {"subject": found["subject"].values, "side": list(SIDES)},
    )


def _values(network: Network, weights: Weights, number: int, main: xr.Dataset, kinds: Trials) -> list[float]:
    """Return the value that a network gives to the cue at either side, in its state at rest."""
    state = np.concatenate([main[name].values[number] for name in ("hidden", "cell") if name in main])
    own = of_networks(part(weights, ACTOR), slice(number, number + 1))
    found = []
    for probe in kinds.probed:
        before, last = trial_map(network, own, probe[:-1]), trial_map(network, own, probe[-1])
        found.append(float(last.heads(before(state))["value"]))
    return found


def portrait(recording: xr.Dataset, points: Mapping[str, xr.Dataset], kinds: Trials) -> xr.Dataset:
    """Return states of network 0 between trials in their first two principal components, and its points there."""
    hidden = trial_view(recording[["hidden", "trial", "phase"]].isel(network=[0]), "hidden", kinds.phase).values
    states = hidden.reshape(-1, hidden.shape[-1])
    centre = states.mean(axis=0)
    _, sizes, axes = np.linalg.svd(states - centre, full_matrices=False)
    shown = np.linspace(0, len(states) - 1, min(N_SHOWN, len(states))).astype(int)
    latent = kinds.latent(recording.isel(network=[0])).values[0].ravel()
    at = np.stack([main_points(found)["hidden"].values[0] for found in points.values()])
    return xr.Dataset(
        {
            "state": (("moment", "component"), (states[shown] - centre) @ axes[:2].T),
            "latent": ("moment", latent[shown]),
            "point": (("type", "component"), (at - centre) @ axes[:2].T),
            "explained_variance": ("component", (sizes**2 / (sizes**2).sum())[:2]),
        },
        {"type": list(points)},
    )
