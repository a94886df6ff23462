"""The design of a sweep: which settings are varied, and the combinations of their values.

A design is a list of axes. An axis varies one setting, or several together; the design has every combination of
positions on its axes. A grid has an axis for each setting. Zipped settings, and values that are drawn at random, share
one axis.
"""

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pfc_metarl.settings import BadInput, shown

MOST_CELLS = 100_000
"""Of one sweep: each is a folder with a few files."""

ROOTS = ("task", "network", "learner", "probes")
"""First parts of the names of settings that can be varied."""


@dataclasses.dataclass(frozen=True)
class Axis:
    """Settings that are varied together.

    Parameters
    ----------
    dim : str
        Name of the dimension in the dataset of the sweep; if empty, `combined` names it after the first setting.
    values : mapping of tuple
        Name of a setting ("learner.discount") -> its values, as many for each setting of the axis.
    """

    dim: str
    values: Mapping[str, tuple[Any, ...]]

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def at(self, position: int) -> dict[str, Any]:
        """Return the settings at a position, by name."""
        return {name: values[position] for name, values in self.values.items()}


class Point(NamedTuple):
    """One combination of values."""

    positions: tuple[int, ...]
    """On each axis."""
    settings: dict[str, Any]
    """Name of a setting -> its value."""


def points(axes: Sequence[Axis]) -> Iterator[Point]:
    """Yield every combination of positions on the axes; the last axis varies fastest.

    Examples
    --------
    >>> axes = grid({"learner.discount": [0.5, 0.9], "network.units": [16, 48]})
    >>> [tuple(point.settings.values()) for point in points(axes)]
    [(0.5, 16), (0.5, 48), (0.9, 16), (0.9, 48)]
    """
    for positions in itertools.product(*(range(len(axis)) for axis in axes)):
        found = [axis.at(position) for axis, position in zip(axes, positions, strict=True)]
        yield Point(positions, {name: value for part in found for name, value in part.items()})


def n_points(axes: Sequence[Axis]) -> int:
    """Return the number of combinations, without making them."""
    return math.prod(len(axis) for axis in axes)


def grid(values: Mapping[str, Sequence[Any]]) -> list[Axis]:
    """Return an axis for each setting.

    Raises
    ------
    BadInput
        If a name is no setting, or its values are not a list of different values.
    """
    axes = [Axis("", {name: _values(name, given)}) for name, given in values.items()]
    for axis in axes:
        for name, given in axis.values.items():
            if twice := repeated(given):
                raise BadInput(f"grid: {name} has the value {shown(twice[0])} twice; give every value once.")
    return axes


def repeated(values: Sequence[Any]) -> list[Any]:
    """Return the values that have stood in a sequence before.

    Examples
    --------
    >>> repeated([0.5, [1, 2], 1, 0.5, [1, 2], 1.0])
    [0.5, [1, 2], 1.0]
    """
    seen: set[Any] = set()
    found = []
    for value in values:
        key = (type(value), repr(value)) if isinstance(value, list | dict) else value
        if key in seen:
            found.append(value)
        seen.add(key)
    return found


def zipped(values: Mapping[str, Sequence[Any]]) -> list[Axis]:
    """Return one axis on which the settings take their first values together, then their second values, and so on.

    Its dimension is named after the first setting, or ``point`` if that setting has a value twice.

    Raises
    ------
    BadInput
        If the settings do not have as many values each.

    Examples
    --------
    >>> (axis,) = zipped({"learner.initial_learning_rate": [0.01, 0.04], "learner.final_learning_rate": [0.001, 0.004]})
    >>> axis.at(1)
    {'learner.initial_learning_rate': 0.04, 'learner.final_learning_rate': 0.004}
    """
    if not values:
        return []
    found = {name: _values(name, given) for name, given in values.items()}
    lengths = {name: len(given) for name, given in found.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise BadInput(f"zip: zipped settings need as many values each, they have {listed}.")
    return [Axis("point" if repeated(next(iter(found.values()))) else "", found)]


def combined(axes: Sequence[Axis], n_experiments: int = 1) -> list[Axis]:
    """Return the axes of a whole design, with the names of their dimensions.

    Raises
    ------
    BadInput
        If nothing is varied, a name is no setting, a setting is on two axes, or there are too many cells.

    Examples
    --------
    >>> [axis.dim for axis in combined(grid({"learner.discount": [0.5, 0.9], "network.units": [16, 48]}))]
    ['discount', 'units']
    """
    if not axes and n_experiments == 1:
        raise BadInput("sweep: nothing is varied; give the values of a setting, as --grid learner.discount=0.7,0.8.")
    names = [name for axis in axes for name in axis.values]
    if twice := repeated(names):
        raise BadInput(f"{twice[0]}: this setting is varied twice; give its values once.")
    n = n_points(axes) * n_experiments
    if n > MOST_CELLS:
        raise BadInput(
            f"sweep: the design has {n:,} cells, one sweep has at most {MOST_CELLS:,}; "
            "give fewer values, or draw some combinations with --latin."
        )
    short = short_names(names)
    return [Axis(axis.dim or short[next(iter(axis.values))], axis.values) for axis in axes]


def short_names(settings: Mapping[str, Any] | Sequence[str]) -> dict[str, str]:
    """Return the names of dimensions: the last parts of the names of settings, or all of them if these are the same.

    Raises
    ------
    BadInput
        If a name is no setting.

    Examples
    --------
    >>> short_names(["learner.discount", "task.p_common"])
    {'learner.discount': 'discount', 'task.p_common': 'p_common'}
    """
    for name in settings:
        if name.partition(".")[0] not in ROOTS or not all(part.isidentifier() for part in name.split(".")):
            raise BadInput(
                f"{name}: there is no such setting; names begin with {', '.join(ROOTS)}, as learner.discount."
            )
    taken = ("network", "experiment", "draw", "point")
    last = [name.rpartition(".")[2] for name in settings]
    return {
        name: short if last.count(short) == 1 and short not in taken else name
        for name, short in zip(settings, last, strict=True)
    }


def nested(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as nested mappings.

    Examples
    --------
    >>> nested({"learner.discount": 0.7, "learner.updates": 3, "task.p_common": 0.9})
    {'learner': {'discount': 0.7, 'updates': 3}, 'task': {'p_common': 0.9}}
    """
    found: dict[str, Any] = {}
    for name, value in settings.items():
        *path, last = name.split(".")
        inside = found
        for part in path:
            inside = inside.setdefault(part, {})
        inside[last] = value
    return found


def flattened(settings: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Return nested settings by their dotted names: the inverse of `nested`.

    Examples
    --------
    >>> flattened({"learner": {"discount": 0.7}, "networks": 3})
    {'learner.discount': 0.7, 'networks': 3}
    """
    found: dict[str, Any] = {}
    for name, value in settings.items():
        inner = isinstance(value, Mapping) and value
        found |= flattened(value, f"{path}{name}.") if inner else {f"{path}{name}": value}
    return found


def _plain(value: Any) -> Any:
    """Return a value as it is read back from a file: a number of Python for one of numpy, a list for a tuple."""
    return list(value) if isinstance(value, tuple) else value.item() if hasattr(value, "item") else value


def _values(name: str, given: Any) -> tuple[Any, ...]:
    if isinstance(given, str | bytes | Mapping) or not hasattr(given, "__iter__"):
        raise BadInput(f"{name} = {shown(given)}: give a list of values.")
    found = tuple(_plain(value) for value in given)
    if not found:
        raise BadInput(f"{name}: give at least one value.")
    return found
