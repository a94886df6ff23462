"""Tiny recurrent networks fitted to any subjects: the likelihood of held-out choices, and phase portraits."""

import pandas as pd
import xarray as xr

from analyses.species import N_FOLDS, held_out
from pfc_metarl.fitting import tiny_network_fit
from pfc_metarl.fitting.named_models import named_models
from pfc_metarl.measures import phase_portrait

UNITS = (1, 2, 3, 4)
REFERENCE = {"two_step": "hybrid", "bandits": "habit"}
"""Task -> the model that is fitted beside tiny networks."""

N_STARTS = 2
"""Searches of the model."""

TRAINING = {"n_folds": N_FOLDS, "n_inner": 1, "n_starts": 1, "most_epochs": 150}
"""Of tiny networks: one of the two other parts decides when training stops, from one start."""

N_SESSIONS = 15
"""Sessions of each subject at most, the first ones."""


def measured(table: pd.DataFrame, task: str, pooled: bool = False) -> xr.Dataset:
    """Return what tiny networks tell of each subject.

    Parameters
    ----------
    table : DataFrame
        Trial table with ``choice1``, ``reward`` and, of the two-step task, ``state2`` and ``common``. Of each subject
        the first `N_SESSIONS` sessions are used.
    task : {"two_step", "bandits"}
        Which model is fitted beside them, see `REFERENCE`.
    pooled : bool
        Whether one network describes all subjects.

    Returns
    -------
    Dataset, dim subject
        ``per_trial(units)``, geometric mean of the probability of a held-out choice; ``nested_per_trial``, the same
        with the size, too, chosen without the held-out part; ``model_per_trial``, that of the fitted model; ``chance``;
        ``n_trials``; ``logit(trial_type, bin)`` and ``change(trial_type, bin)``, the phase portrait of networks of one
        unit.
    """
    place = table.groupby("subject", observed=True)["session"].transform(lambda own: pd.factorize(own)[0])
    table = table[place < N_SESSIONS].reset_index(drop=True)
    fit = tiny_network_fit(table, UNITS, pooled, **TRAINING)
    one = fit.sel(units=1)
    portrait = phase_portrait(table, one["p"].values, one["p_after"].values)
    model = held_out(named_models([REFERENCE[task]], table), table, N_STARTS)["per_trial"]
    return xr.Dataset(
        {
            **{name: fit[name] for name in ("per_trial", "nested_per_trial", "chance", "n_trials")},
            "model_per_trial": model.squeeze("predictor", drop=True),
            **{name: portrait[name] for name in ("logit", "change")},
        }
    )
