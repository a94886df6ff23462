"""Figure W3: the learning rate of activity follows a volatility that is not shown.

Wang et al. 2016 (arXiv:1611.05763), section 3.1.5: two arms pay with p and 1 − p, and p takes a random walk that is
slow in half of the episodes (s.d. 0.02 a trial) and fast in the others (0.2). Frozen weights.

a, cumulative expected regret in 100 trials, a dot for each subject, all in the same worlds: networks; the ideal
observer, which infers the speed of the walk; a Rescorla-Wagner learner with the best fixed learning rate, 0.2; a Kalman
filter for each arm, with the best settings; Thompson sampling that knows of the walk but assumes one speed; UCB; chance
level. Paired t test, networks against the best fixed rate. b, learning rate of a Rescorla-Wagner learner with a
softmax, fitted to the choices of slow and of fast episodes, a line for each subject; both the fit and the learner with
the best fixed rate take the arm not chosen to have paid 1 − reward. A fit that leaves its value as it was has a larger
difference in networks, 0.22, but 0.04 in that learner, too. c, fast − slow, a dot for each subject; t test of the
networks against 0. d, BIC of models with a fixed learning rate (0.2) minus BIC of models with a fitted one, each with
or without lapses, whichever is better, summed over blocks of ten episodes of one kind; above 0 a fitted rate is
preferred. n = 8 networks and 8 individuals of each algorithm, 300 episodes each.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from analyses.significance import t_test
from pfc_metarl.fitting import rate_comparison, rescorla_wagner_fit
from pfc_metarl.measures import cumulative_regret
from pfc_metarl.runs.run import Run

RUN = "runs/restless_bandit"
WHO = {
    "networks": ("networks", style.NETWORK),
    "drift_observer": ("ideal\nobserver", style.OPTIMUM),
    "rescorla_wagner": ("best\nfixed rate", style.MODEL_FREE),
    "kalman_filter": ("Kalman\nfilter", style.MODEL_FREE),
    "known_volatility": ("Thompson,\none speed", style.MODEL_BASED),
    "ucb": ("UCB", style.FAINT),
    "random": ("chance", style.FAINT),
}
"""Kind of subject -> label and colour."""

FITTED = ("networks", "drift_observer", "rescorla_wagner")
BEST_RATE = 0.2


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment restless_bandit."""
    recordings = {who: run.recording("test" if who == "networks" else f"test_{who}") for who in WHO}
    regret = {who: cumulative_regret(recording)[["regret"]] for who, recording in recordings.items()}
    rates = {who: rescorla_wagner_fit(recordings[who], condition="volatile")[["estimate"]] for who in FITTED}
    models = {who: rate_comparison(recordings[who], "volatile", BEST_RATE) for who in FITTED}
    return {
        "regret": style.stacked(regret, "who"),
        "rates": style.stacked(rates, "who"),
        "models": style.stacked(models, "who"),
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1.5, "b": 1.2, "c": 0.9, "d": 0.9}], height=65)
    draw_regret(tables["regret"]["regret"], ax=axes["a"])
    rate = tables["rates"]["estimate"].sel(parameter="learning_rate")
    draw_rates(rate, ax=axes["b"])
    rise = rate.sel(volatile=1) - rate.sel(volatile=0)
    draw_dots(rise, "learning rate, fast − slow", ax=axes["c"])
    text = "networks:\n" + t_test(rise.sel(who="networks").values).replace(", ", "\n")
    axes["c"].text(0.03, 0.25, text, transform=axes["c"].transAxes, fontsize=6)
    draw_dots(tables["models"]["gain"] / 1000, "BIC, fixed − fitted rate (thousands)", ax=axes["d"])
    return made


def draw_regret(regret: xr.DataArray, ax: Axes) -> Axes:
    """Draw the regret of every subject."""
    for place, (who, (_, color)) in enumerate(WHO.items()):
        _draw_subjects(regret.sel(who=who), place, color, ax)
    difference = (regret.sel(who="networks") - regret.sel(who="rescorla_wagner")).values
    text = f"networks − best fixed rate: {np.nanmean(difference):.2f}\n{t_test(difference)}"
    ax.text(0.03, 0.75, text, transform=ax.transAxes, fontsize=6)
    ax.set(ylabel="cumulative regret (rewards)", ylim=(0, None))
    ax.set_xticks(range(len(WHO)), [label.replace("\n", " ") for label, _ in WHO.values()], rotation=40, ha="right")
    return ax


def draw_rates(rate: xr.DataArray, ax: Axes) -> Axes:
    """Draw the learning rates of slow and of fast episodes, a line for each subject."""
    for place, who in enumerate(FITTED):
        for own in rate.sel(who=who).dropna("subject").transpose("subject", "volatile"):
            x = [place - 0.25, place + 0.25]
            ax.plot(x, own.sel(volatile=[0, 1]), "o-", color=WHO[who][1], markersize=2, linewidth=0.7)
    ticks = [place + side for place in range(len(FITTED)) for side in (-0.25, 0.25)]
    ax.set_xticks(ticks, ["slow", "fast"] * len(FITTED), rotation=35)
    for place, who in enumerate(FITTED):
        ax.text(place, 0.32, WHO[who][0], ha="center", fontsize=6, color=WHO[who][1])
    ax.set(ylabel="fitted learning rate", ylim=(0, 0.37), xlim=(-0.6, 2.6))
    return ax


def draw_dots(values: xr.DataArray, label: str, ax: Axes) -> Axes:
    """Draw the value of every subject of the fitted kinds."""
    for place, who in enumerate(FITTED):
        _draw_subjects(values.sel(who=who), place, WHO[who][1], ax)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set_xticks(range(len(FITTED)), [WHO[who][0] for who in FITTED], rotation=35, ha="right")
    ax.set(ylabel=label)
    return ax


def _draw_subjects(values: xr.DataArray, place: int, color: str, ax: Axes) -> None:
    own = values.dropna("subject")
    ax.plot(place + style.jittered(own.size, 0.5), own, ".", color=color, markersize=3)
    ax.plot([place - 0.3, place + 0.3], [float(own.mean())] * 2, color=color)


def _rise(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    rate = tables["rates"]["estimate"].sel(who=who, parameter="learning_rate")
    return (rate.sel(volatile=1) - rate.sel(volatile=0)).values


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "learning rate, fast − slow: networks − learner with a fixed rate in the same worlds",
        lambda tables: _rise(tables, "networks") - _rise(tables, "rescorla_wagner"),
        "0: the difference that is fitted to a fixed rate",
    ),
)
