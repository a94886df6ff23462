"""Tables and panels of the figures of Harlow's task, with objects or with pictures."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from scipy import stats

from analyses import style
from pfc_metarl.measures import intraproblem_learning
from pfc_metarl.runs.run import Run

COLORS = mpl.colormaps["viridis"]

N_AVERAGED = 20
"""Updates averaged in the curve of training."""

BEST_REWARD = 0.2 + 5 / 6
"""Fixation in each of six trials, a random choice in the first, the rewarded object in the others."""

CRITERION = {"first": (0.4, 0.6), "later": 0.93}
"""Trial 1 at chance level, lower limit for trials 2 to 6, beyond an agent that stays with wins only."""

MONKEYS = {(1, 100): 82, (101, 200): 87}
"""Problems -> percentage of correct second trials of eleven monkeys, printed in the abstract of Harlow 1950."""


N_TRIALS = 2
"""Trials of which views are shown."""

PHASE_NAMES = ("fixation", "choice", "interval", "over")


def learning_at_snapshots(run: Run) -> xr.Dataset:
    """Return learning within problems before training, at each snapshot and after it, and the previous problems."""
    learner = run.manifest["settings"]["learner"]
    names = [f"snapshot_{number}" for number in range(1, len(learner["snapshots"]) + 1)]
    recordings = {"untrained": "test_untrained", **{name: f"test_{name}" for name in names}, "final": "test"}
    learning = {name: intraproblem_learning(run.recording(file)) for name, file in recordings.items()}
    fractions = np.array([0.0, *learner["snapshots"], 1.0])
    problems = np.round(fractions * learner["updates"]) * learner["episodes"]
    return style.stacked(learning, "snapshot").assign_coords(problems=("snapshot", problems))


def history(made: xr.Dataset) -> xr.Dataset:
    """Return the reward per trial of every network during training, means over `N_AVERAGED` updates."""
    reward = made[["reward_per_trial"]].rename(network="subject")
    means = reward.coarsen(update=N_AVERAGED, boundary="trim").mean()
    return means.assign_coords(problems=means["update"] * int(made.attrs["episodes_per_update"]))


def _percent(ax: Axes) -> Axes:
    ax.axhline(50, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="trial of a problem", ylabel="correct (%)", ylim=(40, 102), xticks=range(1, 7), xlim=(0.7, 6.3))
    return ax


def draw_snapshots(snapshots: xr.DataArray, ax: Axes, learner: xr.DataArray | None = None) -> Axes:
    """Draw correct choices against the trial of a problem, one line per snapshot, and a reference agent's."""
    trial = snapshots["trial"] + 1
    names = list(snapshots["snapshot"].values)
    for number, name in enumerate(names):
        curves = snapshots.sel(snapshot=name)
        mean, sem, _ = style.mean_sem(100 * curves.where(curves.notnull().all("subject")))
        color = style.FAINT if name == "untrained" else COLORS(0.9 * (number - 1) / max(len(names) - 2, 1))
        label = {"untrained": "untrained", "final": "final"}.get(name, _ordinal(number))
        ax.errorbar(trial, mean, sem, color=color, label=label, marker=".", markersize=3, elinewidth=0.6)
    if learner is not None:
        line = {"color": style.NETWORK, "linestyle": ":", "label": "object learner"}
        ax.plot(learner["trial"] + 1, 100 * learner.mean("subject"), **line)
    ax.legend(loc="center left", handlelength=1, bbox_to_anchor=(1, 0.5))
    ax.set_title(f"networks (n = {snapshots.sizes['subject']})", fontsize=7)
    return _percent(ax)


def _ordinal(number: int) -> str:
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number, 'th') }"


def draw_training(made: xr.Dataset, snapshots: xr.Dataset, ax: Axes) -> Axes:
    """Draw the reward per trial of every network during training, and the number that reached the criterion."""
    ax.plot(made["problems"] / 1000, made["reward_per_trial"].transpose("update", ...), color=style.NETWORK, lw=0.5)
    ax.axhline(BEST_REWARD, color=style.OPTIMUM, linestyle="--")
    final = snapshots.sel(snapshot="final")
    first, later = final["p_correct_first"], final["p_correct_later"]
    low, high = CRITERION["first"]
    reached = int(((first >= low) & (first <= high) & (later >= CRITERION["later"])).sum())
    text = f"{reached} of {first.size} networks\nin the test: trial 1\nin 40-60 %, trials\n2-6 at least 93 %"
    ax.text(0.98, 0.04, text, transform=ax.transAxes, ha="right", va="bottom", fontsize=6)
    ax.set(xlabel="problems met (thousands)", ylabel="reward per trial", ylim=(-0.1, 1.15))
    return ax


def draw_problems(snapshots: xr.Dataset, ax: Axes) -> Axes:
    """Draw the second trial against the number of previous problems, of networks and monkeys."""
    second = 100 * snapshots["p_correct"].sel(trial=1).where(snapshots["problems"] > 0, drop=True)
    problems = second["problems"]
    for subject in second["subject"]:
        ax.plot(problems, second.sel(subject=subject), color=style.NETWORK, linewidth=0.4, alpha=0.6)
    mean, sem, _ = style.mean_sem(second)
    ax.errorbar(problems, mean, sem, color=style.NETWORK, marker=".", markersize=4, label="networks")
    for (begin, end), correct in MONKEYS.items():
        ax.plot([begin, end], [correct, correct], color=style.MODEL_FREE, linewidth=0.6)
        ax.plot(np.sqrt(begin * end), correct, "o", color=style.MODEL_FREE, markersize=3.5)
    ax.plot([], [], "o-", color=style.MODEL_FREE, markersize=3.5, linewidth=0.6, label="monkeys (Harlow 1950)")
    ax.axhline(50, color=style.FAINT, linewidth=0.5)
    ax.set(xscale="log", xlabel="problems met before", ylabel="correct in trial 2 (%)", ylim=(40, 102))
    ax.legend(loc="lower left", labelspacing=0.2, borderaxespad=0.1)
    return ax


def draw_compared(compared: xr.Dataset, ax: Axes) -> Axes:
    """Draw trials 2 to 6 of networks and of their controls, and test each against chance."""
    for group, who in enumerate(compared["who"].values):
        values = 100 * compared["p_correct_later"].sel(who=who).dropna("subject")
        draw_bar(group, values, 0.6, style.NETWORK if str(who).startswith(("new", "old")) else style.FAINT, None, ax)
        if values.size > 1:
            p = stats.ttest_1samp(values, 50).pvalue
            ax.text(group, 102 + 7 * (group % 2), f"p = {p:.1g}", ha="center", va="bottom", fontsize=6)
    ax.set_xticks(
        range(compared.sizes["who"]), [str(who).replace(" ", "\n") for who in compared["who"].values], fontsize=6
    )
    ax.set(ylabel="correct in trials 2 to 6 (%)", ylim=(0, 118), yticks=[0, 50, 100], xlim=(-0.75, group + 0.6))
    ax.axhline(50, color=style.FAINT, linewidth=0.5)
    return ax


def draw_bar(x: float, values: xr.DataArray, width: float, color: str, label: str | None, ax: Axes) -> None:
    mean, sem, _ = style.mean_sem(values)
    ax.bar(x, mean, width, color=color, alpha=0.6, label=label)
    ax.errorbar(x, mean, sem, color="black", linewidth=0.6)
    ax.plot(x + style.jittered(values.size, width / 2), values, ".", color="black", markersize=2)


def views(recorded: xr.Dataset, task: Mapping[str, int]) -> xr.Dataset:
    """Return the views of network 0 in the first trials of its first problem, one byte per colour of a pixel."""
    problem = recorded.isel(network=0, episode=0, drop=True)
    problem = problem.isel(step=slice(int((problem["trial"] < N_TRIALS).sum())))
    shape = problem.sizes["step"], 3, task["view"], task["view"]
    seen = np.round(255 * problem["observation"].values).astype(np.uint8).reshape(shape)
    names = ("gaze", "phase", "trial", "reward", "good_object", "left_object")
    shown = {name: ("step", problem[name].values) for name in names}
    shown["view"] = (("step", "colour", "row", "column"), seen)
    return xr.Dataset(
        shown, attrs={name: int(task[name]) for name in ("eccentricity", "pixels_per_position", "picture")}
    )


def draw_views(made: xr.Dataset, ax: Axes) -> Axes:
    """Draw the views side by side, the reward of each action, and the place of the rewarded picture."""
    side = made.sizes["row"]
    for at in range(made.sizes["step"]):
        now = made.isel(step=at)
        image = now["view"].transpose("row", "column", "colour").values
        ax.imshow(image, extent=(at, at + 0.92, 0, 0.92), interpolation="nearest")
        ax.text(at + 0.46, -0.05, PHASE_NAMES[int(now["phase"])], ha="center", va="top", fontsize=6)
        brought = float(now["reward"])
        if brought:
            color = style.OPTIMUM if brought > 0 else style.MODEL_FREE
            text = f"{brought:+.1g}".replace("-", "−")
            ax.text(at + 0.92, 0.98, text, ha="center", va="bottom", fontsize=6, color=color)
        if PHASE_NAMES[int(now["phase"])] == "choice":
            place = -1 if int(now["left_object"]) == int(now["good_object"]) else 1
            shift = (place * made.attrs["eccentricity"] - int(now["gaze"])) * made.attrs["pixels_per_position"]
            x = at + 0.92 * (0.5 + shift / side)
            ax.plot(x, 0.92 * (0.5 - 0.5 * made.attrs["picture"] / side) - 0.08, "^", color=style.OPTIMUM, markersize=4)
    for trial in range(N_TRIALS):
        own = np.flatnonzero(made["trial"].values == trial)
        ax.plot([own[0], own[-1] + 0.92], [-0.24, -0.24], color=style.NETWORK, linewidth=0.8)
        ax.text(own.mean() + 0.46, -0.28, f"trial {trial + 1}", ha="center", va="top")
    ax.set(xlim=(-0.05, made.sizes["step"]), ylim=(-0.5, 1.15), aspect="equal")
    ax.axis("off")
    return ax
