"""Tests over networks, and how a figure prints them."""

from typing import Any

import numpy as np
import xarray as xr
from scipy import stats
from scipy.stats import false_discovery_control


def t_test(values: np.ndarray) -> str:
    """Return a t test of subjects' values, or of paired differences, against 0, in words; NaN is left out."""
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return "one network, no test"
    return in_words(stats.ttest_1samp(known, 0))


def in_words(test: Any, separator: str = ", ") -> str:
    """Return t, its degrees of freedom and p of a t test of scipy.

    Examples
    --------
    >>> in_words(stats.ttest_1samp([1.0, 2.0, 3.0], 0))
    't(2) = 3.5, p = 0.07'
    """
    return f"t({test.df:.0f}) = {test.statistic:.1f}{separator}p = {test.pvalue:.1g}"


def different(values: xr.DataArray, first: str = "trained", second: str = "untrained") -> xr.DataArray:
    """Return where two kinds of networks differ: paired t test over networks, Benjamini and Hochberg at 0.05."""
    pair = [values.sel(who=who, drop=True).transpose("subject", ...) for who in (first, second)]
    return significant(pair[0] - pair[1])


def significant(values: xr.DataArray) -> xr.DataArray:
    """Return which values differ from 0 over subjects: t test, Benjamini and Hochberg at 0.05 over all of them."""
    own = values.dropna("subject", how="all").transpose("subject", ...)
    found = xr.zeros_like(values.transpose("subject", ...).isel(subject=0, drop=True), dtype=bool)
    if own.sizes["subject"] < 2:
        return found
    p_values = np.nan_to_num(stats.ttest_1samp(own.values, 0).pvalue, nan=1)
    return found.copy(data=false_discovery_control(p_values.ravel()).reshape(p_values.shape) <= 0.05)
