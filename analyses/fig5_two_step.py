"""Figure 5: a network trained by model-free dopamine has choices and prediction errors that no model-free learner has.

They are those of a planner, but also those of an observer who infers which state is good: where transitions are fixed
the two cannot be told apart. Figure S "two_step_akam" shows the task that can.

a, the task. b, reward per trial during training, smoothed over ten updates; thin lines are single networks. c,
probability of repeating the first-stage choice, for networks and for reference agents in the same worlds. d-f, weights
of the multi-lag regression of Miller et al. 2017 for networks, a model-based and a model-free learner. g, h,
reward-prediction error (RPE) of network 0 at the onset of the second stage against that of a learner yoked to its
choices, after removing the other learner's RPE from both. i, fraction of the RPE's variance that one learner explains
beyond the other, all networks. All panels but b show recordings with frozen weights. Bars and thick lines are means,
error bars s.e.m. over networks (reference agents: over individuals), dots single networks.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from statsmodels.regression.linear_model import OLS
from statsmodels.tools.tools import add_constant

from analyses import style
from analyses.two_step_panels import REFERENCE_AGENTS, draw_stay, draw_weights
from pfc_metarl.data.dataset import in_phase
from pfc_metarl.measures import lagged_regression, reward_per_trial, rpe_regression, stay_probability
from pfc_metarl.runs.run import Run

RUN = "runs/two_step"
N_EVENTS = 3000
"""Events in a scatter: the paper shows 30 episodes of 100 trials of one network."""

PROBABILITIES = ("p_common", "p_reward_good", "p_reward_bad", "p_reversal")
LAGS = {"networks": "networks", "model_based": "model-based learner", "model_free": "model-free learner"}


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment two_step."""
    test = run.recording("test")
    recordings = {"networks": test, **{name: run.recording(f"test_{name}") for name in REFERENCE_AGENTS}}
    references = {name: reward_per_trial(run.recording(f"test_{name}")) for name in ("latent_state", "random")}
    history = run.history()[["reward_per_trial"]].rename(network="subject")
    stay = {name: stay_probability(recording) for name, recording in recordings.items()}
    scatters = {
        f"scatter_{learner}": residual_rpe(test, learner, other)
        for learner, other in (("model_based", "model_free"), ("model_free", "model_based"))
    }
    return {
        "task": xr.Dataset(attrs={name: run.manifest["settings"]["task"][name] for name in PROBABILITIES}),
        "history": history.assign(episodes=history["update"] * history.attrs["episodes_per_update"]),
        "references": style.stacked(references, "who"),
        "stay": style.stacked(stay, "who"),
        "lags": style.stacked({name: lagged_regression(recordings[name]) for name in LAGS}, "who"),
        **scatters,
        "rpe": rpe_regression(test).drop_vars(["valid", "reason"]),
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [{"a": 3, "b": 4, "c": 7}, {"d": 1, "e": 1, "f": 1}, {"g": 1, "h": 1, "i": 1}]
    made, axes = style.figure(rows, height=160)
    draw_task(tables["task"].attrs, ax=axes["a"])
    draw_learning(tables["history"], tables["references"]["reward_per_trial"], ax=axes["b"])
    draw_stay(tables["stay"]["stay_probability"], ax=axes["c"])
    draw_lags(tables["lags"], axes=[axes[panel] for panel in "def"])
    for panel, learner, other in (("g", "model_based", "model_free"), ("h", "model_free", "model_based")):
        draw_scatter(tables[f"scatter_{learner}"], learner, other, ax=axes[panel])
    draw_r_squared(tables["rpe"], ax=axes["i"])
    return made


def draw_task(task: dict, ax: Axes) -> Axes:
    """Draw the task: two choices, two second-stage states, transitions and rewards."""
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.axis("off")
    choices, states = {"left": 0.22, "right": 0.78}, {"S1": 0.22, "S2": 0.78}
    box = {"boxstyle": "round,pad=0.35", "linewidth": 0.6}
    for (name, x), color in zip(choices.items(), (style.FAINT, style.FAINT), strict=True):
        ax.text(x, 0.9, name, ha="center", va="center", bbox={**box, "facecolor": "white", "edgecolor": color})
    for (name, x), color in zip(states.items(), (style.MODEL_BASED, style.OPTIMUM), strict=True):
        ax.text(
            x, 0.42, name, ha="center", va="center", color="white", bbox={**box, "facecolor": color, "edgecolor": color}
        )
    common, rare = task["p_common"], 1 - task["p_common"]
    for start, end, width in ((0.22, 0.22, 1.8), (0.78, 0.78, 1.8), (0.22, 0.78, 0.6), (0.78, 0.22, 0.6)):
        shape = {"arrowstyle": "-|>", "linewidth": width, "color": style.NETWORK, "shrinkA": 8, "shrinkB": 8}
        ax.annotate("", (end, 0.45), (start, 0.88), arrowprops=shape)
    ax.text(0.16, 0.66, f"{common:g}", ha="right", va="center")
    ax.text(0.84, 0.66, f"{common:g}", ha="left", va="center")
    ax.text(0.5, 0.78, f"{rare:.2g}", ha="center", va="center")
    for x, p in ((0.22, task["p_reward_good"]), (0.78, task["p_reward_bad"])):
        ax.text(x, 0.22, f"reward\np = {p:g}", ha="center", va="center")
    ax.annotate(
        "", (0.6, 0.22), (0.4, 0.22), arrowprops={"arrowstyle": "<|-|>", "linewidth": 0.6, "color": style.FAINT}
    )
    ax.text(0.5, 0.04, f"swap with p = {task['p_reversal']:g} per trial", ha="center", va="center")
    return ax


def draw_learning(history: xr.Dataset, references: xr.DataArray, ax: Axes) -> Axes:
    """Draw reward per trial against training episodes, with the optimum and chance level."""
    episodes = history["episodes"]
    smooth = history["reward_per_trial"].rolling(update=10, min_periods=1, center=True).mean()
    ax.plot(episodes, smooth, color=style.NETWORK, linewidth=0.4, alpha=0.5)
    ax.plot(episodes, smooth.mean("subject"), color=style.NETWORK)
    lines = (("latent_state", "ideal observer", style.OPTIMUM), ("random", "chance", style.FAINT))
    for name, label, color in lines:
        level = float(references.sel(who=name).mean())
        ax.axhline(level, color=color, linestyle="--")
        ax.text(float(episodes[-1]), level + 0.004, label, ha="right", va="bottom", fontsize=6, color=color)
    ax.set(xlabel="training episodes per network", ylabel="reward per trial", xlim=(0, float(episodes[-1])))
    ax.set(ylim=(0.47, 0.74))
    ax.text(0.02, 0.98, f"n = {history.sizes['subject']} networks", transform=ax.transAxes, va="top", fontsize=6)
    return ax


def draw_lags(lags: xr.Dataset, axes: list[Axes]) -> None:
    """Draw the multi-lag weights of the networks and of two learners, one panel for each."""
    for ax, (who, label) in zip(axes, LAGS.items(), strict=True):
        weights = lags.sel(who=who)
        planning, model_free = (style.mean_sem(weights[f"{name}_index"])[0] for name in ("planning", "model_free"))
        draw_weights(weights["coefficient"], ax=ax)
        ax.set_title(label)
        ax.text(0.98, 0.98, _indices(planning, model_free), transform=ax.transAxes, ha="right", va="top", fontsize=6)
    axes[0].set_ylabel("weight on repeating\nthe choice (log odds)")
    axes[-1].legend(loc="upper right", bbox_to_anchor=(1, 0.86), labelspacing=0.2)


def _indices(planning: xr.DataArray, model_free: xr.DataArray) -> str:
    return f"planning index {float(planning):.1f}\nmodel-free index {float(model_free):.1f}"


def residual_rpe(test: xr.Dataset, learner: str, other: str) -> xr.Dataset:
    """Remove the other learner's RPE from network 0's and from one learner's, at the onset of the second stage."""
    onset = in_phase(test, "first_stage").values[0]
    own, this, given = (
        test[name].values[0][onset][:N_EVENTS].astype(float) for name in ("rpe", f"rpe_{learner}", f"rpe_{other}")
    )
    left, right = (OLS(values, add_constant(given)).fit().resid for values in (own, this))
    fit = OLS(left, add_constant(right)).fit()
    attrs = {"intercept": float(fit.params[0]), "slope": float(fit.params[1]), "r_squared": float(fit.rsquared)}
    return xr.Dataset({"own": ("event", left), "learner": ("event", right)}, attrs=attrs)


def draw_scatter(events: xr.Dataset, learner: str, other: str, ax: Axes) -> Axes:
    """Draw the RPE of network 0 against a yoked learner's, and the line through them."""
    ax.plot(events["learner"], events["own"], ".", markersize=1.2, alpha=0.35, color=style.NETWORK, rasterized=True)
    ends = np.array([events["learner"].min(), events["learner"].max()])
    color = style.MODEL_BASED if learner == "model_based" else style.MODEL_FREE
    ax.plot(ends, events.attrs["intercept"] + events.attrs["slope"] * ends, color=color)
    label, without = learner.replace("_", "-"), other.replace("_", "-")
    ax.set(xlabel=f"{label} RPE,\n{without} taken out", ylabel=f"network's RPE,\n{without} taken out")
    ax.set_title(f"network 0, partial r² = {events.attrs['r_squared']:.2g}")
    return ax


def draw_r_squared(result: xr.Dataset, ax: Axes) -> Axes:
    """Draw raw and partial r² of the networks' RPEs with those of both learners, at second-stage onset."""
    at_onset = result.sel(stage="second-stage onset")
    colors = {"model_based": style.MODEL_BASED, "model_free": style.MODEL_FREE}
    for group, variable in enumerate(("r_squared", "partial_r_squared")):
        mean, sem, n = style.mean_sem(at_onset[variable])
        for bar, (learner, color) in enumerate(colors.items()):
            x, here = group + (bar - 0.5) * 0.35, {"learner": learner}
            ax.bar(x, mean.sel(here), 0.32, color=color, label=learner.replace("_", "-") if group == 0 else None)
            ax.errorbar(x, mean.sel(here), sem.sel(here), color="black", linewidth=0.6)
            ax.plot(x + style.jittered(n, 0.2), at_onset[variable].sel(here), ".", color="black", markersize=2)
    ax.set_xticks([0, 1], ["raw", "partial"])
    ax.set(ylabel="r² with the network's RPE", ylim=(0, 1), title=f"n = {result.sizes['subject']} networks")
    ax.legend(loc="upper right")
    return ax
