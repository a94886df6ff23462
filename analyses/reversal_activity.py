"""Panels of figure 4: activity in the trial of a reversal and in the next one, by phase."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from analyses import style
from pfc_metarl.data.dataset import phase_names
from pfc_metarl.measures import principal_components, trials_after_reversal

LABELS = {"rewarded_side": "latent state", "cue_side": "cue"}
MAX_DOTS = 200
"""Trials in a scatter."""

SIDES = {0: ("left", "<"), 1: ("right", ">")}


def components(test: xr.Dataset) -> xr.Dataset:
    """Return the first two components of the first network's activity in trials n and n + 1, at each phase."""
    truth = tuple(LABELS)
    phases = phase_names(test)
    first = test.isel(network=[0])
    found = [principal_components(first, phase, n_components=2, beside=truth).isel(subject=0) for phase in phases]
    shown = [each[["score", "explained_variance", *truth]].drop_vars("subject") for each in found]
    joined = xr.concat(shown, xr.IndexVariable("phase", phases))
    kinds = []
    for lag in (0, 1):
        where = np.nonzero(trials_after_reversal(first, lag).values[0])
        episode, trial = (xr.DataArray(index[:MAX_DOTS], dims="dot") for index in where)
        chosen = joined.isel(episode=episode, trial=trial).drop_vars(["episode", "trial"], errors="ignore")
        kinds.append(chosen.assign_coords(dot=np.arange(len(episode))))
    return xr.concat(kinds, xr.IndexVariable("lag", [0, 1]), data_vars=["score", *truth], join="outer")


def draw_activity(found: xr.Dataset, axes: Mapping[str, Axes]) -> None:
    """Draw activity in trials n (panels i) and n + 1 (j), one column per phase, with the same axes in both."""
    rows = [[ax for name, ax in axes.items() if name.startswith(letter)] for letter in "ij"]
    for above, below in zip(*rows, strict=True):
        below.sharex(above)
        below.sharey(above)
    for lag, (*panels, key) in enumerate(rows):
        draw_components(found.sel(lag=lag), panels)
        panels[0].set_ylabel(f"trial n{' + 1' if lag else ''}\n{panels[0].get_ylabel()}")
        for ax in (*panels[1:], key):
            ax.set_title("", loc="left")
        key.axis("off")
    entries = axes["i"].get_legend_handles_labels()
    axes["i key"].legend(*entries, loc="center left", markerscale=1.5, handletextpad=0.1).set_in_layout(False)


def draw_components(found: xr.Dataset, axes: list[Axes]) -> None:
    """Draw the first two components of activity at each phase, by latent state and cue."""
    colors = (style.MODEL_BASED, style.MODEL_FREE)
    for phase, ax in zip(found["phase"].values, axes, strict=True):
        here = found.sel(phase=phase).dropna("dot")
        for side, (name, mark) in SIDES.items():
            for state, color in enumerate(colors):
                dots = here["score"].values[(here["cue_side"] == side) & (here["rewarded_side"] == state)]
                label = f"cue {name},\n{SIDES[state][0]} rewarded"
                ax.plot(
                    dots[:, 0], dots[:, 1], mark, color=color, markersize=3, alpha=0.6, markeredgewidth=0, label=label
                )
        percent = 100 * here["explained_variance"].values
        ax.set(xlabel=f"PC 1 ({percent[0]:.0f} %)", ylabel=f"PC 2 ({percent[1]:.0f} %)", title=phase)
        ax.locator_params("x", nbins=2)
        ax.locator_params("y", nbins=4)
