"""Supplementary figure: two-step networks lose their reward without the direction of the good state, or of the choice.

At each phase of the trial, the mean activity of a network's 48 units differs between trials in which one state is good
and those in which the other is: this difference defines the belief direction. In new worlds, with frozen weights,
activity was then edited at every step, before it reaches the heads and the next step: a target was removed (held at its
mean), or only the target was kept (everything else held at its mean). Targets: the belief direction; 20 random
directions orthogonal to it; displaced, activity moved along each of these random directions as far as the removal of
the belief direction moves it, at every step; the choice direction, found in the same way for the upcoming choice;
belief beyond choice, the difference between the states in trials of the same upcoming choice, mean over both choices,
at right angles to the choice direction; 20 random directions, at right angles to both; the 16 units that distinguish
the states best (top) and least (bottom); 20 sets of 16 random units. a, fraction of the variance of activity along a
direction (of random ones, mean). Random directions have the variance of their target where enough variance is left,
which is not the case for the belief direction, nor, at the second stage, for the belief beyond choice. b, c, reward per
trial with targets removed and with only the target kept; dashed, intact networks and chance level (random actions in
the same worlds). d, e, planning index of the multi-lag regression of Miller et al. 2017 in the same way; it is missing
for networks whose choices the regression predicts without error. Brackets, paired t tests over networks (two-sided,
scipy), corrected after Holm for all tests of the figure. f, for each network, the fraction of the intact network's
reward above chance level that remains, with the target removed against with only the target kept. Lost without it: less
than 0.5 remains with it removed, and less than with each of the 20 random directions removed and with each of the 20
displacements (permutation tests, one-sided p = 1/21). Sufficient: more than 0.5 remains with only it kept, and more
than with each random one kept. Bars are means over networks, error bars s.e.m., dots single networks (of random
targets, their mean over draws); n in a.

The loss does not come from the size of the edit: after displacements of the same size, most of the reward is left. But
the belief direction and the choice direction cost the same, since the choice follows the belief. Most of the reward is
left without the belief beyond choice, in every network (if cells are edited too, in all but one). So it is not shown
that the belief as such, rather than the choice that follows from it, is necessary. Units were edited, but not their
cells, which have memory: if cells are edited too, as much is lost without the direction, but displacements cost much as
well, and the direction kept alone suffices in no network (without cells in five of eight); this, and other tasks, in
figS_causality_tasks.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from analyses import derived, style
from analyses.claim import Claim, holm, title
from pfc_metarl.measures import causal_role
from pfc_metarl.runs.run import Run

RUN = "runs/two_step"
NEEDS_CAUSALITY = True
"""It shows what ``python -m pfc_metarl.causality`` measures in each run."""

TARGETS = {
    "direction": ("belief direction", style.MODEL_BASED),
    "displaced": ("displaced as far", style.FAINT),
    "random directions": ("random directions", style.FAINT),
    "choice direction": ("choice direction", "#CC79A7"),
    "direction beyond choice": ("belief beyond choice", "#56B4E9"),
    "random beyond choice": ("random (beyond choice)", style.FAINT),
    "top units": ("top units", style.OPTIMUM),
    "bottom units": ("bottom units", style.MODEL_FREE),
    "random units": ("random units", style.FAINT),
}

DIRECTIONS = ("direction", "random directions", "choice direction", "direction beyond choice", "random beyond choice")
"""Targets of which the variance is drawn."""

COMPARED = {
    "removed": (
        ("direction", "displaced"),
        ("direction", "random directions"),
        ("direction", "choice direction"),
        ("direction beyond choice", "random beyond choice"),
        ("top units", "random units"),
    ),
    "kept": (("direction", "random directions"), ("top units", "random units")),
}
"""Pairs of targets that are compared over networks."""

BEHAVIOURS = {"reward_per_trial": "reward per trial", "planning_index": "planning index"}


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Read the results of ``python -m pfc_metarl.causality runs/two_step``, and return the roles."""
    effects = run.table("causality").load().sel(cause="good state", drop=True).drop_vars("judged_by")
    return {"effects": effects, "roles": derived.storable(causal_role(effects))}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    effects, roles = tables["effects"], tables["roles"]
    made, axes = style.figure([{"a": 2.6, "b": 4, "c": 2.4}, {"d": 4, "e": 2.4, "f": 2.6}], height=140)
    draw_variance(effects["variance_fraction"], ax=axes["a"])
    lines = {"intact": effects["intact_reward_per_trial"], "chance": effects["chance_reward_per_trial"]}
    p_values = compared(effects)
    for panel, kind in (("b", "removed"), ("c", "kept")):
        draw_effects(effects["reward_per_trial"], kind, lines, ax=axes[panel])
        axes[panel].set(ylabel="reward per trial", ylim=(0.45, 0.83), yticks=[0.5, 0.6, 0.7])
        draw_brackets(p_values["reward_per_trial", kind], kind, 0.735, 0.028, ax=axes[panel])
    for panel, kind in (("d", "removed"), ("e", "kept")):
        draw_effects(effects["planning_index"], kind, {"intact": effects["intact_planning_index"]}, ax=axes[panel])
        axes[panel].set(ylabel="planning index (log odds)", ylim=(-4, 46), yticks=[0, 10, 20, 30])
        axes[panel].axhline(0, color=style.FAINT, linewidth=0.5)
        draw_brackets(p_values["planning_index", kind], kind, 33, 3.6, ax=axes[panel])
    draw_roles(effects, roles, ax=axes["f"])
    return made


def compared(effects: xr.Dataset) -> dict[tuple[str, str], list[float]]:
    """Return p of the paired t tests of both behaviours, by behaviour and kind, corrected after Holm for all."""
    p_values = {}
    for behaviour in BEHAVIOURS:
        of_networks = effects[behaviour].mean("draw")
        for kind, pairs in COMPARED.items():
            for first, second in pairs:
                difference = of_networks.sel(kind=kind, target=first) - of_networks.sel(kind=kind, target=second)
                p_values[behaviour, kind, first, second] = stats.ttest_1samp(difference.dropna("subject"), 0).pvalue
    corrected = dict(zip(p_values, holm(np.array(list(p_values.values()))), strict=True))
    return {
        (behaviour, kind): [float(corrected[behaviour, kind, *pair]) for pair in pairs]
        for behaviour in BEHAVIOURS
        for kind, pairs in COMPARED.items()
    }


def draw_variance(fraction: xr.DataArray, ax: Axes) -> Axes:
    """Draw the fraction of variance along each direction, at each phase."""
    known = [target for target in DIRECTIONS if target in fraction["target"]]
    for group, phase in enumerate(fraction["phase"].values):
        for bar, target in enumerate(known):
            x, values = group + (bar - (len(known) - 1) / 2) * 0.18, fraction.sel(phase=phase, target=target)
            mean, sem, n = style.mean_sem(values)
            label, color = TARGETS[target]
            hatch = "////" if target == "random beyond choice" else None
            ax.bar(x, mean, 0.16, color=color, label=label if group == 0 else None, hatch=hatch, edgecolor="white")
            ax.errorbar(x, mean, sem, color="black", linewidth=0.6)
            ax.plot(x + style.jittered(n, 0.1), values, ".", color="black", markersize=1.5)
    ax.set_xticks(range(fraction.sizes["phase"]), [str(phase).replace("_", "\n") for phase in fraction["phase"].values])
    ax.set(ylabel="fraction of variance", ylim=(0, 1.5), yticks=[0, 0.5, 1])
    ax.set_title(f"n = {fraction.sizes['subject']} networks")
    ax.legend(loc="upper right", handlelength=1, labelspacing=0.2)
    return ax


def shown(effect: xr.DataArray, kind: str) -> list[str]:
    """Return the targets that were measured."""
    measured = effect.sel(kind=kind).dropna("target", how="all")["target"].values
    return [target for target in TARGETS if target in measured]


def draw_effects(effect: xr.DataArray, kind: str, lines: Mapping[str, xr.DataArray], ax: Axes) -> Axes:
    """Draw the remaining behaviour with each target removed, or only it kept."""
    targets = shown(effect, kind)
    for x, target in enumerate(targets):
        values = effect.sel(target=target, kind=kind).mean("draw")
        mean, sem, n = style.mean_sem(values)
        ax.bar(x, mean, 0.7, color=TARGETS[target][1])
        ax.errorbar(x, mean, sem, color="black", linewidth=0.6)
        ax.plot(x + style.jittered(n, 0.4), values, ".", color="black", markersize=2)
    for name, values in lines.items():
        level = float(values.mean())
        ax.axhline(level, color=style.NETWORK, linestyle="--", linewidth=0.6)
        ax.text(len(targets) - 0.5, level, f" {name}", va="center", ha="left", fontsize=6)
    ax.set_xticks(range(len(targets)), [TARGETS[target][0] for target in targets], rotation=40, ha="right")
    ax.tick_params(axis="x", length=0, pad=1)
    ax.set_xlim(-0.6, len(targets) - 0.5)
    ax.set_title("removed" if kind == "removed" else "alone kept")
    return ax


def draw_brackets(p_values: Sequence[float], kind: str, low: float, step: float, ax: Axes) -> Axes:
    """Draw which targets are compared, with the p value."""
    places = [label.get_text() for label in ax.get_xticklabels()]
    for row, (pair, p) in enumerate(zip(COMPARED[kind], p_values, strict=True)):
        ends = [places.index(TARGETS[target][0]) for target in pair]
        height = low + step * (row if row < 3 else 0)
        ax.plot(ends, [height, height], color=style.NETWORK, linewidth=0.6)
        text = "p < 0.001" if p < 0.001 else f"p = {p:.2g}" if p < 0.995 else "p = 1"
        ax.text(sum(ends) / 2, height, text, fontsize=6, ha="center", va="bottom")
    return ax


def draw_roles(effects: xr.Dataset, roles: xr.Dataset, ax: Axes) -> Axes:
    """Draw the remaining behaviour with a target removed against that with only it kept, for each network."""
    left = remaining(effects).mean("draw")
    for target in shown(left, "kept"):
        label, color = TARGETS[target]
        own, marker = left.sel(target=target), "o" if "direction" in target else "s"
        face = "none" if "random" in target else color
        x, y = own.sel(kind="removed"), own.sel(kind="kept")
        ax.plot(x, y, marker, color=color, markerfacecolor=face, markersize=3.5, label=label)
    for line in (ax.axvline, ax.axhline):
        line(roles.attrs["most"], color=style.FAINT, linestyle=":", linewidth=0.6)
    corners = {"necessary and sufficient": (0, 1), "necessary": (0, 0), "sufficient": (1, 1), "neither": (1, 0)}
    called = {"necessary": "lost without it", "necessary and sufficient": "lost without it,\nand sufficient"}
    for role, (right, top) in corners.items():
        n = int((roles["role"].sel(target="direction") == role).sum())
        named = called.get(role, role)
        text = f"{named}\n(belief: {n} of {roles.sizes['subject']})"
        place = {"ha": ("left", "right")[right], "va": ("bottom", "top")[top]}
        ax.text(0.02 + 0.96 * right, 0.02 + 0.96 * top, text, transform=ax.transAxes, fontsize=6, **place)
    ax.set(xlim=(-0.1, 1.15), ylim=(-0.35, 1.45), yticks=[0, 0.5, 1], xticks=[0, 0.5, 1])
    ax.set(xlabel="reward left, target removed", ylabel="reward left, target alone kept")
    ax.legend(loc="upper center", bbox_to_anchor=(0.45, -0.22), ncols=2, handletextpad=0.1, columnspacing=0.5)
    return ax


def remaining(effects: xr.Dataset) -> xr.DataArray:
    """Return the reward above chance level as a fraction of the intact network's."""
    chance = effects["chance_reward_per_trial"]
    return (effects["reward_per_trial"] - chance) / (effects["intact_reward_per_trial"] - chance)


def _removed(tables: Mapping[str, xr.Dataset], name: str, target: str, control: str) -> xr.DataArray:
    removed = tables["effects"][name].sel(kind="removed").mean("draw")
    return removed.sel(target=target) - removed.sel(target=control)


CONTROLS = {
    "random directions": "random directions removed",
    "displaced": "displaced as far along random directions",
}
"""Targets with which the removal of the belief direction is compared -> in words."""

TITLE = title(__doc__)
CLAIMS = (
    *(
        Claim(
            TITLE,
            f"{what}: belief direction removed − {control}",
            lambda tables, name=name, target=target: _removed(tables, name, "direction", target),
            f"0: as with {control}",
            (None, 0.0),
        )
        for name, what in BEHAVIOURS.items()
        for target, control in CONTROLS.items()
    ),
    Claim(
        "But the belief direction and the choice direction cost the same, since the choice follows the belief.",
        "reward per trial: belief direction removed − choice direction removed",
        lambda tables: _removed(tables, "reward_per_trial", "direction", "choice direction"),
        "beyond ±0.02, a tenth of the way from chance level to the optimum",
        (-0.02, 0.02),
    ),
    Claim(
        "Most of the reward is left without the belief beyond choice",
        "reward left with the belief beyond choice removed, fraction of intact",
        lambda tables: remaining(tables["effects"]).sel(kind="removed", target="direction beyond choice", draw=0),
        "0.5 or less: half of the reward is lost",
        (0.5, None),
    ),
)
