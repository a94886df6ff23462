"""Targets: directions and units of networks that encode a variable, and random ones to compare them with.

They are found in a recording; an edit then clamps a target at its mean at each phase of the trial, or clamps all
other activity.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
import xarray as xr

from pfc_metarl.agents.base import Edit
from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import coding_direction, matched_directions
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.interventions import Edited, clamp, only_directions, without_directions

KINDS = ("removed", "kept")
"""Whether the target is clamped, or everything else is."""

CELLS = ", cells too"
"""Suffix of the name of a target that includes the cells."""

N_OPTIONS = 2


class Targets(NamedTuple):
    """What is clamped, and at which values: first of the units, second of their cells."""

    centre: Sequence[np.ndarray]
    """Mean activity, [phase, network, unit] each."""
    chosen: Mapping[str, Sequence[np.ndarray]]
    """By the target's name, directions [draw, phase, network, unit] of the units or of both, or which units
    [draw, network, unit]; the cell of a silent unit has no effect."""
    variance_fraction: xr.DataArray
    """Fraction of the variance of all units along a direction, dims (target, phase, subject)."""


def targets(recording: xr.Dataset, variable: str, draws: int, units: int, seed: int) -> Targets:
    """Find what encodes a variable in a recording, and draw random controls.

    Parameters
    ----------
    recording : Dataset
    variable : str
        See `label`: its `pfc_metarl.measures.coding_direction` at each phase is the target "direction"; the units with
        the largest and smallest d′ are "top units" and "bottom units". Where units have cells, "direction, cells too"
        is that of the units together with that of the cells.
    draws : int
        Of "random directions" (`pfc_metarl.measures.matched_directions`), with and without cells, and "random units".
    units : int
        How many are clamped together.
    seed : int

    Raises
    ------
    BadInput
        If there is no such variable, or `units` is more than half of all.
    """
    found = [_directions(recording, variable, draws, seed, name) for name in ("hidden", "cell") if name in recording]
    separation = abs(found[0].coding["d_prime"].fillna(0)).mean("phase").values
    n_units = separation.shape[-1]
    if 2 * units > n_units:
        raise BadInput(f"units = {units}: at most half of the {n_units} units, so that top and bottom differ.")
    order = np.argsort(-separation, axis=-1)
    shuffled = np.random.default_rng(seed).permuted(np.broadcast_to(np.arange(n_units), (draws, *order.shape)), axis=-1)
    coding, matched = [each.coding["direction"].values[None] for each in found], [each.matched for each in found]
    chosen = {"direction": coding[:1], "random directions": matched[:1]}
    if len(found) > 1:
        chosen |= {f"direction{CELLS}": coding, f"random directions{CELLS}": matched}
    ranked = {"top units": order[None, :, :units], "bottom units": order[None, :, -units:]}
    ranked["random units"] = shuffled[..., :units]
    chosen |= {name: [_mask(which, n_units)] for name, which in ranked.items()}
    return Targets([each.coding["centre"].values for each in found], chosen, found[0].variance_fraction)


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


class _Found(NamedTuple):
    """Directions in the activity of units or of cells."""

    coding: xr.Dataset
    matched: np.ndarray
    """[draw, phase, network, unit]"""
    variance_fraction: xr.DataArray


def _directions(recording: xr.Dataset, variable: str, draws: int, seed: int, activity: str) -> _Found:
    phases = phase_names(recording)
    labels = [label(recording, variable, phase) for phase in phases]
    coding = xr.concat(
        [coding_direction(recording, own, p, activity) for own, p in zip(labels, phases, strict=True)], "phase"
    )
    if not coding["valid"].all():
        raise BadInput(f"{next(why for why in coding['reason'].values.ravel() if why)}.")
    given = [coding["direction"].isel(phase=[k]).rename(phase="direction") for k in range(len(phases))]
    matched = [
        matched_directions(recording, own, draws, seed, phase, activity)
        for own, phase in zip(given, phases, strict=True)
    ]
    total = [trial_view(recording, activity, p).var(["episode", "trial"]).sum("unit").values for p in phases]
    fraction = np.stack([coding["variance"], [each["variance"].mean("draw").isel(direction=0) for each in matched]])
    coords = {"phase": phases, "target": ["direction", "random directions"]}
    return _Found(
        coding,
        np.stack([each["direction"].values[:, :, 0].swapaxes(0, 1) for each in matched], axis=1),
        xr.DataArray(fraction / np.stack(total), coords, ("target", "phase", "subject")),
    )


def _mask(chosen: np.ndarray, n_units: int) -> np.ndarray:
    mask = np.zeros((*chosen.shape[:-1], n_units), bool)
    np.put_along_axis(mask, chosen, True, axis=-1)
    return mask


def edits(found: Targets) -> Iterator[tuple[str, str, int, Edited]]:
    """Yield target, kind, draw and edit: at every phase its own direction, or the same units, clamped at the mean."""
    for target, values in found.chosen.items():
        for draw, each in enumerate(zip(*values, strict=True)):
            for kind in KINDS:
                edited = [_edit_by_phase(one, centre, kind) for one, centre in zip(each, found.centre, strict=False)]
                yield target, kind, draw, Edited(f"{target} {kind} {draw}", *edited)


def _edit_by_phase(one: np.ndarray, centre: np.ndarray, kind: str) -> dict[int, Edit]:
    """Return the edit of one activity by phase: of units [network, unit] or directions [phase, network, unit]."""
    chosen, means = torch.from_numpy(one), torch.from_numpy(centre)
    if one.dtype == bool:
        clamped = chosen if kind == "removed" else ~chosen
        return {phase: clamp(clamped, mean) for phase, mean in enumerate(means)}
    make = without_directions if kind == "removed" else only_directions
    pairs = zip(chosen, means, strict=True)
    return {phase: make(own[:, None], mean) for phase, (own, mean) in enumerate(pairs)}
