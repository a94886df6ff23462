"""Figure W6: networks without recurrence, or without the reward as an input, do not learn within an episode.

The same actor-critic with a single change, trained with the same settings, and the same networks before training.
Frozen weights. a, regret on anticorrelated arms, logarithmic; dashed, the exact optimum. b, reward per trial in the
two-step task; dashed, ideal observer. Dots are networks, bars their mean; n = 8 each. Dotted, chance level. The network
without gates in b has its own learning rate and more updates (two_step_rnn).
"""

from collections.abc import Mapping
from typing import NamedTuple

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from pfc_metarl.measures import cumulative_regret, reward_per_trial
from pfc_metarl.runs.run import Run


class Panel(NamedTuple):
    """What a panel shows."""

    experiment: str
    controls: tuple[str, ...]
    label: str
    chance: float
    best: float


NAMES = {
    "whole": "whole network",
    "untrained": "untrained",
    "feedforward": "no recurrence",
    "no_reward": "no reward input",
    "no_action": "no action input",
    "no_trial": "no trial number",
    "rnn": "no gates",
    "lstm": "LSTM units",
    "gru": "gated recurrent units",
}
PANELS = {
    "a": Panel(
        "bandit_correlated",
        ("feedforward", "no_reward", "no_action", "no_trial", "rnn", "lstm"),
        "regret on anticorrelated arms",
        25.0,
        1.2214,
    ),
    "b": Panel("two_step", ("feedforward", "no_reward", "no_action", "rnn", "gru"), "reward per trial", 0.5, 0.707),
}
WITH_UNTRAINED = ("b",)
"""Panels whose experiment records the networks before training too."""

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
        recordings = {"whole": whole.recording("test")}
        if letter in WITH_UNTRAINED:
            recordings["untrained"] = whole.recording("test_untrained")
        recordings |= {name: run.recording("test") for name, run in zip(panel.controls, others, strict=True)}
        values = {name: measured(letter, recording) for name, recording in recordings.items()}
        found[f"panel_{letter}"] = style.stacked(values, "who")
    return found


def measured(letter: str, recording: xr.Dataset) -> xr.Dataset:
    """Return the measure of a panel as ``value``, dim subject."""
    value = cumulative_regret(recording)["regret"] if letter == "a" else reward_per_trial(recording)["reward_per_trial"]
    return value.to_dataset(name="value")


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1.1, "b": 1}], height=70)
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
        color = style.NETWORK if who == "whole" else style.MODEL_FREE
        ax.plot(place + style.jittered(own.size, 0.5), own, ".", color=color, markersize=3)
        if own.size:
            ax.plot([place - 0.35, place + 0.35], [float(own.mean())] * 2, color=color)
    ax.axhline(panel.chance, color="black", linestyle=":", linewidth=0.6)
    ax.axhline(panel.best, color=style.OPTIMUM, linestyle="--", linewidth=0.8)
    labels = [NAMES[who] for who in values["who"].values]
    ax.set_xticks(range(len(labels)), labels, rotation=30, ha="right")
    ax.set(ylabel=panel.label)
    return ax


def _difference(tables: Mapping[str, xr.Dataset], panel: str, control: str) -> xr.DataArray:
    value = tables[f"panel_{panel}"]["value"]
    return value.sel(who="whole", drop=True) - value.sel(who=control, drop=True)


TITLE = title(__doc__)
CLAIMS = (
    *(
        Claim(
            TITLE,
            f"{what}, whole network − {NAMES[control]}",
            lambda tables, panel=panel, control=control: _difference(tables, panel, control),
            "0: nothing is lost without it",
            bounds,
        )
        for panel, what, bounds in (("a", "regret", (None, 0.0)), ("b", "reward", (0.0, None)))
        for control in ("feedforward", "no_reward")
    ),
)
