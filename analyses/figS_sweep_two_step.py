"""Supplementary figure: the planning index is positive wherever transitions are informative and networks learn.

Eight networks were trained for 300 updates with each combination of some settings, then recorded in 100 test episodes
with frozen weights (experiment two_step_choices). First the task is varied: the probability of the common transition
and that of a reversal of the good state (`benchmarks/sweeps/two_step_task.toml`). a, planning index: the weights of the
interaction of reward and transition over five trials back. b, reward per trial. c, fraction of networks whose planning
weight two trials back and reward lie beyond the criteria of the experiment, which lie between reference agents in the
same task; where all transitions are common, only the reward is judged. d, the planning index against the probability of
a reversal; error bars s.e.m. over networks. Where both transitions are as likely, the second stage does not depend on
the choice, and the index is zero.

Then learner and network are varied: discount, initial learning rate (the final one is a tenth of it) and number of
units (`benchmarks/sweeps/two_step_learner.toml`). e, f, planning index with 16 and with 48 units. g, h, reward per
trial. Both are highest with the largest learning rate and discounts of 0.6 and 0.8; with 0.3 the mean reward is 0.67
at most. With a discount of 0.9 and a learning rate of at most 0.01 no network leaves chance level within 300 updates.
i, planning index against reward of each network; the line is the reward of a model-free learner. All networks that
earn more than by chance have a positive planning index, also those that earn less than a model-free learner.

Numbers are means over networks, one seed. A cross marks a combination that was not simulated; "n/a", one in which all
transitions are common, so that the index is not defined.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from analyses.sweep_folder import SweepFolder
from analyses.sweep_panels import curves, heat_map

RUN = ("sweeps/two_step_task", "sweeps/two_step_learner")
LABELS = {
    "planning_index": "planning index",
    "reward_per_trial": "reward per trial",
    "reached": "fraction at the criteria",
}
"""Measures of the heat maps."""
COMMON, REVERSAL = "probability of common transition", "probability of reversal"
"""Labels of p_common and p_reversal."""
UNINFORMATIVE, ALL_COMMON = 0.5, 1.0
"""Values of p_common at which there is nothing to plan, and no rare transition."""
ABOVE_CHANCE = 0.52
"""Reward that is four standard errors of a network above that of random choices."""
SLOW = 0.01
"""Learning rates up to this one are low."""
MODEL_FREE = 0.64
"""Reward of the model-free learner with its best settings."""


def tables(task: SweepFolder, learner: SweepFolder) -> dict[str, xr.Dataset]:
    """Return the measures that the figure shows."""
    return {name: sweep.dataset[[*LABELS, "status"]] for name, sweep in (("task", task), ("learner", learner))}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [{"a": 1.0, "b": 1.0}, {"c": 1.0, "d": 1.0}, {"e": 1.0, "f": 1.0}, {"g": 1.0, "h": 1.0, "i": 0.8}]
    made, axes = style.figure(rows, height=215)
    for name, letter in zip(LABELS, "abc", strict=True):
        _map(tables["task"], name, axes[letter]).set(xlabel=REVERSAL, ylabel=COMMON)
    planned = tables["task"]["planning_index"].assign_attrs(label=LABELS["planning_index"])
    curves(planned.sel(p_common=planned["p_common"] < ALL_COMMON), ax=axes["d"])
    axes["d"].set(xlabel=REVERSAL, ylim=(None, 50))
    values = [f"{value:g}" for value in planned["p_common"].values if value < ALL_COMMON]
    axes["d"].legend(axes["d"].get_legend_handles_labels()[0], values, ncols=2, title=COMMON)
    for name, letters in (("planning_index", "ef"), ("reward_per_trial", "gh")):
        _maps_by_units(tables["learner"], name, [axes[letter] for letter in letters])
    _scatter(tables["learner"], axes["i"])
    return made


def _map(table: xr.Dataset, name: str, ax: Axes, limits: tuple[float, float] | None = None) -> Axes:
    return heat_map(table[name].assign_attrs(label=LABELS[name]), table["status"], limits, ax=ax)


def _maps_by_units(table: xr.Dataset, name: str, axes: list[Axes]) -> None:
    """Draw a heat map for each number of units, with the same colours."""
    mean = table[name].mean("network")
    limits = float(mean.min()), float(mean.max())
    for units, ax in zip(table["units"].values, axes, strict=True):
        _map(table.sel(units=units), name, ax, limits)
        ax.set_title(f"{units} units", fontsize=7)
        ax.set_xlabel("initial learning rate")


def _scatter(table: xr.Dataset, ax: Axes) -> None:
    """Draw the planning index of each network against its reward, by discount."""
    colors = style.plt.get_cmap("viridis")(np.linspace(0, 0.9, table.sizes["discount"]))
    for discount, color in zip(table["discount"].values, colors, strict=True):
        part = table.sel(discount=discount)
        values = (part[name].values.ravel() for name in ("reward_per_trial", "planning_index"))
        ax.plot(*values, ".", color=color, markersize=3, label=f"{discount:g}")
    ax.axvline(MODEL_FREE, color=style.FAINT, linewidth=0.8, zorder=0)
    ax.set(xlabel=LABELS["reward_per_trial"], ylabel=LABELS["planning_index"])
    ax.legend(title="discount", loc="upper left")


def lowest_index(tables: Mapping[str, xr.Dataset]) -> np.ndarray:
    """Return the lowest planning index of every network over all tasks in which transitions are informative."""
    index = tables["task"]["planning_index"]
    informative = (index["p_common"] > UNINFORMATIVE) & (index["p_common"] < ALL_COMMON)
    return index.where(informative).min(("p_common", "p_reversal")).values


def index_without_information(tables: Mapping[str, xr.Dataset]) -> np.ndarray:
    """Return the mean planning index of every network over the tasks in which both transitions are as likely."""
    return tables["task"]["planning_index"].sel(p_common=UNINFORMATIVE).mean("p_reversal").values


def lowest_index_of_earners(tables: Mapping[str, xr.Dataset]) -> np.ndarray:
    """Return the lowest planning index of every network over the settings with which it earns more than by chance."""
    learner = tables["learner"]
    return (
        learner["planning_index"].where(learner["reward_per_trial"] > ABOVE_CHANCE).min(learner["status"].dims).values
    )


def reward_of_long_horizons(tables: Mapping[str, xr.Dataset]) -> np.ndarray:
    """Return the highest reward of every network with a discount of 0.9 and a learning rate of at most 0.01."""
    reward = tables["learner"]["reward_per_trial"].sel(discount=0.9)
    slow = reward.where(reward["initial_learning_rate"] <= SLOW)
    return slow.max([dim for dim in slow.dims if dim != "network"]).values


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "lowest planning index of each network over p_common of 0.6 to 0.9",
        lowest_index,
        "0 in one of the tasks",
    ),
    Claim(
        "Where both transitions are as likely, the second stage does not depend on the choice, and the index is zero.",
        "planning index, p_common 0.5",
        index_without_information,
        "outside the bounds",
        (-0.5, 0.5),
    ),
    Claim(
        "All networks that earn more than by chance have a positive planning index, also those that earn less than a "
        "model-free learner.",
        "lowest planning index of each network over the learners with which its reward is above 0.52",
        lowest_index_of_earners,
        "0 with one of the learners",
    ),
    Claim(
        "With a discount of 0.9 and a learning rate of at most 0.01 no network leaves chance level within 300 updates.",
        "highest reward of each network, discount 0.9, learning rates 0.005 and 0.01",
        reward_of_long_horizons,
        "0.52 or more",
        (None, ABOVE_CHANCE),
    ),
)
