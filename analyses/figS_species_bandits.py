"""Supplementary figure: in bandits, networks and people come to choose the better option again after reversals.

a-d, weights of the lagged regression on rewarded choices and on choices, as fractions of all, for networks trained on
two arms that reverse (`volatility`, the volatile half first) and on baited targets (`foraging`), 20 episodes each, six
mice between two spouts (Allen Institute for Neural Dynamics, baited or not) and 406 people with three options (Zorowitz
et al. 2023, doi:10.1038/s41562-023-01640-7). e, choices of the better option around reversals; for mice, of that with
the higher base probability. Foraging has no reversals. f, learning rates for better and worse outcomes than expected,
of a Rescorla-Wagner learner with two rates. g, probability of a choice that is held out (three-fold cross-validation),
geometric mean of each subject, by learners with one rate, with two rates, and with two rates, forgetting and a habit
(`rw`, `rw2` and `habit` of `pfc_metarl.fit`), and for mice by the networks of two arms, which are shown the mouse's own
history. A learner with forgetting and a habit predicts networks and people better than one without. Six mice are too
few for a claim.

Bars and lines are means, error bars s.e.m. over subjects, dots single subjects. The two-step task is in figS_species.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from analyses import derived, folders, species_bandits, style
from analyses.claim import Claim, title
from analyses.species_panels import (
    BANDITS,
    PREDICTORS_OF_BANDITS,
    draw_history,
    draw_predictors,
    draw_rates,
    draw_reversals,
    gain,
)
from pfc_metarl.data.trial_table import trials
from pfc_metarl.runs.run import Run

RUN = ("runs/volatility", "runs/foraging")
FIRST = slice(20)
"""Episodes of each network."""

LABELS = {who: label for who, (label, _) in BANDITS.items()}
BELOW = {who: label.replace(", ", "\n") for who, label in LABELS.items()}

RECOVERED = slice(10, 14)
"""Trials after a reversal in which choices should have recovered."""


def tables(volatility: Run, foraging: Run) -> dict[str, xr.Dataset]:
    """Measure the networks of runs of volatility and foraging, and put mice and people beside them."""
    arms = trials(volatility.recording("volatile_first").isel(episode=FIRST))
    bandits = {
        "volatility": species_bandits.measured(
            species_bandits.with_good_option(arms, "p_reward_left", "p_reward_right")
        ),
        "foraging": species_bandits.measured(trials(foraging.recording("test").isel(episode=FIRST))),
        **derived.load(folders.SPECIES_BANDITS)[0],
    }
    return {"bandits": style.stacked({who: bandits[who].drop_attrs() for who in BANDITS}, "who")}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([dict.fromkeys("abcd", 1.0), {"e": 1.0, "f": 1.0, "g": 1.4}], height=115)
    bandits = tables["bandits"]
    draw_history(bandits["weight"], LABELS, axes=[axes[panel] for panel in "abcd"])
    draw_reversals(bandits["correct"], BANDITS, ax=axes["e"])
    draw_rates(bandits["rate"], BELOW, ax=axes["f"])
    draw_predictors(bandits["per_trial"], bandits["chance"], BELOW, PREDICTORS_OF_BANDITS, ax=axes["g"])
    return made


def _recovered(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    """Return how much more often than by chance the better option is chosen some trials after a reversal."""
    own = tables["bandits"].sel(who=who)
    return (own["correct"].sel(trial=RECOVERED).mean("trial") - own["chance"]).values


CLAIMS = (
    *(
        Claim(
            title(__doc__),
            f"better option chosen 10 to 14 trials after a reversal − chance, {LABELS[who]}",
            lambda tables, who=who: _recovered(tables, who),
            "0: chance",
        )
        for who in ("volatility", "people")
    ),
    *(
        Claim(
            "A learner with forgetting and a habit predicts networks and people better than one without.",
            f"log-probability of a held-out choice, forgetting and habit − two rates, {LABELS[who]}",
            lambda tables, who=who: gain(tables["bandits"].sel(who=who), "habit", "rw2"),
            "0: as well",
        )
        for who in ("volatility", "foraging", "people")
    ),
)
