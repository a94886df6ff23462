"""Inference over subjects: whether a mean lies within bounds, and where a null distribution ends.

A criterion with one open end is tested against the other end, one-sided. A criterion with two ends is a claim of
equivalence, and is tested as one: by two one-sided tests, of which both must reject.
"""

import math
from typing import Any

import numpy as np
import scipy  # its parts are imported when they are first used: scipy.stats takes as long as pandas

from pfc_metarl.settings import BadInput

Bounds = tuple[float | None, float | None]
"""Lowest and highest value; None leaves an end open."""


def within(values: Any, bounds: Bounds) -> float:
    """Return the p value of the hypothesis that the mean over subjects lies outside its bounds.

    Parameters
    ----------
    values : array of float, shape (subject,)
        NaN is left out.
    bounds : pair of float or None
        Lowest and highest mean that is claimed; at least one is a number.

    Returns
    -------
    float
        Of a one-sided t test against the bound; with two bounds the larger of both (two one-sided tests, Schuirmann
        1987, doi:10.1007/BF01068419). NaN with fewer than two subjects. If all subjects are alike, 0 inside the bounds
        and 1 elsewhere.

    Raises
    ------
    BadInput
        If both ends are open.

    Examples
    --------
    Mean 2, standard error 0.577: against 0, t is 3.46 with two degrees of freedom; against 2.2 nothing is shown.

    >>> round(within([1.0, 2.0, 3.0], (0.0, None)), 3), round(within([1.0, 2.0, 3.0], (0.0, 2.2)), 2)
    (0.037, 0.38)
    """
    known = _known(values)
    if all(bound is None for bound in bounds):
        raise BadInput("bounds: both ends are open, so there is nothing to test; give at least one number.")
    if len(known) < 2:
        return math.nan
    if np.ptp(known) == 0:
        low, high = (-math.inf if bounds[0] is None else bounds[0]), (math.inf if bounds[1] is None else bounds[1])
        return 0.0 if low < known[0] < high else 1.0
    sides = zip(bounds, ("greater", "less"), strict=True)
    return max(float(scipy.stats.ttest_1samp(known, b, alternative=side).pvalue) for b, side in sides if b is not None)


def confidence_interval(values: Any, level: float = 0.95) -> tuple[float, float]:
    """Return the confidence interval of the mean over subjects, by Student's t; NaN with fewer than two subjects.

    Examples
    --------
    The 97.5th percentile of t with two degrees of freedom is 4.303.

    >>> [round(end, 2) for end in confidence_interval([1.0, 2.0, 3.0])]  # 2 ± 4.303 * 0.577
    [-0.48, 4.48]
    """
    known = _known(values)
    if len(known) < 2:
        return math.nan, math.nan
    half = float(scipy.stats.t.ppf((1 + level) / 2, len(known) - 1) * known.std(ddof=1) / math.sqrt(len(known)))
    return float(known.mean()) - half, float(known.mean()) + half


def null_limit(values: Any, side: str, level: float = 0.95) -> float:
    """Return the value that a further individual of a null exceeds in 5 % of cases.

    Parameters
    ----------
    values : array of float, shape (subject,)
        Of the individuals of the null: untrained networks, or a reference agent.
    side : {"upper", "lower"}
        "upper" for claims of high values.
    level : float

    Returns
    -------
    float
        Limit of the prediction interval of a normal distribution with unknown mean and variance,
        mean ± t s √(1 + 1/n): with few individuals an empirical 95th percentile would be their maximum.

    Examples
    --------
    >>> round(null_limit([1.0, 2.0, 3.0], "upper"), 2)  # 2 + 2.920 * 1 * √(4/3)
    5.37
    """
    if side not in ("upper", "lower"):
        raise BadInput(f'side = {side!r}: must be "upper" or "lower".')
    known = _known(values)
    n = len(known)
    if n < 2:
        return math.nan
    reach = float(scipy.stats.t.ppf(level, n - 1) * known.std(ddof=1) * math.sqrt(1 + 1 / n))
    return float(known.mean()) + (reach if side == "upper" else -reach)


def holm(p: np.ndarray) -> np.ndarray:
    """Return p values corrected for their number after Holm 1979; statsmodels' function takes 0.2 s in a large process.

    Parameters
    ----------
    p : array of float, shape (test,)

    Returns
    -------
    array of float, shape (test,)

    Examples
    --------
    The smallest of three times 3, the next times 2, and none below the one before it:

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p)
    corrected = np.empty(len(p))
    corrected[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)).clip(max=1)
    return corrected


def _known(values: Any) -> np.ndarray:
    found = np.asarray(values, dtype=float).ravel()
    return found[np.isfinite(found)]
