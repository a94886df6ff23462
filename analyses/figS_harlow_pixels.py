"""Supplementary figure: trained on pixels, too, networks learn in one trial which of two pictures to choose.

The network has convolutions before its core; filters and core were trained by the reward-prediction error alone. The
setting is reduced: views of 20 x 20 pixels, generated pictures, turns of three positions at a time. a, input of network
0 at every step of the first two trials of a problem with new pictures: the cross, the two pictures, the one that it
turned to, then nothing; the colour of the surround shows the heading. Numbers, the reward that followed the action;
triangle, the rewarded picture. b, networks at seven snapshots of training (sevenths of its updates) with pictures not
used in training; grey, the same networks before training (trials that all of them reached). c, the second trial against
the number of previous problems: networks (thin lines, single ones) and monkeys (Harlow 1950). Monkeys had experience
before they came to the laboratory; networks had none, and need a hundred times as many problems. d, reward per trial
during training, one line per network, smoothed; dashed, the maximum. e, correct choices by trial with new pictures,
with pictures of the training, and before training. f, trials 2 to 6 of the same; dots, single networks; dashed, the
criterion of 93 %; above, p of a one-sample t test against chance level over networks. All panels but d show recordings
with frozen weights: 300 problems for each network and condition in e and f, and for each snapshot in b and c. Lines and
bars are means, error bars s.e.m. over networks; n in b. In the paper, with 84 x 84 pixels, 14 of 50 networks reached
the ceiling: all of ours do so in an easier task.
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

RUN = "runs/harlow_pixels"
N_TRIALS = 2
"""Trials shown in a."""
PHASE_NAMES = ("fixation", "choice", "interval", "over")
CONDITIONS = {"new pictures": style.NETWORK, "old pictures": style.MODEL_BASED, "untrained": style.FAINT}


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of harlow_pixels."""
    snapshots = harlow_panels.learning_at_snapshots(run)
    compared = {
        "new pictures": snapshots.sel(snapshot="final", drop=True),
        "old pictures": intraproblem_learning(run.recording("old_pictures")),
        "untrained": snapshots.sel(snapshot="untrained", drop=True),
    }
    return {
        "views": views(run.recording("views"), run.manifest["settings"]["task"]),
        "history": harlow_panels.history(run.history()),
        "snapshots": snapshots,
        "compared": style.stacked(compared, "who"),
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [{"a": 1.0}, {"b": 1.45, "c": 1.0, "d": 1.0}, {"e": 1.0, "f": 1.0}]
    made, axes = style.figure(rows, height=135, heights=[0.65, 1, 1])
    draw_views(tables["views"], ax=axes["a"])
    harlow_panels.draw_snapshots(tables["snapshots"]["p_correct"], axes["b"])
    harlow_panels.draw_problems(tables["snapshots"], ax=axes["c"])
    harlow_panels.draw_training(tables["history"], tables["snapshots"], ax=axes["d"])
    draw_trials(tables["compared"]["p_correct"], ax=axes["e"])
    harlow_panels.draw_compared(tables["compared"], ax=axes["f"])
    axes["f"].axhline(100 * harlow_panels.CRITERION["later"], color=style.OPTIMUM, linestyle="--", linewidth=0.6)
    return made


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


def draw_trials(p_correct: xr.DataArray, ax: Axes) -> Axes:
    """Draw correct choices against the trial of a problem, one line per condition; trials that all networks reached."""
    for who, color in CONDITIONS.items():
        curves = p_correct.sel(who=who)
        mean, sem, _ = style.mean_sem(100 * curves.where(curves.notnull().all("subject")))
        ax.errorbar(curves["trial"] + 1, mean, sem, color=color, label=who, marker=".", markersize=4, elinewidth=0.6)
    ax.axhline(50, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="trial of a problem", ylabel="correct (%)", ylim=(40, 102), xticks=range(1, 7), xlim=(0.7, 6.3))
    ax.legend(loc="center right")
    return ax


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "trials 2 to 6, new pictures",
        lambda tables: tables["compared"]["p_correct_later"].sel(who="new pictures"),
        "0.93 or less; win-stay alone reaches 0.925",
        (0.93, None),
    ),
)
