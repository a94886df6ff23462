"""Dimensionality: how many directions activity uses."""

import numpy as np
import xarray as xr
from scipy import linalg

from pfc_metarl.data.validity import validity
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
        to the number of units for activity as wide in every direction; NaN where activity never changes:
        ``valid(subject)`` is false there, and ``reason(subject)`` says so.
        ``n_active_units``, those that change at all; ``n_trials``. From T independent trials of N equal, independent
        units it is about N / (1 + N / T).

    Raises
    ------
    BadInput
        If variable or phase are unknown, or no trial reaches the phase.

    Notes
    -----
    Gao et al. 2017, doi:10.1101/214262.

    Examples
    --------
    At the outcome six units vary independently but for the signals that two share: the variances of the components
    are 4, 2, 2, 1, 1 and 1, so that the ratio is 11² / 27.

    >>> from pfc_metarl.data.example import example_recording
    >>> found = participation_ratio(example_recording(n_episodes=200), phase="outcome")
    >>> bool(abs(found["participation_ratio"].mean() - 11**2 / 27) < 0.2)
    True
    """
    sample = condition_trials(recording, {}, phase, variable)
    activity = [each.activity for each in sample.networks]
    return xr.Dataset(
        {
            "participation_ratio": ("subject", [_ratio(each) for each in activity]),
            "n_active_units": ("subject", [_n_active(each) for each in activity]),
            "n_trials": ("subject", [len(each) for each in activity]),
            **validity([why or _problem(each) for why, each in zip(sample.reasons, activity, strict=True)]),
        },
        coords={"subject": sample.coords["subject"]},
        attrs=sample.attrs,
    )


def _n_active(activity: np.ndarray) -> int:
    return int((np.ptp(activity, axis=0) > 0).sum()) if len(activity) else 0


def _problem(activity: np.ndarray) -> str:
    return "" if np.ptp(activity, axis=0).any() else "its activity never changes"


def _ratio(activity: np.ndarray) -> float:
    if not len(activity):
        return float("nan")
    centred = activity - activity.mean(axis=0)
    variances = linalg.eigvalsh(centred.T @ centred)
    return float(variances.sum() ** 2 / (variances**2).sum()) if np.ptp(activity, axis=0).any() else float("nan")
