"""Supplementary figure: the planning index rises in training, and less if dopamine is blocked at its events.

Eight networks, trained as those of figure 5, recorded with frozen weights before training, after seven parts
of it (dotted in a) and at its end; 100 episodes of 100 trials each. a, reward per trial during training. b, dopamine:
the network's reward-prediction error when the second stage appears, by whether the state reached was the good one, and
at the outcome. c, planning and model-free index of the multi-lag regression (Miller et al. 2017). d, fraction of the
variance of that prediction error, at the onset of the second stage, which a model-based learner explains beyond a
model-free one, and the reverse (both yoked to the networks' choices). e, which state is good, which the network is
never shown, decoded from all units before the first-stage choice, in episodes that the decoder was not fitted to (40
episodes); grey, with shuffled episodes. f, participation ratio of activity before the first-stage choice: about how
many dimensions it has.

g, h, dopamine blocked during training, which Wang et al. 2018 propose as a test of the theory: the prediction error is
set to 0, for actor and critic, at every step, at half of the steps (at random), when the second stage appears, or at
the outcome; all else is as in a. g, reward per trial during training, means over networks. h, planning index at the
end, with frozen weights and dopamine no longer blocked. Without the signal at the outcome networks learn nothing.
Without that at the onset three of eight learn a part and the others nothing: most of what an outcome teaches the
choice, but not all, goes through the error when the second stage appears. One of the others always makes the same
choice and has no index.

Thin lines and dots are networks, thick lines means, error bars s.e.m. over networks, in b to f against the number of
updates. P values: paired t tests over networks (same seed), against those whose dopamine was not blocked.
"""

from collections.abc import Mapping

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from analyses.development_panels import draw_courses, over_training
from analyses.significance import t_test
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import lagged_regression, participation_ratio, population_decoding, reward_per_trial
from pfc_metarl.measures import rpe_regression as rpe
from pfc_metarl.runs.run import Run

BLOCKED = {
    "half": "half of the\nsteps",
    "onset": "at second-\nstage onset",
    "reward": "at the\noutcome",
    "all": "every\nstep",
}
RUN = ("runs/two_step_development", *(f"runs/two_step_blocked_{how}" for how in BLOCKED))
COLORS = dict(
    zip(("none", *BLOCKED), (style.NETWORK, "#56B4E9", style.MODEL_BASED, style.MODEL_FREE, "#CC79A7"), strict=True)
)
DECODED_EPISODES = 40


def tables(development: Run, *blocked: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of two_step_development and of training with blocked dopamine."""
    runs = dict(zip(("none", *BLOCKED), (development, *blocked), strict=True))
    finals = {how: run.recording("development" if how == "none" else "test") for how, run in runs.items()}
    ends = {
        how: lagged_regression(made)[["planning_index"]].merge(reward_per_trial(made)[["reward_per_trial"]])
        for how, made in finals.items()
    }
    histories = {how: run.history()[["reward_per_trial"]].rename(network="subject").load() for how, run in runs.items()}
    return {
        "development": over_training(development, lambda ending: _at(development.recording(f"development{ending}"))),
        "learning": style.stacked(histories, "blocked"),
        "ends": style.stacked(ends, "blocked"),
    }


def _at(recording: xr.Dataset) -> xr.Dataset:
    """Measure the networks at one time of their training."""
    lags = lagged_regression(recording)[["planning_index", "model_free_index"]]
    partial = rpe(recording)["partial_r_squared"].sel(stage="second-stage onset", drop=True)
    few = recording.isel(episode=slice(DECODED_EPISODES))
    target = trial_view(few, "good_state", "first_stage")
    decoded = population_decoding(few, target, "classes", phase="first_stage", n_folds=2, n_shuffles=1)
    return xr.Dataset(
        {
            **lags,
            **dopamine(recording),
            "partial_r_squared": partial,
            "decoded": decoded["score"].sel(metric="accuracy", drop=True),
            "shuffled": decoded["chance"].sel(metric="accuracy", drop=True),
            "dimensions": participation_ratio(recording, phase="first_stage")["participation_ratio"],
        }
    )


def dopamine(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return the mean prediction error at the onset of the second stage and at the outcome, by what was met."""
    onset, outcome = (trial_view(recording, "rpe", phase) for phase in ("first_stage", "second_stage"))
    reached, good, reward = (trial_view(recording, name, "second_stage") for name in ("state2", "good_state", "reward"))
    parts = {
        "good state": onset.where(reached == good),
        "other state": onset.where(reached != good),
        "reward": outcome.where(reward > 0),
        "no reward": outcome.where(reward <= 0),
    }
    means = [part.mean(["episode", "trial"]) for part in parts.values()]
    made = xr.concat(means, xr.IndexVariable("event", list(parts))).rename(network="subject")
    return {"rpe": made}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [dict.fromkeys("abc", 1), dict.fromkeys("def", 1), {"g": 1, "h": 1}]
    made, axes = style.figure(rows, height=165)
    found = tables["development"]
    draw_learning(tables["learning"]["reward_per_trial"].sel(blocked=["none"]), ax=axes["a"])
    for update in found["update"].values[1:-1]:
        axes["a"].axvline(update, color=style.FAINT, linestyle=":", linewidth=0.6)
    draw_dopamine(found["rpe"], ax=axes["b"])
    indices = {
        "planning": (found["planning_index"], style.MODEL_BASED),
        "model-free": (found["model_free_index"], style.MODEL_FREE),
    }
    draw_courses(indices, "index (log odds)", ax=axes["c"])
    partial = found["partial_r_squared"]
    learners = {"model-based": ("model_based", style.MODEL_BASED), "model-free": ("model_free", style.MODEL_FREE)}
    courses = {label: (partial.sel(learner=name), color) for label, (name, color) in learners.items()}
    draw_courses(courses, "partial r² with dopamine", ax=axes["d"])
    decoded = {"decoded": (found["decoded"], style.NETWORK), "shuffled": (found["shuffled"], style.FAINT)}
    draw_courses(decoded, "accuracy, good state", ax=axes["e"])
    draw_courses({"": (found["dimensions"], style.NETWORK)}, "participation ratio", ax=axes["f"])
    draw_learning(tables["learning"]["reward_per_trial"], ax=axes["g"])
    draw_ends(tables["ends"]["planning_index"], ax=axes["h"])
    return made


def draw_learning(reward: xr.DataArray, ax: Axes) -> Axes:
    """Draw reward per trial during training; single networks only where nothing was blocked alone is drawn."""
    for how in reward["blocked"].values:
        smooth = reward.sel(blocked=how).rolling(update=10, min_periods=1).mean().transpose("update", "subject")
        if reward.sizes["blocked"] == 1:
            ax.plot(reward["update"], smooth, color=COLORS[how], linewidth=0.3, alpha=0.6)
        label = BLOCKED.get(how, "not blocked").replace("\n", " ").replace("- ", "-")
        ax.plot(reward["update"], smooth.mean("subject"), color=COLORS[how], label=label)
    ax.axhline(0.5, color="black", linestyle=":", linewidth=0.6)
    ax.set(xlabel="update of the weights", ylabel="reward per trial (training)", ylim=(0.45, 0.73))
    if reward.sizes["blocked"] > 1:
        ax.set_ylim(0.45, 0.82)
        ax.legend(loc="upper left", ncols=2)
    return ax


def draw_dopamine(rpe: xr.DataArray, ax: Axes) -> Axes:
    """Draw the prediction error at both events of a trial over the training."""
    lines = {"good state": (style.OPTIMUM, "--"), "other state": (style.FAINT, "--")}
    lines |= {"reward": (style.REWARDED, "-"), "no reward": (style.UNREWARDED, "-")}
    for event, (color, line) in lines.items():
        mean, sem, _ = style.mean_sem(rpe.sel(event=event))
        ax.errorbar(mean["update"], mean, sem, color=color, linestyle=line, marker=".", label=event)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="updates", ylabel="reward-prediction error")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.35 * (high - low))
    ax.legend(loc="upper left", ncols=2)
    return ax


def draw_ends(planning: xr.DataArray, ax: Axes) -> Axes:
    """Draw the planning index at the end of training, a dot for each network."""
    whole = planning.sel(blocked="none")
    for place, how in enumerate(planning["blocked"].values):
        values = planning.sel(blocked=how)
        mean, sem, n = style.mean_sem(values)
        ax.plot(place + style.jittered(values.sizes["subject"], 0.3), values, "o", color=COLORS[how], markersize=3)
        ax.errorbar(place + 0.3, mean, sem, color=COLORS[how], fmt="_", markersize=8)
        if how != "none" and n > 1:
            text = t_test((values - whole).values).replace(", ", "\n")
            ax.text(place, 1.0, text, transform=ax.get_xaxis_transform(), fontsize=6, ha="center", va="bottom")
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set_xticks(range(planning.sizes["blocked"]), ["not\nblocked", *BLOCKED.values()])
    ax.set(ylabel="planning index (log odds)")
    return ax


def _planning(tables: Mapping[str, xr.Dataset], how: str) -> xr.DataArray:
    return tables["ends"]["planning_index"].sel(blocked=how, drop=True)


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "planning index, at the end of training − before it",
        lambda tables: (
            tables["development"]["planning_index"].isel(update=-1, drop=True)
            - tables["development"]["planning_index"].isel(update=0, drop=True)
        ),
        "0: as before training",
    ),
    *(
        Claim(
            TITLE,
            f"planning index at the end, dopamine blocked ({how}) − not blocked",
            lambda tables, how=how: _planning(tables, how) - _planning(tables, "none"),
            "0: as without the block",
            (None, 0.0),
        )
        for how in ("onset", "reward", "all")
    ),
)
