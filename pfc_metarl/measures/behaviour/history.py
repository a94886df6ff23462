"""How choices follow from rewards and choices before: matching over sessions, and regression trial by trial."""

import numpy as np
import pandas as pd
import statsmodels.api as sm
import xarray as xr

from pfc_metarl.data.trial_table import lagged, require, subjects, trials
from pfc_metarl.measures.behaviour.regression import logistic
from pfc_metarl.settings import BadInput

HISTORIES = ("reward", "choice")

MIN_SESSIONS = 3
"""Sessions below which no line is drawn through them."""


def matching(data: xr.Dataset | pd.DataFrame, skip: float = 1 / 3) -> xr.Dataset:
    """Compare how often each of two options was chosen in a session with how often it paid.

    Parameters
    ----------
    data : recording or trial table
        With two first-stage choices, 0 (left) and 1 (right).
    skip : float
        Share of each session, at its beginning, that does not count: there the world has yet to be found out.

    Returns
    -------
    Dataset, dim subject
        ``choice_ratio(subject, session)`` and ``reward_ratio(subject, session)``, log2 of right over left: choices, and
        trials with a reward; NaN where an option was never chosen or never paid, as there is no logarithm. Of the line
        through the ``n_sessions`` others, choice on reward ratio: ``slope`` (1 is matching, less is under-matching, 0
        indifference), ``standard_error`` of it, ``intercept``; and ``orthogonal_slope``.

    Notes
    -----
    The generalised matching law, Baum 1974, doi:10.1901/jeab.1974.22-231. The slope is that of ordinary least squares,
    which is drawn towards 0 where sessions are short, since the reward ratio that was found in a session strays from
    the one that the world has; the orthogonal slope, along the first principal axis, takes both ratios to stray alike.
    """
    table = trials(data)
    require(table, "choice1", "reward")
    table = table[_late(table, skip) & table["choice1"].notna() & table["reward"].notna()]
    if not table["choice1"].nunique() > 1:
        raise BadInput("choice1: matching needs choices of two options, and the trial table has one.")
    paid = table[table["reward"] > 0]
    labels, sessions = subjects(table), np.sort(table["session"].unique())
    ratios = [_log_ratio(rows, np.sort(table["subject"].unique()), sessions) for rows in (table, paid)]
    known = np.asarray(np.isfinite(ratios).all(axis=0))
    choice, reward = (np.where(known, ratio, np.nan) for ratio in ratios)
    lines = np.array([_line(reward[row][own], choice[row][own]) for row, own in enumerate(known)])
    names = ("slope", "standard_error", "intercept", "orthogonal_slope")
    return xr.Dataset(
        {
            "choice_ratio": (("subject", "session"), choice, {"units": "log2 right/left"}),
            "reward_ratio": (("subject", "session"), reward, {"units": "log2 right/left"}),
            **{name: ("subject", column) for name, column in zip(names, lines.T, strict=True)},
            "n_sessions": ("subject", known.sum(axis=1)),
        },
        coords={"subject": labels, "session": sessions if sessions.dtype.kind in "iu" else sessions.astype(str)},
    )


def allocation(data: xr.Dataset | pd.DataFrame, worth: tuple[str, str], skip: float = 1 / 3) -> xr.Dataset:
    """Compare how often each of two options was chosen in a session with what it was worth there.

    Unlike `matching` it has an answer for every subject, those too that never leave an option.

    Parameters
    ----------
    data : recording or trial table
        With two first-stage choices, 0 and 1.
    worth : pair of str
        Columns of the trial table: what option 0, and option 1, is worth; constant in a session, such as how fast its
        reward comes back.
    skip : float
        As for `matching`.

    Returns
    -------
    Dataset, dim subject
        ``choice_share(subject, session)`` of option 1, and ``worth_share(subject, session)``, its share of the worth of
        both; of the line through them, choice on worth: ``slope`` (1 where choices match what options are worth, 0
        indifference), its ``standard_error`` and ``intercept``; NaN for fewer than three sessions.

    Notes
    -----
    Matching in shares, Herrnstein 1961, doi:10.1901/jeab.1961.4-267, with what options are worth in place of what they
    happened to pay.
    """
    table = trials(data)
    require(table, "choice1", "reward", *worth)
    table = table[_late(table, skip) & table["choice1"].notna()]
    low, high = (table[name].astype(float) for name in worth)
    columns = {"choice_share": table["choice1"].astype(float), "worth_share": high / (low + high)}
    means = table.assign(**columns).groupby(["subject", "session"])[list(columns)].mean()
    shares = {name: means[name].unstack("session") for name in columns}
    labels, pairs = subjects(table), zip(*(share.to_numpy() for share in shares.values()), strict=True)
    known = [(x[both], y[both]) for y, x in pairs for both in [np.isfinite(x) & np.isfinite(y)]]
    slope, error, intercept, _ = np.array([_line(x, y) for x, y in known]).T
    return xr.Dataset(
        {
            **{name: (("subject", "session"), share.to_numpy()) for name, share in shares.items()},
            "slope": ("subject", slope),
            "standard_error": ("subject", error),
            "intercept": ("subject", intercept),
        },
        coords={"subject": labels},
    )


def _log_ratio(table: pd.DataFrame, labels: np.ndarray, sessions: np.ndarray) -> np.ndarray:
    """Return log2 of right over left trials, [subject, session]; not finite where either is missing."""
    counts = table.groupby(["subject", "session", "choice1"]).size()
    index = pd.MultiIndex.from_product([labels, sessions, [0, 1]])
    left, right = np.moveaxis(counts.reindex(index).to_numpy(float).reshape(len(labels), len(sessions), 2), -1, 0)
    return np.asarray(np.log2(right / left))


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float, float]:
    """Return slope, its standard error, intercept, and the slope of the first principal axis."""
    if len(x) < MIN_SESSIONS or np.ptp(x) == 0:
        return np.nan, np.nan, np.nan, np.nan
    fit = sm.OLS(y, sm.add_constant(x)).fit()
    axis = np.linalg.eigh(np.cov(x, y))[1][:, -1]
    return fit.params[1], fit.bse[1], fit.params[0], axis[1] / axis[0] if axis[0] else np.nan


def history_regression(data: xr.Dataset | pd.DataFrame, n_lags: int = 15, skip: float = 1 / 3) -> xr.Dataset:
    """Regress choice on the rewards and the choices of the trials before.

    Parameters
    ----------
    data : recording or trial table
    n_lags : int
        Trials back.
    skip : float
        Share of each session, at its beginning, whose choices are not explained; they still count as past.

    Returns
    -------
    Dataset, dims (subject, history, lag)
        ``coefficient`` and ``standard_error`` (log odds of choosing what was rewarded, and of choosing what was
        chosen), ``bias(subject)`` towards left and ``n_trials(subject)``. A subject whose choices are predicted without
        error, or with too few trials, has no finite estimate, and gets NaN.

    Notes
    -----
    Lau & Glimcher 2005, doi:10.1901/jeab.2005.110-04. Left counts 1, right −1: the regressors are the side chosen at
    each lag, and the side that paid, 0 where nothing was paid. So the rewards' weights are what a reward adds to having
    chosen.
    """
    if n_lags < 1:
        raise BadInput(f"n_lags = {n_lags}: must be at least 1.")
    table = trials(data)
    require(table, "choice1", "reward")
    design = _histories(table, n_lags)
    left = 1 - table["choice1"].astype("Float64").astype(float)
    valid = left.notna() & np.isfinite(design).all(axis=1) & _late(table, skip)
    labels = np.sort(table["subject"].unique())
    fits = [_fit(left.to_numpy(), design, (valid & (table["subject"] == label)).to_numpy()) for label in labels]
    estimate, error = (np.array([fit[which] for fit in fits]) for which in (0, 1))
    dims, shape = ("subject", "history", "lag"), (len(labels), len(HISTORIES), n_lags)
    return xr.Dataset(
        {
            "coefficient": (dims, estimate[:, 1:].reshape(shape), {"units": "log odds"}),
            "standard_error": (dims, error[:, 1:].reshape(shape), {"units": "log odds"}),
            "bias": ("subject", estimate[:, 0], {"units": "log odds"}),
            "n_trials": ("subject", [fit[2] for fit in fits]),
        },
        coords={"subject": subjects(table), "history": list(HISTORIES), "lag": np.arange(1, n_lags + 1)},
    )


def _histories(table: pd.DataFrame, n_lags: int) -> np.ndarray:
    """Return the design, [trial, history and lag]."""
    side, paid = [], []
    for lag in range(1, n_lags + 1):
        chosen = 1 - 2 * lagged(table, "choice1", lag)
        side.append(chosen)
        paid.append(chosen * (lagged(table, "reward", lag) > 0))
    return np.column_stack([*paid, *side])


def _late(table: pd.DataFrame, skip: float) -> pd.Series:
    if not 0 <= skip < 1:
        raise BadInput(f"skip = {skip}: must be at least 0 and below 1.")
    trial = table.groupby(["subject", "session"], sort=False)["trial"]
    first, last = trial.transform("min"), trial.transform("max")
    return table["trial"] - first >= skip * (last - first + 1)


def _fit(left: np.ndarray, design: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    own = np.column_stack([np.ones(rows.sum()), design[rows]])
    if len(own) <= own.shape[1] or len(np.unique(left[rows])) < 2:
        return np.full(own.shape[1], np.nan), np.full(own.shape[1], np.nan), len(own)
    estimate, error, _ = logistic(left[rows], own)
    return estimate, error, len(own)
