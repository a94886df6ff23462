"""Supplementary figure: the geometry of the activity with which a two-step network plans.

Conditions are what the last trial brought: the choice, the second-stage state it led to, and the reward. State and
reward together tell which state is good, and neither tells it alone. a, variance of activity over conditions and time
(the two stages of the present trial), demixed into what each factor, or a set of them with or without time, explains
beyond its subsets; noise taken out. b, for each of the 35 ways to split the eight conditions into halves, how well
the halves are told apart at the first stage, and how well they are in conditions that the decoder was not trained on,
mean over networks; grey, 95% of the null distribution, clouds of trials that lie to one another by chance. c, share
of units whose activity at the first stage depends on state or reward alone, on their sum, or on their combination
(false discovery rate 0.05; at least 1% of the unit's variance). d, dimensions of activity at each stage
(participation ratio). e, similarity of any two networks' mean activity in the eight conditions (linear CKA without
bias); it is high before training too, as the percepts of the last trial reach untrained networks as well. f, rest
states of the dynamics if the second-stage percept after the choice stayed the same: time constant of the slowest
decay at each stable point, and the number of networks that have one; the time between reversals is 80 steps in the
mean. Bars are means over networks, error bars s.e.m., dots single networks (e: pairs; f: points); n in a. Untrained:
the same networks with their initial weights.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import (
    condition_means,
    demixed_variance,
    dichotomies,
    mixed_selectivity,
    participation_ratio,
    previous,
    representational_similarity,
)
from pfc_metarl.runs.run import Run

RUN = "runs/two_step"
EPISODES = 100
"""Enough for 10000 trials of each network."""

WHO = {"trained": style.NETWORK, "untrained": style.FAINT}
PARITY = "0,0,0 | 0,1,1 | 1,0,0 | 1,1,1"
"""The split by state x reward: those in which the last trial spoke for state 1, and those in which it did not."""

NAMED = {"choice": "choice", "state": "state", "reward": "reward", PARITY: "state x reward"}
"""Dichotomies that are shown by name."""

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
        "demixed": demixed_variance(made["trained"], factors["trained"])[["share", "signal_share"]],
        "dichotomies": dichotomies(made["trained"], factors["trained"], n_trials=60, n_null=50),
        "mixed": style.stacked({who: result[["p_units"]] for who, result in mixed.items()}, "who"),
        "dimensions": style.stacked({who: r[["participation_ratio"]] for who, r in ratios.items()}, "who"),
        "similarity": similarity(means),
        "rest": rest(run, made["trained"]),
    }


def similarity(means: Mapping[str, xr.DataArray]) -> xr.Dataset:
    """Compare trained networks with one another, untrained ones, and trained with untrained ones."""
    pairs = {"trained": ("trained",) * 2, "untrained": ("untrained",) * 2, "trained to\nuntrained": tuple(means)}
    found = {who: representational_similarity(means[one], means[other]) for who, (one, other) in pairs.items()}
    return style.stacked(found, "who")


def _stages(recording: xr.Dataset) -> list[str]:
    return list(recording["phase"].attrs["flag_meanings"])


def _axis(recording: xr.Dataset) -> xr.IndexVariable:
    return xr.IndexVariable("stage", _stages(recording))


def last_trial(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return choice, second-stage state and reward of the trial before each trial."""
    names = {"choice": "choice1", "state": "state2", "reward": "reward"}
    return {name: previous(trial_view(recording, field, "second_stage")) for name, field in names.items()}


def rest(run: Run, recording: xr.Dataset) -> xr.Dataset:
    """Find where activity comes to rest if the percept of the second stage is held: by choice made and state."""
    from pfc_metarl.mechanism.fixed_points import fixed_points
    from pfc_metarl.networks.network import Network

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
    draw_demixed(tables["demixed"]["share"], ax=axes["a"])
    draw_dichotomies(tables["dichotomies"], ax=axes["b"])
    draw_mixed(tables["mixed"]["p_units"], ax=axes["c"])
    draw_dimensions(tables["dimensions"]["participation_ratio"], ax=axes["d"])
    draw_similarity(tables["similarity"]["linear_cka"], ax=axes["e"])
    draw_rest(tables["rest"], ax=axes["f"])
    return made


def bar(ax: Axes, x: float, values: xr.DataArray, width: float, **look: object) -> None:
    """Draw the mean over subjects, its s.e.m., and single subjects."""
    mean, sem, n = style.mean_sem(values)
    ax.bar(x, mean, width, **look)
    ax.errorbar(x, mean, sem, color="black", linewidth=0.6)
    ax.plot(x + style.jittered(n, 0.6 * width), values, ".", color="black", markersize=1.5)


def draw_demixed(share: xr.DataArray, ax: Axes, marked: str = "state x reward") -> Axes:
    """Draw the share of each set of factors, with and without time; one is marked."""
    found = [str(part) for part in share["part"].values]
    rows = sorted((part for part in found if not part.endswith("x time")), key="time".__eq__)
    for y, part in enumerate(rows):
        own = share.sel(part=[name for name in (part, f"{part} x time") if name in found])
        color = style.MODEL_BASED if part == marked else style.FAINT
        mean, sem, n = style.mean_sem(own.sum("part"))
        ax.barh(y, mean, 0.75, color=color)
        ax.barh(y, own.isel(part=0).mean("subject"), 0.75, color="none", edgecolor="black", linewidth=0.4)
        ax.errorbar(mean, y, xerr=sem, color="black", linewidth=0.6)
        ax.plot(own.sum("part"), y + style.jittered(n, 0.4), ".", color="black", markersize=1.5)
    ax.set_yticks(range(len(rows)), rows)
    ax.invert_yaxis()
    framed = "\n(framed: without interaction with time)" if "time" in rows else ""
    ax.set(xlabel=f"share of variance{framed}", title=f"n = {share.sizes['subject']} networks")
    return ax


def draw_dichotomies(
    result: xr.Dataset, ax: Axes, named: Mapping[str, str] = NAMED, sizes: tuple[float, ...] = (4, 4, 4, 4)
) -> Axes:
    """Draw generalisation against decoding of every dichotomy; four are named, in markers of these sizes."""
    low, high = np.nanquantile(result["null"], [0.025, 0.975])
    ax.axhspan(low, high, color=style.FAINT, alpha=0.25, linewidth=0)
    mean = result[["decoding", "generalisation"]].mean("subject")
    ax.plot(mean["decoding"], mean["generalisation"], ".", color=style.FAINT, markersize=4)
    colors = (style.NETWORK, style.OPTIMUM, style.MODEL_FREE, style.MODEL_BASED)
    for (name, label), color, size in zip(named.items(), colors, sizes, strict=True):
        own = mean.sel(dichotomy=name)
        ax.plot(own["decoding"], own["generalisation"], "o", color=color, markersize=size, label=label)
    ax.axhline(0.5, color=style.FAINT, linestyle="--", linewidth=0.6)
    ax.set(xlabel="decoding accuracy", ylabel="generalisation to\nunseen conditions", ylim=(0, 1.03))
    ax.legend(loc="upper left")
    return ax


def draw_mixed(share: xr.DataArray, ax: Axes) -> Axes:
    """Draw the share of units of each selectivity."""
    for group, kind in enumerate(KINDS):
        for k, (who, color) in enumerate(WHO.items()):
            bar(
                ax,
                group + (k - 0.5) * 0.38,
                share.sel(who=who, kind=kind),
                0.34,
                color=color,
                alpha=0.6,
                label=who if not group else None,
            )
    ax.set_xticks(range(len(KINDS)), [kind.replace(" ", "\n") for kind in KINDS])
    ax.set(ylabel="share of units", ylim=(0, 1.35), yticks=[0, 0.5, 1])
    ax.legend(loc="upper left")
    return ax


def draw_dimensions(ratio: xr.DataArray, ax: Axes) -> Axes:
    """Draw the participation ratio at each stage."""
    stages = ratio["stage"].values
    for group, stage in enumerate(stages):
        for k, (who, color) in enumerate(WHO.items()):
            bar(ax, group + (k - 0.5) * 0.38, ratio.sel(who=who, stage=stage), 0.34, color=color, alpha=0.6)
    ax.set_xticks(range(len(stages)), [str(stage).replace("_", "\n") for stage in stages])
    ax.set(ylabel="participation ratio")
    return ax


def draw_similarity(cka: xr.DataArray, ax: Axes) -> Axes:
    """Draw the similarity of all pairs of networks."""
    rows, columns = np.triu_indices(cka.sizes["subject"], 1)
    for x, who in enumerate(cka["who"].values):
        color = WHO.get(str(who), style.MODEL_BASED)
        values = cka.sel(who=who).transpose("subject", "other").values
        pairs = values[rows, columns] if who in WHO else values.ravel()
        ax.plot(x + style.jittered(len(pairs), 0.5), pairs, ".", color=color, markersize=3)
        ax.plot([x - 0.3, x + 0.3], [pairs.mean()] * 2, color="black")
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set_xticks(range(cka.sizes["who"]), cka["who"].values)
    ax.set(ylabel="similarity of networks (CKA)", ylim=(None, 1.05))
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
