"""Figure W6: without recurrence networks do worse in four tasks, without the reward as an input much worse in three.

The same actor-critic with a single change, trained with the same settings; the same networks before training; and the
same networks with weights that go on learning in the test, one update after every 50 episodes ("plastic in the test").
All others have frozen weights. a, regret on anticorrelated arms, logarithmic; dashed, the exact optimum. b, reward per
trial in the two-step task; dashed, ideal observer. c, correct choices in trials 2 to 6 of Harlow's task with new
objects; dashed, one-trial learning. d, goals reached in an episode of 150 steps in the I-maze; green, the agent that
knows the maze and plans by value iteration. There networks without the reward as an input lose little, 12.9 goals
instead of 13.5; one reason may be that the agent is moved elsewhere when it reaches the goal, which it sees. Networks
without recurrence still know the last outcome, which is an input. Dotted, chance level; in d that of an agent that
acts at random. Dots are networks, bars their mean; their number is in brackets. The network without gates in b has its
own learning rate and more updates (two_step_rnn).
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from pfc_metarl.measures import cumulative_regret, intraproblem_learning, reward_per_trial
from pfc_metarl.runs.run import Run


class Panel(NamedTuple):
    """What a panel shows."""

    experiment: str
    controls: tuple[str, ...]
    measure: Callable[[xr.Dataset], xr.DataArray]
    label: str
    chance: float
    best: float


NAMES = {
    "whole": "whole network",
    "planner": "value iteration",
    "plastic": "plastic in the test",
    "untrained": "untrained",
    "feedforward": "no recurrence",
    "no_reward": "no reward input",
    "no_action": "no action input",
    "no_trial": "no trial number",
    "rnn": "no gates",
    "lstm": "LSTM units",
    "gru": "GRU",
}
RANDOM_GOALS = 0.37
"""Goals that an agent reaches in an episode of the maze by random actions, measured in 2400 episodes."""


def goals(recording: xr.Dataset) -> xr.DataArray:
    """Return how often the goal is reached in an episode, dim subject."""
    return (recording["reward"] > 0).sum("step").mean("episode").rename(network="subject")


LACKING = ("plastic", "feedforward", "no_reward", "no_action")
"""Controls of all four experiments."""

PANELS = {
    "a": Panel(
        "bandit_correlated",
        (*LACKING, "no_trial", "rnn", "lstm"),
        lambda recording: cumulative_regret(recording)["regret"],
        "regret, anticorrelated arms",
        25.0,
        1.2214,
    ),
    "b": Panel(
        "two_step",
        (*LACKING, "rnn", "gru"),
        lambda recording: reward_per_trial(recording)["reward_per_trial"],
        "reward per trial, two-step task",
        0.5,
        0.707,
    ),
    "c": Panel(
        "harlow_objects",
        (*LACKING, "rnn", "gru"),
        lambda recording: 100 * intraproblem_learning(recording)["p_correct_later"],
        "correct (%), Harlow's task",
        50.0,
        100.0,
    ),
    "d": Panel(
        "maze",
        (*LACKING, "rnn", "lstm"),
        goals,
        "goals in an episode, maze",
        RANDOM_GOALS,
        np.nan,
    ),
}

RUN = tuple(
    f"runs/{name}"
    for panel in PANELS.values()
    for name in (panel.experiment, *(f"{panel.experiment}_{control}" for control in panel.controls))
)


def tables(*runs: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of the four experiments and of their controls."""
    found, left = {}, list(runs)
    for letter, panel in PANELS.items():
        whole, *others = left[: 1 + len(panel.controls)]
        left = left[1 + len(panel.controls) :]
        recordings = {"whole": whole.recording("test"), "untrained": whole.recording("test_untrained")}
        if "test_planner" in whole.recordings():
            recordings["planner"] = whole.recording("test_planner")
        recordings |= {name: run.recording("test") for name, run in zip(panel.controls, others, strict=True)}
        values = {name: _measured(panel, recordings[name]) for name in NAMES if name in recordings}
        found[f"panel_{letter}"] = style.stacked(values, "who")
    return found


def _measured(panel: Panel, recording: xr.Dataset) -> xr.Dataset:
    return panel.measure(recording).to_dataset(name="value")


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1.1, "b": 1}, {"c": 1, "d": 1}], height=130)
    for letter, panel in PANELS.items():
        draw_panel(tables[f"panel_{letter}"]["value"], panel, ax=axes[letter])
    axes["a"].set_yscale("log")
    axes["a"].set_yticks([1, 2, 5, 10, 25], ["1", "2", "5", "10", "25"])
    axes["a"].minorticks_off()
    return made


def draw_panel(values: xr.DataArray, panel: Panel, ax: Axes) -> Axes:
    """Draw the value of every network, by control."""
    for place, who in enumerate(values["who"].values):
        own = values.sel(who=who).dropna("subject")
        color = {"whole": style.NETWORK, "planner": style.OPTIMUM}.get(who, style.MODEL_FREE)
        ax.plot(place + style.jittered(own.size, 0.5), own, ".", color=color, markersize=3)
        if own.size:
            ax.plot([place - 0.35, place + 0.35], [float(own.mean())] * 2, color=color)
    ax.axhline(panel.chance, color="black", linestyle=":", linewidth=0.6)
    ax.axhline(panel.best, color=style.OPTIMUM, linestyle="--", linewidth=0.8)
    numbers = values.notnull().sum("subject")
    labels = [f"{NAMES[who]} ({int(numbers.sel(who=who))})" for who in values["who"].values]
    ax.set_xticks(range(len(labels)), labels, rotation=30, ha="right")
    ax.set(ylabel=panel.label)
    return ax


def _difference(tables: Mapping[str, xr.Dataset], panel: str, control: str) -> xr.DataArray:
    value = tables[f"panel_{panel}"]["value"]
    return value.sel(who="whole", drop=True) - value.sel(who=control, drop=True)


TESTED = (
    ("a", "regret", ("feedforward", "no_reward"), (None, 0.0)),
    ("b", "reward", ("feedforward", "no_reward"), (0.0, None)),
    ("c", "correct in trials 2 to 6", ("feedforward", "no_reward"), (0.0, None)),
    ("d", "goals in an episode", ("feedforward",), (0.0, None)),
)
"""Panel, what it shows, its tested controls, and the side of 0 on which the whole network is better."""

TITLE = title(__doc__)
CLAIMS = tuple(
    Claim(
        TITLE,
        f"{what}, whole network − {NAMES[control]}",
        lambda tables, panel=panel, control=control: _difference(tables, panel, control),
        "0: nothing is lost without it",
        bounds,
    )
    for panel, what, controls, bounds in TESTED
    for control in controls
)
