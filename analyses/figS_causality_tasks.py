"""Supplementary figure: choices hang on the direction of what is to be chosen; volatility is told, but not used there.

Networks of three tasks with their weights as they were. At each phase of the trial the mean activity of a network's 48
units differs between trials in which a variable has one value and those in which it has the other. In new worlds, at
every step, activity along this direction was held at its mean (left), or all else was (right). Beside the direction: 20
random directions at right angles to it along which activity varies as much; both together with directions of the units'
cells, found in the same way (units of the foraging networks have no cells); the 16 units that tell the variable best
(top) and least (bottom), and 20 times 16 random units. Each variable is judged by the behaviour that it should serve:
a, b, two-step task: which state is good; reward per trial. c, d, foraging: which target is baited faster; slope of the
share of choices on the share of what targets are worth (1 matching, 0 indifference). e, f, foraging: which target is
likelier to pay now, by an ideal observer shown the network's choices; reward per trial. g, h, volatility: which arm is
better, by a learner shown the network's choices; reward per trial. i, j, volatility: whether the world is volatile; by
how much likelier networks are to shift after a loss where it is.

Bars begin at chance (random choices in the same worlds) and are means over networks, error bars s.e.m., dots single
networks (of random targets, their mean over draws). Necessary: removed, less than half of what intact networks have
above chance is left, and less than with random ones removed; sufficient: alone kept, more than half is left, and more
than with random ones kept. Numbers are of single networks, in which a target is held against each of its 20 random
ones (permutation test, one-sided p = 1/21 at best); p is that of all networks, in which it is held against their mean
(paired t test, one-sided, scipy); bold, where both conditions hold for all networks together.

The good state and the better arm are necessary. To keep them alone suffices as long as the cells are free, which
remember what the units no longer show, but not where these are held too. In foraging, where what is best now depends on
what was done last as well, both directions are necessary over networks; that of what is best now is sufficient
over networks, that of the richer target is not, though the units that tell it best are. Without the direction of the
richer target networks take the targets in turn. In single networks that is seldom worse than random: directions along
which activity varies as much are few, and some do as much harm. For volatility, which is decoded from the units (figure
3), the expected effect is absent: networks without its direction still shift more after losses where the world is
volatile. What a straight line can read is not what sets the rate of learning, or others stand in for it.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import derived, style
from pfc_metarl.measures import causal_role
from pfc_metarl.measures.causality import CONTROLS
from pfc_metarl.runs.run import Run

RUN = ("runs/two_step", "runs/foraging", "runs/volatility")

TASKS = ("two-step", "foraging", "volatility")

TARGETS = {
    "direction": ("direction", style.MODEL_BASED),
    "random directions": ("random directions", style.FAINT),
    "direction, cells too": ("direction, cells too", "#56B4E9"),
    "random directions, cells too": ("random, cells too", style.FAINT),
    "top units": ("top units", style.OPTIMUM),
    "bottom units": ("bottom units", style.MODEL_FREE),
    "random units": ("random units", style.FAINT),
}

EFFECTS = {
    "reward_per_trial": "reward per trial",
    "allocation_slope": "slope of choices on worth",
    "shift_rise": "shifts after losses, volatile − stable",
}

ROLES = {"removed": "necessary", "kept": "sufficient"}
KINDS = {"removed": "removed", "kept": "alone kept"}


def tables(*runs: Run) -> dict[str, xr.Dataset]:
    """Read what ``python -m pfc_metarl.causality`` measured in each run, and judge each cause by its behaviour."""
    effects, roles, titles = [], [], []
    for task, run in zip(TASKS, runs, strict=True):
        measured = run.table("causality").load()
        for cause in measured["cause"].values:
            effects.append(judged(measured.sel(cause=cause, drop=True)))
            roles.append(derived.storable(causal_role(effects[-1], "effect")))
            titles.append(f"{task}, {cause}")
    index = xr.IndexVariable("cause", titles)
    return {name: xr.concat(made, index, join="outer") for name, made in (("effects", effects), ("roles", roles))}


def judged(measured: xr.Dataset) -> xr.Dataset:
    """Return the behaviour by which a cause is judged, as ``effect``, ``intact_effect`` and ``chance_effect``."""
    name = str(measured["judged_by"].values)
    kinds = ("", "intact_", "chance_")
    made = xr.Dataset({f"{kind}effect": measured[f"{kind}{name}"] for kind in kinds})
    return made.assign(judged_by=xr.DataArray(name).astype(object))


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    effects, roles = tables["effects"], tables["roles"]
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    rows = [{next(letters): 1.0 for _ in ROLES} for _ in effects["cause"]]
    made, axes = style.figure(rows, height=40 * len(rows))
    for row, cause in zip(rows, effects["cause"].values, strict=True):
        for panel, kind in zip(row, ROLES, strict=True):
            draw_cause(effects.sel(cause=cause), roles.sel(cause=cause), kind, ax=axes[panel])
            axes[panel].set_title(f"{cause}: {KINDS[kind]}", pad=9)
        first, second = (axes[panel] for panel in row)
        ends = np.array([first.get_xlim(), second.get_xlim()])
        for ax in (first, second):
            ax.set_xlim(ends[:, 0].min(), ends[:, 1].max())
        second.set_yticklabels([])
    made.text(0.01, 0.995, f"n = {effects.sizes['subject']} networks", va="top", fontsize=6)
    return made


def draw_cause(effects: xr.Dataset, roles: xr.Dataset, kind: str, ax: Axes) -> Axes:
    """Draw what is left of behaviour with each target removed, or alone kept, and what that makes of it."""
    chance = effects["chance_effect"].mean()
    measured = effects["effect"].dropna("target", how="all")["target"].values
    drawn = [target for target in TARGETS if target in measured]
    for y, target in enumerate(drawn):
        color = TARGETS[target][1]
        values = effects["effect"].sel(target=target, kind=kind).mean("draw")
        mean, sem, n = style.mean_sem(values)
        ax.barh(y, mean - chance, 0.7, left=chance, color=color)
        ax.errorbar(mean, y, xerr=sem, color="black", linewidth=0.6)
        ax.plot(values, y + style.jittered(n, 0.5), ".", color="black", markersize=2)
        if target in CONTROLS:
            told, bold = verdict(roles.sel(target=target), kind)
            weight = "bold" if bold else "normal"
            ax.text(1.01, y, told, transform=ax.get_yaxis_transform(), va="center", fontsize=6, weight=weight)
    ax.text(1.01, -1, f"{ROLES[kind]} in", transform=ax.get_yaxis_transform(), va="center", fontsize=6)
    for name, side in (("intact", "right"), ("chance", "center")):
        level = float(effects[f"{name}_effect"].mean())
        ax.axvline(level, color=style.NETWORK, linestyle="--", linewidth=0.6)
        ax.text(level, 1.0, name, transform=ax.get_xaxis_transform(), va="bottom", ha=side, fontsize=5)
    ax.set_yticks(range(len(drawn)), [TARGETS[target][0] for target in drawn])
    ax.tick_params(axis="y", length=0)
    ax.locator_params(axis="x", nbins=6)
    name = str(effects["judged_by"].values)
    ax.set(xlabel=EFFECTS.get(name, name.replace("_", " ")), ylim=(len(drawn) - 0.4, -0.6))
    return ax


def verdict(roles: xr.Dataset, kind: str) -> tuple[str, bool]:
    """Return in how many networks a target has the role that is tested so, the p value over all, and if all have it."""
    own = [role for role in roles["role"].values if isinstance(role, str)]
    count = sum(ROLES[kind] in role for role in own)
    p_value = float(roles["p_of_networks"].sel(kind=kind))
    told = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.2g}"
    return f"{count} of {len(own)}, {told}", ROLES[kind] in str(roles["role_of_networks"].values)
