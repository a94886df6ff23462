"""What units of foraging networks encode at fixation, given what an observer yoked to the choices expects."""

from collections.abc import Mapping

import xarray as xr

from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import learner_signatures, unit_encoding
from pfc_metarl.measures.units.regressors import some_trials

FACTORS = ("last action", "last reward", "action x reward", "right − left value")
N_TRIALS = 300
"""Trials in which units are counted, about as many as are recorded for a neuron."""


def signatures(recording: xr.Dataset, upcoming: bool = False) -> dict[str, xr.DataArray]:
    """Return four factors: of the last trial, and what an observer yoked to the choices expects, right − left."""
    found = learner_signatures(recording, "observer", "fixation")
    return {name: found[name] for name in (*FACTORS, *(["upcoming action"] if upcoming else []))}


def right_less_left(recording: xr.Dataset, variable: str, phase: str = "fixation") -> xr.DataArray:
    """Return a variable of the right target minus that of the left one."""
    left, right = (trial_view(recording, variable, phase).isel(target=target, drop=True) for target in (0, 1))
    return right.astype(float) - left


def richer(recording: xr.Dataset) -> xr.DataArray:
    """Return whether the right arm is baited more often."""
    return (right_less_left(recording, "p_base") > 0).astype(float)


def encoded(recording: xr.Dataset, regressors: Mapping[str, xr.DataArray]) -> xr.Dataset:
    """Return the partial correlation of each unit with each factor at fixation."""
    return unit_encoding(recording, regressors, "fixation")[["partial_correlation", "n_trials"]]


def units(made: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Return the partial correlations of all units with the four factors, trained and untrained."""
    return {kind: encoded(recording, signatures(recording)) for kind, recording in made.items()}


def null(recording: xr.Dataset) -> xr.Dataset:
    """Return partial correlations of activity with the factors of another episode."""
    return encoded(recording, {name: array.roll(episode=1) for name, array in signatures(recording).items()})


def counted(made: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Return the fraction of significant units in a few hundred trials, from as many episodes as there are."""
    found = {}
    for kind, recording in made.items():
        drawn = some_trials(signatures(recording), N_TRIALS)
        found[kind] = unit_encoding(recording, drawn)[["p_significant", "n_trials"]]
    return found
