"""Targets: directions and units of networks that encode a variable, and controls to compare them with.

They are found in a recording; an edit then clamps a target at its mean at each phase of the trial, or clamps all
other activity.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
import xarray as xr

from pfc_metarl.agents.base import Edit
from pfc_metarl.measures.activity import require_activity
from pfc_metarl.mechanism.directions import Directions, directions_of
from pfc_metarl.settings import BadInput, counted
from pfc_metarl.simulation.interventions import Edited, clamp, displaced, only_directions, without_directions

KINDS = ("removed", "kept")
"""Whether the target is clamped, or everything else is."""

CELLS = ", cells too"
"""Suffix of the name of a target that includes the cells."""

DISPLACED = "displaced"
"""Activity moved as far as by the removal of the direction, along the random directions."""

BEYOND = ("choice direction", "direction beyond choice", "random beyond choice")
"""Targets that are removed, but not alone kept; so is `DISPLACED`."""


class Targets(NamedTuple):
    """What is clamped, and at which values: first of the units, second of their cells."""

    centre: Sequence[np.ndarray]
    """Mean activity, [phase, network, unit] each."""
    chosen: Mapping[str, Sequence[np.ndarray]]
    """By the target's name, directions [draw, phase, network, unit] of the units or of both, or which units
    [draw, network, unit]; the cell of a silent unit has no effect."""
    variance_fraction: xr.DataArray
    """Fraction of the variance of all units along a direction, dims (target, phase, subject)."""


def targets(
    recording: xr.Dataset, variable: str, draws: int, units: int, seed: int, choice: str | None = None
) -> Targets:
    """Find what encodes a variable in a recording, and draw random controls.

    Parameters
    ----------
    recording : Dataset
    variable : str
        See `pfc_metarl.mechanism.directions.label`: its `pfc_metarl.measures.coding_direction` at each phase is the
        target "direction"; the units with the largest and smallest d′ are "top units" and "bottom units". Where units
        have cells, "direction, cells too" is that of the units together with that of the cells.
    draws : int
        Of "random directions" (`pfc_metarl.measures.matched_directions`), with and without cells, and "random units".
    units : int
        How many are clamped together.
    seed : int
    choice : str, optional
        Phase of the choice. If it is given, "choice direction" encodes the upcoming choice, "direction beyond choice"
        the variable among trials of the same choice, at right angles to it, and "random beyond choice" has the
        variance of the latter.

    Raises
    ------
    BadInput
        If there is no such variable, or `units` is more than half of all.
    """
    require_activity(recording, "hidden")
    n_units = recording["hidden"].shape[-1]
    if 2 * units > n_units:
        raise BadInput(
            f"units = {units}: the network has {counted(n_units, 'unit')}; give at most half of them, "
            "so that top and bottom differ."
        )
    found = [
        directions_of(recording, variable, draws, seed, name, choice)
        for name in ("hidden", "cell")
        if name in recording
    ]
    separation = abs(found[0].coding["d_prime"].fillna(0)).mean("phase").values
    order = np.argsort(-separation, axis=-1)
    shuffled = np.random.default_rng(seed).permuted(np.broadcast_to(np.arange(n_units), (draws, *order.shape)), axis=-1)
    chosen = _by_name(found)
    ranked = {"top units": order[None, :, :units], "bottom units": order[None, :, -units:]}
    ranked["random units"] = shuffled[..., :units]
    chosen |= {name: [_mask(which, n_units)] for name, which in ranked.items()}
    return Targets([each.coding["centre"].values for each in found], chosen, found[0].variance_fraction)


def _by_name(found: Sequence[Directions]) -> dict[str, list[np.ndarray]]:
    """Return directions of the units, and those of units and cells together."""
    names = found[0].drawn
    made = {name: [found[0].drawn[name]] for name in names}
    both = {f"{name}{CELLS}": [each.drawn[name] for each in found] for name in names}
    return made | (both if len(found) > 1 else {})


def _mask(chosen: np.ndarray, n_units: int) -> np.ndarray:
    mask = np.zeros((*chosen.shape[:-1], n_units), bool)
    np.put_along_axis(mask, chosen, True, axis=-1)
    return mask


def edits(found: Targets) -> Iterator[tuple[str, str, int, Edited]]:
    """Yield target, kind, draw and edit: at every phase its own direction, or the same units, clamped at the mean."""
    for target, values in found.chosen.items():
        for draw, each in enumerate(zip(*values, strict=True)):
            for kind in KINDS[:1] if target.startswith(BEYOND) else KINDS:
                edited = [_edit_by_phase(one, centre, kind) for one, centre in zip(each, found.centre, strict=False)]
                yield target, kind, draw, Edited(f"{target} {kind} {draw}", *edited)
    yield from _displacements(found)


def _displacements(found: Targets) -> Iterator[tuple[str, str, int, Edited]]:
    """Yield edits that move activity as far as the removal of the direction, along each of the random ones."""
    for cells in ("", CELLS):
        if f"random directions{cells}" not in found.chosen:
            continue
        own = [values[0] for values in found.chosen[f"direction{cells}"]]
        for draw, each in enumerate(zip(*found.chosen[f"random directions{cells}"], strict=True)):
            edited = [
                {
                    phase: displaced(*map(torch.from_numpy, at_phase))
                    for phase, at_phase in enumerate(zip(direction, along, centre, strict=True))
                }
                for direction, along, centre in zip(own, each, found.centre, strict=False)
            ]
            name = f"{DISPLACED}{cells}"
            yield name, "removed", draw, Edited(f"{name} {draw}", *edited)


def _edit_by_phase(one: np.ndarray, centre: np.ndarray, kind: str) -> dict[int, Edit]:
    """Return the edit of one activity by phase: of units [network, unit] or directions [phase, network, unit]."""
    chosen, means = torch.from_numpy(one), torch.from_numpy(centre)
    if one.dtype == bool:
        clamped = chosen if kind == "removed" else ~chosen
        return {phase: clamp(clamped, mean) for phase, mean in enumerate(means)}
    make = without_directions if kind == "removed" else only_directions
    pairs = zip(chosen, means, strict=True)
    return {phase: make(own[:, None], mean) for phase, (own, mean) in enumerate(pairs)}
