"""Supplementary figure: given dopamine instead of the reward, networks reproduce Simulations 2 to 5, and 1 in part.

Simulation 6 of Wang et al. 2018 has two networks, an actor and a critic. The critic's reward-prediction error is an
input of the actor, which does not see the reward. The paper says that this architecture reproduces the other
simulations too. Black: actor and critic share a network, and the reward is an input, as in figures 2 to 6. Blue: the
architecture of Simulation 6, LSTM units, trained with the recipes of those experiments, but for a lower learning rate
in foraging and the two-step task, and more updates in the latter. All networks are recorded with frozen weights, in the
same worlds for both architectures. Grey areas and dotted lines: the criteria of the experiments, which were fixed for
the architecture of figures 2 to 6 and were not changed. With either seed not all networks reach those of a: most of
them match in all sessions, and at held-out base probabilities it is not shown that their mean does.

a, Simulation 1: matching slope, of all sessions and of those with base probabilities that did not occur in training. b,
Simulation 2: learning rate fitted to the volatile half minus that of the stable half, by which half is first. c,
Simulation 3: dopamine at the cue in the first trial after a reversal, rewarded minus unrewarded target, where the
change was experienced and where it has to be inferred; the dotted line is the criterion for the latter. d, the
inferred change over the experienced change. e, Simulation 4: planning weight of the multi-lag regression at each lag
(Miller et al. 2017); the criterion is that for two trials back. f, Simulation 5: correct choices in each trial of
problems with new objects.

Dots are networks, bars and thick lines means, error bars s.e.m. over networks; in f, thin lines are networks.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from pfc_metarl.data.trial_table import trials
from pfc_metarl.fitting import rescorla_wagner_fit
from pfc_metarl.measures import (
    cue_responses,
    inferred_change,
    intraproblem_learning,
    lagged_regression,
    matching,
    reward_per_trial,
)
from pfc_metarl.runs.run import Run

SIMULATIONS = ("foraging", "volatility", "inferred_value", "two_step", "harlow_objects")
RUN = tuple(f"runs/{name}{kind}" for kind in ("", "_rpe_input") for name in SIMULATIONS)
ARCHITECTURES = {"reward": ("reward as input", style.NETWORK), "rpe": ("dopamine as input", "#56B4E9")}
"""Input of the actor -> label and colour."""

ORDERS = {"stable_first": "stable\nfirst", "volatile_first": "volatile\nfirst"}
HELD_OUT = ((0.1, 0.2), (0.3, 0.4))
"""Base probabilities of the left target that did not occur in training."""

CRITERIA = {
    "reward, foraging": (0.43, None),
    "all": (0.8, 1.0),
    "held out": (0.7, 1.0),
    "rise": (0.02, None),
    "inferred": (0.32, None),
    "ratio": (0.8, 1.25),
    "reward, two-step": (0.68, None),
    "planning": (1.1, None),
    "first": (0.4, 0.6),
    "later": (0.93, None),
}
"""Of the experiments, for the architecture of figures 2 to 6."""


def tables(*runs: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of five experiments, and of these on the other architecture."""
    kinds = dict(zip(ARCHITECTURES, (runs[: len(SIMULATIONS)], runs[len(SIMULATIONS) :]), strict=True))
    measured = {kind: [one(run) for one, run in zip(MEASURES, own, strict=True)] for kind, own in kinds.items()}
    return {
        name: style.stacked({kind: found[number] for kind, found in measured.items()}, "input")
        for number, name in enumerate(SIMULATIONS)
    }


def foraging(run: Run) -> xr.Dataset:
    """Measure reward and matching slopes."""
    table = trials(run.recording("test"))
    parts = {"all": table, "held out": table[is_held_out(table["p_base_0"])]}
    slopes = style.stacked({name: matching(part)[["slope"]] for name, part in parts.items()}, "sessions")
    return reward_per_trial(table)[["reward_per_trial"]].merge(slopes)


def is_held_out(p_left: pd.Series) -> pd.Series:
    """Return which base probabilities did not occur in training."""
    return np.logical_or.reduce([p_left.between(low, high, inclusive="neither") for low, high in HELD_OUT])


def volatility(run: Run) -> xr.Dataset:
    """Measure how much higher the learning rate is in the volatile half."""
    rises = {}
    for order in ORDERS:
        rate = rescorla_wagner_fit(run.recording(order), condition="volatile")["estimate"]
        rate = rate.sel(parameter="learning_rate", drop=True)
        rises[order] = (rate.sel(volatile=1, drop=True) - rate.sel(volatile=0, drop=True)).to_dataset(name="rise")
    return style.stacked(rises, "order")


def inferred_value(run: Run) -> xr.Dataset:
    """Measure how dopamine distinguishes the cues in the first trial after a reversal."""
    found = inferred_change(cue_responses(run.recording("test"), n_lags=1))
    return found[["discrimination", "ratio"]].sel(lag=1, drop=True)


def two_step(run: Run) -> xr.Dataset:
    """Measure reward and the planning weight at each lag."""
    recording = run.recording("test")
    lags = lagged_regression(recording)[["planning_weight"]]
    return reward_per_trial(recording)[["reward_per_trial"]].merge(lags)


def harlow_objects(run: Run) -> xr.Dataset:
    """Measure correct choices by trial of a problem."""
    return intraproblem_learning(run.recording("test"))[["p_correct", "p_correct_first", "p_correct_later"]]


MEASURES = (foraging, volatility, inferred_value, two_step, harlow_objects)


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([dict.fromkeys("abc", 1), {"d": 0.7, "e": 1.3, "f": 1.2}], height=115)
    slope = tables["foraging"]["slope"]
    draw_dots({name: slope.sel(sessions=name) for name in ("all", "held out")}, "matching slope", axes["a"])
    rise = tables["volatility"]["rise"]
    rises = {label: rise.sel(order=order) for order, label in ORDERS.items()}
    draw_dots(rises, "learning rate,\nvolatile − stable", axes["b"], ["rise", "rise"])
    change = tables["inferred_value"]["discrimination"]
    changes = {name: change.sel(change=name) for name in ("experienced", "inferred")}
    draw_dots(changes, "dopamine at cue,\nrewarded − unrewarded", axes["c"])
    draw_dots({"ratio": tables["inferred_value"]["ratio"]}, "inferred over\nexperienced change", axes["d"])
    draw_planning(tables["two_step"]["planning_weight"], axes["e"])
    draw_learning(tables["harlow_objects"]["p_correct"], axes["f"])
    axes["e"].figure.legend(*axes["e"].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    for letter, number in zip("abcdef", (1, 2, 3, 3, 4, 5), strict=True):
        axes[letter].set_title(f"Simulation {number}")
    return made


def draw_dots(groups: Mapping[str, xr.DataArray], label: str, ax: Axes, criteria: list[str] | None = None) -> Axes:
    """Draw the values of single networks of both architectures, side by side, with the criterion of each group."""
    for place, (name, criterion) in enumerate(zip(groups, criteria or groups, strict=True)):
        draw_criterion(place, CRITERIA.get(criterion), ax)
        for shift, (kind, (_, color)) in zip((-0.2, 0.2), ARCHITECTURES.items(), strict=True):
            values = groups[name].sel(input=kind).dropna("subject")
            mean, sem, n = style.mean_sem(values)
            ax.plot(place + shift + style.jittered(n, 0.2), values, ".", color=color, markersize=3)
            ax.errorbar(place + shift, mean, sem, color=color, fmt="_", markersize=12, linewidth=0.8)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set_xticks(range(len(groups)), list(groups) if len(groups) > 1 else [""])
    ax.set(ylabel=label, xlim=(-0.6, len(groups) - 0.4))
    return ax


def draw_criterion(place: float, criterion: tuple[float | None, float | None] | None, ax: Axes) -> Axes:
    """Draw the values that meet a criterion: an area, or a line where one end is open."""
    low, high = criterion or (None, None)
    if low is not None and high is not None:
        ax.fill_between([place - 0.45, place + 0.45], low, high, color=style.FAINT, alpha=0.2, linewidth=0)
    elif low is not None:
        ax.plot([place - 0.45, place + 0.45], [low, low], color=style.FAINT, linestyle=":", linewidth=1)
    return ax


def draw_planning(weight: xr.DataArray, ax: Axes) -> Axes:
    """Draw the planning weight against trials back."""
    draw_criterion(2, CRITERIA["planning"], ax)
    for kind, (label, color) in ARCHITECTURES.items():
        own = weight.sel(input=kind).dropna("subject", how="all")
        mean, sem, n = style.mean_sem(own)
        for lag in own["lag"].values:
            ax.plot(lag + style.jittered(n, 0.2), own.sel(lag=lag), ".", color=color, markersize=2)
        ax.errorbar(mean["lag"], mean, sem, color=color, marker="_", label=f"{label} (n = {n})")
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="trials back", ylabel="planning weight (log odds)", xticks=weight["lag"].values)
    return ax


def draw_learning(correct: xr.DataArray, ax: Axes) -> Axes:
    """Draw correct choices against the trial of a problem."""
    trial = correct["trial"] + 1
    for kind, (_, color) in ARCHITECTURES.items():
        own = 100 * correct.sel(input=kind).dropna("subject", how="all")
        ax.plot(trial, own.transpose("trial", "subject"), color=color, linewidth=0.3, alpha=0.5)
        mean, sem, _ = style.mean_sem(own)
        ax.errorbar(trial, mean, sem, color=color, marker=".")
    ax.axhline(50, color=style.FAINT, linewidth=0.5)
    ax.fill_between([0.8, 1.2], 40, 60, color=style.FAINT, alpha=0.2, linewidth=0)
    ax.plot([1.8, trial[-1] + 0.2], [93, 93], color=style.FAINT, linestyle=":", linewidth=1)
    ax.set(xlabel="trial of a problem", ylabel="correct (%)", ylim=(35, 102), xticks=trial.values)
    return ax


TITLE = title(__doc__)


def _claim(measured: str, simulation: str, variable: str, criterion: str, **at: object) -> Claim:
    """Return a claim about the networks that see dopamine, with a criterion of the experiment."""
    low, high = CRITERIA[criterion]
    outside = f"{low:g} or less" if high is None else f"outside {low:g} to {high:g}"
    return Claim(
        TITLE,
        measured,
        lambda tables: tables[simulation][variable].sel(input="rpe", **at).dropna("subject"),
        outside,
        (low, high),
    )


CLAIMS = (
    _claim("Simulation 1: reward per trial", "foraging", "reward_per_trial", "reward, foraging"),
    _claim("Simulation 1: matching slope", "foraging", "slope", "all", sessions="all"),
    *(
        _claim(
            f"Simulation 2: learning rate, volatile − stable, {order.replace('_', ' ')}",
            "volatility",
            "rise",
            "rise",
            order=order,
        )
        for order in ORDERS
    ),
    _claim(
        "Simulation 3: dopamine at cue after an inferred change",
        "inferred_value",
        "discrimination",
        "inferred",
        change="inferred",
    ),
    _claim("Simulation 3: inferred over experienced change", "inferred_value", "ratio", "ratio"),
    _claim("Simulation 4: reward per trial", "two_step", "reward_per_trial", "reward, two-step"),
    _claim("Simulation 4: planning weight two trials back", "two_step", "planning_weight", "planning", lag=2),
    _claim("Simulation 5: correct in trial 1", "harlow_objects", "p_correct_first", "first"),
    _claim("Simulation 5: correct in trials 2 to 6", "harlow_objects", "p_correct_later", "later"),
)
