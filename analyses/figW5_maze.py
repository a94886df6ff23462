"""Figure W5: a hidden goal that was found once is reached in less than half as many steps.

Wang et al. 2016 (arXiv:1611.05763), section 3.2.3: a maze in the shape of an I, whose goal, one of the four ends, moves
between episodes and cannot be seen. When it is reached, the agent is put in a random place. Frozen weights.

a, the maze: the fraction of time that network 0 spends in each cell in the first trial (left) and in later trials
(right) of episodes whose goal is the upper left end. b, steps to the goal by visit, in episodes with two visits or
more: networks with gated recurrent units, with LSTM units, without recurrence, and in mazes that are drawn anew for
each episode; and an agent that knows the I-maze, infers its place from the views, and plans by value iteration; mean
and s.e.m. over networks; dashed, the exact optimum of an observer that knows where it is. c, steps at later visits over
steps at the first visit, a dot for each network; in mazes drawn anew too. Rings, the mean where each episode counts
once: networks without recurrence visit two of the ends, one of them more often than the other, and pooled visits are
mostly of the near one. Networks without recurrence need as many steps at later visits as at the first. d, fraction of
episodes without a visit. n = 8 networks of each kind and 8 individuals of the planner, 300 episodes each. Networks
without recurrence seem to need few steps for the first visit in b because many of their episodes are left out: those
without a visit (d).
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from pfc_metarl.measures import goal_latency
from pfc_metarl.runs.run import Run

RUN = ("runs/maze", "runs/maze_lstm", "runs/maze_feedforward", "runs/maze_random")
WHO = {
    "gru": ("GRU", style.NETWORK),
    "lstm": ("LSTM", style.MODEL_BASED),
    "feedforward": ("feed-forward", style.MODEL_FREE),
    "random": ("GRU, new mazes", "#8c6d31"),
    "planner": ("value iteration", style.OPTIMUM),
}
"""Kind of network, in the order of `RUN`, and the planner in the worlds of the first run -> label and colour."""

SEARCH, DIRECT = 21.56, 9.29
"""Exact steps of the best search among the four ends, and of the shortest way, from a random place that is no end."""

MOST_VISITS = 8


def tables(*runs: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of the four experiments."""
    networks = {who: goal_latency(run.recording("test")) for who, run in zip(WHO, runs, strict=False)}
    found = {**networks, "planner": goal_latency(runs[0].recording("test_planner"))}
    return {
        "latency": style.stacked({who: each.sel(visit=slice(MOST_VISITS)) for who, each in found.items()}, "who"),
        "occupancy": occupancy(runs[0].recording("test")),
    }


def occupancy(recording: xr.Dataset) -> xr.Dataset:
    """Return the fraction of time that network 0 spends in each cell, before and after the first visit."""
    first = recording.isel(network=0)
    cell = (first["place"] // 4).values
    is_goal = (first["goal"].isel(step=0) == first["goal"].min()).values[:, None]
    found = {}
    for name, when in (("before", first["trial"].values == 0), ("after", first["trial"].values > 0)):
        counts = np.bincount(cell[when & is_goal].astype(int), minlength=int(cell.max()) + 1)
        found[name] = ("cell", counts / max(counts.sum(), 1))
    return xr.Dataset(found)


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1.1, "b": 1.3, "c": 1, "d": 0.8}], height=65)
    latency = tables["latency"]
    draw_occupancy(tables["occupancy"], ax=axes["a"])
    draw_steps(latency["steps"], ax=axes["b"])
    draw_dots(latency["ratio"], "later over first visit (steps)", ax=axes["c"])
    draw_rings(latency["session_ratio"], ax=axes["c"])
    axes["c"].axhline(1, color=style.FAINT, linewidth=0.5)
    axes["c"].set_ylim(0, 1.25)
    draw_dots(latency["p_no_visit"], "fraction of episodes\nwithout a visit", ax=axes["d"])
    axes["d"].set_ylim(-0.02, None)
    return made


def draw_occupancy(found: xr.Dataset, ax: Axes) -> Axes:
    """Draw the time spent in each cell of the I-maze before and after the first visit."""
    places = (
        [(0, column) for column in range(7)] + [(row, 3) for row in range(1, 8)] + [(8, column) for column in range(7)]
    )
    shades = np.full((9, 16), np.nan)
    for side, name in ((0, "before"), (9, "after")):
        for (row, column), fraction in zip(places, found[name].values, strict=True):
            shades[row, column + side] = fraction
    ax.imshow(shades, cmap="viridis", vmin=0, vmax=0.25)
    for side, name in ((0, "first search"), (9, "later")):
        ax.text(side + 3, 9.3, name, ha="center", va="top", fontsize=6)
        ax.plot(side, 0, "*", color="white", markersize=5)
    ax.axis("off")
    return ax


def draw_steps(steps: xr.DataArray, ax: Axes) -> Axes:
    """Draw the steps to the goal against visits."""
    for who, (label, color) in WHO.items():
        mean, sem, n = style.mean_sem(steps.sel(who=who))
        text = f"{label} (n = {n})"
        ax.errorbar(mean["visit"], mean, sem, color=color, marker="o", markersize=2.5, label=text)
    for level, label, side in ((SEARCH, "best search", "bottom"), (DIRECT, "shortest way", "top")):
        ax.axhline(level, color=style.FAINT, linestyle="--", linewidth=0.7)
        ax.text(MOST_VISITS + 0.3, level, label, fontsize=6, ha="right", va=side, color=style.FAINT)
    ax.set(xlabel="visit", ylabel="steps to the goal", ylim=(0, None), xticks=range(1, MOST_VISITS + 1))
    ax.legend(loc="lower left", labelspacing=0.2)
    return ax


def draw_dots(values: xr.DataArray, label: str, ax: Axes) -> Axes:
    """Draw the value of every network."""
    for place, (who, (_, color)) in enumerate(WHO.items()):
        own = values.sel(who=who).dropna("subject")
        ax.plot(place + style.jittered(own.size, 0.5), own, ".", color=color, markersize=3)
        ax.plot([place - 0.3, place + 0.3], [float(own.mean())] * 2, color=color)
        ax.text(place, float(own.max()) + 0.02, f"{float(own.mean()):.2f}", ha="center", fontsize=6)
    ax.set_xticks(range(len(WHO)), [label for label, _ in WHO.values()], rotation=35, ha="right")
    ax.set(ylabel=label)
    return ax


def draw_rings(values: xr.DataArray, ax: Axes) -> Axes:
    """Draw the mean over networks beside the dots of `draw_dots`."""
    means = [float(values.sel(who=who).mean()) for who in WHO]
    colors = [color for _, color in WHO.values()]
    ax.scatter(0.42 + np.arange(len(WHO)), means, s=10, facecolors="none", edgecolors=colors, linewidths=0.7)
    return ax


TITLE = title(__doc__)
CLAIMS = (
    *(
        Claim(
            TITLE,
            f"steps at later over steps at the first visit, {who}",
            lambda tables, who=who: tables["latency"]["ratio"].sel(who=who),
            "0.5 or more; without memory about 1",
            (None, 0.5),
        )
        for who in ("gru", "lstm")
    ),
    Claim(
        "Networks without recurrence need as many steps at later visits as at the first.",
        "steps at later over steps at the first visit where each episode counts once, feed-forward",
        lambda tables: tables["latency"]["session_ratio"].sel(who="feedforward"),
        "0.44: those of networks with memory",
        (0.9, 1.1),
    ),
)
