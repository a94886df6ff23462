"""Regression of choices, trial by trial, on the rewards and the choices of the trials before."""

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.trial_roles import at_rows, role_table, rows_before
from pfc_metarl.measures.behaviour.choice_fit import Past, biases, choice_fits, option_labels
from pfc_metarl.measures.behaviour.logistic_fit import fit_flags
from pfc_metarl.measures.behaviour.outcomes import rewarded
from pfc_metarl.settings import BadInput

HISTORIES = ("reward", "choice")


def history_regression(
    data: xr.Dataset | pd.DataFrame, n_lags: int = 15, skip: float = 1 / 3, rewarded_above: float = 0.0
) -> xr.Dataset:
    """Regress choice on the rewards and the choices of the trials before.

    Parameters
    ----------
    data : recording or trial table
        With first-stage choices, 0, 1 and so on, and ``reward``. Trials marked ``forced`` are past only.
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
        chosen), ``bias(subject)`` towards option 0 (with more than two options ``bias(subject, option)``, in comparison
        with the last); ``n_trials(subject)`` and ``n_left_out(subject)``. ``valid``, ``penalised`` and
        ``reason`` (subject) as in `pfc_metarl.measures.lagged_regression`.

    Raises
    ------
    BadInput
        If a column is missing or holds something else, or an option is invalid.

    Notes
    -----
    Lau & Glimcher 2005, doi:10.1901/jeab.2005.110-04. Of two options, 0 counts 1, and 1 counts −1: the regressors are
    the side chosen at each lag, and the side that paid, 0 where nothing was paid. So the rewards' weights are what a
    reward adds to having chosen. With more than two options it is a conditional logit (McFadden 1974) with the same
    coefficients: an option's regressors are whether it was chosen, and whether it paid, at each lag. Penalised
    estimates: Firth 1993, doi:10.1093/biomet/80.1.27.

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
    found = role_table(data, "reward", two_options=False)
    n_options, (past, known) = found.n_options(), _histories(found.rows, n_lags, rewarded_above)
    used = (found.target & found.late(skip)).to_numpy() & known
    fits = choice_fits(found, used, past, n_options)
    estimate, error = np.array([fit.coefficient for fit in fits]), np.array([fit.standard_error for fit in fits])
    dims, shape = ("subject", "history", "lag"), (len(fits), len(HISTORIES), n_lags)
    return xr.Dataset(
        {
            "coefficient": (dims, estimate[:, n_options - 1 :].reshape(shape), {"units": "log odds"}),
            "standard_error": (dims, error[:, n_options - 1 :].reshape(shape), {"units": "log odds"}),
            "bias": biases(estimate, n_options),
            **found.counts(used),
            **fit_flags(fits),
        },
        coords={"subject": found.subjects, "history": list(HISTORIES), "lag": np.arange(1, n_lags + 1)}
        | option_labels(n_options),
    )


def _histories(rows: pd.DataFrame, n_lags: int, rewarded_above: float) -> tuple[Past, np.ndarray]:
    """Return the design, columns (history, lag), and where all of it is known."""
    paid = rows.assign(reward=rewarded(rows["reward"], rewarded_above))
    known = np.ones(len(rows), dtype=bool)
    shape = len(rows), len(HISTORIES), n_lags
    option, weight = np.zeros(shape, dtype=np.int8), np.ones(shape, dtype=np.int8)
    for lag in range(1, n_lags + 1):
        before = rows_before(paid, lag)
        choice, reward = (at_rows(paid, name, before).to_numpy() for name in ("choice1", "reward"))
        known &= np.isfinite(choice) & np.isfinite(reward)
        option[:, :, lag - 1] = np.nan_to_num(choice)[:, None]
        weight[:, 0, lag - 1] = np.nan_to_num(reward)
    return Past(option.reshape(len(rows), -1), weight.reshape(len(rows), -1)), known
