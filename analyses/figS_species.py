"""Supplementary figure: which transition occurred counts in choices of networks, rats and people.

a-d, weights of the multi-lag regression of Miller et al. 2017, divided by the sum of all absolute weights, for eight
trained networks (20 episodes each), six rats (Miller, Botvinick & Brody 2022, doi:10.7554/eLife.64575) and people with
two instructions, a magic carpet and a spaceship (Feher da Silva & Hare 2020, doi:10.1038/s41562-020-0905-y). e,
planning and model-free index, as fractions. f, weight of the model-based system in the hybrid of Daw et al. 2011,
fitted by maximum likelihood to each subject. g, probability of a first choice that is held out (three-fold
cross-validation), geometric mean of each subject, by the fitted hybrid, model-based and model-free learner, and by the
trained networks. Networks that are shown an animal's own history predict its next choice better than chance. Their
weights are frozen, one inverse temperature per subject is fitted to the other parts, and the mean is over the eight
networks. They are not shown to themselves. The second-stage choices of people are left out, since rats and networks
have none; the values of people's second-stage states therefore stand for those of both options. The tasks differ:
probabilities of reward swap for networks and rats and drift for people; transitions are common with 0.8, 0.8 and 0.7.

Bars and lines are means, error bars s.e.m. over subjects, dots single subjects. Bandits are in figS_species_bandits.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from analyses import derived, folders, style
from analyses.claim import Claim, title
from analyses.species import measured
from analyses.species_panels import (
    PREDICTORS,
    TWO_STEP,
    draw_indices,
    draw_lags,
    draw_predictors,
    draw_weight_of_planning,
    gain,
)
from pfc_metarl.data.trial_table import trials
from pfc_metarl.runs.run import Run

RUN = "runs/two_step"
N_EPISODES = 20
"""Episodes of each network: 2,000 trials of the two-step task, as many as a rat has in a few sessions."""

BELOW = {name: label.replace(", ", "\n") for name, label in TWO_STEP.items()}


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure the networks of a run of two_step, and put animals and people beside them."""
    networks = measured(trials(run.recording("test").isel(episode=slice(N_EPISODES))))
    planning = {"networks": networks, **derived.load(folders.SPECIES)[0]}
    return {"species": style.stacked({who: planning[who].drop_attrs() for who in TWO_STEP}, "who")}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([dict.fromkeys("abcd", 1.0), {"e": 1.1, "f": 0.8, "g": 1.4}], height=115)
    species = tables["species"]
    draw_lags(species["coefficient"], TWO_STEP, axes=[axes[panel] for panel in "abcd"])
    draw_indices(species, BELOW, ax=axes["e"])
    draw_weight_of_planning(species["model_based_weight"], BELOW, ax=axes["f"])
    draw_predictors(species["per_trial"], 0.5, BELOW, PREDICTORS, ax=axes["g"])
    return made


def _planning(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    return tables["species"]["planning_index"].sel(who=who).values


CLAIMS = (
    *(
        Claim(
            title(__doc__),
            f"planning index, fraction of all weights, {label}",
            lambda tables, who=who: _planning(tables, who),
            "0: what transitions brought does not count",
        )
        for who, label in TWO_STEP.items()
    ),
    *(
        Claim(
            "Networks that are shown an animal's own history predict its next choice better than chance.",
            f"log-probability of a held-out first choice, networks − chance, {TWO_STEP[who]}",
            lambda tables, who=who: gain(tables["species"].sel(who=who), "network"),
            "0: chance",
        )
        for who in ("rats", "carpet", "spaceship")
    ),
)
