"""Minimisation of many small problems side by side, each within its bounds: projected quasi-Newton steps."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from pfc_metarl.effort import repeats

Misfit = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""(values [problem, parameter], numbers of the problems) -> (misfit [problem], its slope [problem, parameter])."""

MOST_EVALUATIONS = 500
FIRST_STEP, LONGEST_STEP = 0.1, 0.25
"""Length of the first step and of the longest one, as fractions of the range of a parameter."""

SLOPE_TOLERANCE, CHANGE_TOLERANCE = 1e-7, 1e-11
"""Slope, per range of a parameter, and promised relative change of the misfit, at which a problem is solved."""

SUFFICIENT, SHORTEST = 1e-4, 1e-10
"""Fraction of the expected decrease that a step must achieve (Armijo), and the step length at which to give up."""


SCREENING, KEPT = 25, 2
"""Evaluations after which all but the best searches of a group end, and how many go on."""


class Minima(NamedTuple):
    """What was found for each problem."""

    values: np.ndarray
    """[problem, parameter]."""
    misfit: np.ndarray
    converged: np.ndarray


def minimise(
    misfit: Misfit,
    start: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    group: np.ndarray | None = None,
    curvature: np.ndarray | None = None,
) -> Minima:
    """Minimise a misfit from each of several starts.

    Parameters
    ----------
    misfit : callable
        Evaluates the problems whose numbers it is given; all that are not yet solved at once.
    start : array, shape [problem, parameter]
    low, high : array, shape [parameter]
        Bounds, finite.
    group : array of int, shape [problem], optional
        Problems of one group are searches for the same minimum from different starts: after some evaluations only the
        best of them go on.
    curvature : array, shape [problem, parameter, parameter], optional
        Second derivatives of the misfit near its minimum, positive definite, if they are known: fewer steps are needed.

    Returns
    -------
    Minima

    Notes
    -----
    BFGS with parameters at a bound left out of the step while the slope holds them there, and steps projected into
    the bounds: Bertsekas 1982, doi:10.1137/0320018.

    Examples
    --------
    >>> def bowl(x, problems):
    ...     return ((x - 2) ** 2).sum(-1), 2 * (x - 2)
    >>> minimise(bowl, np.array([[0.5], [0.9]]), np.array([0.0]), np.array([1.0])).values.tolist()
    [[1.0], [1.0]]
    """
    span = high - low
    search = _Search(lambda x, which: _scaled(misfit(low + x * span, which), span), (start - low) / span)
    if curvature is not None:
        search.know(curvature * span[:, None] * span)
    for evaluation in range(repeats(MOST_EVALUATIONS, in_rehearsal=3)):
        if not search.running.any():
            break
        search.advance()
        if group is not None and evaluation == SCREENING:
            search.drop(_behind(search.value, group))
    return Minima(low + search.x * span, search.value, search.converged)


def _behind(value: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return which problems are not among the best of their group.

    Examples
    --------
    >>> _behind(np.array([3.0, 1.0, 2.0, 5.0]), np.array([0, 0, 0, 1])).tolist()
    [True, False, False, False]
    """
    order = np.lexsort((value, group))
    new = np.flatnonzero(np.diff(group[order], prepend=-1))
    rank = np.empty(len(value), dtype=int)
    rank[order] = np.arange(len(value)) - np.repeat(new, np.diff(new, append=len(value)))
    return rank >= KEPT


def _scaled(found: tuple[np.ndarray, np.ndarray], span: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return found[0], found[1] * span


class _Search:
    """Where each problem is, in a cube of edge 1. All problems advance by one evaluation at a time."""

    def __init__(self, misfit: Misfit, start: np.ndarray) -> None:
        n, k = start.shape
        self.misfit, self.x = misfit, start.clip(0, 1)
        self.value, self.slope = misfit(self.x, np.arange(n))
        steepest = np.abs(self.slope).max(-1).clip(min=1e-12)
        self.curvature = np.eye(k) * (steepest / FIRST_STEP)[:, None, None]
        self.running, self.converged = np.isfinite(self.value), np.zeros(n, dtype=bool)
        self.direction, self.length = np.empty((n, k)), np.ones(n)
        self._turn(np.flatnonzero(self.running))

    def know(self, curvature: np.ndarray) -> None:
        """Replace the first guess of the curvature, and the direction of the first step."""
        self.curvature = curvature
        self._turn(np.flatnonzero(self.running))

    def drop(self, which: np.ndarray) -> None:
        """End the search in some problems where they are."""
        self.running &= ~which

    def _solved(self, which: np.ndarray) -> np.ndarray:
        x, slope = self.x[which], self.slope[which]
        solved: np.ndarray = np.abs(x - (x - slope).clip(0, 1)).max(-1) < SLOPE_TOLERANCE
        return solved

    def advance(self) -> None:
        """Try a step in every problem that is not solved yet; where it is not good, the next one is shorter."""
        which = np.flatnonzero(self.running)
        new = (self.x[which] + self.length[which, None] * self.direction[which]).clip(0, 1)
        value, slope = self.misfit(new, which)
        expected = (self.slope[which] * (new - self.x[which])).sum(-1)
        good = (value <= self.value[which] + SUFFICIENT * expected) & np.isfinite(slope).all(-1)
        self._accept(which[good], new[good], value[good], slope[good])
        self.length[which[~good]] /= 3
        self.running[which] &= self.length[which] > SHORTEST

    def _accept(self, which: np.ndarray, x: np.ndarray, value: np.ndarray, slope: np.ndarray) -> None:
        self._learn_curvature(which, x - self.x[which], slope - self.slope[which])
        self.x[which], self.value[which], self.slope[which] = x, value, slope
        self._turn(which)

    def _turn(self, which: np.ndarray) -> None:
        """Find the direction of the next step, unless it promises nothing.

        Parameters that the slope holds at a bound stay there.
        """
        x, slope = self.x[which], self.slope[which]
        held = ((x <= 0) & (slope > 0)) | ((x >= 1) & (slope < 0))
        both = ~held[:, :, None] & ~held[:, None, :]
        curvature = np.where(both, self.curvature[which], np.eye(x.shape[1]))
        self.direction[which] = -np.linalg.solve(curvature, np.where(held, 0.0, slope)[..., None])[..., 0]
        self.length[which] = np.minimum(1, LONGEST_STEP / np.abs(self.direction[which]).max(-1).clip(min=1e-12))
        promised = -(slope * self.direction[which]).sum(-1)
        solved = (promised <= CHANGE_TOLERANCE * np.abs(self.value[which])) | self._solved(which)
        self.converged[which], self.running[which] = solved, ~solved

    def _learn_curvature(self, which: np.ndarray, step: np.ndarray, bend: np.ndarray) -> None:
        """Update the curvature by the change of slope along a step (BFGS); where it bends downward, step farther."""
        curved = (step * bend).sum(-1) > 1e-10 * np.linalg.norm(step, axis=-1) * np.linalg.norm(bend, axis=-1)
        self.curvature[which[~curved]] /= 4
        which, step, bend = which[curved], step[curved], bend[curved]
        old = np.einsum("nij,nj->ni", self.curvature[which], step)
        gained = bend[:, :, None] * bend[:, None, :] / (step * bend).sum(-1)[:, None, None]
        lost = old[:, :, None] * old[:, None, :] / (step * old).sum(-1)[:, None, None]
        self.curvature[which] += gained - lost
