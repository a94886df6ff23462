"""Supplementary figure: units of the two-step networks encode values that model-free learners lack, and the inference.

Training adds them. Activity of each LSTM unit, recorded with frozen weights (8 networks of 48 units, 300 episodes of
100 trials each), is regressed on all signatures together (ordinary least squares, statsmodels). Signatures of one
trial: its first-stage choice, transition, reward, and their products; choice x transition is the second-stage state,
and the product of all three tells whether the state that was reached is good. Current signatures: the values, right
minus left, of learners yoked to the network's choices, and which state is good. After the outcome only: the next
choice.

a, at the second stage, before the outcome. b, at the first stage of the next trial, after it. Absolute partial
correlation, median over units: networks (dots single ones, bars s.e.m. over networks), the same networks before
training, trained networks with the signatures of other episodes (labels shuffled), and, in place of units, the two
action values of yoked learners. c, d, signed partial correlations of network 0, units sorted by the model-based value
before the outcome. e, f, model-based against model-free value, unit by unit, all networks; diagonal, equality; t,
paired t test over networks of the median (scipy). g, units of trained networks that encode the state before the
outcome, and the inference after it. h, the same regression with the values of the ideal observer, which infers the
state, in place of those of the model-based learner: the part correlated with the good state itself is gone; triangles,
artificial units that encode only the ideal observer's belief, through a nonlinear function. i, fraction of units with a
significant signature after the outcome (standard errors clustered by episode, false discovery rate 0.05, dashed, over
the units of a network); for shuffled labels, these are false discoveries.

Untrained units reflect their inputs: choice, state and reward. Values and inference appear with training. The values
are those of a planner, or of an observer who infers which state is good: before the outcome the observer's describe
units better (h). The outcome is not known before it occurs, so the product of all three is a control there (see
`two_step_signatures`). Trained units seem to encode some model-free value beyond the planner's (a, h). So do artificial
units that encode a belief alone, but not linearly, beyond the ideal observer's values: the result alone is neither
evidence for a habit nor against it.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from analyses import style
from analyses.claim import Claim, title
from analyses.significance import in_words
from analyses.unit_claims import encoding_claims
from analyses.unit_controls import belief_units
from analyses.unit_panels import NETWORKS, draw_fractions, draw_strength, draw_units
from analyses.unit_tables import strength
from pfc_metarl.measures import signature_encoding
from pfc_metarl.measures.units.signatures import LEARNERS, MOMENTS
from pfc_metarl.runs.run import Run

RUN = "runs/two_step"
BEFORE, AFTER = MOMENTS
INFERENCE = "choice x transition x reward"
STATE = "choice x transition"
VALUES = ("model-based value", "model-free value", "good state")

WHO = {
    **NETWORKS,
    "model_based": ("model-based learner's values", style.MODEL_BASED, "D"),
    "model_free": ("model-free learner's values", style.MODEL_FREE, "D"),
}
"""What is regressed -> label, colour and marker."""


PLANNERS = {"model_based": "model-based learner", "latent_state": "ideal observer"}


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment two_step."""
    test, untrained = run.recording("test"), run.recording("test_untrained")
    found = {
        "trained": signature_encoding(test),
        "untrained": signature_encoding(untrained),
        "shuffled": signature_encoding(test, shuffle=0),
        **{name: signature_encoding(test, f"action_value_{name}") for name in LEARNERS},
    }
    observer = signature_encoding(test, learners=("latent_state", "model_free"))
    planners = {"model_based": found["trained"], "latent_state": observer}
    alone = belief_units(test)
    belief = {name: signature_encoding(alone, learners=(name, "model_free")) for name in PLANNERS}
    units = {state: found[state][["partial_correlation"]].drop_vars("unit") for state in ("trained", "untrained")}
    return {
        "strength": style.stacked({who: strength(result) for who, result in found.items()}, "who"),
        "planner": style.stacked({name: strength(result) for name, result in planners.items()}, "planner"),
        "belief": style.stacked({name: result[["partial_correlation"]] for name, result in belief.items()}, "planner"),
        "units": style.stacked(units, "who"),
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [{"a": 1, "b": 1}, {"c": 1, "d": 1}, {"e": 1, "f": 1, "g": 1}, {"h": 1, "i": 1.4}]
    made, axes = style.figure(rows, height=225)
    units = tables["units"]["partial_correlation"]
    for letter, moment in (("a", BEFORE), ("b", AFTER)):
        draw_strength(tables["strength"]["partial_correlation"].sel(phase=moment), WHO, ax=axes[letter])
        axes[letter].set_title(f"{moment}, n = {units.sizes['subject']} networks")
    made.legend(*axes["b"].get_legend_handles_labels(), loc="outside upper center", ncols=len(WHO))
    axes["b"].set_yticklabels([])
    network = units.sel(who="trained").isel(subject=0)
    order = network.sel(phase=BEFORE, regressor="model-based value").argsort().values
    for letter, moment in (("c", BEFORE), ("d", AFTER)):
        draw_units(network.sel(phase=moment).isel(unit=order), ax=axes[letter])
        axes[letter].set_title(f"network 0, {moment}")
    axes["d"].set_yticklabels([])
    for letter, moment in (("e", BEFORE), ("f", AFTER)):
        draw_values(units.sel(phase=moment), ax=axes[letter])
        axes[letter].set_title(moment)
    axes["e"].legend(loc="upper left", handletextpad=0)
    draw_inference(units.sel(who="trained"), ax=axes["g"])
    planned = (tables[name]["partial_correlation"].sel(phase=BEFORE) for name in ("planner", "belief"))
    draw_planners(*planned, ax=axes["h"])
    draw_fractions(tables["strength"]["fraction"].sel(phase=AFTER), WHO, ax=axes["i"])
    axes["i"].set_title(AFTER)
    return made


def draw_values(partial: xr.DataArray, ax: Axes) -> Axes:
    """Draw each unit's model-based against its model-free value, and test the networks' medians."""
    planner, habit = (abs(partial.sel(regressor=name)) for name in VALUES[:2])
    for who in ("trained", "untrained"):
        label, color, _ = WHO[who]
        x, y = (values.sel(who=who).values.ravel() for values in (habit, planner))
        ax.plot(x, y, ".", color=color, markersize=2, alpha=0.6, label=label, rasterized=True)
    medians = [values.sel(who="trained").median("unit") for values in (planner, habit)]
    test = stats.ttest_rel(*(median.values for median in medians))
    ax.text(0.98, 0.04, in_words(test, "\n"), transform=ax.transAxes, ha="right", fontsize=6)
    ax.plot([0, 1], [0, 1], color=style.FAINT, linewidth=0.5, linestyle="--")
    ax.set(xlabel="model-free value,\n|partial correlation|", ylabel="model-based value,\n|partial correlation|")
    ax.set(xlim=(0, 1), ylim=(0, 1))
    return ax


def draw_inference(partial: xr.DataArray, ax: Axes) -> Axes:
    """Draw each unit's state before the outcome against the inference (product of all three) after it."""
    state = abs(partial.sel(phase=BEFORE, regressor=STATE))
    inference = abs(partial.sel(phase=AFTER, regressor=INFERENCE))
    ax.plot(state.values.ravel(), inference.values.ravel(), ".", color=style.NETWORK, markersize=2, alpha=0.6)
    both = float(((state > 0.1) & (inference > 0.1)).mean("unit").mean())
    ax.set_title(f"both above 0.1: {both:.0%} of units")
    ax.set(xlabel="state before outcome,\n|partial correlation|", xlim=(0, 1), ylim=(0, 1))
    ax.set_ylabel("choice x transition x reward\nafter it, |partial correlation|")
    return ax


def draw_planners(strength: xr.DataArray, belief: xr.DataArray, ax: Axes) -> Axes:
    """Draw the partial correlations of values and good state, with either planner, and of units with a belief alone."""
    colors = {"model_based": style.MODEL_BASED, "latent_state": style.OPTIMUM}
    for bar, (planner, label) in enumerate(PLANNERS.items()):
        own = strength.sel(planner=planner, regressor=list(VALUES))
        mean, sem, n = style.mean_sem(own)
        x = np.arange(len(VALUES)) + (bar - 0.5) * 0.38
        ax.bar(x, mean, 0.35, color=colors[planner], label=f"values of {label}")
        ax.errorbar(x, mean, sem, fmt="none", color="black", elinewidth=0.6)
        dots = np.add.outer(x, style.jittered(n, 0.2))
        ax.plot(dots, own.transpose("regressor", "subject"), ".", color="black", markersize=2)
        for marker, unit in zip("v^", belief["unit"].values, strict=True):
            alone = abs(belief.sel(planner=planner, unit=unit, regressor=list(VALUES))).mean("subject")
            shown = unit if bar == 0 else None
            ax.plot(x + 0.14, alone, marker, markersize=4, color="white", markeredgecolor="black", label=shown)
    ax.set_xticks(range(len(VALUES)), [name.replace(" ", "\n") for name in VALUES])
    ax.set(ylabel="|partial correlation|,\nmedian over units", title=BEFORE, ylim=(0, 1))
    ax.legend(loc="upper right")
    return ax


def observer_beyond(strength: xr.DataArray) -> xr.DataArray:
    """Return how much stronger the ideal observer's values are encoded than the model-based learner's."""
    values = strength.sel(phase=BEFORE, regressor="model-based value")
    return values.sel(planner="latent_state") - values.sel(planner="model_based")


ENCODED = ("model-based value", INFERENCE)
"""Signatures of the title."""

TITLE = title(__doc__)
CLAIMS = (
    *encoding_claims(TITLE, ENCODED, "strength", AFTER),
    Claim(
        "before the outcome the observer's describe units better",
        "median |partial correlation| with values before the outcome, ideal observer's − model-based learner's",
        lambda tables: observer_beyond(tables["planner"]["partial_correlation"]),
        "0: as well",
    ),
)
