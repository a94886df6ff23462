"""Supplementary figure: trained two-step networks encode which state is good by a code that generalises over choices.

Conditions are defined by the last trial: the choice, the second-stage state and the reward. State and reward together
determine which state is good; neither does so alone. a, variance of activity over conditions and time (the two stages
of the present trial), demixed into what each factor, or a set of factors with or without time, explains beyond its
subsets; noise is removed. b, for each of the 35 ways to split the eight conditions into halves, decoding accuracy at
the first stage, and accuracy in conditions on which the decoder was not trained, mean over networks; grey, 95% of the
null distribution, clouds of trials at random positions. c, fraction of units whose activity at the first stage depends
on state or reward alone, on their sum, or on their combination (false discovery rate 0.05; at least 1% of the unit's
variance). d, dimensionality of activity at each stage (participation ratio). e, similarity of any two networks' mean
activity in the eight conditions (linear CKA without bias); it is high before training too, because the percepts of the
last trial also reach untrained networks. f, fixed points of the dynamics for a constant second-stage percept after the
choice: time constant of the slowest decay at each stable point, and the number of networks that have one; the mean time
between reversals is 80 steps. Bars are means over networks, error bars s.e.m., dots single networks (e: pairs; f:
points); n in a. Untrained: the same networks with their initial weights.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import geometry_panels, style
from analyses.claim import Claim, title
from analyses.geometry_panels import WHO
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import (
    condition_means,
    demixed_variance,
    dichotomies,
    mixed_selectivity,
    participation_ratio,
    previous,
)
from pfc_metarl.mechanism.fixed_points import fixed_points
from pfc_metarl.networks.network import Network
from pfc_metarl.runs.run import Run

RUN = "runs/two_step"
EPISODES = 100
"""10,000 trials of each network."""


KINDS = ("pure", "linear mixed", "nonlinear mixed")
STARTS = 8


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment two_step."""
    made = {"trained": run.recording("test"), "untrained": run.recording("test_untrained")}
    made = {who: recording.isel(episode=slice(EPISODES)).load() for who, recording in made.items()}
    factors = {who: last_trial(recording) for who, recording in made.items()}
    mixed = {
        who: mixed_selectivity(recording, {name: factors[who][name] for name in ("state", "reward")}, at_least=0.01)
        for who, recording in made.items()
    }
    ratios = {
        who: xr.concat([participation_ratio(recording, stage) for stage in _stages(recording)], _axis(recording))
        for who, recording in made.items()
    }
    means = {who: condition_means(recording, factors[who])["activity"] for who, recording in made.items()}
    return {
        "demixed": demixed_variance(made["trained"], factors["trained"])[["fraction", "signal_fraction"]],
        "dichotomies": dichotomies(made["trained"], factors["trained"], n_trials=60, n_null=50),
        "mixed": style.stacked({who: result[["p_units"]] for who, result in mixed.items()}, "who"),
        "dimensions": style.stacked({who: r[["participation_ratio"]] for who, r in ratios.items()}, "who"),
        "similarity": geometry_panels.similarity(means),
        "rest": rest(run, made["trained"]),
    }


def _stages(recording: xr.Dataset) -> list[str]:
    return list(recording["phase"].attrs["flag_meanings"])


def _axis(recording: xr.Dataset) -> xr.IndexVariable:
    return xr.IndexVariable("stage", _stages(recording))


def last_trial(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return choice, second-stage state and reward of the trial before each trial."""
    names = {"choice": "choice1", "state": "state2", "reward": "reward"}
    return {name: previous(trial_view(recording, field, "second_stage")) for name, field in names.items()}


def rest(run: Run, recording: xr.Dataset) -> xr.Dataset:
    """Find fixed points for a constant percept of the second stage, by choice and state."""
    weights, network = run.weights(), Network(**run.manifest["settings"]["network"])
    found = {}
    for choice, option in enumerate(recording["option"].values):
        for state in (0, 1):
            shown = [0, 1 - state, state]
            inputs = {"observation": shown, "previous_action": choice, "previous_reward": 0.0}
            points = fixed_points(network, weights, recording, inputs, n_starts=STARTS)
            found[f"{option},\nstate {state}"] = points[["kind", "stability", "time_constant", "distance", "policy"]]
    return xr.concat(
        found.values(), xr.IndexVariable("percept", list(found)), join="outer", fill_value={"kind": "", "stability": ""}
    )


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 4, "b": 4, "c": 3}, {"d": 2, "e": 2.6, "f": 4}], height=125)
    geometry_panels.draw_demixed(tables["demixed"]["fraction"], ax=axes["a"])
    geometry_panels.draw_dichotomies(tables["dichotomies"], ax=axes["b"])
    draw_mixed(tables["mixed"]["p_units"], ax=axes["c"])
    geometry_panels.draw_dimensions(tables["dimensions"]["participation_ratio"], ax=axes["d"])
    geometry_panels.draw_similarity(tables["similarity"]["linear_cka"], ax=axes["e"])
    draw_rest(tables["rest"], ax=axes["f"])
    return made


def draw_mixed(fraction: xr.DataArray, ax: Axes) -> Axes:
    """Draw the fraction of units of each selectivity."""
    for group, kind in enumerate(KINDS):
        for k, (who, color) in enumerate(WHO.items()):
            geometry_panels.bar(
                ax,
                group + (k - 0.5) * 0.38,
                fraction.sel(who=who, kind=kind),
                0.34,
                color=color,
                alpha=0.6,
                label=who if not group else None,
            )
    ax.set_xticks(range(len(KINDS)), [kind.replace(" ", "\n") for kind in KINDS])
    ax.set(ylabel="fraction of units", ylim=(0, 1.35), yticks=[0, 0.5, 1])
    ax.legend(loc="upper left")
    return ax


def draw_rest(points: xr.Dataset, ax: Axes) -> Axes:
    """Draw the time constants of stable points for each percept."""
    stable = points["time_constant"].where((points["stability"] == "stable") & (points["kind"] == "fixed"))
    for x, percept in enumerate(points["percept"].values):
        slowest = stable.sel(percept=percept)
        mean, sem, n = style.mean_sem(slowest.max("point"))
        for number, own in zip(style.jittered(slowest.sizes["subject"], 0.5), slowest.values, strict=True):
            ax.plot(np.full(own.shape, x + number), own, ".", color=style.NETWORK, markersize=4)
        ax.errorbar(x, mean, sem, color=style.MODEL_BASED, marker="_", markersize=14)
        ax.text(
            x,
            1.0,
            f"{n} of {slowest.sizes['subject']}",
            transform=ax.get_xaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=6,
        )
    ax.set_xticks(range(points.sizes["percept"]), points["percept"].values)
    ax.set(ylabel="time constant (steps)", ylim=(0, None))
    return ax


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "state x reward decoded in conditions not used for training, − clouds of trials at random positions",
        lambda tables: (
            tables["dichotomies"]["generalisation"].sel(dichotomy=geometry_panels.PARITY)
            - tables["dichotomies"]["null"].mean("draw")
        ),
        "0: conditions at random positions",
    ),
)
