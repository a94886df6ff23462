"""Measures of units in two-armed tasks, the same for every task: encoding and decoding.

Each figure defines signatures and targets of its task; `analyses.unit_panels` draws the results.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from analyses import style
from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import (
    population_decoding,
    previous,
    unit_encoding,
)
from pfc_metarl.measures.units.regressors import of_other_episodes, side

LAGS = tuple(range(1, 11))
N_FOLDS, N_SHUFFLES = 3, 1
"""Few, to save time; there are many episodes, and tests are over networks."""

Of = Callable[[xr.Dataset], dict[str, xr.DataArray]]
"""Variables of each trial of a recording, by name."""


def strength(result: xr.Dataset) -> xr.Dataset:
    """Return the median over units of absolute partial correlation, and the fraction of significant units."""
    median = abs(result["partial_correlation"]).median("unit")
    return xr.Dataset({"partial_correlation": median, "fraction": result["p_significant"]})


def encoding(
    made: Mapping[str, xr.Dataset],
    signatures: Callable[[xr.Dataset, str], dict[str, xr.DataArray]],
    reference_agents: list[str],
) -> dict[str, xr.Dataset]:
    """Regress units on all signatures together, at each phase; also the values of reference agents in place of units.

    Of trained networks it is done with the signatures of other episodes too.
    The mean over episodes at each trial is subtracted from the signatures: episodes begin alike, so that signatures of
    another episode would otherwise explain activity too. This equals one more regressor for each trial of an episode.
    """
    trained = made["trained"]
    phases = phase_names(trained)

    def encoded(recording: xr.Dataset, variable: str = "hidden", shuffle: bool = False) -> xr.Dataset:
        found = []
        for phase in phases:
            regressors = {name: array - array.mean("episode") for name, array in signatures(recording, phase).items()}
            regressors = of_other_episodes(regressors, seed=0) if shuffle else regressors
            found.append(unit_encoding(recording, regressors, phase, variable, clusters="episode"))
        return xr.concat(found, xr.IndexVariable("phase", phases), combine_attrs="drop", join="exact")

    results = {
        **{who: encoded(recording) for who, recording in made.items()},
        "shuffled": encoded(trained, shuffle=True),
        **{name: encoded(trained, f"action_value_{name}") for name in reference_agents},
    }
    unique = {who: result["unique_r_squared"].mean("unit") for who, result in results.items()}
    found = {who: strength(result).assign(unique=unique[who]) for who, result in results.items()}
    network = results["trained"][["partial_correlation"]].isel(subject=0, drop=True)
    return {"encoding": style.stacked(found, "who"), "units": network.drop_vars("unit")}


def thinned(of_trial: xr.DataArray, every: int) -> xr.DataArray:
    """Keep one trial in so many, after the longest lag, since neighbouring trials are correlated."""
    trial = xr.DataArray(np.arange(of_trial.sizes["trial"]), dims="trial")
    return of_trial.where((trial >= max(LAGS)) & (trial % every == every - 1))


def won(recording: xr.Dataset, choice: str = "choice") -> xr.DataArray:
    """Return whether a trial paid, 1 or 0; NaN where nothing was chosen."""
    paid = (trial_view(recording, "reward", choice) > 0).astype(float)
    return paid.where(side(recording, choice).notnull())


def past_decoding(made: Mapping[str, xr.Dataset], every: int) -> xr.Dataset:
    """Decode choice and reward of past trials from the units at the beginning of a trial; dims (past, lag).

    Areas under the curve, since rewards are rarer for some subjects than for others, and their accuracy is bounded.
    """
    found = {}
    for who, recording in made.items():
        of_past = {"choice": side(recording), "reward": won(recording)}
        rows = [
            xr.concat([decoded(recording, thinned(previous(array, lag), every)) for lag in LAGS], _axis("lag", LAGS))
            for array in of_past.values()
        ]
        found[who] = xr.concat(rows, _axis("past", of_past))
    return style.stacked(found, "who")


def target_decoding(made: Mapping[str, xr.Dataset], targets: Of, every: int) -> xr.Dataset:
    """Decode numbers from the units at the beginning of a trial; r², dims (who, subject, target)."""
    found = {}
    for who, recording in made.items():
        labels = targets(recording)
        rows = [decoded(recording, thinned(array, every), "numbers") for array in labels.values()]
        found[who] = xr.concat(rows, _axis("target", labels))
    return style.stacked(found, "who")


def decoded(recording: xr.Dataset, target: xr.DataArray, kind: Any = "classes") -> xr.Dataset:
    """Return the area under the curve, or r² of numbers, and that of shuffles."""
    found = population_decoding(recording, target, kind, n_folds=N_FOLDS, n_shuffles=N_SHUFFLES)
    return found[["score", "chance"]].sel(metric="auc" if kind == "classes" else "r_squared", drop=True)


def _axis(name: str, values: Any) -> xr.IndexVariable:
    return xr.IndexVariable(name, list(values))
