"""Logistic regressions of choice on what came before: one trial back, and several."""

import warnings

import numpy as np
import pandas as pd
import statsmodels.api as sm
import xarray as xr
from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationError, PerfectSeparationWarning

from pfc_metarl.data.trial_table import lagged, require, subjects, trials
from pfc_metarl.measures.behaviour.choice import stay_trials
from pfc_metarl.settings import BadInput

TRIAL_TYPES = {
    "common rewarded": (1, 1),
    "common unrewarded": (1, 0),
    "rare rewarded": (0, 1),
    "rare unrewarded": (0, 0),
}
"""Trial type -> (common, rewarded)."""

MAX_STANDARD_ERROR = 10.0
"""In log odds: above it, choices are (nearly) separated by the regressors and there is no finite estimate."""


def stay_regression(data: xr.Dataset | pd.DataFrame) -> xr.Dataset:
    """Regress staying on reward, transition, their interaction and whether the last choice was correct.

    Parameters
    ----------
    data : recording or trial table
        The regressor ``correct`` is included if the table says which second-stage state was good.

    Returns
    -------
    Dataset, dim term
        ``coefficient`` (log odds), ``standard_error`` and ``p_value``, clustered by subject (by session if there is
        one subject only, not at all if there is one session only); attribute ``n_clusters``. Regressors are coded ±½.
        With so few clusters as subjects the p values come from Student's t with ``n_clusters`` − 1 degrees of freedom.

    Notes
    -----
    The regressor ``correct`` takes up what a reward history alone explains: Akam et al. 2015,
    doi:10.1371/journal.pcbi.1004648. One fit over all subjects, statsmodels' Logit.
    """
    table = stay_trials(data)
    if "previous_correct" in table:
        table = table[table["previous_correct"].notna()]
    if table.empty:
        raise BadInput("good_state: the trial table says of no trial followed by a choice which state was good.")
    reward, common = table["previous_reward"] - 0.5, table["previous_common"] - 0.5
    design = {"intercept": 1.0, "reward": reward, "transition": common, "reward x transition": 2 * reward * common}
    if "previous_correct" in table and table["previous_correct"].nunique() > 1:
        design["correct"] = table["previous_correct"] - 0.5
    regressors = pd.DataFrame(design, index=table.index)
    cluster = "subject" if table["subject"].nunique() > 1 else "session"
    groups = table[cluster].astype("category").cat.codes
    coefficient, error, p_value = logistic(table["stay"], regressors, groups.to_numpy())
    return xr.Dataset(
        {
            "coefficient": ("term", coefficient, {"units": "log odds"}),
            "standard_error": ("term", error, {"units": "log odds"}),
            "p_value": ("term", p_value),
        },
        coords={"term": list(design)},
        attrs={"n_clusters": int(groups.nunique()), "n_trials": len(table)},
    )


def lagged_regression(data: xr.Dataset | pd.DataFrame, n_lags: int = 5) -> xr.Dataset:
    """Regress the first-stage choice on the types of the trials before, for each subject.

    Parameters
    ----------
    data : recording or trial table
    n_lags : int
        Trials back.

    Returns
    -------
    Dataset, dims (subject, trial_type, lag)
        ``coefficient`` and ``standard_error`` (log odds of repeating the choice made on a trial of that type),
        ``bias(subject)``, ``planning_weight(subject, lag)``, ``model_free_weight(subject, lag)``, their sums over lags
        ``planning_index(subject)`` and ``model_free_index(subject)``, and ``n_trials(subject)``.
        A subject whose choices the regressors predict without error has no finite estimate, and gets NaN.

    Notes
    -----
    Miller, Botvinick & Brody 2017, doi:10.1038/nn.4613. A regressor is +1 if a trial of its type followed a left
    (0) choice, −1 if a right one, 0 otherwise. With coefficients w at a lag,

        planning weight = (w[common rewarded] − w[rare rewarded]) + (w[rare unrewarded] − w[common unrewarded])
        model-free weight = (w[common rewarded] + w[rare rewarded]) − (w[common unrewarded] + w[rare unrewarded])

    An index is the sum of all lags. It takes several of them to tell a planner from a model-free learner whose states
    remember the last trial: Akam et al. 2015, doi:10.1371/journal.pcbi.1004648.
    """
    if n_lags < 1:
        raise BadInput(f"n_lags = {n_lags}: must be at least 1.")
    table = trials(data)
    require(table, "choice1", "common", "reward")
    regressors, valid = _lagged_types(table, n_lags)
    left = 1 - table["choice1"].astype("Float64").astype(float)
    valid &= left.notna()
    if "forced" in table:
        valid &= table["forced"] != 1
    labels = np.sort(table["subject"].unique())
    fits = [_lagged_fit(left, regressors, valid & (table["subject"] == label)) for label in labels]
    estimates = np.array([fit[0] for fit in fits])
    errors = np.array([fit[1] for fit in fits])
    shape = (len(labels), len(TRIAL_TYPES), n_lags)
    dims = ("subject", "trial_type", "lag")
    result = xr.Dataset(
        {
            "coefficient": (dims, estimates[:, 1:].reshape(shape), {"units": "log odds"}),
            "standard_error": (dims, errors[:, 1:].reshape(shape), {"units": "log odds"}),
            "bias": ("subject", estimates[:, 0], {"units": "log odds"}),
            "n_trials": ("subject", [fit[2] for fit in fits]),
        },
        coords={"subject": subjects(table), "trial_type": list(TRIAL_TYPES), "lag": np.arange(1, n_lags + 1)},
    )
    return result.assign(_indices(result["coefficient"]))


def _indices(coefficient: xr.DataArray) -> dict[str, xr.DataArray]:
    common_rewarded, common_unrewarded, rare_rewarded, rare_unrewarded = (
        coefficient.sel(trial_type=name, drop=True) for name in TRIAL_TYPES
    )
    weights = {
        "planning": common_rewarded - rare_rewarded + rare_unrewarded - common_unrewarded,
        "model_free": common_rewarded + rare_rewarded - common_unrewarded - rare_unrewarded,
    }
    indices = {f"{name}_index": weight.sum("lag", skipna=False) for name, weight in weights.items()}
    return {f"{name}_weight": weight for name, weight in weights.items()} | indices


def _lagged_types(table: pd.DataFrame, n_lags: int) -> tuple[np.ndarray, pd.Series]:
    """Return the design, columns (trial type, lag), and where all of it is known."""
    valid = pd.Series(True, index=table.index)
    columns: dict[tuple[str, int], np.ndarray] = {}
    for lag in range(1, n_lags + 1):
        choice, common, reward = (lagged(table, name, lag) for name in ("choice1", "common", "reward"))
        valid &= choice.notna() & common.notna() & reward.notna()
        side = 1 - 2 * choice
        for name, (is_common, is_rewarded) in TRIAL_TYPES.items():
            columns[name, lag] = (side * (common == is_common) * ((reward > 0) == bool(is_rewarded))).to_numpy()
    ordered = [columns[name, lag] for name in TRIAL_TYPES for lag in range(1, n_lags + 1)]
    return np.column_stack(ordered), valid


def _lagged_fit(left: pd.Series, regressors: np.ndarray, rows: pd.Series) -> tuple[np.ndarray, np.ndarray, int]:
    keep = rows.to_numpy()
    design = np.column_stack([np.ones(keep.sum()), regressors[keep]])
    if keep.sum() <= design.shape[1]:
        nothing = np.full(design.shape[1], np.nan)
        return nothing, nothing, int(keep.sum())
    estimate, error, _ = logistic(left[rows].to_numpy(), design)
    return estimate, error, int(keep.sum())


def logistic(
    outcome: pd.Series | np.ndarray, design: pd.DataFrame | np.ndarray, groups: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit a logistic regression; return coefficients, standard errors, p values.

    They are NaN if there is no finite fit, or no more trials than coefficients.
    """
    model = sm.Logit(np.asarray(outcome, dtype=float), np.asarray(design, dtype=float))
    clustered = groups is not None and len(np.unique(groups)) > 1
    cluster = {"cov_type": "cluster", "cov_kwds": {"groups": groups}, "use_t": True} if clustered else {}
    nothing = np.full(design.shape[1], np.nan)
    if len(design) <= design.shape[1]:
        return nothing, nothing, nothing
    with warnings.catch_warnings(), np.errstate(over="ignore"):  # e^x, where a choice is all but certain
        warnings.simplefilter("error", PerfectSeparationWarning)
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            fit = model.fit(disp=False, **cluster)
        except (PerfectSeparationError, PerfectSeparationWarning, ConvergenceWarning, np.linalg.LinAlgError):
            return nothing, nothing, nothing
    if not (fit.bse < MAX_STANDARD_ERROR).all():
        return nothing, nothing, nothing
    return fit.params, fit.bse, fit.pvalues
