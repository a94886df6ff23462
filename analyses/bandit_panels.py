"""Panels of figure 1 that explain it: the task, the network, and choices in single problems."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import FancyBboxPatch

from analyses import style
from pfc_metarl.data.trial_table import trial_view

LEFT, OTHER = style.REWARDED, "#f0e6d8"
"""Colours of choices."""

ARROW = {"arrowstyle": "-|>", "linewidth": 0.8, "color": style.NETWORK, "shrinkA": 0, "shrinkB": 0}

N_EXAMPLES = 40
"""Problems of each kind whose choices are shown."""


def examples(recording: xr.Dataset) -> xr.Dataset:
    """Return whether network 0 chose the better arm, in every trial of the first problems of a recording."""
    p_reward = trial_view(recording, "p_reward", "choice").values[0, :N_EXAMPLES]
    action = trial_view(recording, "action", "choice").values[0, :N_EXAMPLES].astype(int)
    return xr.Dataset({"better": (("problem", "trial"), (action == p_reward.argmax(axis=-1)).astype(np.int8))})


def draw_examples(better: xr.DataArray, ax: Axes) -> Axes:
    """Draw the choices in several problems of two kinds, one row per problem."""
    n_kinds, n_problems, n_trials = better.shape
    colors = ListedColormap([OTHER, style.OPTIMUM])
    for kind in range(n_kinds):
        low = (n_kinds - 1 - kind) * 1.08
        extent = (0.5, n_trials + 0.5, low, low + 1)
        ax.imshow(better[kind], cmap=colors, vmin=0, vmax=1, aspect="auto", extent=extent, rasterized=True)
    ax.set(xlabel="trial", ylim=(0, n_kinds * 1.08 - 0.08), xlim=(0.5, n_trials + 0.5))
    centres = [(n_kinds - 1 - kind) * 1.08 + 0.5 for kind in range(n_kinds)]
    names = [f"{name}\n({n_problems} problems)" for name in better["kind"].values]
    ax.set_yticks(centres, names, rotation=90, va="center", multialignment="center")
    ax.set_title("network 0: green, the better arm", fontsize=6)
    return ax


def choices(test: xr.Dataset) -> xr.Dataset:
    """Return all choices of the first network, one row per episode, and the reward probability of the left arm."""
    p_left = trial_view(test, "p_reward", "choice").sel(option="left")[0, :, 0]
    order = np.argsort(p_left.values)
    action = trial_view(test, "action", "choice").values[0].astype(np.int8)
    return xr.Dataset({"action": (("problem", "trial"), action[order]), "p_left": ("problem", p_left.values[order])})


def draw_choices(made: xr.Dataset, ax: Axes) -> Axes:
    """Draw all choices of the first network, one row per episode, sorted by the reward probability of the left arm."""
    action, p_left = made["action"], made["p_left"].values
    extent = (0.5, action.shape[1] + 0.5, 0, len(p_left))
    colors = ListedColormap([LEFT, OTHER])
    ax.imshow(action, cmap=colors, vmin=0, vmax=1, aspect="auto", origin="lower", extent=extent, rasterized=True)
    marks = np.array([0, 0.25, 0.5, 0.75, 1])
    ax.set_yticks(np.searchsorted(p_left, marks), [f"{mark:g}" for mark in marks])
    ax.set(xlabel="trial", ylabel="problem: p of reward, left arm")
    ax.set_title("network 0: blue left, cream right", fontsize=6)
    return ax


def draw_task(n_trials: int, ax: Axes) -> Axes:
    """Draw two arms with hidden probabilities of reward, and what is the same for a whole problem."""
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.axis("off")
    for x, name, p, color in ((0.05, "left", "pₗ", style.MODEL_BASED), (0.57, "right", "pᵣ", style.MODEL_FREE)):
        ax.add_patch(FancyBboxPatch((x, 0.72), 0.36, 0.2, boxstyle="round,pad=0.02", fill=False, edgecolor=color))
        ax.text(x + 0.18, 0.82, f"{name} arm\npays 1 with {p}", ha="center", va="center", fontsize=6)
    lines = (
        f"a problem: {n_trials} choices, pₗ and pᵣ fixed and hidden",
        "next problem: new pₗ and pᵣ, memory cleared",
        "trained on independent arms:\n  pₗ and pᵣ each uniform in [0, 1]",
        "or on correlated arms:\n  pₗ uniform in [0, 1], pᵣ = 1 − pₗ",
    )
    for y, line in zip((0.58, 0.46, 0.29, 0.07), lines, strict=True):
        ax.text(0.02, y, line, va="center", fontsize=6)
    return ax


def draw_network(units: int, core: str, ax: Axes) -> Axes:
    """Draw the inputs and outputs of the network, and what dopamine does in training."""
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.axis("off")
    box = {"boxstyle": "round,pad=0.4", "linewidth": 0.6, "facecolor": "white", "edgecolor": style.MODEL_BASED}
    ax.text(0.5, 0.62, f"{units} {core.upper()}\nunits", ha="center", va="center", bbox=box)
    for y, name in ((0.82, "trial"), (0.62, "last action"), (0.42, "last reward")):
        ax.text(0.0, y, name, ha="left", va="center", fontsize=6)
        ax.annotate("", (0.36, 0.62 + 0.4 * (y - 0.62)), (0.25, y), arrowprops=ARROW)
    for y, name in ((0.75, "choice"), (0.49, "value V")):
        ax.text(1.0, y, name, ha="right", va="center", fontsize=6)
        ax.annotate("", (0.79, y), (0.64, 0.62 + 0.4 * (y - 0.62)), arrowprops=ARROW)
    loop = {**ARROW, "connectionstyle": "arc3,rad=-1.2"}
    ax.annotate("", (0.58, 0.75), (0.42, 0.75), arrowprops=loop)
    ax.text(0.5, 0.97, "memory", ha="center", va="bottom", fontsize=6)
    ax.annotate("", (0.5, 0.49), (0.5, 0.3), arrowprops={**ARROW, "color": style.MODEL_FREE, "linewidth": 1.2})
    dopamine = "dopamine δ = r + γV′ − V\nchanges the weights in training;\nin all recordings they are frozen"
    ax.text(0.5, 0.27, dopamine, ha="center", va="top", fontsize=6, color=style.MODEL_FREE)
    return ax
