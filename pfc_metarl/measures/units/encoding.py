"""Encoding: what the activity of each unit encodes of the trial, and of the trials before."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.expected import require_named
from pfc_metarl.measures.activity import labels, numbers_of_trials, require_activity, trial_activity
from pfc_metarl.measures.units.regression import ESTIMATES, Sample, fitted
from pfc_metarl.settings import BadInput

Clusters = Literal["episode"] | None


def unit_encoding(
    recording: xr.Dataset,
    regressors: Mapping[str, xr.DataArray],
    phase: str | None = None,
    variable: str = "hidden",
    clusters: Clusters = "episode",
    level: float = 0.05,
) -> xr.Dataset:
    """Regress the activity of each unit at a phase of the trial on named regressors, all together.

    Parameters
    ----------
    recording : Dataset
        It is read network by network.
    regressors : mapping of DataArray, dims (network, episode, trial)
        By name, as returned by `pfc_metarl.data.trial_table.trial_view` and `previous`; aligned with the recording by
        their labels. A trial in which any of them is NaN is left out. They are z-scored over the trials that are left.
    phase : str, optional
        By default the first of the recording's phases; a trial counts with its first step in it.
    variable : str
        What to explain: "hidden", "cell", or any other variable with one axis beyond the step.
    clusters : {"episode", None}
        "episode" lets standard errors and p values allow for trials of an episode that are alike; it takes at least
        20 episodes. None takes all trials as independent, which is wrong where activity and regressors drift.
    level : float
        False discovery rate, over the units of a network.

    Returns
    -------
    Dataset, dims (subject, unit, regressor)
        ``coefficient`` (activity per standard deviation of the regressor), ``standard_error``, ``p_value``,
        ``partial_correlation`` (Pearson's, given all other regressors), ``unique_r_squared`` (what r² loses without the
        regressor), ``significant`` (after Benjamini and Hochberg); ``r_squared(subject, unit)``,
        ``p_significant(subject, regressor)`` as fraction of the ``n_units(subject)`` units that could be fitted,
        ``n_trials(subject)``; ``valid(subject, unit)`` and, where that is false and results are NaN, ``reason``. With
        fewer than 20 episodes to cluster by, ``standard_error``, ``p_value`` and ``p_significant`` are NaN, and
        ``reason`` says so.

    Raises
    ------
    BadInput
        If the recording lacks the variable or phase, regressors do not fit the recording, or no network can be fitted:
        too few trials, a regressor that is constant, several that depend on one another.

    Notes
    -----
    Ordinary least squares by statsmodels' `MultivariateLS`. With one regressor's t and ν residual degrees of freedom,
    its partial correlation is t / √(t² + ν) and its unique r² is t² (1 − r²) / ν. In noise the p values are uniform.
    Where both activity and regressor drift slowly over trials, p values of independent trials are far too small: 0.53
    to 0.65 of them are falsely below 0.05. Those clustered by episode are not: 0.04 to 0.06 are, as memory is reset at
    each episode. Their standard errors come from leaving out episodes in turn (CR3: MacKinnon, Nielsen & Webb 2023,
    doi:10.1002/jae.2969), their t has as many degrees of freedom as there are episodes, less one. What a regressor
    explains, unlike its p value, does not depend on the clusters.

    Wang et al. 2018, doi:10.1038/s41593-018-0147-8, Fig. 2e, shows absolute partial correlations of units.

    Examples
    --------
    A unit that encodes the sum of choice and reward (−1 or 1 each), with noise of variance 1: given the other, the
    partial correlation with each is 1 / √2.

    >>> from pfc_metarl.data.example import example_recording
    >>> from pfc_metarl.data.trial_table import trial_view
    >>> recording = example_recording(n_episodes=100)
    >>> regressors = {
    ...     "choice": trial_view(recording, "action", "choice"),
    ...     "reward": trial_view(recording, "reward", "outcome"),
    ... }
    >>> found = unit_encoding(recording, regressors, phase="outcome").sel(unit="sum")
    >>> found["coefficient"].mean("subject").round(1).values.tolist()
    [1.0, 1.0]
    >>> found["partial_correlation"].mean("subject").round(1).values.tolist()
    [0.7, 0.7]
    """
    if clusters not in (None, "episode"):
        raise BadInput(f'clusters = {clusters!r}: must be "episode", or None.')
    if not 0 < level < 1:
        raise BadInput(f"level = {level}: must lie between 0 and 1.")
    design = _numbers(recording, regressors, variable)
    phase = phase_names(recording)[0] if phase is None else phase
    samples = (_sample(trial_activity(recording, n, variable, phase), own) for n, own in enumerate(design))
    fits = [fitted(sample, list(regressors), clusters is not None, level) for sample in samples]
    if all(fit["n_units"] == 0 for fit in fits):
        raise BadInput(f"Nothing can be regressed in any network: {fits[0]['reason'][0]}.")
    return _labelled(fits, recording, variable, list(regressors), phase)


def _numbers(recording: xr.Dataset, regressors: Mapping[str, xr.DataArray], variable: str) -> np.ndarray:
    """Return the regressors in the order of the recording, [network, episode, trial, regressor]."""
    require_activity(recording, variable)
    require_named(regressors, "regressors")
    if not regressors:
        raise BadInput("regressors: give at least one.")
    found = [numbers_of_trials(array, recording, f"regressors[{name!r}]") for name, array in regressors.items()]
    return np.stack(found, axis=-1)


def _sample(activity: np.ndarray, design: np.ndarray) -> Sample:
    keep = np.isfinite(design).all(-1) & np.isfinite(activity).all(-1)
    return Sample(activity[keep], design[keep], np.nonzero(keep)[0])


def _labelled(
    fits: list[dict[str, np.ndarray]], recording: xr.Dataset, variable: str, names: list[str], phase: str
) -> xr.Dataset:
    dims: dict[str, tuple[str, ...]] = dict.fromkeys((*ESTIMATES, "significant"), ("subject", "unit", "regressor"))
    dims |= dict.fromkeys(("r_squared", "valid", "reason"), ("subject", "unit"))
    dims |= {"p_significant": ("subject", "regressor"), "n_units": ("subject",), "n_trials": ("subject",)}
    units = recording[variable].dims[-1]
    coords = {"subject": labels(recording, "network"), "unit": labels(recording, units), "regressor": names}
    data = {name: (dims[name], np.stack([fit[name] for fit in fits])) for name in dims}
    return xr.Dataset(data, coords, {"variable": variable, "phase": phase})
