"""Panels that show the geometry of activity: demixed variance, dichotomies, dimensions, similarity."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim

WHO = {"trained": style.NETWORK, "untrained": style.FAINT}

PARITY = "0,0,0 | 0,1,1 | 1,0,0 | 1,1,1"
"""The split by state x reward: conditions in which the last trial is evidence for state 1, and the others."""

NAMED = {"choice": "choice", "state": "state", "reward": "reward", PARITY: "state x reward"}
"""Dichotomies that are named in the figure."""

PRODUCT = "-1,0,0 | -1,0,1 | 1,1,0 | 1,1,1"
"""The split by choice x reward: left without reward and right with it, or the reverse."""


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


def draw_dichotomies(result: xr.Dataset, ax: Axes, named: Mapping[str, str] = NAMED) -> Axes:
    """Draw generalisation against decoding of every dichotomy; some are named."""
    _draw_all(result, "decoding", "generalisation", named, ax)
    low, high = np.nanquantile(result["null"], [0.025, 0.975])
    ax.axhspan(low, high, color=style.FAINT, alpha=0.25, linewidth=0)
    ax.axhline(0.5, color=style.FAINT, linestyle="--", linewidth=0.6)
    ax.set(xlabel="decoding accuracy", ylabel="generalisation (CCGP)", ylim=(0, 1.05))
    return ax


def draw_parallelism(result: xr.Dataset, ax: Axes, named: Mapping[str, str] = NAMED) -> Axes:
    """Draw the parallelism score against generalisation of every dichotomy; some are named."""
    _draw_all(result, "generalisation", "parallelism", named, ax)
    low, high = np.nanquantile(result["parallelism_null"], [0.025, 0.975])
    ax.axhspan(low, high, color=style.FAINT, alpha=0.25, linewidth=0)
    ax.axhline(0, color=style.FAINT, linestyle="--", linewidth=0.6)
    ax.set(xlabel="generalisation (CCGP)", ylabel="parallelism score", ylim=(-0.45, 1.05), xlim=(0, 1.05))
    return ax


def _draw_all(result: xr.Dataset, across: str, up: str, named: Mapping[str, str], ax: Axes) -> None:
    """Draw the means over networks of all dichotomies, and those that are named with single networks."""
    mean = result[[across, up]].mean("subject")
    ax.plot(mean[across], mean[up], ".", color=style.FAINT, markersize=4)
    colors = (style.NETWORK, style.OPTIMUM, style.MODEL_FREE, style.MODEL_BASED)
    for (name, label), color, marker in zip(named.items(), colors, "osD^", strict=True):
        own = result.sel(dichotomy=name)
        ax.plot(own[across], own[up], marker, color=color, markersize=1.5, alpha=0.6)
        look = {"markersize": 5, "fillstyle": "none", "markeredgewidth": 1.2}
        ax.plot(own[across].mean(), own[up].mean(), marker, color=color, label=label, **look)


def draw_dimensions(ratio: xr.DataArray, ax: Axes) -> Axes:
    """Draw the participation ratio at each stage."""
    stages = ratio["stage"].values
    for group, stage in enumerate(stages):
        for k, (who, color) in enumerate(WHO.items()):
            bar(ax, group + (k - 0.5) * 0.38, ratio.sel(who=who, stage=stage), 0.34, color=color, alpha=0.6)
    ax.set_xticks(range(len(stages)), [str(stage).replace("_", "\n") for stage in stages])
    ax.set(ylabel="participation ratio")
    return ax


def draw_similarity(similarity: xr.DataArray, label: str, ax: Axes) -> Axes:
    """Draw the similarity, or the distance, of all pairs of networks."""
    rows, columns = np.triu_indices(similarity.sizes["subject"], 1)
    for x, who in enumerate(similarity["who"].values):
        color = WHO.get(str(who), style.MODEL_BASED if "untrained" in str(who) else style.MODEL_FREE)
        values = similarity.sel(who=who).transpose("subject", "other").values
        pairs = values[rows, columns] if who in WHO else values[~np.eye(len(values), dtype=bool)]
        ax.plot(x + style.jittered(len(pairs), 0.5), pairs, ".", color=color, markersize=2)
        ax.plot([x - 0.3, x + 0.3], [pairs.mean()] * 2, color="black")
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set_xticks(range(similarity.sizes["who"]), similarity["who"].values, rotation=40, ha="right")
    ax.set(ylabel=label, ylim=(None, 1.05))
    return ax


def draw_named(tables: Mapping[str, xr.Dataset], named: Mapping[str, str], ax: Axes) -> Axes:
    """Draw the generalisation of the dichotomies that are named, before and after training."""
    found = {"trained": tables["dichotomies"], "untrained": tables["dichotomies_untrained"]}
    for k, (who, color) in enumerate(WHO.items()):
        for group, name in enumerate(named):
            values = found[who]["generalisation"].sel(dichotomy=name)
            x = group + (k - 0.5) * 0.38
            bar(ax, x, values, 0.34, color=color, alpha=0.6, label=None if group else who)
            neighbours = float(found[who]["generalisation_neighbours"].sel(dichotomy=name).mean())
            label = "neighbours" if group == k == 0 else None
            ax.plot([x - 0.17, x + 0.17], [neighbours] * 2, color=style.MODEL_FREE, linewidth=1.5, label=label)
    ax.axhline(0.5, color=style.FAINT, linestyle="--", linewidth=0.6)
    ax.set_xticks(range(len(named)), [label.replace(" ", "\n", 1) for label in named.values()])
    ax.set(ylabel="generalisation (CCGP)", ylim=(0, 1.45), yticks=[0, 0.5, 1])
    ax.legend(loc="upper right", handlelength=1, ncols=2, columnspacing=1, labelspacing=0.2)
    return ax


def draw_geometry(
    tables: Mapping[str, xr.Dataset], letters: str, axes: Mapping[str, Axes], named: Mapping[str, str], latent: str
) -> None:
    """Draw the geometry of a task in panels of these seven letters.

    They are demixed variance, generalisation, parallelism, generalisation before and after training, dimensionality,
    similarity and distance.
    """
    demixed, split, parallel, before, dimensions, similarity, distance = (axes[letter] for letter in letters)
    draw_demixed(tables["demixed"]["fraction"], ax=demixed, marked=named[latent])
    draw_dichotomies(tables["dichotomies"], split, named)
    draw_parallelism(tables["dichotomies"], parallel, named)
    split.legend(loc="upper left", handletextpad=0.2, labelspacing=0.2)
    draw_named(tables, named, before)
    draw_dimensions(tables["dimensions"]["participation_ratio"], ax=dimensions)
    draw_similarity(tables["similarity"]["linear_cka"], "similarity of networks (CKA)", similarity)
    draw_similarity(tables["similarity"]["procrustes_disparity"], "distance of networks (Procrustes)", distance)


def figure(tables: Mapping[str, xr.Dataset], latent: str) -> Figure:
    """Draw a figure of a task whose conditions are choice and reward of the last trial, and a latent variable."""
    rows = [dict.fromkeys("abc", 1.0), {"d": 1.2, "e": 0.7, "f": 1.0, "g": 1.0}]
    made, axes = style.figure(rows, height=115)
    named = {"choice": "choice", "reward": "reward", latent: latent, PRODUCT: "choice x reward"}
    draw_geometry(tables, "abcdefg", axes, named, latent)
    return made


def claims(text: str, prefix: str, latent: str, label: str) -> tuple[Claim, ...]:
    """Return the claims that a dichotomy generalises, and that its coding is parallel, beyond random positions.

    Parameters
    ----------
    text : str
        The sentence.
    prefix : str
        Of the name of the table.
    latent, label : str
        Name of the dichotomy, and what it is called.
    """

    def beyond(tables: Mapping[str, xr.Dataset], score: str, null: str) -> xr.DataArray:
        found = tables[f"{prefix}dichotomies"]
        return found[score].sel(dichotomy=latent) - found[null].mean("draw")

    measured = {"generalisation (CCGP)": ("generalisation", "null"), "parallelism": ("parallelism", "parallelism_null")}

    def added(tables: Mapping[str, xr.Dataset]) -> xr.DataArray:
        kinds = (tables[f"{prefix}dichotomies{end}"]["generalisation"] for end in ("", "_untrained"))
        trained, untrained = (each.sel(dichotomy=latent) for each in kinds)
        return trained - untrained

    training = Claim(text, f"generalisation (CCGP) of {label}, trained − untrained", added, "0: as before training")
    return training, *(
        Claim(
            text,
            f"{what} of {label} − clouds of trials at random positions",
            lambda tables, names=names: beyond(tables, *names),
            "0: conditions at random positions",
        )
        for what, names in measured.items()
    )
