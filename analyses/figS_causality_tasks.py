"""Supplementary figure: foraging networks hardly match without what they encode of the richer target beyond the choice.

Networks of three tasks with frozen weights. At each phase of the trial the mean activity of a network's 48 units
differs between trials in which a variable has one value and those in which it has the other. In new worlds, at every
step, activity along this direction was held at its mean (left), or all other activity was (right). Targets: the
direction; 20 random directions orthogonal to it, with the same variance of activity where there is as much; displaced,
activity moved along each of these random directions as far as the removal of the direction moves it; the direction of
the upcoming choice, found in the same way; beyond choice, the direction of the variable in trials of the same upcoming
choice, at right angles to that of the choice, and 20 random ones, of its variance where there is as much (in foraging
the direction holds about a third of the variance, they hold a tenth); all of these together with directions of the
units' cells, found in the same way (units of the foraging networks have no cells); the 16 units that encode the
variable best (top) and least (bottom), and 20 sets of 16 random units. Each variable is judged by the behaviour that it
should support: a, b, two-step task: which state is good; reward per trial. c, d, foraging: which target is baited
faster; slope of the fraction of choices on the fraction of the targets' value (1 matching, 0 indifference). e, f,
foraging: which target is more likely to pay now, according to an ideal observer yoked to the network's choices; reward
per trial. g, h, volatility: which arm is better, according to a learner yoked to the network's choices; reward per
trial. i, j, volatility: whether the environment is volatile; increase of the probability to shift after a loss in the
volatile environment.

Bars begin at chance level (random choices in the same worlds) and are means over networks, error bars s.e.m., dots
single networks (of random targets, their mean over draws). Lost: with the target removed, less than half of the intact
networks' effect above chance level remains, and less than with random ones removed and, for the direction, than with
displacements; sufficient: with only the target kept, more than half remains, and more than with random ones kept.
Counts are of single networks, in which a target is compared with each of its 20 random ones (permutation test,
one-sided p = 1/21 at best); p is over all networks, in which it is compared with their mean (paired t test, one-sided,
scipy; of several controls, the one with the largest p), corrected after Holm for all tests of the figure; bold, both
conditions hold over all networks.

Without what units encode of the richer target beyond the choice, choices hardly follow the value of the targets; with
random directions removed, which hold less variance here, more than half of the slope is left on average, and
displacements as far were not tested. So it is not shown that it is necessary. That the direction of the richer target
as a whole costs more than displacements of the same size is not shown after correction. No direction is called
necessary. Without those of the good state of the two-step task and of the better arm in the volatility task most of the
reward is lost, but also without the direction of the choice, and, on average, little without what they encode beyond
the choice. The loss without the direction of the currently better target in foraging is no evidence, since
displacements of the same size cost more. Volatility can be decoded from the units (figure 3), but the expected effect
is absent: networks without its direction still shift more after losses when the environment is volatile. What a linear
decoder reads does not set the learning rate, or other directions compensate.
"""

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import derived, style
from analyses.claim import LEVEL, Claim, holm, title
from pfc_metarl.measures import causal_role
from pfc_metarl.measures.causality import CONTROLS
from pfc_metarl.runs.run import Run

RUN = ("runs/two_step", "runs/foraging", "runs/volatility")
NEEDS_CAUSALITY = True
"""It shows what ``python -m pfc_metarl.causality`` measures in each run."""

TASKS = ("two-step", "foraging", "volatility")

CHOICE = "#CC79A7"

TARGETS = {
    "direction": ("direction", style.MODEL_BASED),
    "random directions": ("random directions", style.FAINT),
    "displaced": ("displaced as far", style.FAINT),
    "choice direction": ("choice direction", CHOICE),
    "direction beyond choice": ("direction beyond choice", "#56B4E9"),
    "random beyond choice": ("random (beyond choice)", style.FAINT),
    "direction, cells too": ("direction, cells too", style.MODEL_BASED),
    "random directions, cells too": ("random, cells too", style.FAINT),
    "displaced, cells too": ("displaced, cells too", style.FAINT),
    "choice direction, cells too": ("choice, cells too", CHOICE),
    "direction beyond choice, cells too": ("beyond choice, cells too", "#56B4E9"),
    "random beyond choice, cells too": ("random, cells too", style.FAINT),
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
SHOWN = {"removed": "lost", "kept": "sufficient"}
"""Role of a target -> as it is called here: random directions hold less variance, see the legend."""
KINDS = {"removed": "removed", "kept": "alone kept"}


def tables(*runs: Run) -> dict[str, xr.Dataset]:
    """Read the results of ``python -m pfc_metarl.causality`` in each run, and return the role of each cause."""
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
    effects, roles = tables["effects"], corrected(tables["roles"])
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    rows = [{next(letters): 1.0 for _ in ROLES} for _ in effects["cause"]]
    made, axes = style.figure(rows, height=48 * len(rows))
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


def corrected(roles: xr.Dataset) -> xr.Dataset:
    """Correct the p values over networks after Holm for all tests of the figure."""
    p = roles["p_of_networks"].copy(deep=True)
    known = np.isfinite(p.values)
    p.values[known] = holm(p.values[known])
    return roles.assign(p_of_networks=p)


def draw_cause(effects: xr.Dataset, roles: xr.Dataset, kind: str, ax: Axes) -> Axes:
    """Draw the remaining behaviour with each target removed, or only it kept, and the role that follows from it."""
    chance = effects["chance_effect"].mean()
    measured = effects["effect"].dropna("target", how="all")["target"].values
    drawn = [target for target in TARGETS if target in measured]
    for y, target in enumerate(drawn):
        color = TARGETS[target][1]
        values = effects["effect"].sel(target=target, kind=kind).mean("draw")
        if values.isnull().all():
            continue
        mean, sem, n = style.mean_sem(values)
        ax.barh(y, mean - chance, 0.7, left=chance, color=color)
        ax.errorbar(mean, y, xerr=sem, color="black", linewidth=0.6)
        ax.plot(values, y + style.jittered(n, 0.5), ".", color="black", markersize=2)
        if target in CONTROLS:
            text, bold = verdict(roles.sel(target=target), kind, roles.attrs["most"])
            weight = "bold" if bold else "normal"
            ax.text(1.01, y, text, transform=ax.get_yaxis_transform(), va="center", fontsize=6, weight=weight)
    above = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "bottom"}
    ax.annotate(f"{SHOWN[kind]} in", (1.01, 1.0), (0, 9), fontsize=6, **above)
    for name, side in (("intact", "left"), ("chance", "right")):
        level = float(effects[f"{name}_effect"].mean())
        ax.axvline(level, color=style.NETWORK, linestyle="--", linewidth=0.6)
        ax.text(level, 1.0, name, transform=ax.get_xaxis_transform(), va="bottom", ha=side, fontsize=6)
    ax.set_yticks(range(len(drawn)), [TARGETS[target][0] for target in drawn])
    ax.tick_params(axis="y", length=0)
    ax.locator_params(axis="x", nbins=6)
    name = str(effects["judged_by"].values)
    ax.set(xlabel=EFFECTS.get(name, name.replace("_", " ")), ylim=(len(drawn) - 0.4, -0.6))
    return ax


def verdict(roles: xr.Dataset, kind: str, most: float) -> tuple[str, bool]:
    """Return the number of networks in which a target has a role, the p value over all, and whether all have it."""
    own = [role for role in roles["role"].values if isinstance(role, str)]
    count = sum(ROLES[kind] in role for role in own)
    p_value = float(roles["p_of_networks"].sel(kind=kind))
    text = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.2g}"
    left = float(roles["kept"].sel(kind=kind).mean())
    enough = left < most if kind == "removed" else left > most
    return f"{count} of {len(own)}, {text}", enough and p_value < LEVEL


def _left(tables: Mapping[str, xr.Dataset], cause: str, target: str) -> xr.DataArray:
    """Return the effect that is left with a target removed, as fraction of the intact networks' above chance level."""
    effects = tables["effects"].sel(cause=cause)
    left = effects["effect"].sel(target=target, kind="removed").mean("draw") - effects["chance_effect"]
    return left / (effects["intact_effect"] - effects["chance_effect"])


def _against(cause: str, target: str, control: str) -> Callable[[Mapping[str, xr.Dataset]], xr.DataArray]:
    return lambda tables: _left(tables, cause, target) - _left(tables, cause, control)


RICHER, NOW = "foraging, richer target", "foraging, better target now"

TITLE = title(__doc__)
CLAIMS = (
    *(
        Claim(
            TITLE,
            f"{RICHER}: effect left with the {target} removed − with {control}, fraction of intact",
            _against(RICHER, target, control),
            f"0: as with {control}",
            (None, 0.0),
        )
        for target, control in (("direction beyond choice", "random beyond choice"),)
    ),
    Claim(
        TITLE,
        f"{RICHER}: effect left with the direction beyond choice removed, fraction of intact",
        lambda tables: _left(tables, RICHER, "direction beyond choice"),
        "0.5 or more: half of the effect remains",
        (None, 0.5),
    ),
    Claim(
        "The loss without the direction of the currently better target in foraging is no evidence, since displacements "
        "of the same size cost more.",
        f"{NOW}: effect left with activity displaced − with the direction removed, fraction of intact",
        _against(NOW, "displaced", "direction"),
        "0: as with the direction removed",
        (None, 0.0),
    ),
    Claim(
        "networks without its direction still shift more after losses when the environment is volatile.",
        "volatility, volatility: effect left with the direction removed, fraction of intact",
        lambda tables: _left(tables, "volatility, volatility", "direction"),
        "0.5 or less: half of the effect is lost",
        (0.5, None),
    ),
)
