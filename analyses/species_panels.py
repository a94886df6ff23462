"""Panels of the figure of networks, animals and people: bars of groups, weights of the past, and reversals."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from analyses import style
from analyses.two_step_panels import draw_weights

TWO_STEP = {
    "networks": "networks",
    "rats": "rats",
    "carpet": "people, carpet",
    "spaceship": "people, ship",
}
"""Groups on the two-step task."""

BANDITS = {
    "volatility": ("networks, arms", style.NETWORK),
    "foraging": ("networks, baited", style.FAINT),
    "mice": ("mice", style.MODEL_FREE),
    "people": ("people", style.MODEL_BASED),
}
"""Groups on bandits, with their colours."""

PREDICTORS = {
    "hybrid": ("hybrid", style.OPTIMUM),
    "mb": ("model-based", style.MODEL_BASED),
    "mf": ("model-free", style.MODEL_FREE),
    "network": ("networks that are shown the history", style.NETWORK),
}
PREDICTORS_OF_BANDITS = {
    "habit": ("forgetting and habit", style.OPTIMUM),
    "rw2": ("two rates", style.MODEL_BASED),
    "rw": ("one rate", style.MODEL_FREE),
    "network": ("networks that are shown the history", style.NETWORK),
}
INDICES = {"planning": style.MODEL_BASED, "model_free": style.MODEL_FREE}
RATES = {"positive_rate": ("better outcomes", style.MODEL_BASED), "negative_rate": ("worse outcomes", style.MODEL_FREE)}
HISTORY = {"reward": ("rewarded choices", style.MODEL_BASED), "choice": ("choices", style.FAINT)}


def draw_bars(
    values: xr.DataArray, groups: Mapping[str, str], ax: Axes, color: str, place: float, width: float, label: str | None
) -> None:
    """Draw the mean of each group with its subjects at a place beside its tick; a group without values has no bar.

    Parameters
    ----------
    values : DataArray, dims (who, subject)
    groups : mapping
        Label of a group in `values` -> what stands below its bars.
    ax : Axes
    color : str
    place, width : float
        Distances of bars of neighbouring groups are 1.
    label : str or None
        In the legend.
    """
    for group, who in enumerate(groups):
        own, x = values.sel(who=who).dropna("subject"), group + place
        if not own.sizes["subject"]:
            continue
        mean, sem, n = style.mean_sem(own)
        ax.bar(x, mean, width, color=color, alpha=0.7, label=label)
        ax.errorbar(x, mean, sem, color="black", linewidth=0.6)
        ax.plot(x + style.jittered(n, 0.6 * width), own, ".", color="black", markersize=1.5 if n < 100 else 0.3)
        label = None
    ax.set_xticks(range(len(groups)), list(groups.values()))


def draw_lags(weights: xr.DataArray, groups: Mapping[str, str], axes: Sequence[Axes]) -> None:
    """Draw the multi-lag weights of each group on the two-step task, one panel for each, on one scale."""
    for ax, (who, label) in zip(axes, groups.items(), strict=True):
        own = weights.sel(who=who).dropna("subject", how="all")
        draw_weights(own, ax=ax)
        ax.set_title(f"{label}, n = {own.sizes['subject']}", loc="right")
        ax.set(ylim=(-0.25, 0.45))
    axes[0].set_ylabel("weight on repeating the\nchoice, fraction of all")
    axes[0].legend(loc="upper right", handlelength=2.8)  # dashes are seen


def draw_indices(species: xr.Dataset, groups: Mapping[str, str], ax: Axes) -> Axes:
    """Draw planning and model-free index of each group, as fractions."""
    for place, (name, color) in enumerate(INDICES.items()):
        label = name.replace("_", "-")
        draw_bars(species[f"{name}_index"], groups, ax, color, (place - 0.5) * 0.4, 0.36, label)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set(ylabel="index, fraction of all weights", ylim=(-0.45, 1.35), yticks=[0, 0.5, 1])
    ax.legend(loc="upper right", ncols=2)
    return ax


def draw_weight_of_planning(weight: xr.DataArray, groups: Mapping[str, str], ax: Axes) -> Axes:
    """Draw the fitted weight of the model-based system of each group."""
    draw_bars(weight, groups, ax, style.FAINT, 0, 0.6, None)
    ax.set(ylabel="model-based weight of the hybrid", ylim=(0, 1.05))
    return ax


def draw_rates(rate: xr.DataArray, groups: Mapping[str, str], ax: Axes) -> Axes:
    """Draw the learning rates for better and for worse outcomes of each group."""
    for place, (name, (label, color)) in enumerate(RATES.items()):
        draw_bars(rate.sel(parameter=name), groups, ax, color, (place - 0.5) * 0.4, 0.36, label)
    ax.set(ylabel="fitted learning rate", ylim=(0, 1.45), yticks=[0, 0.5, 1])
    ax.legend(loc="upper right")
    return ax


def draw_history(weights: xr.DataArray, groups: Mapping[str, str], axes: Sequence[Axes]) -> None:
    """Draw weights of rewards and choices of the trials before, one panel for each group, on one scale."""
    for ax, (who, label) in zip(axes, groups.items(), strict=True):
        own = weights.sel(who=who).dropna("subject", how="all")
        mean, sem, n = style.mean_sem(own)
        for name, (of_history, color) in HISTORY.items():
            here = {"history": name}
            style_of_line = {"color": color, "marker": "o", "markersize": 2}
            ax.errorbar(mean["lag"], mean.sel(here), sem.sel(here), label=of_history, **style_of_line)
        ax.axhline(0, color=style.FAINT, linewidth=0.5)
        ax.set(xlabel="trials back", xticks=weights["lag"].values, ylim=(-0.3, 0.7))
        ax.set_title(f"{label}, n = {n}", loc="right")
    axes[0].set_ylabel("weight on choosing the\noption, fraction of all")
    axes[0].legend(loc="upper right")


def draw_reversals(correct: xr.DataArray, groups: Mapping[str, tuple[str, str]], ax: Axes) -> Axes:
    """Draw choices of the better option around reversals, a line for each group that has them."""
    for who, (label, color) in groups.items():
        own = correct.sel(who=who).dropna("subject", how="all")
        if not own.sizes["subject"]:
            continue
        mean, sem, _ = style.mean_sem(own)
        ax.fill_between(mean["trial"], mean - sem, mean + sem, color=color, alpha=0.25, linewidth=0)
        ax.plot(mean["trial"], mean, color=color, label=label)
    ax.axvline(-0.5, color=style.FAINT, linewidth=0.5, linestyle="--")
    ax.set(xlabel="trials after a reversal", ylabel="better option chosen", ylim=(0, 1))
    ax.legend(loc="lower right")
    return ax


def draw_predictors(
    per_trial: xr.DataArray,
    chance: xr.DataArray | float,
    groups: Mapping[str, str],
    predictors: Mapping[str, tuple[str, str]],
    ax: Axes,
) -> Axes:
    """Draw the probability of a held-out choice by each predictor, for each group, and chance level."""
    width = 0.8 / len(predictors)
    for place, (name, (label, color)) in enumerate(predictors.items()):
        at = (place - (len(predictors) - 1) / 2) * width
        draw_bars(per_trial.sel(predictor=name), groups, ax, color, at, 0.9 * width, label)
    for group, who in enumerate(groups):
        level = chance if isinstance(chance, float) else float(np.nanmean(chance.sel(who=who)))
        dotted = {"color": "black", "linestyle": ":", "linewidth": 0.8, "label": None if group else "chance"}
        ax.plot([group - 0.47, group + 0.47], [level, level], **dotted)
    ax.set(ylabel="probability of a held-out choice", ylim=(0.25, 1.4), yticks=[0.25, 0.5, 0.75, 1])
    ax.legend(loc="upper right")
    return ax


def gain(found: xr.Dataset, predictor: str, other: str | None = None) -> np.ndarray:
    """Return the log-probability of a held-out choice by a predictor, less that by another, or by a coin."""
    log_p = np.log(found["per_trial"])
    base = np.log(0.5) if other is None else log_p.sel(predictor=other)
    return np.asarray((log_p.sel(predictor=predictor) - base).values)
