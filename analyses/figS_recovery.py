"""Supplementary figure: parameters of the hybrid, two of them roughly, and names of models are recovered from choices.

The hierarchical fit is nearer to what was planted. a-g, planted and fitted values of the seven parameters of the hybrid
of Daw et al. 2011 (doi:10.1016/j.neuron.2011.02.027), of 48 simulated subjects with 200 trials of the drifting task
each, as many as one person does. Grey, maximum likelihood subject by subject; black, the hierarchical fit
(expectation-maximisation with Laplace's approximation). Values beyond an axis are drawn at its end. r, correlation over
subjects, of either fit. By the hierarchical fit the learning rate of the first stage and the trace are recovered worst:
200 trials say little about them. By maximum likelihood perseveration and the inverse temperature of the first stage,
too, are far off in some subjects. h, i, which model describes simulated subjects best by BIC: fraction of 16 subjects
for each model, 1,000 trials each, on the two-step task with reversals (h) and on two arms that reverse (i). The names
are those of `python -m pfc_metarl.fit --list-models`.

Subjects are reference agents; their parameters are drawn uniformly from ranges that are stated in
analyses/recovery_table.py, which makes the table.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title

RUN = ()
"""It is drawn from its table alone."""

NAMES = {
    "learning_rate": "learning rate, first stage",
    "second_stage_learning_rate": "learning rate, second stage",
    "trace": "trace (λ)",
    "model_based_weight": "model-based weight (w)",
    "perseveration": "perseveration",
    "inverse_temperature": "inverse temperature, first stage",
    "second_stage_inverse_temperature": "inverse temperature, second stage",
}
METHODS = {"ml": ("maximum likelihood", style.FAINT), "em": ("hierarchical", style.NETWORK)}
TASKS = {"two_step": "two-step task", "bandit": "two arms"}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [dict.fromkeys("abcd", 1.0), {"e": 1.0, "f": 1.0, "g": 1.0, "legend": 0.9}, {"h": 1.0, "i": 1.0}]
    made, axes = style.figure(rows, height=175, heights=[1, 1, 1.35])
    for panel, name in zip("abcdefg", NAMES, strict=True):
        draw_parameter(tables["parameters"], name, ax=axes[panel])
    axes["legend"].set_axis_off()
    axes["legend"].set_title("", loc="left")
    handles, labels = axes["a"].get_legend_handles_labels()
    axes["legend"].legend(handles, labels, loc="center")
    for panel, task in zip("hi", TASKS, strict=True):
        draw_confusion(tables[task]["confusion"], ax=axes[panel])
        axes[panel].set_title(TASKS[task], loc="right")
    return made


def draw_parameter(found: xr.Dataset, name: str, ax: Axes) -> Axes:
    """Draw planted against fitted values of a parameter, by each method."""
    of_one = found.sel(parameter=name)
    low, high = (float(of_one["planted"].reduce(bound)) for bound in (np.min, np.max))
    margin = 0.25 * (high - low)
    ends = [low - margin, high + margin]
    ax.plot(ends, ends, color=style.FAINT, linewidth=0.5)
    told = []
    for method, (label, color) in METHODS.items():
        own = of_one.sel(fit=method)
        fitted = own["estimate"].clip(*ends)
        ax.plot(own["planted"], fitted, ".", color=color, markersize=3, label=label)
        told.append(f"{float(own['correlation']):.2f}")
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
    ax.text(0.98, 0.03, f"r = {', '.join(told)}", transform=ax.transAxes, ha="right", fontsize=6, bbox=box)
    ax.set(xlabel="planted", ylabel="fitted", xlim=ends, ylim=ends)
    ax.set_title(NAMES[name].replace(", ", ",\n"), loc="right")
    return ax


def draw_confusion(confusion: xr.DataArray, ax: Axes) -> Axes:
    """Draw which model subjects of each model are taken for."""
    ax.imshow(confusion.transpose("simulated", "fitted"), cmap="Greys", vmin=0, vmax=1)
    for row, column in np.argwhere(confusion.values > 0):
        value = float(confusion.values[row, column])
        ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=6, color="w" if value > 0.5 else "k")
    names = confusion["fitted"].values.tolist()
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="best by BIC", ylabel="simulated")
    return ax


def gain(tables: Mapping[str, xr.Dataset]) -> np.ndarray:
    """Return how much nearer the hierarchical fit is, of each subject: mean over parameters, in standard deviations."""
    found = tables["parameters"]
    error = abs(found["estimate"] - found["planted"]) / found["planted"].std("subject")
    return (error.sel(fit="ml") - error.sel(fit="em")).mean("parameter").values


def in_units_of_planted(tables: Mapping[str, xr.Dataset], name: str) -> np.ndarray:
    """Return of each subject the product of planted and fitted value, standardised: its mean is the correlation."""
    found = tables["parameters"].sel(fit="em", parameter=name)
    planted, estimate = ((each - each.mean()) / each.std() for each in (found["planted"], found["estimate"]))
    return (planted * estimate).values


def told_apart(tables: Mapping[str, xr.Dataset]) -> np.ndarray:
    """Return the fraction of subjects of each model who are taken for it."""
    return np.concatenate([np.diag(tables[task]["confusion"]) for task in TASKS])


CLAIMS = (
    *(
        Claim(
            title(__doc__),
            f"correlation of planted and hierarchically fitted values, {label} (mean of products over subjects)",
            lambda tables, name=name: in_units_of_planted(tables, name),
            "0: nothing is recovered",
        )
        for name, label in NAMES.items()
    ),
    Claim(
        title(__doc__),
        "fraction of subjects who are taken for their own model, of each of ten models",
        told_apart,
        "0.2: one of five at random",
        (0.5, None),
    ),
    Claim(
        "The hierarchical fit is nearer to what was planted.",
        "absolute error in standard deviations, maximum likelihood − hierarchical, mean over parameters",
        gain,
        "0",
    ),
)
