"""Dimensionality: how many directions activity uses."""

import numpy as np
import xarray as xr
from scipy import linalg

from pfc_metarl.measures.population.conditions import condition_trials


def participation_ratio(recording: xr.Dataset, phase: str | None = None, variable: str = "hidden") -> xr.Dataset:
    """Return how many principal components activity is spread over, at a phase, over all trials of all episodes.

    Parameters
    ----------
    recording : Dataset
    phase : str, optional
        By default the first of the recording's phases.
    variable : str
        The activity: "hidden" or "cell".

    Returns
    -------
    Dataset, dim subject
        ``participation_ratio``, (Σ λ)² / Σ λ² with λ the variances of the components: 1 for activity along a line, up
        to the number of units for activity as wide in every direction; NaN where activity never changes.
        ``n_active_units``, those that change at all; ``n_trials``. From T independent trials of N equal, independent
        units it is about N / (1 + N / T).

    Raises
    ------
    BadInput
        If variable or phase are unknown, or no trial comes to the phase.

    Notes
    -----
    Gao et al. 2017, doi:10.1101/214262.
    """
    sample = condition_trials(recording, {}, phase, variable)
    activity = [each.activity for each in sample.networks]
    return xr.Dataset(
        {
            "participation_ratio": ("subject", [_ratio(each) for each in activity]),
            "n_active_units": ("subject", [int((np.ptp(each, axis=0) > 0).sum()) for each in activity]),
            "n_trials": ("subject", [len(each) for each in activity]),
        },
        coords={"subject": sample.coords["subject"]},
        attrs=sample.attrs,
    )


def _ratio(activity: np.ndarray) -> float:
    centred = activity - activity.mean(axis=0)
    variances = linalg.eigvalsh(centred.T @ centred)
    return float(variances.sum() ** 2 / (variances**2).sum()) if np.ptp(activity, axis=0).any() else float("nan")
