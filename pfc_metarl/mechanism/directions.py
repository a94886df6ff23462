"""Directions of activity that encode a variable or the choice, and random ones with the same variance."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import coding_direction, matched_directions
from pfc_metarl.measures.activity import following
from pfc_metarl.measures.population.conditions import condition_trials
from pfc_metarl.measures.units.regressors import side
from pfc_metarl.settings import BadInput

N_OPTIONS = 2


class Directions(NamedTuple):
    """Directions in the activity of units, or of cells."""

    coding: xr.Dataset
    """Of `pfc_metarl.measures.coding_direction`, dims (phase, subject, unit)."""
    drawn: Mapping[str, np.ndarray]
    """By name, [draw, phase, network, unit]."""
    variance_fraction: xr.DataArray
    """Fraction of the variance of all units along a direction, mean over draws, dims (target, phase, subject)."""


def label(recording: xr.Dataset, variable: str, phase: str) -> xr.DataArray:
    """Return a variable as two classes of trials, at a phase.

    A variable with a value for each of two options becomes 1 where the second is higher, 0 where it is lower, and
    NaN where they are equal.
    """
    view = trial_view(recording, variable, phase)
    if view.ndim == 3:
        return view
    first, second = (view.isel({view.dims[-1]: option}, drop=True) for option in range(N_OPTIONS))
    return (second > first).where(second != first).rename(variable)


def upcoming_choice(recording: xr.Dataset, choice: str, phase: str) -> xr.DataArray:
    """Return the side that is chosen next, −1 or 1: in this trial, or, after the phase of the choice, in the next one.

    Raises
    ------
    BadInput
        If there is no such phase.
    """
    phases = list(phase_names(recording))
    if choice not in phases:
        raise BadInput(f"choice = {choice!r}: must be one of the phases {', '.join(phases)}.")
    made = side(recording, choice)
    return following(made) if phases.index(phase) > phases.index(choice) else made


def directions_of(
    recording: xr.Dataset, variable: str, draws: int, seed: int, activity: str, choice: str | None = None
) -> Directions:
    """Find the directions of a variable and of the choice at each phase, and draw random ones.

    Parameters
    ----------
    recording, variable, draws, seed, choice
        See `pfc_metarl.mechanism.targets.targets`.
    activity : str
        "hidden" or "cell".

    Raises
    ------
    BadInput
        If a network has no such direction.
    """
    phases = phase_names(recording)
    labels = {phase: label(recording, variable, phase) for phase in phases}
    coding = xr.concat([coding_direction(recording, labels[p], p, activity) for p in phases], "phase")
    if not coding["valid"].all():
        raise BadInput(f"{next(why for why in coding['reason'].values.ravel() if why)}.")
    found = [_at_phase(recording, coding.isel(phase=k), draws, seed, p, activity) for k, p in enumerate(phases)]
    if choice is not None:
        for at_phase, phase in zip(found, phases, strict=True):
            sides = upcoming_choice(recording, choice, phase)
            at_phase |= _beyond_choice(recording, labels[phase], sides, draws, seed, phase, activity)
    drawn = {name: np.stack([each[name][0] for each in found], axis=1) for name in found[0]}
    total = [trial_view(recording, activity, p).var(["episode", "trial"]).sum("unit").values for p in phases]
    fraction = np.stack([[each[name][1] for each in found] for name in drawn]) / np.stack(total)
    coords = {"phase": list(phases), "target": list(drawn)}
    return Directions(coding, drawn, xr.DataArray(fraction, coords, ("target", "phase", "subject")))


Drawn = dict[str, tuple[np.ndarray, np.ndarray]]
"""By name, directions [draw, network, unit] and the variance along them, mean over draws, [network]."""


def _at_phase(recording: xr.Dataset, coding: xr.Dataset, draws: int, seed: int, phase: str, activity: str) -> Drawn:
    own = coding["direction"].expand_dims("direction")
    matched = matched_directions(recording, own, draws, seed, phase, activity)
    return {
        "direction": (coding["direction"].values[None], coding["variance"].values),
        "random directions": _first(matched),
    }


def _first(matched: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return what was drawn for the first of the given directions."""
    first = matched.isel(direction=0)
    return first["direction"].transpose("draw", "subject", "unit").values, first["variance"].mean("draw").values


def _beyond_choice(
    recording: xr.Dataset,
    variable: xr.DataArray,
    sides: xr.DataArray,
    draws: int,
    seed: int,
    phase: str,
    activity: str,
) -> Drawn:
    """Return the direction of the choice, and that of a variable at right angles to it, among trials of one choice."""
    of_choice = coding_direction(recording, sides, phase, activity)
    choice = of_choice["direction"]
    beyond = _within(recording, variable, sides, phase, activity)
    beyond -= (beyond * choice.values).sum(axis=-1, keepdims=True) * choice.values
    beyond /= np.linalg.norm(beyond, axis=-1, keepdims=True)
    given = xr.concat([choice.copy(data=beyond), choice], "direction")
    matched = matched_directions(recording, given, draws, seed, phase, activity)
    return {
        "choice direction": (choice.values[None], of_choice["variance"].values),
        "direction beyond choice": (beyond[None], matched["target_variance"].isel(direction=0).values),
        "random beyond choice": _first(matched),
    }


def _within(
    recording: xr.Dataset, variable: xr.DataArray, sides: xr.DataArray, phase: str, activity: str
) -> np.ndarray:
    """Return the difference of mean activity between two classes, mean over both choices, [network, unit]."""
    sample = condition_trials(recording, {"variable": variable, "choice": sides}, phase, activity)
    if any(sample.reasons):
        why = next(why for why in sample.reasons if why)
        raise BadInput(f"{why}; record more episodes, or leave causality.choice out.")
    means = [
        np.stack([own.activity[own.condition == code].mean(axis=0) for code in range(4)]).reshape(2, 2, -1)
        for own in sample.networks
    ]
    return np.stack([(high - low).mean(axis=0) for low, high in means])
