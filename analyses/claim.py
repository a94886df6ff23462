"""A claim of a figure or a page, and the test that carries it."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from pfc_metarl.measures.inference import Bounds, confidence_interval, holm, within

LEVEL = 0.05

Tables = Mapping[str, xr.Dataset]


@dataclass(frozen=True)
class Claim:
    """A sentence and its test over networks.

    Parameters
    ----------
    text : str
        The sentence as it stands in the legend, or on a page.
    measured : str
        What is tested, in words: the number of each network.
    effect : callable
        Tables of the figure -> the number of every network, or of every pair of a network and its control.
    bounds : pair of float or None
        Lowest and highest mean that are claimed. One bound is a one-sided test, two are a test of equivalence.
    null : str
        What would be found if the sentence were wrong.
    """

    text: str
    measured: str
    effect: Callable[[Tables], Any]
    null: str
    bounds: Bounds = (0.0, None)


class Row(NamedTuple):
    """A row of the table of claims."""

    where: str
    text: str
    measured: str
    null: str
    n: int
    mean: float
    interval: tuple[float, float]
    bounds: Bounds
    p: float
    """Corrected after Holm over the claims of one figure or experiment."""
    again: tuple[float, float] | None = None
    """Mean and p of the same test with the second seed, where the experiment was run with it."""

    @property
    def holds(self) -> bool:
        """Whether the claim is shown at the level of 0.05."""
        return math.isfinite(self.p) and self.p < LEVEL


def title(legend: str | None) -> str:
    """Return the title of a figure as a sentence: the first paragraph of its legend, without its number.

    Examples
    --------
    >>> title("Figure 9: networks match.")
    'Networks match.'
    """
    text = " ".join((legend or "").split("\n\n")[0].split()).partition(": ")[2]
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def with_tests(where: str, claims: Sequence[Claim], tables: Tables) -> list[Row]:
    """Test the claims of a figure, corrected after Holm for their number.

    Examples
    --------
    Four networks, all above 0 by about five standard errors; the second claim, of equivalence with 1, does not hold.

    >>> values = {"gain": xr.Dataset({"reward": ("subject", [0.4, 0.5, 0.6, 0.5])})}
    >>> gain = lambda tables: tables["gain"]["reward"]
    >>> above = Claim("They gain.", "reward", gain, "0")
    >>> one = Claim("They gain one.", "reward", gain, "outside 0.9 to 1.1", (0.9, 1.1))
    >>> [row.holds for row in with_tests("figure", [above, one], values)]
    [True, False]
    """
    values = [np.asarray(claim.effect(tables), float).ravel() for claim in claims]
    return corrected(
        [row(where, c.text, c.measured, c.null, own, c.bounds) for c, own in zip(claims, values, strict=True)]
    )


def row(where: str, text: str, measured: str, null: str, values: Any, bounds: Bounds) -> Row:
    """Return a claim with its test, not corrected yet."""
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    mean = float(known.mean()) if known.size else math.nan
    return Row(where, text, measured, null, known.size, mean, confidence_interval(known), bounds, within(known, bounds))


def corrected(rows: Sequence[Row]) -> list[Row]:
    """Correct p values after Holm, over rows that have one."""
    p = np.array([each.p for each in rows])
    known = np.isfinite(p)
    if known.any():
        p[known] = holm(p[known])
    return [each._replace(p=float(value)) for each, value in zip(rows, p, strict=True)]
