"""Maximum-likelihood fits of learning models to choices: how fast a subject learns, and how sharply it chooses."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
import xarray as xr
from scipy import optimize, special
from statsmodels.tools import numdiff

from pfc_metarl.data.trial_table import require, subjects, trials
from pfc_metarl.settings import BadInput

BOUNDS = {"learning_rate": (0.0, 1.0), "inverse_temperature": (0.0, 50.0), "lapse": (0.0, 1.0)}
"""The parameters, and where they may lie."""

STARTS = (
    {"learning_rate": 0.1, "inverse_temperature": 8.0, "lapse": 0.05},
    {"learning_rate": 0.4, "inverse_temperature": 3.0, "lapse": 0.2},
    {"learning_rate": 0.8, "inverse_temperature": 3.0, "lapse": 0.05},
)
"""Where the search begins, one after the other; the best end is kept."""

EDGE = 1e-4
"""Share of the range of a parameter: an estimate nearer to a bound has no standard error."""

Unchosen = Literal["mirrored", "kept"]


def rescorla_wagner_fit(
    data: xr.Dataset | pd.DataFrame,
    condition: str | None = None,
    window: tuple[int, int] | None = None,
    unchosen: Unchosen = "mirrored",
    fixed: Mapping[str, float] | None = None,
) -> xr.Dataset:
    """Fit a Rescorla-Wagner learner with a softmax to each subject's choices between two options.

    Parameters
    ----------
    data : recording or trial table
    condition : str, optional
        Column of the trial table; the trials of each of its values are fitted by themselves.
    window : pair of int, optional
        Length of a window of trials, and by how many it moves from fit to fit; not together with `condition`.
    unchosen : {"mirrored", "kept"}
        Whether the option not chosen is taken to have paid 1 − reward, as where one of two options always pays, or
        keeps its value.
    fixed : mapping, optional
        Parameters that are not fitted -> their values; by default ``{"lapse": 0}``, and an empty mapping frees all.

    Returns
    -------
    Dataset, dims (subject, condition, parameter)
        ``estimate`` and ``standard_error`` of those of learning_rate (α), inverse_temperature (β) and lapse (ε) that
        are free; without parameter ``log_likelihood``, ``bic``, ``n_trials`` and ``converged``. The dimension of
        conditions has the name of their column; for windows it is ``first_trial``; if there is neither, it is missing.
        Standard errors come from the curvature of the log-likelihood, NaN where an estimate lies at a bound. Where a
        subject has no trials in a condition, all is NaN.

    Raises
    ------
    BadInput
        If a column is missing or holds something else, or an option makes no sense.

    Notes
    -----
    V(chosen) ← V(chosen) + α (reward − V(chosen)), from ½ at the first trial of a session, and
    p(choice) = (1 − ε) softmax(β V) + ε/2. Values live through the whole session, whichever trials are fitted: a
    condition begins with what the trials before it left. Behrens et al. 2007, doi:10.1038/nn1954, fit stable and
    volatile blocks; Wang et al. 2016, arXiv:1611.05763, compare fits with and without α and ε by BIC.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(8)})
    >>> table = table.assign(choice1=[0, 1, 1, 0, 1, 1, 0, 0], reward=[0, 1, 0, 1, 1, 0, 1, 0])
    >>> rescorla_wagner_fit(table)["estimate"].round(1).to_series()[0].to_dict()
    {'learning_rate': 1.0, 'inverse_temperature': 1.8}
    """
    given = {"lapse": 0.0} if fixed is None else dict(fixed)
    _check_options(condition, window, unchosen, given)
    table = trials(data).reset_index(drop=True)
    require(table, "choice1", "reward", *([condition] if condition else []))
    dimension, parts = _parts(table, condition, window)
    fits = [
        [_fit(sessions, unchosen, given) for sessions in _sessions(rows, [part[rows.index] for part in parts.values()])]
        for _, rows in table.groupby("subject", sort=True)
    ]
    return _labelled(fits, subjects(table), dimension, list(parts), [name for name in BOUNDS if name not in given])


def _check_options(
    condition: str | None, window: tuple[int, int] | None, unchosen: str, fixed: Mapping[str, float]
) -> None:
    if condition is not None and window is not None:
        raise BadInput(f"window = {window}: not together with condition = {condition!r}; choose one of them.")
    if window is not None and (len(window) != 2 or min(window) < 1):
        raise BadInput(f"window = {window}: must be two whole numbers above 0, its length and its step.")
    if unchosen not in get_args(Unchosen):
        raise BadInput(f"unchosen = {unchosen!r}: must be one of {', '.join(get_args(Unchosen))}.")
    for name, value in fixed.items():
        if name not in BOUNDS:
            raise BadInput(f"fixed = {name!r}: there is no such parameter; there are {', '.join(BOUNDS)}.")
        if not BOUNDS[name][0] <= value <= BOUNDS[name][1]:
            raise BadInput(f"fixed {name} = {value}: must lie between {BOUNDS[name][0]:g} and {BOUNDS[name][1]:g}.")
    if len(fixed) == len(BOUNDS):
        raise BadInput("fixed holds all parameters; leave out those that are to be fitted.")


def _parts(
    table: pd.DataFrame, condition: str | None, window: tuple[int, int] | None
) -> tuple[str | None, dict[float, np.ndarray]]:
    """Return the name of the dimension, and for each of its labels which rows of the table count."""
    if condition is not None:
        return condition, {
            v: (table[condition] == v).to_numpy(bool) for v in np.sort(table[condition].dropna().unique())
        }
    if window is None:
        return None, {0: np.ones(len(table), dtype=bool)}
    (length, step), trial = window, table["trial"].to_numpy(float)
    firsts = np.arange(int(trial.min()), int(trial.max()) - length + 2, step)
    if not len(firsts):
        raise BadInput(f"window = {window}: no session has as many trials as a window is long.")
    return "first_trial", {int(first): (first <= trial) & (trial < first + length) for first in firsts}


class Sessions(NamedTuple):
    """The sessions of a subject side by side."""

    sign: np.ndarray
    """1 where option 0 was chosen, −1 for option 1, 0 where nothing is known; [trial, session]."""
    reward: np.ndarray
    """[trial, session]."""
    counted: np.ndarray
    """Which trials count in the likelihood, [trial, session]."""


def _sessions(rows: pd.DataFrame, parts: list[np.ndarray]) -> list[Sessions]:
    """Lay the sessions of one subject side by side, once for each part of its trials."""
    session = pd.factorize(rows["session"])[0]
    place = rows.groupby("session", sort=False).cumcount().to_numpy(), session
    shape = int(place[0].max()) + 1, int(session.max()) + 1
    choice, reward = (rows[name].astype("Float64").to_numpy(float, na_value=np.nan) for name in ("choice1", "reward"))
    known = np.isfinite(choice) & np.isfinite(reward)
    laid = []
    for values in (np.where(known, 1 - 2 * choice, 0), np.where(known, reward, 0), *(part & known for part in parts)):
        laid.append(np.zeros(shape, dtype=values.dtype))
        laid[-1][place] = values
    return [Sessions(laid[0], laid[1], counted) for counted in laid[2:]]


class Fit(NamedTuple):
    """What is found of one subject in one condition."""

    estimate: np.ndarray
    standard_error: np.ndarray
    log_likelihood: float
    n_trials: int
    converged: bool


def _fit(sessions: Sessions, unchosen: str, fixed: Mapping[str, float]) -> Fit:
    free, n_trials = [name for name in BOUNDS if name not in fixed], int(sessions.counted.sum())
    if not n_trials:
        nothing = np.full(len(free), np.nan)
        return Fit(nothing, nothing, np.nan, 0, False)
    last = int(np.flatnonzero(sessions.counted.any(axis=1))[-1])
    lived = Sessions(*(array[: last + 1] for array in sessions))  # what comes later has no say

    def misfit(values: np.ndarray) -> tuple[float, np.ndarray]:
        log_likelihood, slope = _log_likelihood({**fixed, **dict(zip(free, values, strict=True))}, lived, unchosen)
        return -log_likelihood / n_trials, -np.array([slope[name] for name in free]) / n_trials

    bounds = [BOUNDS[name] for name in free]
    begun = [np.array([start[name] for name in free]) for start in STARTS]
    ends = [optimize.minimize(misfit, start, jac=True, method="L-BFGS-B", bounds=bounds) for start in begun]
    best = min(ends, key=lambda end: end.fun)
    error = _standard_error(lambda values: misfit(values)[1] * n_trials, best.x, np.array(bounds))
    return Fit(best.x, error, -best.fun * n_trials, n_trials, bool(best.success))


def _standard_error(slope: optimize.OptimizeResult, estimate: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Return the square roots of the diagonal of the inverse curvature of the misfit, of estimates within bounds."""
    low, high = bounds.T
    inside = np.flatnonzero((estimate - low > EDGE * (high - low)) & (high - estimate > EDGE * (high - low)))
    curvature = np.atleast_2d(numdiff.approx_fprime(estimate, slope, centered=True))[np.ix_(inside, inside)]
    error = np.full(len(estimate), np.nan)
    try:
        variance = np.diag(np.linalg.inv((curvature + curvature.T) / 2))
    except np.linalg.LinAlgError:
        return error
    error[inside] = np.sqrt(np.where(variance > 0, variance, np.nan))
    return error


def _log_likelihood(
    parameters: Mapping[str, float], sessions: Sessions, unchosen: str
) -> tuple[float, dict[str, float]]:
    """Return the log-likelihood of the choices that count, and its slope along every parameter."""
    gain, lapse = parameters["inverse_temperature"], parameters["lapse"]
    traces = _advantage(parameters["learning_rate"], sessions, unchosen)
    sign = sessions.sign[sessions.counted]
    advantage, slope = (sign * trace[sessions.counted] for trace in traces)
    softmax = special.expit(gain * advantage)
    p_choice = (1 - lapse) * softmax + lapse / 2
    per_logit = (1 - lapse) * softmax * (1 - softmax) / p_choice
    slopes = {
        "learning_rate": gain * (per_logit * slope).sum(),
        "inverse_temperature": (per_logit * advantage).sum(),
        "lapse": ((0.5 - softmax) / p_choice).sum(),
    }
    return float(np.log(p_choice).sum()), slopes


def _advantage(learning_rate: float, sessions: Sessions, unchosen: str) -> tuple[np.ndarray, np.ndarray]:
    """Return V(option 0) − V(option 1) before each choice, and its slope along the learning rate, [trial, session]."""
    sign, reward = sessions.sign, sessions.reward
    first, second = sign > 0, sign < 0
    if unchosen == "mirrored":  # V(1) = 1 - V(0), so that one trace does for both
        gained, learned = _trace(learning_rate, np.where(second, 1 - reward, reward), first | second)
        return 2 * gained - 1, 2 * learned
    (one, one_slope), (other, other_slope) = (_trace(learning_rate, reward, chosen) for chosen in (first, second))
    return one - other, one_slope - other_slope


def _trace(learning_rate: float, outcome: np.ndarray, updated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return V ← V + α (outcome − V) before each trial, and its slope along α; unchanged where not `updated`."""
    value, slope = np.full(outcome.shape[1], 0.5), np.zeros(outcome.shape[1])
    values, slopes = np.empty(outcome.shape), np.empty(outcome.shape)
    for trial, (paid, now) in enumerate(zip(outcome, updated.astype(float), strict=True)):
        values[trial], slopes[trial] = value, slope
        error = (paid - value) * now
        slope = slope + error - learning_rate * now * slope
        value = value + learning_rate * error
    return values, slopes


def _labelled(
    fits: list[list[Fit]], labels: np.ndarray, dimension: str | None, parts: list[float], free: list[str]
) -> xr.Dataset:
    dims = ("subject", dimension or "part")
    columns = {name: np.array([[getattr(fit, name) for fit in row] for row in fits]) for name in Fit._fields}
    bic = len(free) * np.log(np.maximum(columns["n_trials"], 1)) - 2 * columns["log_likelihood"]
    per_parameter = {name: ((*dims, "parameter"), columns.pop(name)) for name in ("estimate", "standard_error")}
    data = {**per_parameter, **{name: (dims, values) for name, values in {**columns, "bic": bic}.items()}}
    found = xr.Dataset(data, coords={"subject": labels, dims[1]: parts, "parameter": free})
    return found if dimension else found.isel(part=0, drop=True)
