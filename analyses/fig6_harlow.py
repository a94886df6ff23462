"""Figure 6: trained on many problems, networks with frozen weights learn which of two new objects to take in one trial.

a, the task: network 0 in one problem of the test. Its gaze moves on a ring of positions (grey bar: the receptive field
at the first step); a cross (+) is to be fixated, then the rewarded object (filled) or the other (open) to be looked at
(above: what that brought), then nothing is seen for a while; background colours are these phases. b, Harlow's monkeys,
as far as their numbers are known: filled, found in print (Harlow 1950: 11 monkeys, second trials of problems 1-100 and
101-200); open, from memory (Harlow 1949: problems 1-8 and 257-312, 8 monkeys). c, networks at seven stages of training
(sevenths of its updates) on objects that were never trained on; grey, the same networks before training (trials that
all of them came to); dotted, the object learner, an animal that has learned to learn, in the same problems. d, reward
per trial while the weights change, a line for each network, smoothed; dashed, the most that can be had. e, the second
trial against the number of problems met before: networks (single ones, thin) beside monkeys as in b. f, the second
trial by what the first one brought: networks, the object learner, an animal that does not learn from unrewarded
choices, and networks without recurrence trained in the same way, which keep to objects that they prefer, rewarded or
not. g, trials 2 to 6 of networks on new objects and on those of the training, before training, and, trained in the same
way, without recurrence or without the reward as an input; above, p of a one-sample t test against chance over networks.
All but d was recorded with frozen weights, 300 problems for each network and stage. Lines and bars are means, error
bars s.e.m. over networks, dots single networks.
"""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from analyses import style
from pfc_metarl.measures import intraproblem_learning, second_trial
from pfc_metarl.runs.run import Run

RUN = ("runs/harlow_objects", "runs/harlow_objects_feedforward", "runs/harlow_objects_no_reward")
PHASES = {"fixation": "#dddddd", "choice": "#bfdaec", "interval": "#f0e6d8", "over": "#ffffff"}
STAGE_COLORS = mpl.colormaps["viridis"]
N_AVERAGED = 20
"""Updates averaged in d."""
BEST_REWARD = 0.2 + 5 / 6
"""Fixation in each of six trials, a coin in the first, the rewarded object in the others."""
CRITERION = {"first": (0.4, 0.6), "later": 0.9}
"""Trial 1 at chance, trials 2 to 6 at least so: science sheet, section 7."""

MONKEYS = {
    "problems 1-8": {"trials": (1, 2, 6), "correct": (0.50, 0.53, 0.75), "printed": False},
    "problems 1-100": {"trials": (2,), "correct": (0.82,), "printed": True},
    "problems 101-200": {"trials": (2,), "correct": (0.87,), "printed": True},
    "problems 257-312": {"trials": (1, 2), "correct": (0.50, 0.97), "printed": False},
}
"""Correct choices: Harlow 1949, doi:10.1037/h0062474, from memory; Harlow 1950, from its abstract."""


def tables(networks: Run, feedforward: Run, no_reward: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of harlow_objects and those of its two controls."""
    stages = learning_at_stages(networks)
    animal = networks.recording("test_object_learner")
    seconds = {
        "networks": networks.recording("test"),
        "object learner": animal,
        "win-stay only": networks.recording("test_win_stay"),
        "no memory": feedforward.recording("test"),
    }
    compared = {
        "new objects": stages.sel(stage="final", drop=True),
        "old objects": intraproblem_learning(networks.recording("old_objects")),
        "untrained": stages.sel(stage="untrained", drop=True),
        "no memory": intraproblem_learning(feedforward.recording("test")),
        "no reward": intraproblem_learning(no_reward.recording("test")),
    }
    return {
        "gaze": gaze(networks.recording("test"), networks.manifest["settings"]["task"]),
        "history": history(networks.history()),
        "stages": stages,
        "object_learner": intraproblem_learning(animal),
        "second": style.stacked({name: second_trial(made) for name, made in seconds.items()}, "who"),
        "compared": style.stacked(compared, "who"),
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1.5, "b": 1, "c": 1.45}, {"d": 1, "e": 1, "f": 1.3, "g": 1.4}], height=115)
    draw_gaze(tables["gaze"], ax=axes["a"])
    draw_monkeys(ax=axes["b"])
    draw_stages(tables["stages"]["p_correct"], axes["c"], tables["object_learner"]["p_correct"])
    draw_training(tables["history"], tables["stages"], ax=axes["d"])
    draw_problems(tables["stages"], ax=axes["e"])
    draw_second(tables["second"]["p_correct"], ax=axes["f"])
    draw_compared(tables["compared"], ax=axes["g"])
    return made


def learning_at_stages(run: Run) -> xr.Dataset:
    """Return learning within problems before training, at each of its stages and after it, and problems met by then."""
    learner = run.manifest["settings"]["learner"]
    kept = [f"stage_{number}" for number in range(1, len(learner["snapshots"]) + 1)]
    recordings = {"untrained": "test_untrained", **{stage: f"test_{stage}" for stage in kept}, "final": "test"}
    learning = {name: intraproblem_learning(run.recording(file)) for name, file in recordings.items()}
    shares = np.array([0.0, *learner["snapshots"], 1.0])
    problems = np.round(shares * learner["updates"]) * learner["episodes"]
    return style.stacked(learning, "stage").assign_coords(problems=("stage", problems))


def gaze(test: xr.Dataset, task: Mapping[str, int]) -> xr.Dataset:
    """Return where network 0 looks in its first problem, step by step, until the problem is over."""
    names = ("gaze", "phase", "reward", "good_object", "left_object")
    problem = test[[*names]].isel(network=0, episode=0, drop=True)
    steps = int((problem["phase"] < len(PHASES) - 1).sum())
    shown = {name: ("step", problem[name].values[:steps]) for name in names}
    return xr.Dataset(shown, attrs={name: int(task[name]) for name in ("eccentricity", "n_positions", "n_cells")})


def draw_gaze(made: xr.Dataset, ax: Axes) -> Axes:
    """Draw the gaze against steps, what there is to be looked at, and the rewards."""
    step, position, phase = np.arange(made.sizes["step"]), made["gaze"].values, made["phase"].values
    half, side = made.attrs["n_positions"] // 2, made.attrs["eccentricity"]
    for number, color in enumerate(list(PHASES.values())[:-1]):
        for start in step[phase == number]:
            ax.axvspan(start - 0.5, start + 0.5, color=color, linewidth=0)
    ax.plot(step[phase == 0], np.zeros((phase == 0).sum()), "+", color=style.NETWORK, markersize=3)
    rewarded = np.where(made["left_object"] == made["good_object"], -side, side)
    choosing = phase == 1
    ax.plot(step[choosing], rewarded[choosing], "o", color=style.OPTIMUM, markersize=2.5)
    ax.plot(step[choosing], -rewarded[choosing], "o", color=style.MODEL_FREE, markersize=2.5, fillstyle="none")
    turns = np.where(np.abs(np.diff(position, append=position[-1])) > half, np.nan, position)
    ax.plot(step, turns, color=style.NETWORK, linewidth=0.8)
    seen = position[0] + made.attrs["n_cells"] // 2 * np.array([-1, 1])
    ax.plot([0, 0], seen, color=style.FAINT, linewidth=2.5, solid_capstyle="butt", zorder=1)
    ax.text(0.4, seen[1], "field", color=style.NETWORK, fontsize=5, va="top")
    for at in step[np.abs(made["reward"].values) == 1]:
        right = made["reward"].values[at] > 0
        color = style.OPTIMUM if right else style.MODEL_FREE
        ax.text(at, half + 0.6, "+1" if right else "−1", color=color, ha="center", va="bottom", fontsize=5)
    ax.set(xlabel="step", ylabel="gaze (position on the ring)", ylim=(-half - 0.5, half + 2.5), yticks=[-side, 0, side])
    ax.set_xlim(-0.5, len(step) - 0.5)
    shades = [ax.fill([], [], color=color, label=name)[0] for name, color in list(PHASES.items())[:-1]]
    ax.legend(handles=shades, loc="lower center", ncols=3, handlelength=1, columnspacing=1, frameon=True)
    return ax


def draw_monkeys(ax: Axes) -> Axes:
    """Draw what is known of Harlow's monkeys against the trial of a problem."""
    for number, (name, known) in enumerate(MONKEYS.items()):
        color = STAGE_COLORS(number / (len(MONKEYS) - 1) * 0.9)
        fill = color if known["printed"] else "white"
        style_of = {"marker": "o", "markersize": 3.5, "markerfacecolor": fill, "linestyle": ":", "linewidth": 0.7}
        correct = 100 * np.array(known["correct"])
        ax.plot(known["trials"], correct, color=color, **style_of)
        second = correct[known["trials"].index(2)]
        ax.text(2.3, second, name, fontsize=6, va="top" if len(correct) > 2 else "center")
    ax.set_title("monkeys", fontsize=7)
    return _percent(ax)


def _percent(ax: Axes) -> Axes:
    ax.axhline(50, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="trial of a problem", ylabel="correct (%)", ylim=(40, 102), xticks=range(1, 7), xlim=(0.7, 6.3))
    return ax


def draw_stages(stages: xr.DataArray, ax: Axes, learner: xr.DataArray | None = None) -> Axes:
    """Draw correct choices against the trial of a problem, a line for each stage of training, and an animal's."""
    trial = stages["trial"] + 1
    names = list(stages["stage"].values)
    for number, name in enumerate(names):
        curves = stages.sel(stage=name)
        mean, sem, _ = style.mean_sem(100 * curves.where(curves.notnull().all("subject")))
        color = style.FAINT if name == "untrained" else STAGE_COLORS(0.9 * (number - 1) / max(len(names) - 2, 1))
        label = {"untrained": "untrained", "final": "final"}.get(name, _ordinal(number))
        ax.errorbar(trial, mean, sem, color=color, label=label, marker=".", markersize=3, elinewidth=0.6)
    if learner is not None:
        line = {"color": style.NETWORK, "linestyle": ":", "label": "object learner"}
        ax.plot(learner["trial"] + 1, 100 * learner.mean("subject"), **line)
    ax.legend(loc="center left", handlelength=1, bbox_to_anchor=(1, 0.5))
    ax.set_title(f"networks (n = {stages.sizes['subject']})", fontsize=7)
    return _percent(ax)


def _ordinal(number: int) -> str:
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number, 'th') }"


def history(made: xr.Dataset) -> xr.Dataset:
    """Return the reward per trial of every network while the weights change, means over `N_AVERAGED` updates."""
    reward = made[["reward_per_trial"]].rename(network="subject")
    means = reward.coarsen(update=N_AVERAGED, boundary="trim").mean()
    return means.assign_coords(problems=means["update"] * int(made.attrs["episodes_per_update"]))


def draw_training(made: xr.Dataset, stages: xr.Dataset, ax: Axes) -> Axes:
    """Draw the reward per trial of every network while the weights change, and how many reached the criterion."""
    ax.plot(made["problems"] / 1000, made["reward_per_trial"].transpose("update", ...), color=style.NETWORK, lw=0.5)
    ax.axhline(BEST_REWARD, color=style.OPTIMUM, linestyle="--")
    final = stages.sel(stage="final")
    first, later = final["p_correct_first"], final["p_correct_later"]
    low, high = CRITERION["first"]
    reached = int(((first >= low) & (first <= high) & (later >= CRITERION["later"])).sum())
    told = f"{reached} of {first.size} networks\nin the test: trial 1\nin 40-60 %, trials\n2-6 at least 90 %"
    ax.text(0.98, 0.04, told, transform=ax.transAxes, ha="right", va="bottom", fontsize=6)
    ax.set(xlabel="problems met (thousands)", ylabel="reward per trial", ylim=(-0.1, 1.15))
    return ax


def draw_problems(stages: xr.Dataset, ax: Axes) -> Axes:
    """Draw the second trial against the number of problems met before, networks beside monkeys."""
    second = 100 * stages["p_correct"].sel(trial=1).where(stages["problems"] > 0, drop=True)
    problems = second["problems"]
    for subject in second["subject"]:
        ax.plot(problems, second.sel(subject=subject), color=style.NETWORK, linewidth=0.4, alpha=0.6)
    mean, sem, _ = style.mean_sem(second)
    ax.errorbar(problems, mean, sem, color=style.NETWORK, marker=".", markersize=4, label="networks")
    monkeys = {(1, 8): (53, False), (1, 100): (82, True), (101, 200): (87, True), (257, 312): (97, False)}
    for (begin, end), (correct, printed) in monkeys.items():
        place, fill = np.sqrt(begin * end), style.MODEL_FREE if printed else "white"
        ax.plot([begin, end], [correct, correct], color=style.MODEL_FREE, linewidth=0.6)
        ax.plot(place, correct, "o", color=style.MODEL_FREE, markerfacecolor=fill, markersize=3.5)
    ax.plot([], [], "o-", color=style.MODEL_FREE, markersize=3.5, linewidth=0.6, label="monkeys")
    ax.axhline(50, color=style.FAINT, linewidth=0.5)
    ax.set(xscale="log", xlabel="problems met before", ylabel="correct in trial 2 (%)", ylim=(40, 102))
    ax.legend(loc="center left", bbox_to_anchor=(0, 0.4))
    return ax


def draw_second(second: xr.DataArray, ax: Axes) -> Axes:
    """Draw the second trial by what the first one brought, a pair of bars for each kind of subject."""
    colors = {"correct": style.REWARDED, "wrong": style.UNREWARDED}
    for group, who in enumerate(second["who"].values):
        for bar, (first_choice, color) in enumerate(colors.items()):
            values = 100 * second.sel(who=who, first_choice=first_choice)
            label = first_choice if group == 0 else None
            _bar(group + (bar - 0.5) * 0.38, values, 0.34, color, label, ax)
    ax.set_xticks(range(second.sizes["who"]), [str(who).replace(" ", "\n") for who in second["who"].values])
    ax.set(ylabel="correct in trial 2 (%)", ylim=(0, 140), yticks=[0, 50, 100])
    ax.axhline(50, color=style.FAINT, linewidth=0.5)
    ax.legend(loc="upper right", handlelength=1, title="first choice", title_fontsize=6, ncols=2, columnspacing=1)
    return ax


def draw_compared(compared: xr.Dataset, ax: Axes) -> Axes:
    """Draw trials 2 to 6 of networks and of their controls, and test each against chance."""
    for group, who in enumerate(compared["who"].values):
        values = 100 * compared["p_correct_later"].sel(who=who).dropna("subject")
        _bar(group, values, 0.6, style.NETWORK if group < 2 else style.FAINT, None, ax)
        if values.size > 1:
            p = stats.ttest_1samp(values, 50).pvalue
            ax.text(group, 102 + 7 * (group % 2), f"p = {p:.1g}", ha="center", va="bottom", fontsize=5)
    ax.set_xticks(
        range(compared.sizes["who"]), [str(who).replace(" ", "\n") for who in compared["who"].values], fontsize=5
    )
    ax.set(ylabel="correct in trials 2 to 6 (%)", ylim=(0, 118), yticks=[0, 50, 100], xlim=(-0.75, group + 0.6))
    ax.axhline(50, color=style.FAINT, linewidth=0.5)
    return ax


def _bar(x: float, values: xr.DataArray, width: float, color: str, label: str | None, ax: Axes) -> None:
    mean, sem, _ = style.mean_sem(values)
    ax.bar(x, mean, width, color=color, alpha=0.6, label=label)
    ax.errorbar(x, mean, sem, color="black", linewidth=0.6)
    ax.plot(x + style.jittered(values.size, width / 2), values, ".", color="black", markersize=2)
