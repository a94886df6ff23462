"""Panels of the figures of units; `analyses.unit_tables` measures their tables."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from analyses import style
from analyses.significance import different, significant

Looks = Mapping[str, tuple[str, str, str]]
"""What is regressed or decoded -> label, colour and marker."""

NETWORKS: Looks = {
    "trained": ("trained networks", style.NETWORK, "o"),
    "untrained": ("untrained", style.FAINT, "s"),
    "shuffled": ("labels shuffled", style.FAINT, "x"),
}
PERCEPT: Looks = {"percept": ("last trial alone", style.OPTIMUM, "^")}


def draw_strength(strength: xr.DataArray, who: Looks, ax: Axes) -> Axes:
    """Draw the absolute partial correlation of each signature, one marker for each of `who`."""
    rows = np.arange(strength.sizes["regressor"])[::-1]
    for above, name in zip(np.linspace(0.3, -0.3, strength.sizes["who"]), strength["who"].values, strict=True):
        label, color, marker = who[name]
        own = strength.sel(who=name).dropna("subject", how="all")
        mean, sem, n = style.mean_sem(own)
        y = rows + above
        ax.errorbar(mean, y, xerr=sem, fmt=marker, markersize=3, color=color, elinewidth=0.6, label=label)
        if name == "trained":
            offsets = np.add.outer(y, style.jittered(n, 0.12))
            ax.plot(own.transpose("regressor", "subject"), offsets, ".", color=color, markersize=1.5, alpha=0.5)
    for row in rows[strength.isnull().all(["who", "subject"]).values]:
        ax.text(0, row, "not known yet", va="center", fontsize=6, color=style.FAINT)
    for row in rows[:-1]:
        ax.axhline(row - 0.5, color=style.FAINT, linewidth=0.2)
    ax.set_yticks(rows, strength["regressor"].values)
    ax.set(xlabel="|partial correlation|, median over units", xlim=(-0.02, 0.85), ylim=(-0.6, rows[0] + 0.6))
    return ax


def star_rows(found: xr.DataArray, ax: Axes) -> Axes:
    """Draw a star at the end of each row of `draw_strength` that is significant."""
    rows = np.arange(found.sizes["regressor"])[::-1]
    for row in rows[found.values]:
        ax.text(1.01, row, "*", transform=ax.get_yaxis_transform(), ha="left", va="center", fontsize=8)
    return ax


def draw_units(partial: xr.DataArray, ax: Axes) -> Axes:
    """Draw the signed partial correlations of a network's units as an image."""
    image = ax.imshow(partial.transpose("regressor", "unit"), cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
    ax.set_yticks(range(partial.sizes["regressor"]), partial["regressor"].values)
    ax.set(xlabel="unit (for the order, see the legend)", xticks=[])
    ax.figure.colorbar(image, ax=ax, label="partial correlation", ticks=[-1, 0, 1], shrink=0.8)
    return ax


def draw_fractions(fraction: xr.DataArray, who: Looks, ax: Axes) -> Axes:
    """Draw the fraction of units that encode each signature, of networks and of their controls."""
    draw_columns(fraction, who, ax)
    ax.axhline(0.05, color=style.FAINT, linewidth=0.5, linestyle="--")
    ax.set(ylabel="fraction of units", ylim=(-0.03, 1.05))
    return ax


def draw_unique(unique: xr.DataArray, who: Looks, ax: Axes) -> Axes:
    """Draw the variance explained by each signature only."""
    draw_columns(unique, who, ax)
    ax.set(ylabel="unique r², mean over units", yscale="log", ylim=(1e-5, 1))
    return ax


def draw_columns(values: xr.DataArray, who: Looks, ax: Axes) -> Axes:
    """Draw means and s.e.m. over networks, one column per signature."""
    for index, name in enumerate(NETWORKS):
        label, color, marker = who[name]
        mean, sem, _ = style.mean_sem(values.sel(who=name))
        x = np.arange(values.sizes["regressor"]) + 0.2 * (index - 1)
        ax.errorbar(x, mean, sem, fmt=marker, markersize=3, color=color, elinewidth=0.6, label=label)
    names = values["regressor"].values
    ax.set_xticks(range(len(names)), names, rotation=40, ha="right", rotation_mode="anchor")
    return ax


def draw_past(decoded: xr.Dataset, past: str, ax: Axes) -> Axes:
    """Draw the decoding of the choice or the reward of past trials, above chance level."""
    over = (decoded["score"] - decoded["chance"]).sel(past=past)
    lag = over["lag"].values
    for name, (label, color, marker) in {**NETWORKS, **PERCEPT}.items():
        if name not in over["who"].values:
            continue
        own = over.sel(who=name)
        mean, sem, _ = style.mean_sem(own)
        ax.errorbar(lag, mean, sem, color=color, elinewidth=0.6, label=label, linewidth=0.8)
        ax.plot(lag, mean, marker, color=color, markersize=3, markerfacecolor="white", linestyle="none")
        found = significant(own).values
        ax.plot(lag[found], mean.values[found], marker, color=color, markersize=3, linestyle="none")
    own = over.sel(who="trained").transpose("lag", "subject")
    ax.plot(lag, own, color=style.NETWORK, linewidth=0.3, alpha=0.4)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="trials back", ylabel=f"past {past} decoded,\narea − chance", xticks=lag, ylim=(-0.06, 0.6))
    return ax


def draw_targets(decoded: xr.Dataset, ax: Axes) -> Axes:
    """Draw the decoding of numbers."""
    looks = [item for item in {**NETWORKS, **PERCEPT}.items() if item[0] in decoded["who"].values]
    for index, (name, (label, color, marker)) in enumerate(looks):
        own = decoded.sel(who=name)
        mean, sem, n = style.mean_sem(own["score"])
        x = np.arange(own.sizes["target"]) + 0.24 * (index - 1)
        dots = np.add.outer(x, style.jittered(n, 0.14))
        ax.plot(dots, own["score"].transpose("target", "subject"), ".", color=color, markersize=1.5, alpha=0.6)
        ax.errorbar(x, mean, sem, fmt=marker, markersize=3.5, color=color, elinewidth=0.6, label=label)
        chance = own["chance"].mean("subject")
        ax.hlines(chance, x - 0.1, x + 0.1, color=style.MODEL_BASED, linewidth=1, label=_once("shuffled", index))
    star_columns(np.arange(decoded.sizes["target"]), different(decoded["score"]), ax)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set_xticks(range(decoded.sizes["target"]), decoded["target"].values)
    ax.set(ylabel="decoded, cross-validated r²", ylim=(-0.35, 1.05), xlim=(-0.5, decoded.sizes["target"] - 0.5))
    return ax


def star_columns(x: np.ndarray, found: xr.DataArray, ax: Axes) -> Axes:
    """Draw a star above each significant place."""
    for place in x[found.values]:
        ax.text(place, 1.0, "*", transform=ax.get_xaxis_transform(), ha="center", va="center", fontsize=8)
    return ax


def _once(label: str, index: int) -> str | None:
    return None if index else label


def draw_areas(score: xr.DataArray, across: str, looks: Looks, ax: Axes) -> Axes:
    """Draw areas under the curve, a group of markers for each target; filled, trained networks, open, untrained."""
    differ = different(score)
    for index, (name, (label, color, marker)) in enumerate(looks.items()):
        x = np.arange(score.sizes["target"]) + 0.8 * (index + 0.5) / len(looks) - 0.4
        star_columns(x, differ.sel({across: name}), ax)
        for who, fill in (("trained", color), ("untrained", "white")):
            own = score.sel({"who": who, across: name})
            mean, sem, n = style.mean_sem(own)
            dots, shown = np.add.outer(x, style.jittered(n, 0.1)), label if who == "trained" else None
            ax.plot(dots, own.transpose("target", "subject"), ".", color=style.FAINT, markersize=1.5)
            ax.errorbar(x, mean, sem, fmt=marker, color=color, markerfacecolor=fill, markersize=3.5, label=shown)
    ax.axhline(0.5, color=style.FAINT, linewidth=0.6, linestyle="--")
    ax.set_xticks(range(score.sizes["target"]), score["target"].values)
    ax.set(ylabel="area under the curve", xlim=(-0.5, score.sizes["target"] - 0.5))
    ax.set_title("filled, trained; open, untrained", fontsize=6)
    return ax
