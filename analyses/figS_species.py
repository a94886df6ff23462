"""Supplementary figure: transitions count for networks, rats and people; networks and people recover from reversals.

a-d, weights of the multi-lag regression of Miller et al. 2017, divided by the sum of all absolute weights, for eight
trained networks (20 episodes each), six rats (Miller, Botvinick & Brody 2022, doi:10.7554/eLife.64575) and people with
two instructions, a magic carpet and a spaceship (Feher da Silva & Hare 2020, doi:10.1038/s41562-020-0905-y). e,
planning and model-free index, as fractions. f, weight of the model-based system in the hybrid of Daw et al. 2011,
fitted by maximum likelihood to each subject. g, probability of a held-out first choice, geometric mean of each subject,
three parts, by the fitted hybrid, model-based and model-free learner, and by the trained networks. Networks that are
shown an animal's own history predict its next choice better than chance. Their weights are frozen, one inverse
temperature per subject is fitted to the other parts, and the mean is over the eight networks. They are not shown to
themselves. The second-stage choices of people are left out, since rats and networks have none; the values of people's
second-stage states therefore stand for those of both options. The tasks differ: probabilities of reward swap for
networks and rats and drift for people; transitions are common with 0.8, 0.8 and 0.7.

h-k, weights of the lagged regression on rewarded choices and on choices, as fractions of all, for networks trained on
two arms that reverse (`volatility`, the volatile half first) and on baited targets (`foraging`), 20 episodes each, six
mice between two spouts (Allen Institute for Neural Dynamics, baited or not) and 406 people with three options (Zorowitz
et al. 2023, doi:10.1038/s41562-023-01640-7). l, choices of the better option around reversals; for mice, of that with
the higher base probability. Foraging has no reversals. m, learning rates for better and worse outcomes than expected,
of a Rescorla-Wagner learner with two rates. n, as g, by learners with one rate, with two rates, and with two rates,
forgetting and a habit (`rw`, `rw2` and `habit` of `pfc_metarl.fit`), and for mice by the networks of two arms. A
learner with forgetting and a habit predicts networks and people better than one without. Six mice are too few for a
claim.

Bars and lines are means, error bars s.e.m. over subjects, dots single subjects.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from analyses import derived, folders, species_bandits, style
from analyses.claim import Claim, title
from analyses.species import measured
from analyses.species_panels import (
    BANDITS,
    PREDICTORS,
    PREDICTORS_OF_BANDITS,
    TWO_STEP,
    draw_history,
    draw_indices,
    draw_lags,
    draw_predictors,
    draw_rates,
    draw_reversals,
    draw_weight_of_planning,
)
from pfc_metarl.data.trial_table import trials
from pfc_metarl.runs.run import Run

RUN = ("runs/two_step", "runs/volatility", "runs/foraging")
N_EPISODES = 20
"""Episodes of each network: 2,000 trials of the two-step task, as many as a rat has in a few sessions."""

BELOW = {name: label.replace(", ", "\n") for name, label in TWO_STEP.items()}
BELOW_BANDITS = {name: label.replace(", ", "\n") for name, (label, _) in BANDITS.items()}

RECOVERED = slice(10, 14)
"""Trials after a reversal in which choices should have recovered."""


def tables(two_step: Run, volatility: Run, foraging: Run) -> dict[str, xr.Dataset]:
    """Measure the networks of runs of two_step, volatility and foraging, and put animals and people beside them."""
    first = slice(N_EPISODES)
    networks = measured(trials(two_step.recording("test").isel(episode=first)))
    planning = {"networks": networks, **derived.load(folders.SPECIES)[0]}
    arms = trials(volatility.recording("volatile_first").isel(episode=first))
    bandits = {
        "volatility": species_bandits.measured(
            species_bandits.with_good_option(arms, "p_reward_left", "p_reward_right")
        ),
        "foraging": species_bandits.measured(trials(foraging.recording("test").isel(episode=first))),
        **derived.load(folders.SPECIES_BANDITS)[0],
    }
    return {
        "species": style.stacked({who: planning[who].drop_attrs() for who in TWO_STEP}, "who"),
        "bandits": style.stacked({who: bandits[who].drop_attrs() for who in BANDITS}, "who"),
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [dict.fromkeys("abcd", 1.0), {"e": 1.1, "f": 0.8, "g": 1.4}]
    rows += [dict.fromkeys("hijk", 1.0), {"l": 1.0, "m": 1.0, "n": 1.4}]
    made, axes = style.figure(rows, height=225)
    species, bandits = tables["species"], tables["bandits"]
    draw_lags(species["coefficient"], TWO_STEP, axes=[axes[panel] for panel in "abcd"])
    draw_indices(species, BELOW, ax=axes["e"])
    draw_weight_of_planning(species["model_based_weight"], BELOW, ax=axes["f"])
    draw_predictors(species["per_trial"], 0.5, BELOW, PREDICTORS, ax=axes["g"])
    labels = {who: label for who, (label, _) in BANDITS.items()}
    draw_history(bandits["weight"], labels, axes=[axes[panel] for panel in "hijk"])
    draw_reversals(bandits["correct"], BANDITS, ax=axes["l"])
    draw_rates(bandits["rate"], BELOW_BANDITS, ax=axes["m"])
    draw_predictors(bandits["per_trial"], bandits["chance"], BELOW_BANDITS, PREDICTORS_OF_BANDITS, ax=axes["n"])
    return made


def _planning(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    return tables["species"]["planning_index"].sel(who=who).values


def _gain(tables: Mapping[str, xr.Dataset], who: str, predictor: str, other: str | None = None) -> np.ndarray:
    """Return the log-probability of a held-out choice by a predictor, less that of another, or of chance."""
    table = tables["species" if who in TWO_STEP else "bandits"]
    log_p = np.log(table["per_trial"].sel(who=who))
    base = np.log(0.5) if other is None else log_p.sel(predictor=other)
    return (log_p.sel(predictor=predictor) - base).values


def _recovered(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    """Return how much more often than by chance the better option is chosen some trials after a reversal."""
    own = tables["bandits"].sel(who=who)
    return (own["correct"].sel(trial=RECOVERED).mean("trial") - own["chance"]).values


TITLE = title(__doc__)
CLAIMS = (
    *(
        Claim(
            TITLE,
            f"planning index, fraction of all weights, {label}",
            lambda tables, who=who: _planning(tables, who),
            "0: no planning",
        )
        for who, label in TWO_STEP.items()
    ),
    *(
        Claim(
            TITLE,
            f"better option chosen 10 to 14 trials after a reversal − chance, {BANDITS[who][0]}",
            lambda tables, who=who: _recovered(tables, who),
            "0: chance",
        )
        for who in ("volatility", "people")
    ),
    *(
        Claim(
            "Networks that are shown an animal's own history predict its next choice better than chance.",
            f"log-probability of a held-out first choice, networks − chance, {TWO_STEP[who]}",
            lambda tables, who=who: _gain(tables, who, "network"),
            "0: chance",
        )
        for who in ("rats", "carpet", "spaceship")
    ),
    *(
        Claim(
            "A learner with forgetting and a habit predicts networks and people better than one without.",
            f"log-probability of a held-out choice, forgetting and habit − two rates, {BANDITS[who][0]}",
            lambda tables, who=who: _gain(tables, who, "habit", "rw2"),
            "0: as well",
        )
        for who in ("volatility", "foraging", "people")
    ),
)
