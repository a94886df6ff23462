"""Supplementary figure: if a trial repeats, activity rests where the network acts on what the trial lets it infer.

The percepts of one type of trial (rows: bandit with correlated arms, two-step task, reversals of inferred value) are
repeated 300 times from four states of each of 8 networks, each after 20 random trials, with frozen weights; then the
point at which the map of a trial returns its own state is searched (Newton's method with the exact Jacobian). In the
bandit the number of the trial is held half-way; actions without effect are those named in the code. a, d, g, states of
network 0 between trials (dots) in their first two principal components, coloured by what has to be inferred
(probability of the left arm, good state, rewarded side; red, left); large symbols, points at rest, one for each type of
trial: circles, left chosen or shown, squares, right; filled, rewarded, open, unrewarded; small ones, rare transitions.
b, e, what networks would do at rest: probability of choosing left. h, value of the left cue. Dots, networks; grey, the
same networks before training, at their own points; bars, means. The last choice repeats if rewarded only in the bandit
and after common transitions: after rare ones networks choose the other side, as the inferred state demands, and a cue
that was never shown has the value opposite to that of the cue that was. One of eight networks comes to choose the right
arm where the left one is rewarded without end (b), longer than any episode in training. c, f, i, slowest time constant
of the decay towards the point, in trials, of trained networks; triangles, no decay along some direction; above, number
of networks whose point is fixed and stable. Arms of the bandit stay for its 100 trials; states of the two-step task
reverse every 40 trials on average, rewarded sides every 10.
"""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import fixed_point_tables, style
from analyses.claim import Claim, title
from pfc_metarl.runs.run import Run

RUN = ("runs/bandit_correlated", "runs/two_step", "runs/inferred_value")
TASKS = {"bandit": "bandit", "two_step": "two-step task", "reversal": "reversals"}
PANELS = {"bandit": "abc", "two_step": "def", "reversal": "ghi"}
COLORS = mpl.colormaps["coolwarm"]
LONGEST = 1e5
"""Longest time constant of the axis, in trials; longer ones are drawn there."""

WHO = {"trained": style.NETWORK, "untrained": style.FAINT}


def tables(bandit: Run, two_step: Run, inferred_value: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of bandit_correlated, two_step and inferred_value."""
    runs = dict(zip(TASKS, (bandit, two_step, inferred_value), strict=True))
    found = {task: fixed_point_tables.resting(run, getattr(fixed_point_tables, task)()) for task, run in runs.items()}
    return {f"{task}_{name}": table for task, each in found.items() for name, table in each.items()}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([dict.fromkeys(letters, 1.0) for letters in PANELS.values()], height=185)
    for task, letters in PANELS.items():
        points = tables[f"{task}_points"]
        draw_portrait(tables[f"{task}_portrait"], ax=axes[letters[0]])
        axes[letters[0]].set_title(f"{TASKS[task]}, network 0")
        draw_read(points["read"].sel(side="left"), ax=axes[letters[1]])
        axes[letters[1]].set_ylabel("value of the left cue" if task == "reversal" else "p of choosing left")
        axes[letters[1]].set_title(f"n = {points.sizes['subject']} networks")
        draw_time_constants(points.sel(who="trained"), ax=axes[letters[2]])
    return made


def draw_portrait(made: xr.Dataset, ax: Axes) -> Axes:
    """Draw states of a network, and where it rests if a trial repeats."""
    state, at = made["state"].values, made["point"].values
    ax.scatter(*state.T, c=made["latent"].values, cmap=COLORS, vmin=0, vmax=1, s=1.5, linewidth=0, alpha=0.5)
    for name, place in zip(made["type"].values, at, strict=True):
        look = {"color": style.NETWORK, "markersize": 3 if "rare" in name else 5, "markeredgewidth": 0.8}
        ax.plot(*place, "o" if "left" in name else "s", fillstyle="none" if "unrewarded" in name else "full", **look)
    percent = 100 * made["explained_variance"].values
    ax.set(xlabel=f"PC 1 ({percent[0]:.0f} % of variance)", ylabel=f"PC 2 ({percent[1]:.0f} %)")
    return ax


def draw_read(read: xr.DataArray, ax: Axes) -> Axes:
    """Draw what networks would do at rest, before and after training, for each type of trial."""
    for shift, (who, color) in zip((-0.17, 0.17), WHO.items(), strict=True):
        for x, name in enumerate(read["type"].values):
            values = read.sel(who=who, type=name)
            mean, _, n = style.mean_sem(values)
            ax.plot(x + shift + style.jittered(n, 0.22), values, ".", color=color, markersize=2.5)
            ax.plot([x + shift - 0.16, x + shift + 0.16], [mean, mean], color=color, label=None if x else who)
    _name(read, ax)
    ax.legend(loc="upper right", handlelength=1, ncols=2, bbox_to_anchor=(1, 1.02))
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.15 * (high - low))
    return ax


def draw_time_constants(points: xr.Dataset, ax: Axes) -> Axes:
    """Draw the slowest time constants of trained networks, and the number of stable points."""
    decays = np.isfinite(points["time_constant"])
    shown = points["time_constant"].where(decays).clip(1, LONGEST)
    for x, name in enumerate(points["type"].values):
        values, n = shown.sel(type=name).values, int(points["is_stable"].sel(type=name).sum())
        at = x + style.jittered(values.size, 0.5)
        ax.plot(at, values, ".", color=style.NETWORK, markersize=2.5)
        lasting = ~np.isfinite(values)
        ax.plot(at[lasting], np.full(lasting.sum(), 1.6 * LONGEST), "^", color=style.MODEL_FREE, markersize=2.5)
        ax.text(x, 1.0, f"{n}", transform=ax.get_xaxis_transform(), ha="center", va="bottom", fontsize=6)
    _name(points["time_constant"], ax)
    ax.set(ylabel="time constant (trials)", yscale="log", ylim=(1, 3 * LONGEST))
    ax.set_yticks([1, 10, 100, 1000, 10_000, 100_000], ["1", "10", "100", "1,000", "10,000", "100,000"])
    ax.minorticks_off()
    return ax


def _name(values: xr.DataArray, ax: Axes) -> None:
    names = values["type"].values
    ax.set_xticks(range(len(names)), names, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_xlim(-0.5, len(names) - 0.5)


def supported(tables: Mapping[str, xr.Dataset], task: str, transition: str = "", who: str = "trained") -> xr.DataArray:
    """Return the probability of the choice that the repeated trial supports, mean over types of trials."""
    read = tables[f"{task}_points"]["read"].sel(who=who)
    names = [str(name) for name in read["type"].values if transition in name]
    return sum(read.sel(type=name, side=supported_side(name)) for name in names) / len(names)


def supported_side(name: str) -> str:
    """Return the choice that a type of trial supports.

    Examples
    --------
    >>> [supported_side(f"left, {what}") for what in ("rewarded", "rare, rewarded", "rare, unrewarded")]
    ['left', 'right', 'left']
    """
    chosen, other = fixed_point_tables.SIDES if "left" in name else fixed_point_tables.SIDES[::-1]
    return chosen if ("unrewarded" in name) == ("rare" in name) else other


def inferred(tables: Mapping[str, xr.Dataset], who: str = "trained") -> xr.DataArray:
    """Return by how much the cue that is not shown is worth more if the shown one is unrewarded, mean over cues."""
    read = tables["reversal_points"]["read"].sel(who=who)
    differences = [
        read.sel(type=f"{shown}, unrewarded", side=other) - read.sel(type=f"{shown}, rewarded", side=other)
        for shown, other in (fixed_point_tables.SIDES, fixed_point_tables.SIDES[::-1])
    ]
    return sum(differences) / len(differences)


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "bandit: p of the arm that the repeated trial supports",
        lambda tables: supported(tables, "bandit"),
        "0.75: half-way from the untrained, 0.5, to certainty",
        (0.75, None),
    ),
    Claim(
        TITLE,
        "two-step task, rare transitions: p of the choice that leads to the inferred state",
        lambda tables: supported(tables, "two_step", "rare"),
        "0.75: half-way from the untrained, 0.5, to certainty; model-free learners are below 0.5",
        (0.75, None),
    ),
    Claim(
        TITLE,
        "reversals: value of the cue that is never shown, if the shown one is unrewarded − rewarded",
        inferred,
        "0.28: half of the ideal observer; 0, untrained, and a learner that knows the shown cue only",
        (0.28, None),
    ),
)
