"""How choices follow from rewards and choices before: matching over sessions, and regression trial by trial."""

import numpy as np
import pandas as pd
import statsmodels.api as sm
import xarray as xr

from pfc_metarl.data.trial_roles import RoleTable, lagged, role_table
from pfc_metarl.measures.behaviour.logistic_fit import fit_flags, logistic_fit
from pfc_metarl.measures.behaviour.outcomes import rewarded
from pfc_metarl.settings import BadInput

HISTORIES = ("reward", "choice")

MIN_SESSIONS = 3
"""Sessions below which no line is drawn through them."""


def matching(data: xr.Dataset | pd.DataFrame, skip: float = 1 / 3, rewarded_above: float = 0.0) -> xr.Dataset:
    """Compare how often each of two options was chosen in a session with how often it paid.

    Parameters
    ----------
    data : recording or trial table
        With two first-stage choices, 0 (left) and 1 (right), and ``reward``. Trials marked ``forced`` do not count.
    skip : float
        Fraction of each session, at its beginning, that does not count: there the world has yet to be found out.
    rewarded_above : float
        A trial counts as rewarded if its reward is larger.

    Returns
    -------
    Dataset, dim subject
        ``choice_ratio(subject, session)`` and ``reward_ratio(subject, session)``, log2 of right over left: choices, and
        trials with a reward; NaN where an option was never chosen or never paid, as there is no logarithm. Of the line
        through the ``n_sessions`` others, choice on reward ratio: ``slope`` (1 is matching, less is under-matching, 0
        indifference), ``standard_error`` of it, ``intercept``; and ``orthogonal_slope``; NaN for fewer than three
        sessions. ``n_trials`` and ``n_left_out``.

    Raises
    ------
    BadInput
        If a column is missing or holds something else, or only one option was ever chosen.

    Notes
    -----
    The generalised matching law, Baum 1974, doi:10.1901/jeab.1974.22-231. The slope is that of ordinary least squares,
    which is drawn towards 0 where sessions are short, since the reward ratio that was found in a session strays from
    the one that the world has; the orthogonal slope, along the first principal axis, takes both ratios to stray alike.

    Examples
    --------
    One session with two choices of left and four of right; two of each were rewarded:

    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(6), "choice1": [0, 0, 1, 1, 1, 1]})
    >>> found = matching(table.assign(reward=[1, 1, 1, 1, 0, 0]), skip=0)
    >>> found["choice_ratio"].item(), found["reward_ratio"].item()
    (1.0, 0.0)
    """
    found = role_table(data, "reward")
    used = found.target & _late(found, skip) & found.rows["reward"].notna()
    rows = found.rows.assign(rewarded=rewarded(found.rows["reward"], rewarded_above))[used]
    if not rows["choice1"].nunique() > 1:
        raise BadInput("choice1: matching needs choices of two options, and the trial table has one.")
    ratios = [_log_ratio(part, found) for part in (rows, rows[rows["rewarded"] > 0])]
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
            **found.counts(used),
        },
        coords={"subject": found.subjects, "session": found.sessions},
    )


def allocation(data: xr.Dataset | pd.DataFrame, worth: tuple[str, str], skip: float = 1 / 3) -> xr.Dataset:
    """Compare how often each of two options was chosen in a session with what it was worth there.

    Unlike `matching` it has an answer for every subject, those too that never leave an option.

    Parameters
    ----------
    data : recording or trial table
        With two first-stage choices, 0 and 1. Trials marked ``forced`` do not count.
    worth : pair of str
        Columns of the trial table: what option 0, and option 1, is worth; not negative, and constant in a session, such
        as how fast its reward comes back.
    skip : float
        As for `matching`.

    Returns
    -------
    Dataset, dim subject
        ``choice_fraction(subject, session)``: fraction of the choices that took option 1; ``worth_fraction(subject,
        session)``: its fraction of the worth of both. Of the line through them, choice on worth: ``slope`` (1 where
        choices match what options are worth, 0 indifference), its ``standard_error`` and ``intercept``; NaN for fewer
        than three sessions. ``n_trials`` and ``n_left_out``.

    Raises
    ------
    BadInput
        If a column is missing, or a worth is negative.

    Notes
    -----
    Matching in fractions, Herrnstein 1961, doi:10.1901/jeab.1961.4-267, with what options are worth in place of what
    they happened to pay.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(4), "choice1": [0, 1, 1, 1]})
    >>> found = allocation(table.assign(poor=0.1, rich=0.4), ("poor", "rich"), skip=0)
    >>> found["choice_fraction"].item(), found["worth_fraction"].item()
    (0.75, 0.8)
    """
    found = role_table(data, *worth)
    low, high = (found.rows[name].astype(float) for name in worth)
    if (low < 0).any() or (high < 0).any():
        raise BadInput(f"worth = {worth}: what an option is worth must not be negative.")
    used = found.target & _late(found, skip)
    columns = {"choice_fraction": found.rows["choice1"], "worth_fraction": high / (low + high)}
    means = found.rows.assign(**columns)[used].groupby(["subject", "session"])[list(columns)].mean()
    index = pd.MultiIndex.from_product([range(len(found.subjects)), range(len(found.sessions))])
    shape = (len(found.subjects), len(found.sessions))
    fractions = {name: means[name].reindex(index).to_numpy().reshape(shape) for name in columns}
    known = [(x[both], y[both]) for y, x in zip(*fractions.values(), strict=True) for both in [np.isfinite(x + y)]]
    slope, error, intercept, _ = np.array([_line(x, y) for x, y in known]).T
    return xr.Dataset(
        {
            **{name: (("subject", "session"), values) for name, values in fractions.items()},
            "slope": ("subject", slope),
            "standard_error": ("subject", error),
            "intercept": ("subject", intercept),
            **found.counts(used),
        },
        coords={"subject": found.subjects, "session": found.sessions},
    )


def _log_ratio(rows: pd.DataFrame, found: RoleTable) -> np.ndarray:
    """Return log2 of right over left trials, [subject, session]; not finite where either is missing."""
    shape = (len(found.subjects), len(found.sessions), 2)
    counts = rows.groupby(["subject", "session", "choice1"]).size()
    index = pd.MultiIndex.from_product([range(n) for n in shape])
    left, right = np.moveaxis(counts.reindex(index).to_numpy(float).reshape(shape), -1, 0)
    return np.asarray(np.log2(right / left))


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float, float]:
    """Return slope, its standard error, intercept, and the slope of the first principal axis."""
    if len(x) < MIN_SESSIONS or np.ptp(x) == 0:
        return np.nan, np.nan, np.nan, np.nan
    fit = sm.OLS(y, sm.add_constant(x)).fit()
    axis = np.linalg.eigh(np.cov(x, y))[1][:, -1]
    return fit.params[1], fit.bse[1], fit.params[0], axis[1] / axis[0] if axis[0] else np.nan


def history_regression(
    data: xr.Dataset | pd.DataFrame, n_lags: int = 15, skip: float = 1 / 3, rewarded_above: float = 0.0
) -> xr.Dataset:
    """Regress choice on the rewards and the choices of the trials before.

    Parameters
    ----------
    data : recording or trial table
        With two first-stage choices, 0 and 1, and ``reward``. Trials marked ``forced`` are past only.
    n_lags : int
        Trials back.
    skip : float
        Fraction of each session, at its beginning, whose choices are not explained; they still count as past trials.
    rewarded_above : float
        A trial counts as rewarded if its reward is larger.

    Returns
    -------
    Dataset, dims (subject, history, lag)
        ``coefficient`` and ``standard_error`` (log odds of choosing what was rewarded, and of choosing what was
        chosen), ``bias(subject)`` towards left, ``n_trials(subject)`` and ``n_left_out(subject)``. ``valid``,
        ``penalised`` and ``reason`` (subject) as in `pfc_metarl.measures.lagged_regression`.

    Raises
    ------
    BadInput
        If a column is missing or holds something else, or an option is invalid.

    Notes
    -----
    Lau & Glimcher 2005, doi:10.1901/jeab.2005.110-04. Left counts 1, right −1: the regressors are the side chosen at
    each lag, and the side that paid, 0 where nothing was paid. So the rewards' weights are what a reward adds to having
    chosen. Penalised estimates: Firth 1993, doi:10.1093/biomet/80.1.27.

    Examples
    --------
    A subject that stays after each reward and shifts after each loss:

    >>> reward = np.random.default_rng(0).integers(0, 2, 300)
    >>> choice1 = np.concatenate([[0], np.cumsum(1 - reward[:-1]) % 2])
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(300), "choice1": choice1, "reward": reward})
    >>> found = history_regression(table, n_lags=1).isel(subject=0)
    >>> found["penalised"].item(), (found["coefficient"].sel(lag=1) > 0).values.tolist()
    (True, [True, False])
    """
    if n_lags < 1:
        raise BadInput(f"n_lags = {n_lags}: must be at least 1.")
    found = role_table(data, "reward")
    design = _histories(found.rows, n_lags, rewarded_above)
    left = 1 - found.rows["choice1"].to_numpy()
    used = (found.target & _late(found, skip)).to_numpy() & np.isfinite(design).all(axis=1)
    own = [used & (found.rows["subject"] == subject).to_numpy() for subject in range(len(found.subjects))]
    fits = [logistic_fit(left[rows], np.column_stack([np.ones(rows.sum()), design[rows]])) for rows in own]
    estimate, error = np.array([fit.coefficient for fit in fits]), np.array([fit.standard_error for fit in fits])
    dims, shape = ("subject", "history", "lag"), (len(fits), len(HISTORIES), n_lags)
    return xr.Dataset(
        {
            "coefficient": (dims, estimate[:, 1:].reshape(shape), {"units": "log odds"}),
            "standard_error": (dims, error[:, 1:].reshape(shape), {"units": "log odds"}),
            "bias": ("subject", estimate[:, 0], {"units": "log odds"}),
            **found.counts(used),
            **fit_flags(fits),
        },
        coords={"subject": found.subjects, "history": list(HISTORIES), "lag": np.arange(1, n_lags + 1)},
    )


def _histories(rows: pd.DataFrame, n_lags: int, rewarded_above: float) -> np.ndarray:
    """Return the design, [trial, history and lag]."""
    paid_rows, side, paid = rows.assign(reward=rewarded(rows["reward"], rewarded_above)), [], []
    for lag in range(1, n_lags + 1):
        chosen = 1 - 2 * lagged(rows, "choice1", lag)
        side.append(chosen)
        paid.append(chosen * lagged(paid_rows, "reward", lag))
    return np.column_stack([*paid, *side])


def _late(found: RoleTable, skip: float) -> pd.Series:
    """Return which rows do not belong to the beginning of their session."""
    if not 0 <= skip < 1:
        raise BadInput(f"skip = {skip}: must be at least 0 and below 1.")
    trial = found.rows.groupby(["subject", "session"], sort=False)["trial"]
    first, last = trial.transform("min"), trial.transform("max")
    return found.rows["trial"] - first >= skip * (last - first + 1)
