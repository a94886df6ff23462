"""Figure 6: trained on pixels, networks with frozen weights learn from one trial which of two pictures to choose.

The networks have convolutions before their core; filters and core were trained by the reward-prediction error alone.
The setting is reduced: views of 20 x 20 pixels, generated pictures, turns of three positions at a time. a, input of
network 0 at every step of the first two trials of a problem with new pictures: the cross, the two pictures, the one
that it turned to, then nothing; the colour of the surround shows the heading. Numbers, the reward that followed the
action; triangle, the rewarded picture. b, networks at seven snapshots of training (sevenths of its updates) on pictures
not used in training; grey, the same networks before training (trials that all of them reached). c, the second trial
against the number of previous problems: networks (thin lines, single ones), and eleven monkeys as far as their numbers
are printed (Harlow 1950, second trials of problems 1-100 and 101-200). Monkeys had experience before they came to the
laboratory; networks had none, and need a hundred times as many problems. d, reward per trial during training, one line
per network, smoothed; dashed, the maximum. e, the second trial by the outcome of the first, where objects are vectors
of features on a ring (figS_harlow_objects): networks, the object learner, a reference agent that learns from one trial,
a reference agent that does not learn from unrewarded choices, and networks without recurrence trained in the same way,
which choose the objects that they prefer, rewarded or not. An unrewarded first choice teaches trained networks as much
as a rewarded one. f, trials 2 to 6: networks on new pictures, on pictures of the training, and before training;
networks on new objects, and networks trained in the same way without recurrence or without the reward as an input;
dashed, the criterion of 93 %; above, p of a one-sample t test against chance level over networks. All panels but d show
recordings with frozen weights, 300 problems for each network and condition. Lines and bars are means, error bars s.e.m.
over networks, dots single networks; n = 8 in each condition. In the paper, 14 of 50 networks reached the ceiling, with
84 x 84 pixels. All 8 of ours reach it in an easier task, so that 8 of 8 says nothing about 14 of 50.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import harlow_panels, style
from analyses.claim import Claim, title
from pfc_metarl.measures import intraproblem_learning, second_trial
from pfc_metarl.runs.run import Run

RUN = (
    "runs/harlow_pixels",
    "runs/harlow_objects",
    "runs/harlow_objects_feedforward",
    "runs/harlow_objects_no_reward",
)
N_WITH_PICTURES = 3
"""Groups of f, from the left, of networks that see pictures; the others see objects."""


def tables(pixels: Run, objects: Run, feedforward: Run, no_reward: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of harlow_pixels, harlow_objects and two controls of it."""
    snapshots = harlow_panels.learning_at_snapshots(pixels)
    seconds = {
        "networks": objects.recording("test"),
        "object learner": objects.recording("test_object_learner"),
        "win-stay only": objects.recording("test_win_stay"),
        "no memory": feedforward.recording("test"),
    }
    compared = {
        "new pictures": snapshots.sel(snapshot="final", drop=True),
        "old pictures": intraproblem_learning(pixels.recording("old_pictures")),
        "untrained": snapshots.sel(snapshot="untrained", drop=True),
        "new objects": intraproblem_learning(objects.recording("test")),
        "no memory": intraproblem_learning(feedforward.recording("test")),
        "no reward": intraproblem_learning(no_reward.recording("test")),
    }
    return {
        "views": harlow_panels.views(pixels.recording("views"), pixels.manifest["settings"]["task"]),
        "history": harlow_panels.history(pixels.history()),
        "snapshots": snapshots,
        "second": style.stacked({name: second_trial(made) for name, made in seconds.items()}, "who"),
        "compared": style.stacked(compared, "who"),
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [{"a": 1.0}, {"b": 1.45, "c": 1.0, "d": 1.0}, {"e": 1.0, "f": 1.3}]
    made, axes = style.figure(rows, height=140, heights=[0.65, 1, 1])
    harlow_panels.draw_views(tables["views"], ax=axes["a"])
    harlow_panels.draw_snapshots(tables["snapshots"]["p_correct"], axes["b"])
    harlow_panels.draw_problems(tables["snapshots"], ax=axes["c"])
    harlow_panels.draw_training(tables["history"], tables["snapshots"], ax=axes["d"])
    axes["d"].set_title("paper, a harder task: 14 of 50", fontsize=6)
    draw_second(tables["second"]["p_correct"], ax=axes["e"])
    harlow_panels.draw_compared(tables["compared"], ax=axes["f"])
    axes["f"].axhline(100 * harlow_panels.CRITERION["later"], color=style.OPTIMUM, linestyle="--", linewidth=0.6)
    axes["e"].set_title("objects")
    _divide(N_WITH_PICTURES, tables["compared"].sizes["who"], axes["f"])
    return made


def _divide(n_with_pictures: int, n: int, ax: Axes) -> None:
    """Separate the networks that see pictures from those that see objects."""
    edge = n_with_pictures - 0.5
    ax.axvline(edge, color=style.FAINT, linewidth=0.5)
    for middle, name in (((edge - 0.5) / 2, "pixels"), ((edge + n - 0.5) / 2, "objects")):
        ax.text(middle, 1.0, name, transform=ax.get_xaxis_transform(), ha="center", va="bottom", fontsize=7)


def draw_second(second: xr.DataArray, ax: Axes) -> Axes:
    """Draw the second trial by the outcome of the first, a pair of bars for each kind of subject."""
    colors = {"correct": style.REWARDED, "wrong": style.UNREWARDED}
    for group, who in enumerate(second["who"].values):
        for bar, (first_choice, color) in enumerate(colors.items()):
            values = 100 * second.sel(who=who, first_choice=first_choice)
            label = first_choice if group == 0 else None
            harlow_panels.draw_bar(group + (bar - 0.5) * 0.38, values, 0.34, color, label, ax)
    ax.set_xticks(range(second.sizes["who"]), [str(who).replace(" ", "\n") for who in second["who"].values])
    ax.set(ylabel="correct in trial 2 (%)", ylim=(0, 140), yticks=[0, 50, 100])
    ax.axhline(50, color=style.FAINT, linewidth=0.5)
    ax.legend(loc="upper right", handlelength=1, title="first choice", title_fontsize=6, ncols=2, columnspacing=1)
    return ax


def _after_wrong(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    return tables["second"]["p_correct"].sel(who=who, first_choice="wrong").values


def _after_correct(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    return tables["second"]["p_correct"].sel(who=who, first_choice="correct").values


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "trials 2 to 6, new pictures",
        lambda tables: tables["compared"]["p_correct_later"].sel(who="new pictures"),
        "0.93 or less; win-stay alone reaches 0.925",
        (0.93, None),
    ),
    Claim(
        TITLE,
        "second trial, new pictures",
        lambda tables: tables["compared"]["p_correct"].sel(who="new pictures").isel(trial=1),
        "0.85 or less; win-stay alone reaches 0.75",
        (0.85, None),
    ),
    Claim(
        "An unrewarded first choice teaches trained networks as much as a rewarded one.",
        "objects, second trial after a wrong first choice: networks − agent that learns from rewarded ones only",
        lambda tables: _after_wrong(tables, "networks") - _after_wrong(tables, "win-stay only"),
        "0: a wrong choice teaches nothing",
    ),
    Claim(
        "An unrewarded first choice teaches trained networks as much as a rewarded one.",
        "objects, second trial: after a wrong − after a correct first choice",
        lambda tables: _after_wrong(tables, "networks") - _after_correct(tables, "networks"),
        "beyond 0.05 in either direction",
        (-0.05, 0.05),
    ),
)
