"""Measures of any subjects on the two-step task, side by side: what is repeated, what is fitted, what is predicted."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from analyses.two_step_panels import as_fractions
from pfc_metarl.fitting import cross_validated, maximum_likelihood
from pfc_metarl.fitting.named_models import NamedModel, named_models
from pfc_metarl.measures import lagged_regression

MODELS = ("hybrid", "mb", "mf")
N_FOLDS, N_STARTS = 3, 2

COLUMNS = ("subject", "session", "trial", "choice1", "state2", "common", "reward", "forced", "excluded", "lost")
"""What all sets have in common: a second choice, which people have and rats do not, is left out."""


def common_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return a trial table with the columns that all species have."""
    return table[[name for name in COLUMNS if name in table]]


def measured(table: pd.DataFrame) -> xr.Dataset:
    """Return the measures of each subject.

    Parameters
    ----------
    table : DataFrame
        Trial table with ``choice1``, ``state2``, ``common`` and ``reward``.

    Returns
    -------
    Dataset, dim subject
        ``coefficient(trial_type, lag)``, ``planning_index`` and ``model_free_index`` as fractions of all weights;
        ``model_based_weight`` of the fitted hybrid; ``per_trial(predictor)``, the geometric mean of the probability of
        a held-out first choice; ``n_trials``.
    """
    own = common_columns(table)
    models = named_models(MODELS, own)
    hybrid = models["hybrid"]
    fit = maximum_likelihood(hybrid.model, own, hybrid.free, hybrid.bounds, n_starts=2 * N_STARTS)
    return as_fractions(lagged_regression(own)).assign(
        model_based_weight=fit["estimate"].sel(parameter="model_based_weight", drop=True),
        per_trial=held_out(models, own, N_STARTS)["per_trial"],
        n_trials=fit["n_trials"],
    )


def held_out(models: Mapping[str, NamedModel], table: pd.DataFrame, n_starts: int) -> dict[str, xr.DataArray]:
    """Return ``per_trial(subject, predictor)`` of models fitted to the other parts, and ``chance(subject)``."""
    found = {
        name: cross_validated(each.model, table, each.free, each.bounds, N_FOLDS, n_starts=n_starts)
        for name, each in models.items()
    }
    per_trial = [each["per_trial"] for each in found.values()]
    return {
        "per_trial": xr.concat(per_trial, xr.IndexVariable("predictor", list(found)), join="exact"),
        "chance": next(iter(found.values()))["chance"],
    }


def with_predictor(found: xr.Dataset, name: str, per_trial: xr.DataArray) -> xr.Dataset:
    """Add a predictor of held-out choices to the measures."""
    added = per_trial.expand_dims(predictor=[name])
    both = xr.concat([found["per_trial"], added], "predictor", join="exact")
    return found.drop_dims("predictor").assign(per_trial=both)


def per_trial_of_networks(likelihood: xr.Dataset) -> xr.DataArray:
    """Return the geometric mean of the probability of a choice, over choices and networks, of each subject."""
    return np.exp(likelihood["log_likelihood"].mean("network") / likelihood["n_trials"])
