"""Edits of activity during an episode: silence, clamp or scale units, remove directions or keep only them.

An edit maps the units' activity, [network, episode, unit], to new activity, which the heads and the next step receive.
`Edited` applies it in a rollout as an intervention, so that worlds, weights and the loop stay the same:
``record(task, agent, ..., intervene=Edited("no unit 3", silence([3])))``. The cell of an LSTM unit is not changed, so
a unit that is silenced for some steps still remembers; `cell_edit` changes the cell.
"""

import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from pfc_metarl.agents.base import Edit, Percept
from pfc_metarl.arguments import whole_number
from pfc_metarl.settings import BadInput, shown

Units = Sequence[int] | Tensor
"""Numbers of units, the same in all networks, or bools of shape [network, unit]."""

__all__ = ["Edited", "clamp", "displaced", "only_directions", "scale", "silence", "without_directions"]

DEPENDENT = 1e-5
"""Singular value of unit-length directions below which one of them is a combination of the others."""


def __dir__() -> list[str]:
    return list(__all__)


@dataclasses.dataclass(frozen=True)
class NamedEdit:
    """An edit that is shown as the call that made it."""

    edit: Edit
    call: str

    def __call__(self, hidden: Tensor) -> Tensor:
        return self.edit(hidden)

    def __repr__(self) -> str:
        return self.call


class Edited:
    """An intervention: activity is edited at every step, or at each phase of a trial by an edit of its own.

    Parameters
    ----------
    name : str
        Its name in the attribute ``intervention`` of a recording.
    edit : Edit or mapping of Edit
        For all steps, or by the number of the phase, as in the state of the world; other phases are not edited.
    cell_edit : Edit or mapping of Edit, optional
        The same for the units' cells, where the core has any.
    """

    def __init__(
        self, name: str, edit: Edit | Mapping[int, Edit], cell_edit: Edit | Mapping[int, Edit] | None = None
    ) -> None:
        self.__name__, self.edit, self.cell_edit = name, edit, cell_edit

    def __repr__(self) -> str:
        cells = "" if self.cell_edit is None else f", cell_edit={self.cell_edit!r}"
        return f"Edited({self.__name__!r}, {self.edit!r}{cells})"

    def __call__(self, percept: Percept, state: Any) -> Percept:
        phase = torch.as_tensor(state.phase, device=percept.previous_action.device)
        return percept._replace(edit=_at(phase, self.edit), cell_edit=_at(phase, self.cell_edit))


def _at(phase: Tensor, edit: Edit | Mapping[int, Edit] | None) -> Edit | None:
    """Return the edit of worlds in their phases; None if no world is edited."""
    if not isinstance(edit, Mapping):
        return edit
    edits = [(own, phase == number) for number, own in edit.items() if bool((phase == number).any())]
    return functools.partial(_where, edits) if edits else None


def _where(edits: Sequence[tuple[Edit, Tensor]], hidden: Tensor) -> Tensor:
    """Apply each edit in its own worlds."""
    edited = hidden
    for edit, here in edits:
        edited = torch.where(here[..., None], edit(hidden), edited)
    return edited


def silence(units: Units) -> Edit:
    """Return an edit that sets units to 0.

    Parameters
    ----------
    units : sequence of int, or Tensor of bool, shape [network, unit]
        Numbers of the units, from 0, the same in all networks; or for each network which units.

    Examples
    --------
    >>> silence([0, 2])(torch.ones(1, 1, 3)).tolist()
    [[[0.0, 1.0, 0.0]]]
    """
    return NamedEdit(clamp(units, 0.0), f"silence({_brief(units)})")


def clamp(units: Units, values: float | Tensor) -> Edit:
    """Return an edit that holds units at given values.

    Parameters
    ----------
    units : sequence of int, or Tensor of bool, shape [network, unit]
        As of `silence`.
    values : float or Tensor, shape [network, unit]
        Such as the units' mean activity.

    Examples
    --------
    >>> clamp([1], 0.5)(torch.ones(1, 1, 3)).tolist()
    [[[1.0, 0.5, 1.0]]]
    """

    def edit(hidden: Tensor) -> Tensor:
        return torch.where(_chosen(units, hidden), _of_units(values, hidden), hidden)

    return NamedEdit(edit, f"clamp({_brief(units)}, {_brief(values)})")


def scale(units: Units, gain: float) -> Edit:
    """Return an edit that multiplies units by a gain.

    Parameters
    ----------
    units : sequence of int, or Tensor of bool, shape [network, unit]
        As of `silence`.
    gain : float

    Examples
    --------
    >>> scale([1], 2)(torch.ones(1, 1, 3)).tolist()
    [[[1.0, 2.0, 1.0]]]
    """

    def edit(hidden: Tensor) -> Tensor:
        return torch.where(_chosen(units, hidden), gain * hidden, hidden)

    return NamedEdit(edit, f"scale({_brief(units)}, {gain!r})")


def without_directions(directions: Tensor, centre: float | Tensor = 0.0) -> Edit:
    """Return an edit that holds activity along some directions at a centre; all other directions are unchanged.

    Parameters
    ----------
    directions : Tensor, shape [network, direction, unit]
        Of any length, at any angle.
    centre : float or Tensor, shape [network, unit]
        Such as the mean activity, so that only the deviations from it are lost.

    Raises
    ------
    BadInput
        If a direction is zero, not finite, or a combination of the others.

    Examples
    --------
    >>> without_directions(torch.tensor([[[2.0, 0.0, 0.0]]]))(torch.ones(1, 1, 3)).tolist()
    [[[0.0, 1.0, 1.0]]]
    """
    along = _projection(directions)

    def edit(hidden: Tensor) -> Tensor:
        return hidden - (hidden - _of_units(centre, hidden)) @ along.to(hidden)

    return NamedEdit(edit, f"without_directions({_brief(directions)})")


def only_directions(directions: Tensor, centre: float | Tensor = 0.0) -> Edit:
    """Return an edit that keeps activity along some directions and holds all others at a centre.

    The opposite of `without_directions`.

    Parameters
    ----------
    directions, centre
        As of `without_directions`.

    Raises
    ------
    BadInput
        As of `without_directions`.

    Examples
    --------
    >>> only_directions(torch.tensor([[[2.0, 0.0, 0.0]]]))(torch.ones(1, 1, 3)).tolist()
    [[[1.0, 0.0, 0.0]]]
    """
    along = _projection(directions)

    def edit(hidden: Tensor) -> Tensor:
        held = _of_units(centre, hidden)
        return held + (hidden - held) @ along.to(hidden)

    return NamedEdit(edit, f"only_directions({_brief(directions)})")


def displaced(directions: Tensor, along: Tensor, centre: float | Tensor = 0.0) -> Edit:
    """Return an edit that moves activity as far as `without_directions` would, but along another direction.

    A control for the size of an edit: at every step both move the activity by the same distance.

    Parameters
    ----------
    directions : Tensor, shape [network, unit]
        The direction along which the distance of activity from the centre is measured; of any length.
    along : Tensor, shape [network, unit]
        The direction along which activity is moved; of any length.
    centre : float or Tensor, shape [network, unit]

    Examples
    --------
    >>> displaced(torch.tensor([[2.0, 0.0, 0.0]]), torch.tensor([[0.0, 1.0, 0.0]]))(torch.ones(1, 1, 3)).tolist()
    [[[1.0, 0.0, 1.0]]]
    """
    measured, moved = (each / each.norm(dim=-1, keepdim=True) for each in (directions, along))

    def edit(hidden: Tensor) -> Tensor:
        distance = (hidden - _of_units(centre, hidden)) @ measured.to(hidden).unsqueeze(-1)
        return hidden - distance * moved.to(hidden).unsqueeze(1)

    return NamedEdit(edit, f"displaced({_brief(directions)}, {_brief(along)})")


def _brief(value: Any) -> str:
    """Return a value in one line, a tensor by its shape."""
    return f"<{list(value.shape)}>" if isinstance(value, Tensor) else shown(value)


def _chosen(units: Units, hidden: Tensor) -> Tensor:
    """Return where units are chosen, as a mask that fits the activity."""
    n_networks, _, n_units = hidden.shape
    if isinstance(units, Tensor):
        if units.dtype != torch.bool or units.shape != (n_networks, n_units):
            raise BadInput(
                f"units: a tensor must hold bools, shape [{n_networks}, {n_units}], not {tuple(units.shape)}."
            )
        return units.to(hidden.device).unsqueeze(1)
    if isinstance(units, str) or not isinstance(units, Iterable):
        raise BadInput(f"units = {units!r}: must be a list of numbers of units, such as [3, 5].")
    units = [whole_number(unit, "units", -n_units) for unit in units]
    if wrong := [unit for unit in units if not 0 <= unit < n_units]:
        raise BadInput(f"units = {wrong}: units are numbered from 0 to {n_units - 1}.")
    return torch.isin(torch.arange(n_units, device=hidden.device), torch.tensor(units, device=hidden.device))


def _of_units(values: float | Tensor, hidden: Tensor) -> Tensor:
    if not isinstance(values, Tensor):
        return torch.as_tensor(values).to(hidden)
    if values.shape != (hidden.shape[0], hidden.shape[2]):
        raise BadInput(f"values: must have shape [{hidden.shape[0]}, {hidden.shape[2]}], not {tuple(values.shape)}.")
    return values.to(hidden).unsqueeze(1)


def _projection(directions: Tensor) -> Tensor:
    """Return the projection onto the span of the directions, [network, unit, unit]."""
    if directions.ndim != 3 or not bool(directions.isfinite().all()):
        raise BadInput("directions: must be finite numbers of shape [network, direction, unit].")
    lengths = directions.norm(dim=-1, keepdim=True)
    _, singular, axes = torch.linalg.svd(directions.double() / lengths.clamp(min=1e-30), full_matrices=False)
    if singular.numel() == 0 or singular.min() < DEPENDENT:
        raise BadInput("directions: a direction is zero, or a combination of the others; leave it out.")
    return axes.mT @ axes
