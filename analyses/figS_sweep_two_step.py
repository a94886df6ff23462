"""Supplementary figure: model-based behaviour emerges wherever transitions are informative.

Two settings of the two-step task are varied, the probability of the common transition and that of a reversal of the
good state (`benchmarks/sweeps/two_step_task.toml`, experiment two_step_choices). Each combination is one training of
eight networks with 300 updates, then 100 test episodes with frozen weights. a, planning index: the weights of the
interaction of reward and transition over five trials back. b, reward per trial. c, fraction of networks whose planning
weight two trials back and reward lie beyond the criteria of the experiment, which lie between reference agents in the
same task. d, the planning index against the probability of a reversal; error bars s.e.m. over networks. Numbers are
means over networks, one seed. A cross marks a combination that was not simulated; "n/a", one in which all transitions
are common, so that the index is not defined. Where both transitions are as likely, the second stage does not depend on
the choice, and the index is zero.
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

RUN = "sweeps/two_step_task"
LABELS = {"planning_index": "planning index", "reward_per_trial": "reward per trial", "reached": "reached the criteria"}
"""Measures of the heat maps."""
UNINFORMATIVE, ALL_COMMON = 0.5, 1.0
"""Values of p_common at which there is nothing to plan, and no rare transition."""


def tables(task: SweepFolder) -> dict[str, xr.Dataset]:
    """Return the measures that the figure shows."""
    return {"task": task.dataset[[*LABELS, "status"]]}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1.0, "b": 1.0}, {"c": 1.0, "d": 1.0}], height=120)
    for name, letter in zip(LABELS, "abc", strict=True):
        _map(tables["task"], name, axes[letter])
    planned = tables["task"]["planning_index"].assign_attrs(label=LABELS["planning_index"])
    curves(planned.sel(p_common=planned["p_common"] < ALL_COMMON), ax=axes["d"])
    return made


def _map(table: xr.Dataset, name: str, ax: Axes) -> Axes:
    return heat_map(table[name].assign_attrs(label=LABELS[name]), table["status"], ax=ax)


def lowest_index(tables: Mapping[str, xr.Dataset]) -> np.ndarray:
    """Return the lowest planning index of every network over all tasks in which transitions are informative."""
    index = tables["task"]["planning_index"]
    informative = (index["p_common"] > UNINFORMATIVE) & (index["p_common"] < ALL_COMMON)
    return index.where(informative).min(("p_common", "p_reversal")).values


def index_without_information(tables: Mapping[str, xr.Dataset]) -> np.ndarray:
    """Return the mean planning index of every network over the tasks in which both transitions are as likely."""
    return tables["task"]["planning_index"].sel(p_common=UNINFORMATIVE).mean("p_reversal").values


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
)
