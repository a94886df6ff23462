"""Values drawn from ranges: at random, or as a Latin hypercube, which covers every range evenly."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import qmc

from pfc_metarl.settings import BadInput, shown
from pfc_metarl.sweeps.design import Axis, short_names

DIGITS = 4
"""Significant digits of a drawn value, so that the name of a cell has it exactly."""


class Range(NamedTuple):
    """Values that a setting is drawn from: uniform from `low` to `high`, or uniform in the logarithm."""

    low: float
    high: float
    log: bool = False
    times: str = ""
    """A setting with whose value the drawn one is multiplied."""

    def value(self, fraction: float) -> float:
        """Return the value that so large a fraction of draws lie below; whole numbers if both ends are.

        Examples
        --------
        >>> Range(0.01, 1.0, log=True).value(0.5), Range(1, 4).value(0.99), Range(0.0, 2.0).value(0.25)
        (0.1, 4, 0.5)
        """
        whole = all(isinstance(end, int) for end in (self.low, self.high))
        low, high = self.low, self.high + whole
        if self.log:
            value = math.exp(math.log(low) + fraction * (math.log(high) - math.log(low)))
        else:
            value = low + fraction * (high - low)
        return min(math.floor(value), self.high) if whole else float(f"{value:.{DIGITS}g}")


def read_range(name: str, text: Any) -> "Range | tuple[Any, ...]":
    """Read what a setting is drawn from: "LOW:HIGH", "LOW:HIGH:log", either with "*SETTING", or a list of values.

    Raises
    ------
    BadInput
        If it is none of these, or the ends are not in order.

    Examples
    --------
    >>> read_range("learner.discount", "0.3:0.9")
    Range(low=0.3, high=0.9, log=False, times='')
    >>> read_range("learner.final_learning_rate", "0.01:1:log*learner.initial_learning_rate").times
    'learner.initial_learning_rate'
    """
    if isinstance(text, Range):
        return text
    if isinstance(text, list | tuple) and text:
        return tuple(text)
    parts, _, times = str(text).partition("*")
    ends, log = parts.removesuffix(":log").split(":"), parts.endswith(":log")
    try:
        low, high = (int(end) if end.strip().lstrip("-").isdigit() else float(end) for end in ends)
    except ValueError:
        raise BadInput(
            f"{name} = {shown(text)}: give a range, as 0.3:0.9 or 0.001:0.1:log, or a list of values."
        ) from None
    if not (math.isfinite(low) and math.isfinite(high)) or low >= high or (log and low <= 0):
        more = " and above 0" if log else ""
        raise BadInput(f"{name} = {shown(text)}: the first end of a range must be below the second{more}.")
    if times:
        short_names([times])
    return Range(low, high, log, times.strip())


def drawn(ranges: Mapping[str, Any], n: int, seed: int, latin: bool) -> list[Axis]:
    """Return one axis, ``draw``, with `n` draws of the settings.

    Parameters
    ----------
    ranges : mapping
        Name of a setting -> what `read_range` reads.
    n : int
        Draws.
    seed : int
        Of the draws.
    latin : bool
        Whether the draws are a Latin hypercube: each of `n` parts of every range has one draw (McKay et al. 1979,
        doi:10.1080/00401706.1979.10489755).

    Raises
    ------
    BadInput
        If a range cannot be read.

    Examples
    --------
    >>> (axis,) = drawn({"learner.discount": "0.0:1.0"}, 4, seed=0, latin=True)
    >>> sorted(int(4 * value) for value in axis.values["learner.discount"])
    [0, 1, 2, 3]
    """
    if not ranges:
        return []
    read = {name: read_range(name, given) for name, given in ranges.items()}
    rng = np.random.default_rng(seed)
    fractions = qmc.LatinHypercube(len(read), rng=rng).random(n) if latin else rng.random((n, len(read)))
    rows = [_row(read, row) for row in fractions.tolist()]
    return [Axis("draw", {name: tuple(row[name] for row in rows) for name in read})]


def _row(read: Mapping[str, Any], fractions: Sequence[float]) -> dict[str, Any]:
    """Return the settings of one draw; those that are multiplied come last."""
    row: dict[str, Any] = {}
    for (name, source), fraction in zip(read.items(), fractions, strict=True):
        row[name] = source.value(fraction) if isinstance(source, Range) else source[int(fraction * len(source))]
    for name, source in read.items():
        if isinstance(source, Range) and source.times:
            if source.times not in row:
                raise BadInput(f"{name}: it is multiplied with {source.times}, which is not drawn; draw it too.")
            row[name] = float(f"{row[name] * row[source.times]:.{DIGITS}g}")
    return row
