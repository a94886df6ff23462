"""A sweep that is continued: the values that its folder has, and those that are added."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pfc_metarl.execution.source import Source, resolved
from pfc_metarl.experiments.registry import differences
from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps import folder as folders
from pfc_metarl.sweeps.cells import Cell, Sweep, Terms
from pfc_metarl.sweeps.design import Axis, combined, repeated

DRAW, POINT = "draw", "point"


def continued(asked: Sweep) -> tuple[Sweep, list[Cell]]:
    """Return the sweep in the folder with the values that are asked for added, and the cells that are asked for.

    A value that the folder has stays in the design, also if it is not asked for again. So the dataset never loses a
    cell that was made.

    Raises
    ------
    BadInput
        If the folder holds another sweep, or the whole design has too many cells.
    """
    before = folders.require_same_sweep(asked)
    if before is None:
        return asked, list(asked.cells())
    united = [_united(axis, old) for axis, old in zip(asked.axes, before["axes"], strict=True)]
    made = asked._replace(axes=combined([axis for axis, _ in united], len(asked.sources)))
    places = [set(positions) for _, positions in united]
    cells = [
        cell
        for cell in made.cells()
        if all(position in place for position, place in zip(cell.positions, places, strict=True))
    ]
    return made, cells


def _united(axis: Axis, before: Mapping[str, Any]) -> tuple[Axis, list[int]]:
    """Return an axis with the points that were there before as well, and the positions of its own points on it."""
    own = _points(axis.values)
    points = _points(before["values"])
    added = {key: point for key, point in own.items() if key not in points}
    if points.keys() <= own.keys():
        rows = {key: points.get(key, point) for key, point in own.items()}
    elif len(axis.values) == 1 and _ascending(own) and _ascending(points):
        rows = dict(sorted((points | added).items()))
    else:
        rows = points | added
    columns = zip(*rows.values(), strict=True)
    values = dict(zip(axis.values, columns, strict=True))
    positions = {key: number for number, key in enumerate(rows)}
    return Axis(_dimension(axis, before["dim"], values), values), [positions[key] for key in own]


def _points(values: Mapping[str, Sequence[Any]]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return the points of an axis by what they are compared by; 1 and 1.0 are the same value."""
    points = zip(*values.values(), strict=True)
    return {tuple(json.dumps(x) if isinstance(x, list | dict) else x for x in point): point for point in points}


def _ascending(points: Mapping[tuple[Any, ...], Any]) -> bool:
    """Return whether the values of one setting are numbers in ascending order."""
    values = [value for (value,) in points]
    numbers = all(isinstance(value, int | float) for value in values)
    return numbers and values == sorted(values)


def _dimension(axis: Axis, before: str, values: Mapping[str, Sequence[Any]]) -> str:
    """Return the name of the dimension: that of draws, of the first setting, or of points if that has a value twice."""
    if DRAW in (axis.dim, before):
        return DRAW
    return POINT if repeated(next(iter(values.values()))) else axis.dim


def stored(folder: Path, keep: str = "measures") -> Sweep:
    """Return the sweep of a folder, from its design alone.

    Parameters
    ----------
    folder : Path
    keep : str
        What a cell must have to be complete.

    Raises
    ------
    BadInput
        If the folder holds no sweep, or one of its experiments cannot be loaded by its name or file.
    """
    content = folders.read(folder)
    sources = {name: _source(folder, content, name) for name in content["experiments"]}
    axes = [
        Axis(axis["dim"], {name: tuple(values) for name, values in axis["values"].items()}) for axis in content["axes"]
    ]
    return Sweep(sources, axes, folder, Terms(content["seed"], content["shards"], keep))


def _source(folder: Path, content: Mapping[str, Any], name: str) -> Source:
    """Return an experiment of a sweep, with the settings that all cells have."""
    origin = content.get("origins", {}).get(name, name)
    if not origin:
        raise BadInput(
            f"{folder}: its experiment {name} was made in Python and is not stored; repeat pfc_metarl.sweep there."
        )
    own = resolved(origin, {}).experiment.numbers()
    return resolved(origin, differences(json.loads(json.dumps(own)), content["experiments"][name]))
