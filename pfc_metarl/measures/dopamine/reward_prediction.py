"""Whether dopamine encodes the prediction errors of a planner or of a model-free learner."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from scipy.stats import linregress

from pfc_metarl.data.dataset import STEP_DIMS, in_phase, numbers
from pfc_metarl.settings import BadInput

STAGES = {"second-stage onset": "first_stage", "reward": "second_stage"}
"""Event that a prediction error follows -> phase in which the action before it was chosen."""


def rpe_regression(
    recording: xr.Dataset,
    names: tuple[str, str] = ("model_based", "model_free"),
    stages: Mapping[str, str] = STAGES,
) -> xr.Dataset:
    """Compare reward-prediction errors with those of two yoked learners.

    Parameters
    ----------
    recording : Dataset
        With variables ``rpe`` and, for each of `names`, ``rpe_<name>``: the prediction errors of learners that were
        shown the subject's own choices and rewards.
    names : pair of str
    stages : mapping
        Event that a prediction error follows -> phase in which the action before it was chosen; by default those of
        the two-step task.

    Returns
    -------
    Dataset, dims (subject, stage, learner)
        ``r_squared``: of a regression on that learner's RPE alone; ``partial_r_squared``: fraction of the variance left
        by the other learner that this one explains. Stages are those given (in the two-step task the onset of the
        second stage, and the reward), and both (with a mean of their own each). Partial r² is NaN where the two
        learners have the same RPE, as at reward; ``valid`` (same dims) is then false and ``reason`` says why.

    Notes
    -----
    Wang et al. 2018, Fig. 5f-g, doi:10.1038/s41593-018-0147-8. At reward the raw r² is high for any learner, since
    the reward itself is in every RPE; only the partial r² distinguishes them.

    Examples
    --------
    Half of the variance of dopamine is the RPE of one learner, none that of the other.

    >>> from pfc_metarl.data.example import example_recording
    >>> recording = example_recording(n_episodes=200)
    >>> signal = {name: recording["hidden"].sel(unit=name, drop=True) for name in ("value", "noise", "choice")}
    >>> recording = recording.assign(
    ...     rpe=signal["value"] + signal["noise"], rpe_planner=signal["value"], rpe_habit=signal["choice"]
    ... )
    >>> found = rpe_regression(recording, ("planner", "habit"), stages={"reward": "outcome"})
    >>> found["r_squared"].sel(stage="reward").mean("subject").round(1).values.tolist()
    [0.5, 0.0]
    """
    for name in ("rpe", *(f"rpe_{name}" for name in names)):
        known = isinstance(recording, xr.Dataset) and name in recording
        if not known or recording[name].dims != STEP_DIMS:
            raise BadInput(f"The recording has no variable {name!r}; record the probe with yoked learners.")
    signals = [numbers(recording, name) for name in ("rpe", *(f"rpe_{name}" for name in names))]
    masks = [in_phase(recording, phase).values for phase in stages.values()]
    together = [*stages, "both"]
    n_networks = recording.sizes["network"]
    raw = np.full((n_networks, len(together), 2), np.nan)
    partial, reason = raw.copy(), np.full(raw.shape, "", dtype=object)
    for network in range(n_networks):
        events = [np.stack([s[network][mask[network]] for s in signals]).astype(float) for mask in masks]
        events = [event - event.mean(axis=1, keepdims=True) for event in events]
        for index, (own, *others) in enumerate([*events, np.concatenate(events, axis=1)]):
            for learner, (this, other) in enumerate([others, others[::-1]]):
                at = (network, index, learner)
                raw[at], partial[at], reason[at] = _r_squared(own, this), *_partial_r_squared(own, this, other)
    dims = ("subject", "stage", "learner")
    subjects = recording["network"].values if "network" in recording.coords else np.arange(n_networks)
    coords = {"subject": subjects, "stage": together, "learner": list(names)}
    data = {"r_squared": raw, "partial_r_squared": partial, "valid": reason == "", "reason": reason.astype(str)}
    return xr.Dataset({name: (dims, values) for name, values in data.items()}, coords=coords)


def _r_squared(outcome: np.ndarray, regressor: np.ndarray) -> float:
    if np.ptp(outcome) == 0 or np.ptp(regressor) == 0:
        return np.nan
    return float(linregress(regressor, outcome).rvalue ** 2)


def _partial_r_squared(outcome: np.ndarray, regressor: np.ndarray, other: np.ndarray) -> tuple[float, str]:
    """Return the r² of outcome and regressor after the other regressor was taken out of both; if NaN, why."""
    if np.ptp(outcome) == 0:
        return np.nan, "its prediction errors never change"
    if np.ptp(regressor) == 0:
        return np.nan, "those of the learner never change"
    if np.ptp(other) == 0:
        return _r_squared(outcome, regressor), ""
    left, own = _residual(outcome, other), _residual(regressor, other)
    if own.var() < 1e-6 * regressor.var():
        return np.nan, "both learners have the same prediction errors"
    if left.var() < 1e-12:
        return np.nan, "the other learner leaves nothing to explain"
    return _r_squared(left, own), ""


def _residual(outcome: np.ndarray, regressor: np.ndarray) -> np.ndarray:
    """Return what is left of an outcome after a regression."""
    fit = linregress(regressor, outcome)
    return outcome - (fit.intercept + fit.slope * regressor)
