"""Parameters on a scale without bounds, where they may have a normal distribution."""

from typing import NamedTuple

import numpy as np

FARTHEST = 9.0
"""Largest distance from 0 on the scale without bounds: 1e-4 to 1 − 1e-4 for a fraction, 1e-4 to 8,000 for a rate."""


class Scale(NamedTuple):
    """How parameters with bounds become numbers without: logit between two bounds, logarithm above one.

    Parameters
    ----------
    low, high : array, shape [parameter]
        Bounds of the parameters; infinite where there is none.

    Examples
    --------
    >>> scale = Scale(np.array([0.0, 0.0, -np.inf]), np.array([1.0, np.inf, np.inf]))
    >>> z = scale.unbounded(np.array([0.5, 1.0, -3.0]))
    >>> z.tolist(), scale.natural(z).tolist()
    ([0.0, 0.0, -3.0], [0.5, 1.0, -3.0])
    """

    low: np.ndarray
    high: np.ndarray

    @property
    def _is_fraction(self) -> np.ndarray:
        return np.asarray(np.isfinite(self.low) & np.isfinite(self.high))

    @property
    def _is_positive(self) -> np.ndarray:
        return np.asarray(np.isfinite(self.low) & ~np.isfinite(self.high))

    def natural(self, z: np.ndarray) -> np.ndarray:
        """Return parameters within their bounds, [..., parameter]."""
        low, span = np.where(np.isfinite(self.low), self.low, 0.0), self._span
        with np.errstate(over="ignore"):
            fraction, positive = low + span / (1 + np.exp(-z)), low + np.exp(z)
        return np.where(self._is_fraction, fraction, np.where(self._is_positive, positive, z))

    def unbounded(self, x: np.ndarray) -> np.ndarray:
        """Return numbers without bounds, [..., parameter], at most `FARTHEST` from 0."""
        low = np.where(np.isfinite(self.low), self.low, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            fraction = (x - low) / self._span
            logit, logarithm = np.log(fraction / (1 - fraction)), np.log(x - low)
        z = np.where(self._is_fraction, logit, np.where(self._is_positive, logarithm, x))
        return np.asarray(z.clip(-FARTHEST, FARTHEST))

    def slope(self, z: np.ndarray) -> np.ndarray:
        """Return the derivative of the natural parameters with respect to the numbers without bounds."""
        with np.errstate(over="ignore"):
            fraction = 1 / (1 + np.exp(-z))
            positive = np.exp(z)
        return np.where(
            self._is_fraction, self._span * fraction * (1 - fraction), np.where(self._is_positive, positive, 1.0)
        )

    @property
    def _span(self) -> np.ndarray:
        return np.where(self._is_fraction, self.high - np.where(np.isfinite(self.low), self.low, 0.0), 1.0)
