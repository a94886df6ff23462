"""Tables and panels of the figures of timescales: units of several kinds of networks, before and after training."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from analyses import style
from analyses.significance import t_test
from pfc_metarl.measures import aperiodic_exponent, intrinsic_timescale, reward_per_trial


class Kinds(NamedTuple):
    """Kinds of networks that are drawn side by side, along a dimension of the tables."""

    dim: str
    labels: Mapping[str, str]
    colors: Mapping[str, str]
    learned: Mapping[str, float]
    """Lowest reward per trial of networks that learned."""


LEARNED = 0.6
"""Reward per trial, halfway between chance and optimum."""

STATES = {"untrained": "test_untrained", "trained": "test"}
"""State of the weights -> recording."""

GOOD_FIT = 0.5

GREEN = "#00664a"
"""Colour of text for what is drawn in `style.OPTIMUM`."""


def units(recording: xr.Dataset) -> xr.Dataset:
    """Return timescale and exponent of each unit, and the reward of each network."""
    timescale = intrinsic_timescale(recording)
    good = timescale["r_squared"] >= GOOD_FIT
    exponent = aperiodic_exponent(recording)
    return xr.Dataset(
        {
            "timescale": timescale["timescale_trials"].where(good),
            "exponent": exponent["exponent"],
            "reward": reward_per_trial(recording)["reward_per_trial"],
        }
    )


def world_timescale(p_reversal: float) -> float:
    """Return the timescale, in trials, of a state that reverses with a probability."""
    return float(-1 / np.log(1 - 2 * p_reversal))


def draw_autocorrelation(units: xr.DataArray, world: xr.DataArray | None, ax: Axes) -> Axes:
    """Draw the autocorrelation of each unit, before and after training, and of the world if it has one."""
    for state, color in (("untrained", style.FAINT), ("trained", style.NETWORK)):
        lines = ax.plot(units["lag"], units.sel(state=state).transpose("lag", "unit"), color=color)
        for line in lines:
            line.set(linewidth=0.5, alpha=0.7)
        lines[0].set_label(f"{state} units")
    if world is not None:
        ax.plot(world["lag"], world, "--", color=style.OPTIMUM, label="world")
    ax.set(xlabel="lag (trials)", ylabel="autocorrelation", xlim=(0, 50))
    ax.legend(loc="upper right", handlelength=1.2)
    return ax


def draw_timescales(units: xr.Dataset, worlds: Mapping[str, float], kinds: Kinds, ax: Axes) -> Axes:
    """Draw the timescales of all units of each kind, before and after training, on a logarithmic scale of trials."""
    labels = []
    for place, (kind, state) in enumerate(columns(kinds)):
        own = units.sel({kinds.dim: kind, "state": state})
        found = own["timescale"].values.ravel()
        known = np.log10(found[np.isfinite(found)])
        fraction = len(known) / max(1, np.isfinite(own["exponent"]).sum().item())
        color = kinds.colors[kind] if state == "trained" else style.FAINT
        if len(known) > 1 and np.ptp(known) > 0:
            parts = ax.violinplot(known, [place], widths=0.8, showextrema=False)
            parts["bodies"][0].set(facecolor=color, alpha=0.35)
        offsets = np.random.default_rng(0).uniform(-0.2, 0.2, len(known))
        ax.plot(place + offsets, known, ".", color=color, markersize=1, alpha=0.6)
        if len(known):
            ax.plot([place - 0.3, place + 0.3], [np.median(known)] * 2, color=color, linewidth=1.6)
        labels.append(f"{state} ({fraction:.0%})")
    ticks = [0.3, 1, 3, 10, 30]
    ax.set_yticks(np.log10(ticks), [f"{tick:g}" for tick in ticks])
    ax.set_xticks(range(len(labels)), labels, rotation=40, ha="right", rotation_mode="anchor")
    ax.set(ylabel="intrinsic timescale of a unit (trials)", ylim=np.log10([0.2, 70]), xlim=(-0.5, len(labels) - 0.5))
    draw_worlds({kind: np.log10(trials) for kind, trials in worlds.items()}, kinds, ax)
    _name(kinds, ax)
    return ax


def draw_worlds(worlds: Mapping[str, float], kinds: Kinds, ax: Axes) -> Axes:
    """Draw the timescale of the world, for kinds whose world has one."""
    for place, kind in enumerate(kinds.labels):
        if kind in worlds:
            x = 2 * place + np.array([-0.5, 1.5])
            ax.plot(x, [worlds[kind]] * 2, color=style.OPTIMUM, linestyle="--")
            if place == 0:
                ax.annotate(
                    "world", (x[0] + 0.1, worlds[kind]), (0, 1), textcoords="offset points", fontsize=6, color=GREEN
                )
    return ax


def in_trials(ax: Axes) -> Axes:
    """Format the ordinate as timescales in trials."""
    ax.set(ylabel="median timescale of a network (trials)", yscale="log", ylim=(0.3, 80))
    ax.set_yticks([1, 3, 10, 30], ["1", "3", "10", "30"])
    ax.minorticks_off()
    return ax


def columns(kinds: Kinds) -> list[tuple[str, str]]:
    return [(kind, state) for kind in kinds.labels for state in STATES]


def _name(kinds: Kinds, ax: Axes) -> None:
    for place, (kind, label) in enumerate(kinds.labels.items()):
        at, color = 2 * place + 0.5, kinds.colors[kind]
        ax.text(at, 1.01, label, transform=ax.get_xaxis_transform(), ha="center", va="bottom", color=color)


def draw_medians(units: xr.Dataset, variable: str, kinds: Kinds, ax: Axes) -> Axes:
    """Draw the median over units of each network, before and after training."""
    median = units[variable].median("unit")
    for place, (kind, color) in enumerate(kinds.colors.items()):
        pair = median.sel({kinds.dim: kind, "state": list(STATES)})
        learned = (units["reward"].sel({kinds.dim: kind, "state": "trained"}) >= kinds.learned[kind]).values
        x = 2 * place + np.arange(2)
        for network, values in enumerate(pair.transpose("subject", "state").values):
            ax.plot(x, values, color=color, linewidth=0.4, alpha=0.5)
            ax.plot(x[1], values[1], "." if learned[network] else "x", color=color, markersize=3)
        mean, sem, _ = style.mean_sem(pair)
        ax.errorbar(x, mean, sem, color=color, linewidth=1.6)
        compared = np.log(pair) if variable == "timescale" else pair
        text = t_test(compared.diff("state").values.ravel()).replace(", ", "\n")
        ax.text(2 * place + 0.5, 0.99, text, transform=ax.get_xaxis_transform(), ha="center", va="top", fontsize=6)
    names = [state for _, state in columns(kinds)]
    ax.set_xticks(range(len(names)), names, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.margins(y=0.2)
    _name(kinds, ax)
    return ax
