"""x"""

from collections.abc import Mapping

import xarray as xr

from analyses import style, unit_tables
from pfc_metarl.measures import cross_temporal_decoding, learner_signatures, previous
from pfc_metarl.measures.history import side
from pfc_metarl.runs import Run
from pfc_metarl.trial_table import trial_view

RUN = "runs/foraging"

EPISODES = 100
EVERY = 5
"""Trials of which one is decoded."""

ANIMALS = ("observer", "local_matching")


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment foraging."""
    from pfc_metarl.agents import FORAGING_ANIMALS

    animals = {name: FORAGING_ANIMALS[name] for name in ANIMALS}
    made = unit_tables.yoked(run, "test", "observer", animals, EPISODES)
    beside = {**made, "percept": unit_tables.percept(made["trained"])}
    return {
        **unit_tables.encoding(made, signatures, list(ANIMALS)),
        "past": unit_tables.past_decoding(beside, EVERY),
        "targets": unit_tables.target_decoding(beside, targets, EVERY),
        "crossed": crossed(made),
        **unit_tables.geometry(made, factors),
    }


def signatures(recording: xr.Dataset, phase: str) -> dict[str, xr.DataArray]:
    """Return what a unit may tell: of the last trial, of the ideal observer's mind, and of the truth."""
    truth = {name: right_less_left(recording, variable, phase) for name, variable in TRUTH.items()}
    return {**learner_signatures(recording, "observer", phase), **truth}


TRUTH = {"true base probability": "p_base", "true bait probability": "p_reward"}


def right_less_left(recording: xr.Dataset, variable: str, phase: str = "fixation") -> xr.DataArray:
    """Return by how much a variable is larger for the right target than for the left one."""
    left, right = (trial_view(recording, variable, phase).isel(target=target, drop=True) for target in (0, 1))
    return right.astype(float) - left


def targets(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return numbers to decode."""
    held = learner_signatures(recording, "observer")["right − left value"]
    truth = {name: right_less_left(recording, variable) for name, variable in TRUTH.items()}
    return {"observer's\nvalues": held, **{name.replace("true ", "").replace(" ", "\n"): a for name, a in truth.items()}}


def richer(recording: xr.Dataset) -> xr.DataArray:
    """Return whether the right arm is baited more often."""
    return (right_less_left(recording, "p_base") > 0).astype(float)


def factors(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return what conditions are made of."""
    return {**unit_tables.last_factors(recording), "richer arm": richer(recording)}


def crossed(made: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """Decode at each phase, with read-outs made at each."""
    found = {}
    for who, recording in made.items():
        told = {
            "upcoming\nchoice": side(recording),
            "last\nchoice": previous(side(recording)),
            "last\nreward": previous(unit_tables.won(recording)),
            "richer\narm": richer(recording),
        }
        rows = []
        for target in told.values():
            thin = unit_tables.thinned(target, EVERY)
            result = cross_temporal_decoding(
                recording, thin, "classes", n_folds=unit_tables.N_FOLDS, n_shuffles=0
            )
            rows.append(result[["score"]].sel(metric="auc", drop=True))
        found[who] = xr.concat(rows, xr.IndexVariable("target", list(told)))
    return style.stacked(found, "who")
