"""Figure 5: a network trained by model-free dopamine has choices and prediction errors that model-free learners lack.

They are those of a planner, but also those of an observer who infers which state is good: where transitions are fixed
the two cannot be told apart. Figure S "two_step_akam" shows the task that can.

a, the task. b, reward per trial during training, smoothed over ten updates; thin lines are single networks; dashed,
reference agents in the worlds of the test, which are drawn from the same distribution. Their reward is near the
optimum. c, probability of repeating the first-stage choice, for networks and for reference agents in the same worlds.
d-g, weights of the multi-lag regression of Miller et al. 2017, divided by the sum of all absolute weights, for
networks, a model-based and a model-free learner, and six rats of Miller, Botvinick & Brody 2022 (see analyses/rats.py),
whose task has reward probabilities of 0.8 and 0.2 in blocks. Without the division networks have a planning index of 25
and rats of 6, because networks choose almost without noise. h, i, reward-prediction error (RPE) of network 0 against
that of a learner yoked to its choices, at the onset of the second stage and at reward. j, r² of the networks' RPE with
those of both learners: raw, and partial, the fraction of the variance left by one learner that the other explains. At
reward both learners have the same RPE. Wang et al. 2018 report 0.89 (model-based) and 6e-7 (model-free) for both events
of one network; the second is no raw r², since the reward is in every RPE at reward. The learning rates of the yoked
learners are 0.5 here; fitted ones, and others, in figS_two_step_rpe. A model-based learner and one that infers which
state is good cannot be told apart in this task. All panels but b show recordings with frozen weights. Bars and thick
lines are means, error bars s.e.m. over networks (reference agents: over individuals; rats: over animals), dots single
networks.
"""

import functools
from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import derived, folders, style
from analyses.claim import Claim, title
from analyses.side_by_side import side_by_side
from analyses.two_step_panels import REFERENCE_AGENTS, as_fractions, draw_stay, draw_weights
from pfc_metarl import measures
from pfc_metarl.data.dataset import in_phase
from pfc_metarl.data.trial_table import trials
from pfc_metarl.runs.run import Run

RUN = "runs/two_step"
N_EVENTS = 3000
"""Events in a scatter: the paper shows 30 episodes of 100 trials of one network."""

PROBABILITIES = ("p_common", "p_reward_good", "p_reward_bad", "p_reversal")
LAGS = {"networks": "networks", "model_based": "model-based", "model_free": "model-free", "rats": "rats"}
COLORS = {"model_based": style.MODEL_BASED, "model_free": style.MODEL_FREE}
EVENTS = {"second-stage onset": "onset", "reward": "reward", "both": "both"}
"""Event of the RPE -> label."""

REWARD, STAY, WEIGHTS = "reward_per_trial", "stay_probability", "lagged_regression"
MEASURES = {
    "networks": (REWARD, STAY, WEIGHTS),
    "model_based": (STAY, WEIGHTS),
    "model_free": (STAY, WEIGHTS),
    "latent_state": (REWARD, STAY),
    "hybrid": (STAY,),
    "win_stay_lose_shift": (STAY,),
    "random": (REWARD,),
}
"""What is measured in the choices of each kind of subject; the longest first."""


def measured(run: Run, recording: str, names: tuple[str, ...]) -> dict[str, xr.Dataset]:
    """Measure the choices in a recording."""
    table = trials(run.recording(recording))
    return {name: getattr(measures, name)(table) for name in names}


def dopamine(run: Run) -> dict[str, xr.Dataset]:
    """Compare the networks' prediction errors with those of yoked learners."""
    test = run.recording("test")
    shown = {f"scatter_{learner}": events(test, learner) for learner in COLORS}
    return {**shown, "rpe": measures.rpe_regression(test).drop_vars(["valid", "reason"])}


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment two_step."""
    works = {
        who: functools.partial(measured, run, "test" if who == "networks" else f"test_{who}", names)
        for who, names in MEASURES.items()
    }
    found = side_by_side({"dopamine": functools.partial(dopamine, run), **works})
    history = run.history()[["reward_per_trial"]].rename(network="subject")
    references = {name: found[name][REWARD] for name in ("latent_state", "random")}
    stay = {name: found[name][STAY] for name in ("networks", *REFERENCE_AGENTS)}
    lags = {name: found[name][WEIGHTS] for name in LAGS if name in found}
    lags["rats"] = derived.load(folders.RATS)[0]["lags"]
    later = {name: made[["planning_weight"]].sel(lag=slice(2, None)).sum("lag") for name, made in lags.items()}
    return {
        "task": xr.Dataset(attrs={name: run.manifest["settings"]["task"][name] for name in PROBABILITIES}),
        "history": history.assign(episodes=history["update"] * history.attrs["episodes_per_update"]),
        "references": style.stacked(references, "who"),
        "stay": style.stacked(stay, "who"),
        "earned": style.stacked({"networks": found["networks"][REWARD]}, "who"),
        "lags": style.stacked({name: as_fractions(made) for name, made in lags.items()}, "who"),
        "later": style.stacked(later, "who"),
        **found["dopamine"],
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [{"a": 3, "b": 4, "c": 7}, dict.fromkeys("defg", 1), {"h": 1, "i": 1, "j": 1.3}]
    made, axes = style.figure(rows, height=165)
    draw_task(tables["task"].attrs, ax=axes["a"])
    draw_learning(tables["history"], tables["references"]["reward_per_trial"], ax=axes["b"])
    draw_stay(tables["stay"]["stay_probability"], ax=axes["c"])
    draw_lags(tables["lags"], axes=[axes[panel] for panel in "defg"])
    for panel, learner in zip("hi", COLORS, strict=True):
        draw_scatter(tables[f"scatter_{learner}"], learner, tables["rpe"], ax=axes[panel])
    draw_r_squared(tables["rpe"], ax=axes["j"])
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
    """Draw the multi-lag weights of networks, learners and rats, one panel for each, on one scale."""
    for ax, (who, label) in zip(axes, LAGS.items(), strict=True):
        weights = lags.sel(who=who).dropna("subject", how="all", subset=["coefficient"])
        planning, model_free = (style.mean_sem(weights[f"{name}_index"])[0] for name in ("planning", "model_free"))
        draw_weights(weights["coefficient"], ax=ax)
        ax.set(title=f"{label} (n = {weights.sizes['subject']})", ylim=(-0.25, 0.45))
        ax.text(0.98, 0.98, _indices(planning, model_free), transform=ax.transAxes, ha="right", va="top", fontsize=6)
    axes[0].set_ylabel("weight on repeating the\nchoice, fraction of all")
    axes[-1].figure.legend(*axes[-1].get_legend_handles_labels(), loc="outside lower center", ncols=4)


def _indices(planning: xr.DataArray, model_free: xr.DataArray) -> str:
    return f"planning {float(planning):z.2f}\nmodel-free {float(model_free):z.2f}"


def events(test: xr.Dataset, learner: str) -> xr.Dataset:
    """Return the prediction errors of network 0 and of a yoked learner at both events of the first trials."""
    found = {}
    for stage, phase in (("onset", "first_stage"), ("reward", "second_stage")):
        here = in_phase(test, phase).values[0]
        for name, variable in (("own", "rpe"), ("learner", f"rpe_{learner}")):
            found[f"{name}_{stage}"] = ("event", test[variable].values[0][here][:N_EVENTS].astype(float))
    return xr.Dataset(found)


def draw_scatter(events: xr.Dataset, learner: str, rpe: xr.Dataset, ax: Axes) -> Axes:
    """Draw the RPE of network 0 against a yoked learner's, at both events, and write the r² of each."""
    name = learner.replace("_", "-")
    lines = []
    for stage, color, at in (("reward", style.FAINT, "reward"), ("onset", COLORS[learner], "second-stage onset")):
        x, y = events[f"learner_{stage}"], events[f"own_{stage}"]
        ax.plot(x, y, ".", markersize=1.2, alpha=0.35, color=color, rasterized=True)
        ax.plot([], [], ".", markersize=5, color=color, label=at)
        value = float(rpe["r_squared"].isel(subject=0).sel(stage=at, learner=learner))
        lines.append(f"{stage} {value:.2f}")
    both = float(rpe["r_squared"].isel(subject=0).sel(stage="both", learner=learner))
    ax.set(xlabel=f"RPE of the {name} learner", ylabel="network's RPE")
    text = "\n".join(["network 0, r²", *lines[::-1], f"both {both:.2f}"])
    ax.text(0.98, 0.02, text, transform=ax.transAxes, ha="right", va="bottom", fontsize=6)
    ax.legend(loc="upper left", handletextpad=0)
    return ax


def draw_r_squared(result: xr.Dataset, ax: Axes) -> Axes:
    """Draw raw and partial r² of the networks' RPEs with those of both learners, at each event."""
    groups = [(variable, stage) for variable in ("r_squared", "partial_r_squared") for stage in EVENTS]
    for group, (variable, stage) in enumerate(groups):
        for bar, (learner, color) in enumerate(COLORS.items()):
            values, x = result[variable].sel(stage=stage, learner=learner), group + (bar - 0.5) * 0.38
            if values.isnull().all():
                continue
            mean, sem, n = style.mean_sem(values)
            ax.bar(x, mean, 0.34, color=color, label=learner.replace("_", "-") if group == 0 else None)
            ax.errorbar(x, mean, sem, color="black", linewidth=0.6)
            ax.plot(x + style.jittered(n, 0.2), values.dropna("subject"), ".", color="black", markersize=2)
    same = [group for group, (v, stage) in enumerate(groups) if stage == "reward" and v.startswith("partial")]
    ax.text(same[0], 0.02, "the same\nRPE", ha="center", va="bottom", fontsize=6)
    ax.axvline(len(EVENTS) - 0.5, color=style.FAINT, linewidth=0.5)
    ax.set_xticks(range(len(groups)), [EVENTS[stage] for _, stage in groups])
    for at, text in ((0.25, "raw"), (0.75, "partial")):
        ax.text(at, 1.0, text, transform=ax.transAxes, ha="center", va="top")
    ax.set(ylabel="r² with the network's RPE", ylim=(0, 1.15), yticks=[0, 0.5, 1])
    ax.set_title(f"n = {result.sizes['subject']} networks")
    ax.legend(loc="upper right", bbox_to_anchor=(1, 0.9))
    return ax


def _later(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    """Return the planning weight of trials before the last, summed; a habit cued by the last trial has none."""
    return tables["later"]["planning_weight"].sel(who=who).values


def _partial(tables: Mapping[str, xr.Dataset], learner: str) -> np.ndarray:
    return tables["rpe"]["partial_r_squared"].sel(stage="second-stage onset", learner=learner).values


def _distance(stay: xr.DataArray) -> xr.DataArray:
    """Return how far the stay probabilities of each network are from those of the ideal observer."""
    return abs(stay.sel(who="networks") - stay.sel(who="latent_state")).mean(["outcome", "transition"])


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "planning weight 2 to 5 trials back, networks − model-free learner in the same worlds",
        lambda tables: _later(tables, "networks") - _later(tables, "model_free"),
        "0: habits that depend on the last trial",
    ),
    Claim(
        TITLE,
        "partial r² of the RPE at second-stage onset, model-based − model-free learner",
        lambda tables: _partial(tables, "model_based") - _partial(tables, "model_free"),
        "0: neither learner explains more beyond the other",
    ),
    *(
        Claim(
            "Beyond what a model-free learner explains, a model-based one explains most of their reward-prediction "
            "errors at the second stage; the reverse is not true.",
            f"partial r² of the RPE at second-stage onset, {learner.replace('_', '-')} learner",
            lambda tables, learner=learner: _partial(tables, learner),
            null,
            bounds,
        )
        for learner, null, bounds in (
            ("model_based", "0.5 or less", (0.5, None)),
            ("model_free", "0.05 or more", (None, 0.05)),
        )
    ),
    Claim(
        "The networks choose almost like the ideal observer.",
        "stay probability, networks − ideal observer in the same worlds, mean distance of the four conditions",
        lambda tables: _distance(tables["stay"]["stay_probability"]),
        "0.05 or more; a model-free learner differs by 0.15",
        (None, 0.05),
    ),
    Claim(
        "Their reward is near the optimum.",
        "reward per trial, networks − ideal observer in the same worlds",
        lambda tables: (
            tables["earned"]["reward_per_trial"].sel(who="networks").values
            - tables["references"]["reward_per_trial"].sel(who="latent_state").values
        ),
        "below −0.02, a tenth of the way from the optimum to chance level",
        (-0.02, 0.02),
    ),
)
