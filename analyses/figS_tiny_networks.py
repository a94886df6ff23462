"""Supplementary figure: a network of one unit predicts choices of trained networks and of people better than chance.

a-f, phase portraits of gated recurrent networks of one unit that were fitted to choices (Ji-An, Benna & Mattar 2025,
doi:10.1038/s41586-025-09142-4): change of the log odds of the chosen option from before to after a trial, against those
before it, by what followed. A learner with one rate and mirrored values has two straight lines, one for each outcome.
a-c, two-step task: eight trained networks (10 episodes each), six rats (all sessions, 15 or fewer) and 24 people
(magic carpet). d-f, bandits that reverse: eight networks trained on two arms (10 episodes each, the volatile half
first), six mice and 406 people with three options. Trials of the held-out third of the choices, by the network that
has not seen them; bins with five trials of a subject or more, and three subjects or more. g, probability of a held-out
choice, geometric mean of each subject, by networks of one to four units, and by a fitted model: the hybrid on the two-
step task, a learner with two rates, forgetting and a habit on bandits. Subjects have networks of their own; people have
one for each group, and a person is described by a network that has seen others only. Last, networks whose size is
chosen for each part without it. Dotted, chance. Six rats and six mice are too few for a claim. A network of two units
for all people with three options predicts a new person better than a model that is fitted to the person's other trials.

One of the two other thirds decides when the training of a network stops; it is then trained on both. Sources of trials
as in figS_species. Lines and bars are means, error bars s.e.m. over subjects, dots single subjects.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import derived, folders, style, tiny_networks
from analyses.claim import Claim, title
from analyses.species_panels import draw_bars
from pfc_metarl.data.trial_table import trials
from pfc_metarl.runs.run import Run

RUN = ("runs/two_step", "runs/volatility")
N_EPISODES = 10
GROUPS = {
    "networks": "networks, two-step",
    "rats": "rats, two-step",
    "carpet": "people, two-step",
    "volatility": "networks, arms",
    "mice": "mice, arms",
    "people": "people, options",
}
PREDICTORS = {
    "model": ("fitted model", style.OPTIMUM),
    "1": ("one unit", style.NETWORK),
    "2": ("two units", "#6d6d6d"),
    "3": ("three units", style.FAINT),
    "4": ("four units", "#c4c4c4"),
    "nested": ("size chosen", "#CC79A7"),
}
WIDTH, GAP = 0.135, 0.01
"""Of bars in panel g, and between them; distances of groups are 1."""

LINES = {"common": "-", "rare": "--"}
FEWEST_SUBJECTS = 3
"""Subjects of a bin, at least, or it is not drawn."""


def tables(two_step: Run, volatility: Run) -> dict[str, xr.Dataset]:
    """Fit tiny networks to the networks of runs of two_step and volatility, and put animals and people beside them."""
    first = slice(N_EPISODES)
    own = {
        "networks": tiny_networks.measured(trials(two_step.recording("test").isel(episode=first)), "two_step"),
        "volatility": tiny_networks.measured(
            trials(volatility.recording("volatile_first").isel(episode=first)), "bandits"
        ),
    }
    groups = {**own, **derived.load(folders.TINY_NETWORKS)[0]}
    portrait = ["logit", "change"]
    likelihood = {who: groups[who].drop_attrs().drop_dims(["trial_type", "bin"]) for who in GROUPS}
    return {
        "likelihood": style.stacked(likelihood, "who"),
        **{f"portrait_{who}": groups[who][portrait].drop_attrs() for who in GROUPS},
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [dict.fromkeys("abc", 1.0), dict.fromkeys("def", 1.0), {"g": 1.0}]
    made, axes = style.figure(rows, height=165)
    for panel, (who, label) in zip("abcdef", GROUPS.items(), strict=True):
        draw_portrait(tables[f"portrait_{who}"], ax=axes[panel])
        axes[panel].set_title(label, loc="right")
    axes["a"].set_ylim(top=9)  # room for the key
    axes["a"].legend(loc="upper right", handlelength=1.2, labelspacing=0.2)
    axes["d"].legend(loc="upper right")
    draw_likelihood(tables["likelihood"], ax=axes["g"])
    return made


def draw_portrait(portrait: xr.Dataset, ax: Axes) -> Axes:
    """Draw the change of log odds against log odds, a line for each kind of trial."""
    for name in portrait["trial_type"].values.tolist():
        own = portrait.sel(trial_type=name)
        own = own.where(own["change"].notnull().sum("subject") >= FEWEST_SUBJECTS)
        change, error, _ = style.mean_sem(own["change"])
        color = style.UNREWARDED if name.endswith("unrewarded") else style.REWARDED
        line = LINES.get(name.split()[0], "-")
        ax.errorbar(own["logit"].mean("subject"), change, error, color=color, linestyle=line, label=name)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.axvline(0, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="log odds of the chosen option", ylabel="change of the log odds")
    return ax


def draw_likelihood(found: xr.Dataset, ax: Axes) -> Axes:
    """Draw the probability of a held-out choice by networks of each size and by the fitted model."""
    below = {who: label.replace(", ", "\n") for who, label in GROUPS.items()}
    step = WIDTH + GAP
    for place, (name, (label, color)) in enumerate(PREDICTORS.items()):
        values = found["per_trial"].sel(units=int(name)) if name.isdigit() else found[f"{name}_per_trial"]
        draw_bars(values, below, ax, color, (place - 2.5) * step, WIDTH, label)
    for group, who in enumerate(GROUPS):
        level = float(found["chance"].sel(who=who).mean())
        ax.plot([group - 0.45, group + 0.45], [level, level], color="black", linestyle=":", linewidth=0.8)
    ax.set(ylabel="probability of a held-out choice", ylim=(0.25, 1.0))
    ax.legend(loc="upper left", bbox_to_anchor=(0.2, 1.0), ncols=2)
    return ax


def _gain(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    """Return the log-probability of a held-out choice by networks of one unit, less that of chance."""
    found = tables["likelihood"].sel(who=who)
    return np.log(found["per_trial"].sel(units=1) / found["chance"]).values


def _gain_over_model(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    """Return the log-probability of a held-out choice by networks of two units, less that of the fitted model."""
    found = tables["likelihood"].sel(who=who)
    return np.log(found["per_trial"].sel(units=2) / found["model_per_trial"]).values


CLAIMS = (
    *(
        Claim(
            title(__doc__),
            f"log-probability of a held-out choice, one unit − chance, {label}",
            lambda tables, who=who: _gain(tables, who),
            "0: chance",
        )
        for who, label in GROUPS.items()
        if who not in ("rats", "mice")
    ),
    Claim(
        "A network of two units for all people with three options predicts a new person better than a model that is "
        "fitted to the person's other trials.",
        "log-probability of a held-out choice, two units − fitted model, people with three options",
        lambda tables: _gain_over_model(tables, "people"),
        "0: as well",
    ),
)
