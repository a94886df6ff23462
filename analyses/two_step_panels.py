"""Panels of the two-step figures: stay probabilities and weights of past trials."""

import xarray as xr
from matplotlib.axes import Axes

from analyses import style

REFERENCE_AGENTS = {
    "latent_state": "ideal\nobserver",
    "model_based": "model-\nbased",
    "hybrid": "hybrid",
    "model_free": "model-\nfree",
    "win_stay_lose_shift": "win-stay\nlose-shift",
}


def draw_stay(stay: xr.DataArray, ax: Axes) -> Axes:
    """Draw stay probabilities as four bars for each kind of subject."""
    width = 0.2
    for group, who in enumerate(stay["who"].values):
        probability = stay.sel(who=who)
        mean, sem, n = style.mean_sem(probability)
        for bar, (outcome, transition) in enumerate(_conditions()):
            at = {"outcome": outcome, "transition": transition}
            x = group + (bar - 1.5) * width
            color = style.REWARDED if outcome == "rewarded" else style.UNREWARDED
            ax.bar(x, mean.sel(at), 0.9 * width, color=color, alpha=1 if transition == "common" else 0.45)
            ax.errorbar(x, mean.sel(at), sem.sel(at), color="black", linewidth=0.6)
            if group == 0:
                ax.plot(x + style.jittered(n, 0.12), probability.sel(at), ".", color="black", markersize=2)
    for color, alpha, label in _stay_legend():
        ax.bar(0, 0, color=color, alpha=alpha, label=label)
    ax.legend(loc="upper right", ncols=2, handlelength=1, columnspacing=1)
    ax.set_xticks(range(stay.sizes["who"]), [REFERENCE_AGENTS.get(who, who) for who in stay["who"].values])
    ax.set(ylabel="stay probability", ylim=(0, 1.3), yticks=[0, 0.5, 1])
    return ax


def _conditions() -> list[tuple[str, str]]:
    return [(outcome, transition) for outcome in ("rewarded", "unrewarded") for transition in ("common", "rare")]


def _stay_legend() -> list[tuple[str, float, str]]:
    colors = {"rewarded": style.REWARDED, "unrewarded": style.UNREWARDED}
    return [(colors[o], 1 if t == "common" else 0.45, f"{t}, {o}") for o, t in _conditions()]


def as_fractions(lags: xr.Dataset) -> xr.Dataset:
    """Return weights and indices of the multi-lag regression as fractions of the sum of all absolute weights.

    The size of weights says how deterministic choices are, their ratio what they depend on.
    """
    whole = abs(lags["coefficient"]).sum(["trial_type", "lag"], skipna=False)
    return lags[["coefficient", "planning_index", "model_free_index"]] / whole


def draw_weights(coefficient: xr.DataArray, ax: Axes) -> Axes:
    """Draw regression weights against trials back, one line per type of trial."""
    mean, sem, _ = style.mean_sem(coefficient)
    for name in coefficient["trial_type"].values:
        color = style.UNREWARDED if "unrewarded" in name else style.REWARDED
        line = "-" if name.startswith("common") else "--"
        here = {"trial_type": name}
        ax.errorbar(
            mean["lag"],
            mean.sel(here),
            sem.sel(here),
            color=color,
            linestyle=line,
            marker="o",
            markersize=2,
            label=name,
        )
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="trials back", xticks=coefficient["lag"].values)
    return ax
