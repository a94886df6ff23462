"""Supplementary figure: removing the direction that encodes which state is good costs a two-step network its reward.

At each phase of the trial, the mean activity of a network's 48 units differs between trials in which one state is good
and those in which the other is: this difference defines the belief direction. In new worlds, with frozen weights,
activity was then edited at every step, before it reaches the heads and the next step: a target was removed (held at its
mean), or only the target was kept (everything else held at its mean). Targets: the belief direction; 20 random
directions orthogonal to it; the 16 units that distinguish the states best (top) and least (bottom); 20 sets of 16
random units. a, fraction of the variance of activity along the direction, and mean over random ones. Random directions
have the same variance where enough variance is left. At the first stage this is not the case: there, keeping only the
belief direction removes everything that is orthogonal to it. In this task the belief is also the upcoming choice, and
the direction encodes both. b, c, reward per trial with targets removed and with only the target kept; dashed, intact
networks and chance level (random actions in the same worlds). d, e, planning index of the multi-lag regression of
Miller et al. 2017 in the same way; it is missing for networks whose choices the regression predicts without error. f,
for each network, the fraction of the intact network's reward above chance level that remains, with the target removed
against with only the target kept. Reward is lost with a target if less than 0.5 remains with it removed, and less than
with each of the 20 random ones removed (permutation test, one-sided p = 1/21). This alone does not make the belief
direction necessary: random directions hold less variance (a), and none can hold as much, so that the amount of variance
is not controlled. Half of the reward is left when all that is orthogonal to it is removed, so not any variance matters.
It is sufficient if more than 0.5 remains with only it kept, and more than with each of the 20 random ones kept. Bars
are means over networks, error bars s.e.m., dots single networks (of random targets, their mean over draws); n in a.
Units were edited, but not their cells, which have memory: if cells are edited too, as much is lost without the
direction, but it is no longer sufficient; this, and other tasks, in figS_causality_tasks.
"""

from collections.abc import Mapping

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import derived, style
from analyses.claim import Claim, title
from pfc_metarl.measures import causal_role
from pfc_metarl.runs.run import Run

RUN = "runs/two_step"

TARGETS = {
    "direction": ("belief direction", style.MODEL_BASED),
    "random directions": ("random directions", style.FAINT),
    "top units": ("top units", style.OPTIMUM),
    "bottom units": ("bottom units", style.MODEL_FREE),
    "random units": ("random units", style.FAINT),
}


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Read the results of ``python -m pfc_metarl.causality runs/two_step``, and return the roles."""
    effects = run.table("causality").load().sel(cause="good state", drop=True).drop_vars("judged_by")
    return {"effects": effects, "roles": derived.storable(causal_role(effects))}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    effects, roles = tables["effects"], tables["roles"]
    made, axes = style.figure([{"a": 2, "b": 3, "c": 3}, {"d": 3, "e": 3, "f": 3.4}], height=130)
    draw_variance(effects["variance_fraction"], ax=axes["a"])
    lines = {"intact": effects["intact_reward_per_trial"], "chance": effects["chance_reward_per_trial"]}
    for panel, kind in (("b", "removed"), ("c", "kept")):
        draw_effects(effects["reward_per_trial"], kind, lines, ax=axes[panel])
        axes[panel].set(ylabel="reward per trial", ylim=(0.45, 0.74))
    for panel, kind in (("d", "removed"), ("e", "kept")):
        draw_effects(effects["planning_index"], kind, {"intact": effects["intact_planning_index"]}, ax=axes[panel])
        axes[panel].set(ylabel="planning index (log odds)")
        axes[panel].axhline(0, color=style.FAINT, linewidth=0.5)
    draw_roles(effects, roles, ax=axes["f"])
    return made


def draw_variance(fraction: xr.DataArray, ax: Axes) -> Axes:
    """Draw the fraction of variance along the direction and the random ones, at each phase."""
    for group, phase in enumerate(fraction["phase"].values):
        for bar, target in enumerate(("direction", "random directions")):
            x, values = group + (bar - 0.5) * 0.36, fraction.sel(phase=phase, target=target)
            mean, sem, n = style.mean_sem(values)
            label, color = TARGETS[target]
            ax.bar(x, mean, 0.32, color=color, label=label if group == 0 else None)
            ax.errorbar(x, mean, sem, color="black", linewidth=0.6)
            ax.plot(x + style.jittered(n, 0.2), values, ".", color="black", markersize=2)
    ax.set_xticks(range(fraction.sizes["phase"]), [str(phase).replace("_", "\n") for phase in fraction["phase"].values])
    ax.set(ylabel="fraction of variance", ylim=(0, 1.15), title=f"n = {fraction.sizes['subject']} networks")
    ax.legend(loc="upper right")
    return ax


def draw_effects(effect: xr.DataArray, kind: str, lines: Mapping[str, xr.DataArray], ax: Axes) -> Axes:
    """Draw the remaining behaviour with each target removed, or only it kept."""
    for x, (target, (_, color)) in enumerate(TARGETS.items()):
        values = effect.sel(target=target, kind=kind).mean("draw")
        mean, sem, n = style.mean_sem(values)
        ax.bar(x, mean, 0.7, color=color)
        ax.errorbar(x, mean, sem, color="black", linewidth=0.6)
        ax.plot(x + style.jittered(n, 0.4), values, ".", color="black", markersize=2)
    for name, values in lines.items():
        level = float(values.mean())
        ax.axhline(level, color=style.NETWORK, linestyle="--", linewidth=0.6)
        ax.text(len(TARGETS) - 0.5, level, f" {name}", va="center", ha="left", fontsize=6)
    ax.set_xticks(range(len(TARGETS)), [label for label, _ in TARGETS.values()], rotation=35, ha="right")
    ax.tick_params(axis="x", length=0, pad=1)
    ax.set_xlim(-0.6, len(TARGETS) - 0.5)
    ax.set_title("removed" if kind == "removed" else "alone kept")
    return ax


def draw_roles(effects: xr.Dataset, roles: xr.Dataset, ax: Axes) -> Axes:
    """Draw the remaining behaviour with a target removed against that with only it kept, for each network."""
    chance = effects["chance_reward_per_trial"]
    left = ((effects["reward_per_trial"] - chance) / (effects["intact_reward_per_trial"] - chance)).mean("draw")
    for target, (label, color) in TARGETS.items():
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
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return ax


def _removed(tables: Mapping[str, xr.Dataset], name: str) -> xr.DataArray:
    removed = tables["effects"][name].sel(kind="removed").mean("draw")
    return removed.sel(target="direction") - removed.sel(target="random directions")


TITLE = title(__doc__)
CLAIMS = (
    *(
        Claim(
            TITLE,
            f"{what}: belief direction removed − random directions removed",
            lambda tables, name=name: _removed(tables, name),
            "0: as with random directions",
            (None, 0.0),
        )
        for name, what in (("reward_per_trial", "reward per trial"), ("planning_index", "planning index"))
    ),
)
