"""Supplementary figure: with objects instead of pixels, networks learn from one trial which of two to choose.

Each object is a vector of features at a place of a ring, so that the networks need no convolutions; figure 6 shows the
same task from pixels. a, the task: network 0 in one problem of the test. Its gaze moves on a ring of positions (grey
bar: the receptive field at the first step). It must fixate a cross (+), then look at the rewarded object (filled) or
the other one (open; above: the reward); then nothing is shown for a while. Background colours show these phases. b,
networks at seven snapshots of training (sevenths of its updates) on objects not used in training; grey, the same
networks before training (trials that all of them reached); dotted, the object learner, a reference agent that learns
from one trial, in the same problems. c, reward per trial during training, one line per network, smoothed; dashed, the
maximum. d, the second trial against the number of previous problems: networks (thin lines, single ones), and eleven
monkeys as far as their numbers are printed (Harlow 1950, second trials of problems 1-100 and 101-200). e, trials 2 to 6
of networks on new objects, on objects of the training, and before training, and of networks trained in the same way
without recurrence or without the reward as an input; above, p of a one-sample t test against chance level over
networks. All panels but c show recordings with frozen weights, 300 problems for each network and snapshot. Lines and
bars are means, error bars s.e.m. over networks, dots single networks; n = 8 in every condition. In the paper, 14 of 50
networks reached the ceiling, on pixels; this task is easier.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import harlow_panels, style
from analyses.claim import Claim, title
from pfc_metarl.measures import intraproblem_learning
from pfc_metarl.runs.run import Run

RUN = ("runs/harlow_objects", "runs/harlow_objects_feedforward", "runs/harlow_objects_no_reward")
PHASES = {"fixation": "#dddddd", "choice": "#bfdaec", "interval": "#f0e6d8", "over": "#ffffff"}


def tables(networks: Run, feedforward: Run, no_reward: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of harlow_objects and those of its two controls."""
    snapshots = harlow_panels.learning_at_snapshots(networks)
    compared = {
        "new objects": snapshots.sel(snapshot="final", drop=True),
        "old objects": intraproblem_learning(networks.recording("old_objects")),
        "untrained": snapshots.sel(snapshot="untrained", drop=True),
        "no memory": intraproblem_learning(feedforward.recording("test")),
        "no reward": intraproblem_learning(no_reward.recording("test")),
    }
    return {
        "gaze": gaze(networks.recording("test"), networks.manifest["settings"]["task"]),
        "history": harlow_panels.history(networks.history()),
        "snapshots": snapshots,
        "object_learner": intraproblem_learning(networks.recording("test_object_learner")),
        "compared": style.stacked(compared, "who"),
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1.5, "b": 1.2, "c": 1.0}, {"d": 1, "e": 1.6}], height=115)
    draw_gaze(tables["gaze"], ax=axes["a"])
    harlow_panels.draw_snapshots(tables["snapshots"]["p_correct"], axes["b"], tables["object_learner"]["p_correct"])
    harlow_panels.draw_training(tables["history"], tables["snapshots"], ax=axes["c"])
    harlow_panels.draw_problems(tables["snapshots"], ax=axes["d"])
    harlow_panels.draw_compared(tables["compared"], ax=axes["e"])
    return made


def gaze(test: xr.Dataset, task: Mapping[str, int]) -> xr.Dataset:
    """Return where network 0 looks in its first problem, step by step, until the problem is over."""
    names = ("gaze", "phase", "reward", "good_object", "left_object")
    problem = test[[*names]].isel(network=0, episode=0, drop=True)
    steps = int((problem["phase"] < len(PHASES) - 1).sum())
    shown = {name: ("step", problem[name].values[:steps]) for name in names}
    return xr.Dataset(shown, attrs={name: int(task[name]) for name in ("eccentricity", "n_positions", "n_cells")})


def draw_gaze(made: xr.Dataset, ax: Axes) -> Axes:
    """Draw the gaze against steps, the objects, and the rewards."""
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
    ax.text(0.4, seen[1], "field", color=style.NETWORK, fontsize=6, va="top")
    for at in step[np.abs(made["reward"].values) == 1]:
        right = made["reward"].values[at] > 0
        color = style.OPTIMUM if right else style.MODEL_FREE
        ax.text(at, half + 0.6, "+1" if right else "−1", color=color, ha="center", va="bottom", fontsize=6)
    ax.set(xlabel="step", ylabel="gaze (position on the ring)", ylim=(-half - 0.5, half + 2.5), yticks=[-side, 0, side])
    ax.set_xlim(-0.5, len(step) - 0.5)
    shades = [ax.fill([], [], color=color, label=name)[0] for name, color in list(PHASES.items())[:-1]]
    ax.legend(handles=shades, loc="lower center", ncols=3, handlelength=1, columnspacing=1, frameon=True)
    return ax


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "trials 2 to 6, new objects",
        lambda tables: tables["compared"]["p_correct_later"].sel(who="new objects"),
        "0.93 or less; win-stay alone reaches 0.925",
        (0.93, None),
    ),
    Claim(
        TITLE,
        "second trial, new objects",
        lambda tables: tables["compared"]["p_correct"].sel(who="new objects").isel(trial=1),
        "0.85 or less; win-stay alone reaches 0.75",
        (0.85, None),
    ),
)
