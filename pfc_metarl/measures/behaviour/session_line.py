"""The line through sessions: how far choices go to what pays, for two options or more."""

from typing import Any

import numpy as np
from statsmodels.regression.linear_model import OLS
from statsmodels.tools.tools import add_constant

MIN_SESSIONS = 3
"""Sessions below which no line is drawn through them."""

NAMES = ("slope", "standard_error", "intercept", "orthogonal_slope")


def lines(x: np.ndarray, y: np.ndarray) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Return a line for each subject, with one slope for all options and an intercept for each.

    Parameters
    ----------
    x, y : array, shape [subject, session, option]
        Of which the options sum to the same in all sessions, so that two options are one line: that of option 1.

    Returns
    -------
    dict
        ``slope``, ``standard_error`` and ``orthogonal_slope`` (along the first principal axis), dim subject;
        ``intercept``, dim subject, and option if there are more than two. NaN for fewer than `MIN_SESSIONS` sessions
        with a value.

    Examples
    --------
    >>> x = np.array([[[0.2, 0.8], [0.5, 0.5], [0.8, 0.2]]])  # fractions of two options, in three sessions of a subject
    >>> found = lines(x, 0.5 + 0.5 * (x - 0.5))
    >>> found["slope"][1].round(6).tolist(), found["intercept"][1].round(6).tolist()
    ([0.5], [0.25])
    """
    several = x.shape[2] > 2
    found = []
    for own_x, own_y in zip(x, y, strict=True):
        known = np.isfinite(own_x + own_y).all(axis=1)
        part = own_x[known], own_y[known]
        found.append(_line_of_options(*part) if several else _line(*(values[:, 1] for values in part)))
    columns = (np.array(column, dtype=float) for column in zip(*found, strict=True))
    return {
        name: (("subject", "option") if several and name == "intercept" else ("subject",), column)
        for name, column in zip(NAMES, columns, strict=True)
    }


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float, float]:
    """Return slope, its standard error, intercept, and the slope of the first principal axis."""
    if len(x) < MIN_SESSIONS or np.ptp(x) == 0:
        return np.nan, np.nan, np.nan, np.nan
    fit = OLS(y, add_constant(x)).fit()
    return fit.params[1], fit.bse[1], fit.params[0], _axis(np.cov(x, y))


def _line_of_options(x: np.ndarray, y: np.ndarray) -> tuple[float, float, np.ndarray, float]:
    """Return the same for [session, option]; each session tells one thing fewer than it has options."""
    (n, n_options), nothing = x.shape, np.full(x.shape[1], np.nan)
    if n < MIN_SESSIONS or (np.ptp(x, axis=0) == 0).all():
        return np.nan, np.nan, nothing, np.nan
    dx, dy = x - x.mean(axis=0), y - y.mean(axis=0)
    covariance = np.array([[(a * b).sum() for b in (dx, dy)] for a in (dx, dy)])
    slope = covariance[0, 1] / covariance[0, 0]
    error = ((dy - slope * dx) ** 2).sum() / ((n - 1) * (n_options - 1) - 1) / covariance[0, 0]
    return slope, np.sqrt(error), y.mean(axis=0) - slope * x.mean(axis=0), _axis(covariance)


def _axis(covariance: np.ndarray) -> float:
    first = np.linalg.eigh(covariance)[1][:, -1]
    return float(first[1] / first[0]) if first[0] else np.nan


def reasons(slope: np.ndarray, known: np.ndarray, what: str) -> np.ndarray:
    """Return why each subject has no line, dim subject; `known`: which sessions have a value.

    Examples
    --------
    >>> reasons(np.array([np.nan, 1.0]), np.array([[True, False, False], [True, True, True]]), "with a choice").tolist()
    ['fewer than 3 sessions with a choice', '']
    """
    few = known.sum(axis=1) < MIN_SESSIONS
    reason = np.where(few, f"fewer than {MIN_SESSIONS} sessions {what}", "all its sessions offer the same")
    return np.where(np.isfinite(slope), "", reason)


def of_options(dims: tuple[str, ...], values: np.ndarray, attrs: dict[str, Any] | None = None) -> tuple[Any, ...]:
    """Return a variable whose last dim is the option; of two options it holds that of option 1 alone.

    Examples
    --------
    >>> of_options(("subject", "option"), np.array([[0.3, 0.7]]))[:2]
    (('subject',), array([0.7]))
    """
    return (dims, values, attrs or {}) if values.shape[-1] > 2 else (dims[:-1], values[..., 1], attrs or {})
