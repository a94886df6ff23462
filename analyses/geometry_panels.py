"""Panels that show the geometry of activity: demixed variance, dichotomies, dimensions, similarity."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from analyses import style
from pfc_metarl.measures import representational_similarity

WHO = {"trained": style.NETWORK, "untrained": style.FAINT}

PARITY = "0,0,0 | 0,1,1 | 1,0,0 | 1,1,1"
"""The split by state x reward: conditions in which the last trial is evidence for state 1, and the others."""

NAMED = {"choice": "choice", "state": "state", "reward": "reward", PARITY: "state x reward"}
"""Dichotomies that are named in the figure."""


def similarity(means: Mapping[str, xr.DataArray]) -> xr.Dataset:
    """Compare trained networks with one another, untrained ones, and trained with untrained ones."""
    pairs = {"trained": ("trained",) * 2, "untrained": ("untrained",) * 2, "trained to\nuntrained": tuple(means)}
    found = {who: representational_similarity(means[one], means[other]) for who, (one, other) in pairs.items()}
    return style.stacked(found, "who")


def bar(ax: Axes, x: float, values: xr.DataArray, width: float, **look: object) -> None:
    """Draw the mean over subjects, its s.e.m., and single subjects."""
    mean, sem, n = style.mean_sem(values)
    ax.bar(x, mean, width, **look)
    ax.errorbar(x, mean, sem, color="black", linewidth=0.6)
    ax.plot(x + style.jittered(n, 0.6 * width), values, ".", color="black", markersize=1.5)


def draw_demixed(fraction: xr.DataArray, ax: Axes, marked: str = "state x reward") -> Axes:
    """Draw the variance explained by each set of factors, with and without time; one is marked."""
    found = [str(part) for part in fraction["part"].values]
    rows = sorted((part for part in found if not part.endswith("x time")), key="time".__eq__)
    for y, part in enumerate(rows):
        own = fraction.sel(part=[name for name in (part, f"{part} x time") if name in found])
        color = style.MODEL_BASED if part == marked else style.FAINT
        mean, sem, n = style.mean_sem(own.sum("part"))
        ax.barh(y, mean, 0.75, color=color)
        ax.barh(y, own.isel(part=0).mean("subject"), 0.75, color="none", edgecolor="black", linewidth=0.4)
        ax.errorbar(mean, y, xerr=sem, color="black", linewidth=0.6)
        ax.plot(own.sum("part"), y + style.jittered(n, 0.4), ".", color="black", markersize=1.5)
    ax.set_yticks(range(len(rows)), rows)
    ax.invert_yaxis()
    framed = "\n(framed: without interaction with time)" if "time" in rows else ""
    ax.set(xlabel=f"fraction of variance{framed}", title=f"n = {fraction.sizes['subject']} networks")
    return ax


def draw_dichotomies(
    result: xr.Dataset, ax: Axes, named: Mapping[str, str] = NAMED, sizes: tuple[float, ...] = (4, 4, 4, 4)
) -> Axes:
    """Draw generalisation against decoding of every dichotomy; four are named, in markers of these sizes."""
    low, high = np.nanquantile(result["null"], [0.025, 0.975])
    ax.axhspan(low, high, color=style.FAINT, alpha=0.25, linewidth=0)
    mean = result[["decoding", "generalisation"]].mean("subject")
    ax.plot(mean["decoding"], mean["generalisation"], ".", color=style.FAINT, markersize=4)
    colors = (style.NETWORK, style.OPTIMUM, style.MODEL_FREE, style.MODEL_BASED)
    for (name, label), color, size in zip(named.items(), colors, sizes, strict=True):
        own = mean.sel(dichotomy=name)
        ax.plot(own["decoding"], own["generalisation"], "o", color=color, markersize=size, label=label)
    ax.axhline(0.5, color=style.FAINT, linestyle="--", linewidth=0.6)
    ax.set(xlabel="decoding accuracy", ylabel="generalisation to\nunseen conditions", ylim=(0, 1.03))
    ax.legend(loc="upper left")
    return ax


def draw_dimensions(ratio: xr.DataArray, ax: Axes) -> Axes:
    """Draw the participation ratio at each stage."""
    stages = ratio["stage"].values
    for group, stage in enumerate(stages):
        for k, (who, color) in enumerate(WHO.items()):
            bar(ax, group + (k - 0.5) * 0.38, ratio.sel(who=who, stage=stage), 0.34, color=color, alpha=0.6)
    ax.set_xticks(range(len(stages)), [str(stage).replace("_", "\n") for stage in stages])
    ax.set(ylabel="participation ratio")
    return ax


def draw_similarity(cka: xr.DataArray, ax: Axes) -> Axes:
    """Draw the similarity of all pairs of networks."""
    rows, columns = np.triu_indices(cka.sizes["subject"], 1)
    for x, who in enumerate(cka["who"].values):
        color = WHO.get(str(who), style.MODEL_BASED)
        values = cka.sel(who=who).transpose("subject", "other").values
        pairs = values[rows, columns] if who in WHO else values.ravel()
        ax.plot(x + style.jittered(len(pairs), 0.5), pairs, ".", color=color, markersize=3)
        ax.plot([x - 0.3, x + 0.3], [pairs.mean()] * 2, color="black")
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set_xticks(range(cka.sizes["who"]), cka["who"].values)
    ax.set(ylabel="similarity of networks (CKA)", ylim=(None, 1.05))
    return ax
