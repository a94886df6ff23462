"""Supplementary figure: networks, rats and people repeat two-step choices as planners do, to different degrees.

Networks that are shown an animal's own history predict its next choice better than chance. a-d, weights of the
multi-lag regression of Miller et al. 2017, divided by the sum of all absolute weights, for eight trained networks (20
episodes each), six rats (Miller, Botvinick & Brody 2022, doi:10.7554/eLife.64575) and people with two instructions, a
magic carpet and a spaceship (Feher da Silva & Hare 2020, doi:10.1038/s41562-020-0905-y). e, planning and model-free
index, as fractions. f, weight of the model-based system in the hybrid of Daw et al. 2011, fitted by maximum likelihood
to each subject. g, probability of a held-out first choice, geometric mean of each subject, three parts, by the fitted
hybrid, model-based and model-free learner, and by the trained networks. The networks are shown each animal's own
history with frozen weights, and one inverse temperature per subject is fitted to the other parts; the mean is over the
eight networks. They are not shown to themselves. The second-stage choices of people are left out in all panels, since
rats and networks have none; the values of people's second-stage states therefore stand for those of both options. The
tasks differ: probabilities of reward swap for networks and rats and drift for people; transitions are common with 0.8,
0.8 and 0.7. Bars and lines are means, error bars s.e.m. over subjects, dots single subjects.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import derived, folders, style
from analyses.claim import Claim, title
from analyses.species import measured
from analyses.two_step_panels import draw_weights
from pfc_metarl.data.trial_table import trials
from pfc_metarl.runs.run import Run

RUN = "runs/two_step"
N_EPISODES = 20
"""Episodes of each network: 2,000 trials, as many as a rat has in a few sessions."""

GROUPS = {
    "networks": "networks",
    "rats": "rats",
    "carpet": "people, carpet",
    "spaceship": "people, ship",
}
SHORT = {"networks": "networks", "rats": "rats", "carpet": "people\ncarpet", "spaceship": "people\nship"}
PREDICTORS = {
    "hybrid": ("hybrid", style.OPTIMUM),
    "mb": ("model-based", style.MODEL_BASED),
    "mf": ("model-free", style.MODEL_FREE),
    "network": ("networks that are shown the history", style.NETWORK),
}
INDICES = {"planning": style.MODEL_BASED, "model_free": style.MODEL_FREE}


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure the networks of a run of the experiment two_step, and put rats and people beside them."""
    animals = derived.load(folders.SPECIES)[0]
    networks = measured(trials(run.recording("test").isel(episode=slice(N_EPISODES))))
    groups = {"networks": networks, **animals}
    return {"species": style.stacked({who: groups[who].drop_attrs() for who in GROUPS}, "who")}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([dict.fromkeys("abcd", 1), {"e": 1.1, "f": 0.8, "g": 1.4}], height=115)
    species = tables["species"]
    draw_lags(species, axes=[axes[panel] for panel in "abcd"])
    draw_indices(species, ax=axes["e"])
    draw_weight_of_planning(species["model_based_weight"], ax=axes["f"])
    draw_held_out(species["per_trial"], ax=axes["g"])
    return made


def draw_lags(species: xr.Dataset, axes: list[Axes]) -> None:
    """Draw the multi-lag weights of each group, one panel for each, on one scale."""
    for ax, (who, label) in zip(axes, GROUPS.items(), strict=True):
        weights = species["coefficient"].sel(who=who).dropna("subject", how="all")
        draw_weights(weights, ax=ax)
        ax.set_title(f"{label}, n = {weights.sizes['subject']}", loc="right")
        ax.set(ylim=(-0.25, 0.45))
    axes[0].set_ylabel("weight on repeating the\nchoice, fraction of all")
    axes[0].legend(loc="upper right", handlelength=1.5)


def draw_indices(species: xr.Dataset, ax: Axes) -> Axes:
    """Draw planning and model-free index of each group, as fractions."""
    for place, (name, color) in enumerate(INDICES.items()):
        _bars(species[f"{name}_index"], ax, color, (place - 0.5) * 0.4, 0.36, name.replace("_", "-"))
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set(ylabel="index, fraction of all weights", ylim=(-0.45, 1.35), yticks=[0, 0.5, 1])
    ax.legend(loc="upper right", ncols=2)
    return ax


def draw_weight_of_planning(weight: xr.DataArray, ax: Axes) -> Axes:
    """Draw the fitted weight of the model-based system of each group."""
    _bars(weight, ax, style.FAINT, 0, 0.6, None)
    ax.set(ylabel="model-based weight of the hybrid", ylim=(0, 1.05))
    return ax


def draw_held_out(per_trial: xr.DataArray, ax: Axes) -> Axes:
    """Draw the probability of a held-out choice by each predictor, for each group."""
    for place, (name, (label, color)) in enumerate(PREDICTORS.items()):
        _bars(per_trial.sel(predictor=name), ax, color, (place - 1.5) * 0.2, 0.18, label)
    ax.axhline(0.5, color=style.FAINT, linestyle="--")
    ax.text(0, 0.495, "chance", ha="left", va="top", fontsize=6, color=style.FAINT, transform=ax.get_yaxis_transform())
    ax.set(ylabel="probability of a held-out choice", ylim=(0.4, 1))
    ax.legend(loc="upper right")
    return ax


def _bars(values: xr.DataArray, ax: Axes, color: str, offset: float, width: float, label: str | None) -> None:
    """Draw the mean of each group with its subjects; a group without values has no bar."""
    for group, who in enumerate(GROUPS):
        own, x = values.sel(who=who).dropna("subject"), group + offset
        if not own.sizes["subject"]:
            continue
        mean, sem, n = style.mean_sem(own)
        ax.bar(x, mean, width, color=color, alpha=0.7, label=label if group == 1 else None)
        ax.errorbar(x, mean, sem, color="black", linewidth=0.6)
        ax.plot(x + style.jittered(n, 0.6 * width), own, ".", color="black", markersize=1.5)
    ax.set_xticks(range(len(GROUPS)), list(SHORT.values()))


def _planning(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    return tables["species"]["planning_index"].sel(who=who).values


def _gain(tables: Mapping[str, xr.Dataset], who: str, predictor: str, other: str | None = None) -> np.ndarray:
    """Return the log-probability of a held-out choice by a predictor, less that of another, or of chance."""
    log_p = np.log(tables["species"]["per_trial"].sel(who=who))
    base = np.log(0.5) if other is None else log_p.sel(predictor=other)
    return (log_p.sel(predictor=predictor) - base).values


TITLE = title(__doc__)
CLAIMS = (
    *(
        Claim(
            TITLE,
            f"planning index, fraction of all weights, {label}",
            lambda tables, who=who: _planning(tables, who),
            "0: no planning",
        )
        for who, label in GROUPS.items()
    ),
    *(
        Claim(
            "Networks that are shown an animal's own history predict its next choice better than chance.",
            f"log-probability of a held-out first choice, networks − chance, {GROUPS[who]}",
            lambda tables, who=who: _gain(tables, who, "network"),
            "0: chance",
        )
        for who in ("rats", "carpet", "spaceship")
    ),
)
