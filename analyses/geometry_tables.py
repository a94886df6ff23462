"""Measures of the geometry of conditions in activity, the same for every task."""

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr

from analyses import style
from analyses.unit_tables import won
from pfc_metarl.data.dataset import phase_names
from pfc_metarl.measures import (
    condition_means,
    demixed_variance,
    dichotomies,
    participation_ratio,
    previous,
    representational_similarity,
)
from pfc_metarl.measures.units.regressors import side

Of = Callable[[xr.Dataset], dict[str, xr.DataArray]]
"""Factors of the conditions of each trial of a recording, by name."""

N_TRIALS, N_NULL = 60, 50
"""Trials of a condition, and draws of the null distributions."""

N_SHUFFLES = 20
"""Of conditions, for the null of similarity."""

MEASURED = ["linear_cka", "procrustes_disparity"]


def geometry(made: Mapping[str, xr.Dataset], factors: Of) -> dict[str, xr.Dataset]:
    """Measure the geometry of conditions in activity, its dimensionality, and the similarity of networks.

    Parameters
    ----------
    made : mapping of Dataset
        Recordings of trained and of untrained networks.
    factors : callable
        Factors of the conditions.
    """
    conditions = {who: factors(recording) for who, recording in made.items()}
    means = {who: condition_means(recording, conditions[who])["activity"] for who, recording in made.items()}
    stages = phase_names(made["trained"])
    ratios = {
        who: xr.concat([participation_ratio(each, stage) for stage in stages], xr.IndexVariable("stage", stages))
        for who, each in made.items()
    }
    split = {who: generalisation(made[who], conditions[who]) for who in made}
    return {
        "demixed": demixed_variance(made["trained"], conditions["trained"])[["fraction", "signal_fraction"]],
        "dichotomies": split["trained"],
        "dichotomies_untrained": split["untrained"],
        "dimensions": style.stacked({who: r[["participation_ratio"]] for who, r in ratios.items()}, "who"),
        "similarity": similarity(means),
    }


def last_factors(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return the choice and the reward of the last trial."""
    return {"choice": previous(side(recording)), "reward": previous(won(recording))}


def generalisation(recording: xr.Dataset, conditions: Mapping[str, xr.DataArray]) -> xr.Dataset:
    """Return decoding, generalisation and parallelism of all dichotomies; generalisation over neighbours too."""
    found = dichotomies(recording, conditions, n_trials=N_TRIALS, n_null=N_NULL)
    neighbours = dichotomies(recording, conditions, n_trials=N_TRIALS, n_null=0, held_out="neighbours")
    return found.drop_vars(["valid", "reason"]).assign(generalisation_neighbours=neighbours["generalisation"])


def similarity(means: Mapping[str, xr.DataArray]) -> xr.Dataset:
    """Compare trained networks with one another, untrained ones, and trained with untrained ones.

    The null of trained networks compares one with another whose conditions are exchanged.
    """
    pairs = {"trained": ("trained",) * 2, "untrained": ("untrained",) * 2, "trained to\nuntrained": tuple(means)}
    found = {who: representational_similarity(means[one], means[other]) for who, (one, other) in pairs.items()}
    found["conditions\nshuffled"] = shuffled(means["trained"])
    return style.stacked({who: each[MEASURED] for who, each in found.items()}, "who")


def shuffled(means: xr.DataArray) -> xr.Dataset:
    """Return the similarity of networks after the conditions of one of them are exchanged, mean over exchanges."""
    random = np.random.default_rng(0)
    flat = means.values.reshape(len(means), -1, means.sizes["unit"])
    draws = []
    for _ in range(N_SHUFFLES):
        exchanged = flat[:, random.permutation(flat.shape[1])].reshape(means.shape)
        draws.append(representational_similarity(means, means.copy(data=exchanged))[MEASURED])
    return xr.concat(draws, "draw").mean("draw")
