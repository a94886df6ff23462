"""Panel of figure 3: how strongly units of several kinds of networks correlate with volatility."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from analyses import style

PAPER_FRACTION = 0.37
"""Wang et al. 2018: fraction of units that track volatility (± 0.01)."""

UNITS = {
    "trained": ("trained", style.NETWORK),
    "untrained": ("untrained", style.FAINT),
    "constant": ("trained in constant volatility", style.MODEL_BASED),
}
"""Kind of networks whose units are drawn -> label and colour."""


def draw_units(units: xr.Dataset, ax: Axes) -> Axes:
    """Draw the fraction of units whose partial correlation with volatility exceeds the abscissa."""
    grid = np.linspace(0, 0.3, 121)
    for row, (kind, (label, color)) in enumerate(UNITS.items()):
        own = units.sel(kind=kind).dropna("subject", how="all")
        above = (np.abs(own["partial_correlation"].values)[..., None] > grid).mean(axis=1)
        ax.plot(grid, above.T, color=color, linewidth=0.4, alpha=0.6)
        ax.plot(grid, above.mean(axis=0), color=color, label=label)
        mean, sem, n = style.mean_sem(own["p_significant"])
        median, chance = (float(own[name].mean()) for name in ("median", "chance"))
        text = f"{100 * float(mean):.0f} ± {100 * float(sem):.0f} %, median {median:.3f} ({chance:.3f})"
        at = {"transform": ax.transAxes, "ha": "right", "va": "top", "color": color, "fontsize": 6}
        ax.text(0.98, 0.64 - 0.08 * row, text, **at)
    ax.axhline(PAPER_FRACTION, color=style.OPTIMUM, linestyle="--", linewidth=0.8)
    ax.text(0.3, PAPER_FRACTION - 0.01, "paper: 37 ± 1 %", ha="right", va="top", color=style.OPTIMUM, fontsize=6)
    ax.set(
        xlabel="|partial r| with volatility",
        ylabel=f"fraction of units above it (n = {n})",
        xlim=(0, 0.3),
        ylim=(0, 1.02),
    )
    ax.legend(loc="upper right", handlelength=1)
    return ax
