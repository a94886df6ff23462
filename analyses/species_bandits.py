"""Measures of any subjects who choose among options that pay with a probability, with and without reversals."""

import numpy as np
import pandas as pd
import xarray as xr

from analyses.species import held_out
from pfc_metarl.fitting import maximum_likelihood
from pfc_metarl.fitting.named_models import named_models
from pfc_metarl.measures import choice_around_reversal, history_regression, reward_per_trial, shift_probability

MODELS = ("habit", "rw2", "rw")
RATES = ("positive_rate", "negative_rate")
N_LAGS, N_STARTS = 5, 4
WINDOW = (-4, 14)
"""Trials around a reversal; people have reversals every 15 trials."""

COLUMNS = ("subject", "session", "trial", "choice1", "reward", "good_option", "forced", "excluded", "lost")


def with_good_option(table: pd.DataFrame, first: str = "p_reward_0", second: str = "p_reward_1") -> pd.DataFrame:
    """Return a trial table with the better option, where one of two is better, in the column ``good_option``.

    Examples
    --------
    >>> table = pd.DataFrame({"p_reward_0": [0.8, 0.1, 0.4], "p_reward_1": [0.1, 0.8, 0.4]})
    >>> with_good_option(table)["good_option"].tolist()
    [0.0, 1.0, nan]
    """
    p = table[[first, second]].astype(float)
    return table.assign(good_option=(p[second] > p[first]).astype(float).where(p[second] != p[first]))


def common_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return a trial table with the columns that all species have."""
    return table[[name for name in COLUMNS if name in table]]


def measured(table: pd.DataFrame) -> xr.Dataset:
    """Return the measures of each subject.

    Parameters
    ----------
    table : DataFrame
        Trial table with ``choice1`` and ``reward``, and ``good_option`` if it reverses.

    Returns
    -------
    Dataset, dim subject
        ``weight(history, lag)`` of the lagged regression, as fractions of all weights; ``correct(trial)`` around
        reversals, NaN if there are none; ``win_stay`` and ``lose_shift``; ``rate(parameter)``, learning rates for gains
        and for losses; ``per_trial(predictor)``, the geometric mean of the probability of a held-out choice;
        ``chance``; ``reward`` per trial; ``n_trials``.
    """
    own = common_columns(table)
    models = named_models(MODELS, own)
    two_rates = models["rw2"]
    fit = maximum_likelihood(two_rates.model, own, two_rates.free, two_rates.bounds, n_starts=N_STARTS)
    weight = history_regression(own, n_lags=N_LAGS, skip=0)["coefficient"]
    shift = shift_probability(own)["shift_probability"]
    made = xr.Dataset(
        {
            "weight": weight / abs(weight).sum(["history", "lag"], skipna=False),
            "win_stay": 1 - shift.sel(outcome="rewarded", drop=True),
            "lose_shift": shift.sel(outcome="unrewarded", drop=True),
            "rate": fit["estimate"].sel(parameter=list(RATES)),
            "reward": reward_per_trial(own)["reward_per_trial"],
            "n_trials": fit["n_trials"],
        }
    )
    return made.assign(correct=_around_reversals(own, fit["subject"]), **held_out(models, own, N_STARTS))


def _around_reversals(table: pd.DataFrame, subject: xr.DataArray) -> xr.DataArray:
    """Return the fraction of correct choices around reversals, NaN if there are none."""
    trial = np.arange(WINDOW[0], WINDOW[1] + 1)
    if "good_option" not in table:
        coords = {"subject": subject.values, "trial": trial}
        return xr.DataArray(np.full((len(subject), len(trial)), np.nan), coords, ("subject", "trial"))
    return choice_around_reversal(table, "good_option", "good_option", WINDOW)["correct"]
