"""Supplementary figure: habits that are cued by the last trial do not explain the two-step networks.

A model-free learner whose state includes where the last trial ended and whether it was rewarded ("reward as cue", Akam
et al. 2015, doi:10.1371/journal.pcbi.1004648) has the stay probabilities of a planner. It cannot have an influence of
earlier trials.

a, probability of repeating the first-stage choice. b, logistic regression of staying, with the regressor of Akam et al.
for a correct last choice, which does not identify the extended-state learner either; bars are standard errors clustered
by subject, one fit for all subjects of a kind. c-h, weights of the multi-lag regression of Miller et al. 2017
(doi:10.1038/nn.4613), with their indices, the sums over lags. i, its planning weight, (common − rare) after reward plus
(rare − common) after no reward, at each lag (colours as in b); the networks' sum over lags 2 to 5 is tested against 0
and against that of the extended-state learner in the same worlds (t tests over networks, the second paired; scipy). j,
planning and model-free index of single networks, individuals of the reference agents, and rats. k, reward per trial of
the networks, of the same networks before training, and of networks trained without the reward as an input or without
recurrence. Without the reward as an input, or without recurrence, networks stay at chance level. Prediction errors are
compared in figS_two_step_rpe.

n = 8 networks and 8 individuals of each reference agent, 300 sessions of 100 trials each, all with frozen weights, in
the same worlds; in a-j the ideal observer, a Bayes filter, chooses by a softmax. Dots are single networks, error bars
s.e.m. over subjects. Rats: six animals of Miller, Botvinick & Brody 2022 (doi:10.7554/eLife.64575; see
analyses/rats.py), 480 to 12,370 choices each, in a task with reward probabilities of 0.8 or 0.2 in blocks; an example,
not the 21 rats of the paper.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import derived, folders, style
from analyses.claim import Claim, title
from analyses.significance import t_test
from analyses.two_step_panels import draw_stay, draw_weights
from pfc_metarl.measures import (
    lagged_regression,
    reward_per_trial,
    stay_probability,
    stay_regression,
)
from pfc_metarl.runs.run import Run

RUN = ("runs/two_step", "runs/two_step_no_reward", "runs/two_step_feedforward")
EXTENDED = "#CC79A7"
WHO = {
    "networks": ("networks", style.NETWORK),
    "soft_observer": ("ideal observer", style.OPTIMUM),
    "model_based": ("model-based", style.MODEL_BASED),
    "extended_state": ("extended-state", EXTENDED),
    "model_free": ("model-free", style.MODEL_FREE),
    "rats": ("rats", "#8c6d31"),
}
"""Kind of subject -> label and colour."""

CONTROLS = {"untrained": "untrained", "no_reward": "no reward\ninput", "feedforward": "feed-\nforward"}


def tables(run: Run, no_reward: Run, feedforward: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of the experiments two_step and of its two controls."""
    test = run.recording("test")
    reference_agents = {
        name: run.recording(f"test_{name}") for name in ("hybrid", *WHO) if name not in ("networks", "rats")
    }
    controls = {
        "untrained": run.recording("test_untrained"),
        "no_reward": no_reward.recording("test"),
        "feedforward": feedforward.recording("test"),
    }
    subjects = {"networks": test, **reference_agents}
    measured = {
        "stay": {name: stay_probability(subjects[name]) for name in subjects},
        "regression": {name: stay_regression(subjects[name]) for name in subjects},
        "lags": {name: lagged_regression(recording) for name, recording in (subjects | controls).items()},
        "reward": {name: reward_per_trial(recording) for name, recording in (subjects | controls).items()},
    }
    of_rats, _ = derived.load(folders.RATS)
    for name, table in of_rats.items():
        measured[name]["rats"] = table
    regressions = list(measured["regression"].values())
    coords = xr.IndexVariable("who", list(measured["regression"]))
    return {
        **{name: _stacked(measured[name]) for name in ("stay", "lags", "reward")},
        "regression": xr.concat(regressions, coords, join="outer", combine_attrs="drop"),
    }


def _stacked(results: Mapping[str, xr.Dataset]) -> xr.Dataset:
    stacked = style.stacked(results, "who")
    return stacked.drop_vars([name for name in ("standard_error", "bias", "n_trials") if name in stacked])


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [{"a": 3, "b": 2}, dict.fromkeys("cdefgh", 1), {"i": 1.1, "j": 1.2, "k": 1}]
    made, axes = style.figure(rows, height=165)
    shown = [name for name in WHO if name in tables["stay"]["who"]]
    draw_stay(_labelled(tables["stay"]["stay_probability"].sel(who=shown)), ax=axes["a"])
    draw_regression(tables["regression"].sel(who=shown), ax=axes["b"])
    lags = tables["lags"]
    for letter, who in zip("cdefgh", WHO, strict=True):
        draw_weights_of(lags, who, ax=axes[letter])
    axes["c"].set_ylabel("weight on repeating\nthe choice (log odds)")
    axes["c"].figure.legend(*axes["c"].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    draw_planning_weight(lags.sel(who=shown), ax=axes["i"])
    draw_indices(lags, ax=axes["j"])
    draw_rewards(tables["reward"]["reward_per_trial"], ax=axes["k"])
    return made


def _labelled(values: xr.DataArray) -> xr.DataArray:
    return values.assign_coords(
        who=[WHO[name][0].replace(" ", "\n").replace("-", "-\n") for name in values["who"].values]
    )


def draw_regression(regression: xr.Dataset, ax: Axes) -> Axes:
    """Draw the coefficients of the one-back regression, with its regressor for a correct last choice."""
    terms = ["reward", "transition", "reward x transition", "correct"]
    kinds = regression["who"].values
    for place, name in zip(style.jittered(len(kinds), 0.6), kinds, strict=True):
        label, color = WHO[name]
        found = regression.sel(who=name, term=terms)
        x = np.arange(len(terms)) + place
        ax.errorbar(x, found["coefficient"], found["standard_error"], color=color, fmt="o", markersize=2.5, label=label)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set_xticks(range(len(terms)), ["reward", "transition", "reward ×\ntransition", "last choice\ncorrect"])
    ax.set(ylabel="weight on staying (log odds)")
    ax.legend(loc="upper left", labelspacing=0.2, handlelength=1)
    return ax


def draw_weights_of(lags: xr.Dataset, who: str, ax: Axes) -> Axes:
    """Draw the multi-lag weights of one kind of subject, with its indices."""
    if who not in lags["who"]:
        ax.axis("off")
        return ax
    weights = lags.sel(who=who).dropna("subject", how="all", subset=["coefficient"])
    draw_weights(weights["coefficient"], ax=ax)
    planning, model_free = (float(style.mean_sem(weights[f"{name}_index"])[0]) for name in ("planning", "model_free"))
    ax.set_title(WHO[who][0], loc="right", fontsize=6)
    text = f"planning {planning:z.1f}\nmodel-free {model_free:z.1f}"
    ax.text(1, 0.98, text, transform=ax.transAxes, ha="right", va="top", fontsize=6)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.25 * (high - low))  # above the lines there is room for the text
    return ax


def draw_planning_weight(lags: xr.Dataset, ax: Axes) -> Axes:
    """Draw the planning weight against trials back, and test what the networks have of it beyond one trial."""
    for name in lags["who"].values:
        label, color = WHO[name]
        mean, sem, _ = style.mean_sem(lags["planning_weight"].sel(who=name))
        ax.errorbar(mean["lag"], mean, sem, color=color, marker="o", markersize=2.5, label=label)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="trials back", ylabel="planning weight (log odds)", xticks=lags["lag"].values)
    later = lags["planning_weight"].sel(lag=slice(2, None)).sum("lag", skipna=False)
    own, habit = (later.sel(who=name).values for name in ("networks", "extended_state"))
    text = f"lags 2 to 5, networks:\n{t_test(own)}\nnetworks − extended-state:\n{t_test(own - habit)}"
    ax.text(0.99, 0.98, text, transform=ax.transAxes, ha="right", va="top", fontsize=6)
    return ax


def draw_indices(lags: xr.Dataset, ax: Axes) -> Axes:
    """Draw the two indices of every single subject."""
    kinds = {**WHO, "hybrid": ("hybrid", "#56B4E9"), **dict.fromkeys(CONTROLS, ("control networks of k", style.FAINT))}
    seen = set()
    for name, (label, color) in kinds.items():
        if name in lags["who"]:
            marker = {"networks": "o", "rats": "^"}.get(name, "x" if name in CONTROLS else "s")
            found = lags.sel(who=name)
            text = None if label in seen else label
            x, y = found["planning_index"], found["model_free_index"]
            ax.plot(x, y, marker, color=color, markersize=3, label=text, linestyle="none", alpha=0.8, linewidth=0)
            seen.add(label)
    for line in (ax.axhline, ax.axvline):
        line(0, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="planning index (log odds)", ylabel="model-free index (log odds)", ylim=(None, 11.5))
    ax.legend(loc="upper right", labelspacing=0.2, handlelength=1)
    return ax


def draw_rewards(reward: xr.DataArray, ax: Axes) -> Axes:
    """Draw reward per trial of the networks and their controls, a dot for each network."""
    for place, name in enumerate(("networks", *CONTROLS)):
        found = reward.sel(who=name)
        mean, sem, n = style.mean_sem(found)
        color = style.NETWORK if name == "networks" else style.FAINT
        ax.bar(place, mean, 0.6, color=color)
        ax.errorbar(place, mean, sem, color="black", linewidth=0.8)
        ax.plot(place + style.jittered(found.sizes["subject"], 0.4), found, ".", color=style.MODEL_FREE, markersize=2)
    levels = {"soft_observer": "ideal observer", "extended_state": "extended-state"}
    for name, label in levels.items():
        level = float(reward.sel(who=name).mean())
        ax.axhline(level, color=WHO[name][1], linestyle="--")
        ax.text(3.45, level + 0.003, label, ha="right", va="bottom", fontsize=6, color=WHO[name][1])
    ax.axhline(0.5, color="black", linestyle=":", linewidth=0.6)
    ax.set_xticks(range(4), ["networks", *CONTROLS.values()])
    ax.set(ylabel="reward per trial", ylim=(0.45, 0.74), title=f"n = {n} networks each")
    return ax


def _later(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    """Return the planning weight of trials before the last, summed."""
    weight = tables["lags"]["planning_weight"].sel(who=who, lag=slice(2, None))
    return weight.sum("lag", skipna=False).values


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "planning weight 2 to 5 trials back, networks − extended-state learner in the same worlds",
        lambda tables: _later(tables, "networks") - _later(tables, "extended_state"),
        "0: the extended-state learner",
    ),
    *(
        Claim(
            "Without the reward as an input, or without recurrence, networks stay at chance level.",
            f"reward per trial, {name.replace('_', ' ')}",
            lambda tables, name=name: tables["reward"]["reward_per_trial"].sel(who=name),
            "outside 0.49 to 0.51",
            (0.49, 0.51),
        )
        for name in ("no_reward", "feedforward")
    ),
)
