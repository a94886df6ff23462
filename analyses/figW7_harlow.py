"""Figure W7: one trial is enough in Harlow's task of ten trials, but not where only one object comes back.

Wang et al. 2016 (arXiv:1611.05763), section 3.2.2, where 26 of 100 networks of one layer of LSTM units and 43 of 100
with a stack of two came to ceiling. Here objects are vectors instead of images. Frozen weights, new objects. "One
recurs" is the harder variant that is mentioned there: one of the two objects comes back in every trial, the other is
always new. Its networks have one layer, and met six times as many problems in training.

a, correct choices by the trial of a problem, mean ± s.e.m. over all networks. b, trials 2 to 10, a dot for each
network; above, how many reached 90 % (dashed), and p of Fisher's exact test of one layer against two. c, the second
trial by the outcome of the first: a network that only repeats rewarded choices would be at 50 % after a wrong one;
above, how many reached 85 % (dashed), the criterion that was fixed before. Where one object recurs most networks missed
it after a wrong choice: there one trial is not enough, although an ideal learner is always correct after the first.
After a correct choice it is not shown that they are below it (0.838; 0.853 with a second seed, and 0.827 after a wrong
one). d, fraction of networks of one and of two layers whose reward in training, a mean over 20 updates, has come to
that of 90 % correct; p of a Mann-Whitney test of the problems that one layer and two need, with networks that never
come there ranked last. Dotted, chance level. 300 problems for each network; n is in a. With a second seed 32 of 32
networks of one layer and 28 of 32 of two come to ceiling, and the second trial of two layers after a wrong choice
(0.895) is not shown to be above 85 %.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from analyses import harlow_panels, style
from analyses.claim import Claim, title
from pfc_metarl.measures import intraproblem_learning, second_trial
from pfc_metarl.runs.run import Run

RUN = (
    "runs/harlow_objects_wang2016",
    "runs/harlow_objects_wang2016_stacked",
    "runs/harlow_objects_wang2016_one",
)
WHO = {
    "single": ("one layer", style.NETWORK),
    "stacked": ("two layers", style.MODEL_BASED),
    "one": ("one recurs", style.MODEL_FREE),
}
"""Kind of network, in the order of `RUN` -> label and colour."""

LAYERS = ("single", "stacked")
"""Kinds of network that differ in the number of layers only."""

CEILING = 0.9
"""Correct choices in trials 2 to 10 that count as ceiling."""

CEILING_REWARD = 0.2 + 0.9 * (2 * CEILING - 1)
"""Reward per trial at ceiling: fixation in ten trials, the first choice at chance level, nine at ceiling."""

ENOUGH = 0.85
"""Correct second choices that show that one trial is enough."""


def tables(*runs: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of the three experiments."""
    recordings = {who: run.recording("test") for who, run in zip(WHO, runs, strict=True)}
    histories = {who: harlow_panels.history(run.history()) for who, run in zip(WHO, runs, strict=True)}
    return {
        "learning": style.stacked({who: intraproblem_learning(each) for who, each in recordings.items()}, "who"),
        "second": style.stacked({who: second_trial(each) for who, each in recordings.items()}, "who"),
        "history": style.stacked(histories, "who"),
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1, "b": 1, "c": 1.2, "d": 0.9}], height=62)
    learning = tables["learning"]
    draw_trials(learning["p_correct"], ax=axes["a"])
    draw_ceiling(learning["p_correct_later"], ax=axes["b"])
    draw_second(tables["second"]["p_correct"], ax=axes["c"])
    draw_training(problems_to_ceiling(tables["history"]), ax=axes["d"])
    return made


def draw_trials(p_correct: xr.DataArray, ax: Axes) -> Axes:
    """Draw correct choices against the trial of a problem."""
    for who, (label, color) in WHO.items():
        mean, sem, n = style.mean_sem(100 * p_correct.sel(who=who))
        ax.errorbar(mean["trial"] + 1, mean, sem, color=color, marker=".", markersize=3, label=f"{label} (n = {n})")
    ax.axhline(50, color="black", linestyle=":", linewidth=0.6)
    ax.set(xlabel="trial of a problem", ylabel="correct (%)", ylim=(40, 102), xticks=[1, 2, 4, 6, 8, 10])
    ax.legend(loc="center right")
    return ax


def draw_ceiling(later: xr.DataArray, ax: Axes) -> Axes:
    """Draw the later trials of every network, how many are at ceiling, and whether one layer differs from two."""
    reached = {}
    for place, (who, (_, color)) in enumerate(WHO.items()):
        values = later.sel(who=who).dropna("subject")
        ax.plot(place + style.jittered(values.size, 0.6), 100 * values, ".", color=color, markersize=2.5)
        reached[who] = int((values >= CEILING).sum()), int(values.size)
        ax.text(place, 103, f"{reached[who][0]} of {reached[who][1]}", ha="center", va="bottom", fontsize=6)
    counts = [(k, n - k) for k, n in (reached[who] for who in LAYERS)]
    ax.text(0.02, 0.03, f"layers: p = {stats.fisher_exact(counts).pvalue:.2g}", transform=ax.transAxes, fontsize=6)
    ax.axhline(100 * CEILING, color=style.FAINT, linestyle="--", linewidth=0.7)
    ax.axhline(50, color="black", linestyle=":", linewidth=0.6)
    _name_groups(ax)
    ax.set(ylabel="correct in trials 2 to 10 (%)", ylim=(40, 113), yticks=range(40, 101, 20))
    return ax


def draw_second(p_correct: xr.DataArray, ax: Axes) -> Axes:
    """Draw the second trial of every network after a correct and after a wrong first choice, and how many suffice."""
    for place, (who, (_, color)) in enumerate(WHO.items()):
        counts = []
        for offset, outcome, fill in ((-0.2, "correct", color), (0.2, "wrong", "white")):
            values = 100 * p_correct.sel(who=who, first_choice=outcome).dropna("subject")
            x = place + offset + style.jittered(values.size, 0.3)
            ax.plot(x, values, "o", color=color, markerfacecolor=fill, markersize=2, markeredgewidth=0.4)
            counts.append(f"{int((values >= 100 * ENOUGH).sum())}")
        ax.text(place, 103, f"{', '.join(counts)}\nof {values.size}", ha="center", va="bottom", fontsize=6)
    for outcome, fill in (("correct", style.FAINT), ("wrong", "white")):
        ax.plot([], [], "o", color=style.FAINT, markerfacecolor=fill, markersize=2.5, label=f"first choice {outcome}")
    ax.axhline(100 * ENOUGH, color=style.FAINT, linestyle="--", linewidth=0.7)
    ax.axhline(50, color="black", linestyle=":", linewidth=0.6)
    _name_groups(ax)
    ax.set(ylabel="correct in trial 2 (%)", ylim=(40, 113), yticks=range(40, 101, 20))
    ax.legend(loc="lower left", handlelength=0.5, bbox_to_anchor=(0, 0.1))
    return ax


def problems_to_ceiling(history: xr.Dataset) -> xr.DataArray:
    """Return after how many thousands of problems the reward of each network is that of ceiling; inf if never."""
    there = history["reward_per_trial"] >= CEILING_REWARD
    first = history["problems"].where(there).min("update") / 1000
    return first.fillna(np.inf).where(history["reward_per_trial"].notnull().any("update"))


def draw_training(first: xr.DataArray, ax: Axes) -> Axes:
    """Draw the fraction of networks that have come to ceiling against the problems met."""
    known = {who: first.sel(who=who).dropna("subject").values for who in LAYERS}
    last = max(values[np.isfinite(values)].max(initial=1.0) for values in known.values()) * 1.1
    for who in LAYERS:
        label, color = WHO[who]
        steps = np.sort(known[who])
        fraction = np.arange(1, steps.size + 1) / steps.size
        reached = np.isfinite(steps)
        x, y = [0, *steps[reached], last], [0, *fraction[reached]]
        ax.plot(x, [*y, y[-1]], drawstyle="steps-post", color=color, label=label)
    p = stats.mannwhitneyu(known["single"], known["stacked"]).pvalue
    ax.text(0.98, 0.05, f"layers:\np = {p:.2g}", transform=ax.transAxes, ha="right", fontsize=6)
    ax.set(xlabel="problems (thousands)", ylabel="fraction at ceiling", ylim=(0, 1.05), xlim=(0, last))
    return ax


def _name_groups(ax: Axes) -> None:
    names = [label.replace(" ", "\n") for label, _ in WHO.values()]
    ax.set_xticks(range(len(names)), names)
    ax.set_xlim(-0.6, len(names) - 0.4)


TITLE = title(__doc__)
CLAIMS = (
    *(
        Claim(
            TITLE,
            f"second trial after a wrong first choice, {WHO[who][0]}",
            lambda tables, who=who: tables["second"]["p_correct"].sel(who=who, first_choice="wrong"),
            "0.85 or less; 0.5, one trial teaches nothing",
            (ENOUGH, None),
        )
        for who in LAYERS
    ),
    Claim(
        TITLE,
        "second trial after a wrong first choice, one object recurs",
        lambda tables: tables["second"]["p_correct"].sel(who="one", first_choice="wrong"),
        "0.85 or more: one trial is enough",
        (None, ENOUGH),
    ),
)
