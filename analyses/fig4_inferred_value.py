"""Figure 4: after a reversal, the dopamine response to a cue not seen since then reflects its inferred new value.

All panels show recordings with frozen weights. a, a trial: fixation, the cue (one target, left or right), a saccade to
it, the outcome; one side is rewarded, and the sides swap without a signal. b-d, reward-prediction error (RPE) at cue
onset, for targets that are currently rewarded and targets that are not: in the last trial before a reversal, and in the
first trial after it (n + 1), if its target is the one of the reversal trial n (experienced) or the other one
(inferred). b, networks; c, an ideal observer that infers the rewarded side; d, a model-free learner with a value for
each cue, both in the same worlds. e, RPE of the networks at the onset of each phase of trial n + 1. f, change of the
response to the cue from the old to the new values, trial by trial, for cues seen since the reversal (solid) and cues
not seen (dashed, open). g, inferred divided by experienced change in trial n + 1, for the schedule of reversals of the
training (hazard) and for another one (one reversal per episode); lines, reference agents. h, silhouette of the latent
state (the rewarded side) and of the cue in the activity of trial n + 1, for the networks and for the same networks with
their initial weights; above, the fraction of trials n + 1 in which a cross-validated logistic decoder identifies the
latent state at fixation (chance level 0.5). i, j, activity of network 0 in reversal trials n and in trials n + 1, first
two principal components over all trials of each phase; colour, the side rewarded in this trial (in trial n it is
revealed at the outcome only, and activity represents the other side until then); marker, the side of its cue, which is
also that of the saccade. Thick lines are means, error bars s.e.m. over networks (reference agents: over individuals),
thin lines and dots single networks. Test in b: paired t test of rewarded against unrewarded inferred cues, over
networks. An inferred change is as large as an experienced one. Test in g: of equivalence, two one-sided t tests against
0.8 and 1.25.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Rectangle
from scipy import stats

from analyses import style
from analyses.claim import Claim, title
from analyses.reversal_activity import LABELS, components, draw_activity
from analyses.significance import in_words
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import (
    cluster_separation,
    cue_responses,
    inferred_change,
    population_decoding,
    trials_after_reversal,
)
from pfc_metarl.measures.inference import within
from pfc_metarl.runs.run import Run

RUN = "runs/inferred_value"

WHO = {
    "networks": ("networks", style.NETWORK),
    "reversal_observer": ("ideal observer", style.OPTIMUM),
    "cue_learner": ("model-free", style.MODEL_FREE),
}
"""Kind of subject -> label and colour."""

TARGETS = {"rewarded": style.REWARDED, "unrewarded": style.UNREWARDED}
SCHEDULES = {"hazard": "responses", "once": "once"}
"""Schedule of the reversals -> table."""

LINES = {"experienced": "-", "inferred": "--"}
WEIGHTS = {"trained": "-", "untrained": ":"}


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment inferred_value."""
    after = {"trained": run.recording("test"), "untrained": run.recording("test_untrained")}
    clusters = {
        name: cluster_separation(recording, tuple(LABELS), trials_after_reversal(recording))[["silhouette", "n_trials"]]
        for name, recording in after.items()
    }
    return {
        "responses": _responses(run, "test"),
        "once": _responses(run, "once"),
        "clusters": style.stacked(clusters, "weights"),
        "decoding": style.stacked({name: decoding(recording) for name, recording in after.items()}, "weights"),
        "components": components(after["trained"]),
    }


def _responses(run: Run, probe: str) -> xr.Dataset:
    names = {"networks": probe, **{name: f"{probe}_{name}" for name in list(WHO)[1:]}}
    responses = {who: cue_responses(run.recording(name)) for who, name in names.items()}
    return style.stacked(responses, "who").drop_vars(["valid", "reason"])


def decoding(recording: xr.Dataset) -> xr.Dataset:
    """Return the decoding of the latent state at fixation of the first trial after a reversal."""
    side = trial_view(recording, "rewarded_side", "fixation").where(trials_after_reversal(recording))
    found = population_decoding(recording, side, "classes", "fixation", n_shuffles=0)
    return xr.Dataset({"accuracy": found["score"].sel(metric="accuracy", drop=True)})


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [
        {"a": 2.4, "b": 1, "c": 1, "d": 1},
        {"e": 1.2, "f": 1.3, "g": 0.8, "h": 1.3},
        {"i": 1, "i2": 1, "i3": 1, "i4": 1, "i key": 1.1},
        {"j": 1, "j2": 1, "j3": 1, "j4": 1, "j key": 1.1},
    ]
    made, axes = style.figure(rows, height=200)
    draw_task(ax=axes["a"])
    responses = tables["responses"]
    for panel, who in zip("bcd", WHO, strict=True):
        draw_conditions(responses.sel(who=who), who, ax=axes[panel])
    draw_time_course(responses.sel(who="networks"), ax=axes["e"])
    draw_later_trials(inferred_change(responses), ax=axes["f"])
    draw_ratios({name: inferred_change(tables[table]) for name, table in SCHEDULES.items()}, ax=axes["g"])
    draw_clusters(tables["clusters"], ax=axes["h"])
    write_decoding(tables["decoding"]["accuracy"], ax=axes["h"])
    draw_activity(tables["components"], axes)
    return made


def draw_task(ax: Axes) -> Axes:
    """Draw the four screens of a trial, and what a reversal at one target implies for both."""
    ax.set(xlim=(0, 4.2), ylim=(-1.25, 1.1))
    ax.axis("off")
    for step, phase in enumerate(("fixation", "cue", "action", "outcome")):
        ax.add_patch(Rectangle((step + 0.06, 0.1), 0.84, 0.62, facecolor="#222222"))
        if step < 2:
            ax.plot(step + 0.48, 0.41, "+", color="white", markersize=5)
        if step in (1, 2):
            ax.add_patch(Circle((step + 0.22, 0.41), 0.08, color="white"))
        ax.text(step + 0.48, 0.8, phase, ha="center", fontsize=6)
    ax.annotate("", (2.22, 0.3), (2.62, 0.3), arrowprops={"arrowstyle": "->", "color": "white", "linewidth": 0.8})
    ax.text(3.48, 0.41, "reward\nor none", ha="center", va="center", color="white", fontsize=6)
    story = (
        ("trial n, reversal", "left cue: unrewarded for the first time"),
        ("n + 1, experienced", "left cue again: worth nothing now"),
        ("n + 1, inferred", "right cue, unseen since: rewarded now"),
    )
    for line, (when, what) in enumerate(story):
        ax.text(0.06, -0.25 - 0.4 * line, when, fontsize=6, va="center")
        ax.text(1.5, -0.25 - 0.4 * line, what, fontsize=6, va="center")
    return ax


def conditions(responses: xr.Dataset) -> xr.DataArray:
    """Return responses before a reversal, and after experienced and inferred change: (subject, condition, ...)."""
    after = responses["after"].sel(lag=1, drop=True).rename(change="condition")
    return xr.concat([responses["before"].expand_dims(condition=["before"]), after], "condition")


def draw_conditions(responses: xr.Dataset, who: str, ax: Axes) -> Axes:
    """Draw the response to the cue in each condition, by the cue's value."""
    at_cue = conditions(responses).sel(event="cue")
    names = at_cue["condition"].values
    for target, color in TARGETS.items():
        here = at_cue.sel(target=target)
        mean, sem, n = style.mean_sem(here)
        if who == "networks":
            ax.plot(range(len(names)), here.transpose("condition", "subject"), color=color, alpha=0.3, linewidth=0.4)
        ax.errorbar(range(len(names)), mean, sem, color=color, marker="o", markersize=3, label=f"{target} cue")
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set_xticks(range(len(names)), ["before", "exper.\nn + 1", "inferred\nn + 1"])
    ax.set(xlim=(-0.4, len(names) - 0.6), ylim=(-0.4, 0.4), title=f"{WHO[who][0]}\n(n = {n})")
    if who == "networks":
        ax.set_ylabel("RPE at cue (reward)")
        ax.legend(loc="center", handlelength=1, bbox_to_anchor=(0.5, 0.62))
        inferred = at_cue.sel(condition="inferred")
        _write_test(*(inferred.sel(target=target) for target in TARGETS), ax=ax)
    return ax


def _write_test(one: xr.DataArray, other: xr.DataArray, ax: Axes) -> None:
    test = stats.ttest_rel(one, other)
    text = in_words(test, "\n")
    ax.text(0.5, 0.36, text, transform=ax.transAxes, ha="center", va="center", fontsize=6)


def draw_time_course(responses: xr.Dataset, ax: Axes) -> Axes:
    """Draw the response to each event of the first trial after a reversal, by the cue's value and experience."""
    events = list(responses["event"].values)
    course = conditions(responses).sel(condition=["experienced", "inferred"])
    for target, color in TARGETS.items():
        for condition, line in LINES.items():
            mean, sem, _ = style.mean_sem(course.sel(target=target, condition=condition))
            x = np.arange(len(events)) + (0.04 if condition == "inferred" else -0.04)
            label = f"{target}, {condition}"
            ax.errorbar(x, mean, sem, color=color, linestyle=line, marker="o", markersize=2, label=label)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set_xticks(range(len(events)), events, rotation=20)
    ax.set(xlabel="onset of, in trial n + 1", ylabel="RPE (reward)", ylim=(-0.4, 0.6), title="networks")
    ax.set_yticks([-0.4, -0.2, 0, 0.2, 0.4])
    ax.legend(handles=_lines(LINES), loc="upper right", handlelength=1.2, borderaxespad=0)
    return ax


def _lines(named: Mapping[str, str]) -> list[Line2D]:
    """Return entries of a legend for styles of lines."""
    return [Line2D([], [], color="black", linestyle=line, label=name) for name, line in named.items()]


def draw_later_trials(change: xr.Dataset, ax: Axes) -> Axes:
    """Draw the change of the response to the cue in the trials after a reversal."""
    for place, (who, (label, color)) in enumerate(WHO.items()):
        for seen, line in LINES.items():
            mean, sem, _ = style.mean_sem(change["change_fraction"].sel(who=who, change=seen))
            face = color if seen == "experienced" else "white"
            named = label if seen == "experienced" else None
            marks = {"marker": "o", "markersize": 3, "markerfacecolor": face, "linestyle": line, "label": named}
            ax.errorbar(change["lag"] + 0.12 * (place - 1), mean, sem, color=color, **marks)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.axhline(1, color=style.FAINT, linewidth=0.5, linestyle=":")
    ax.set_xticks(change["lag"].values, [f"n+{lag}" for lag in change["lag"].values])
    ax.set(ylabel="change of response to cue\n(0 none, 1 full)", xlabel="trial", ylim=(-0.35, 1.6))
    entries = ax.get_legend_handles_labels()[0] + _lines({"seen": LINES["experienced"], "unseen": LINES["inferred"]})
    ax.legend(
        handles=entries,
        loc="center",
        bbox_to_anchor=(0.5, 0.42),
        ncols=2,
        labelspacing=0.2,
        handlelength=1.2,
        columnspacing=0.8,
    )
    return ax


def draw_ratios(changes: Mapping[str, xr.Dataset], ax: Axes) -> Axes:
    """Draw inferred divided by experienced change in the first trial after a reversal, for both schedules."""
    for place, change in enumerate(changes.values()):
        ratio = change["ratio"].sel(lag=1, drop=True)
        of_networks = ratio.sel(who="networks", drop=True).dropna("subject")
        mean, sem, n = style.mean_sem(of_networks)
        ax.plot(place + style.jittered(n, 0.3), of_networks, ".", color=style.NETWORK, markersize=4)
        ax.errorbar(place + 0.25, mean, sem, color="black", marker="_", linewidth=0.8)
        for who in list(WHO)[1:]:
            level = float(ratio.sel(who=who).mean())
            ax.plot([place - 0.35, place + 0.35], [level, level], color=WHO[who][1], linewidth=0.8)
        ax.text(place, 0.45, f"p =\n{within(of_networks, (0.8, 1.25)):.0e}", ha="center", va="center", fontsize=6)
    ax.set_xticks(range(len(changes)), list(changes))
    ax.set(ylabel="inferred change / experienced", xlabel="schedule", xlim=(-0.5, len(changes) - 0.5), ylim=(-0.2, 1.4))
    return ax


def draw_clusters(clusters: xr.Dataset, ax: Axes) -> Axes:
    """Draw the silhouette of latent state and cue at each phase, of trained and untrained networks."""
    phases = list(clusters["phase"].values)
    colors = {"rewarded_side": style.MODEL_BASED, "cue_side": style.FAINT}
    for label, color in colors.items():
        for weights, line in WEIGHTS.items():
            values = clusters["silhouette"].sel(label=label, weights=weights)
            mean, sem, _ = style.mean_sem(values)
            named = f"{LABELS[label]}, {weights}"
            ax.errorbar(
                range(len(phases)), mean, sem, color=color, linestyle=line, marker="o", markersize=2, label=named
            )
            if weights == "trained":
                ax.plot(range(len(phases)), values.transpose("phase", "subject"), color=color, alpha=0.3, linewidth=0.4)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set_xticks(range(len(phases)), phases)
    ax.set(ylabel="silhouette, trial n + 1", ylim=(-0.1, 1.6), yticks=[0, 0.5, 1])
    kinds = [Line2D([], [], color=color, label=LABELS[label]) for label, color in colors.items()]
    ax.legend(
        handles=kinds + _lines(WEIGHTS),
        labelspacing=0.2,
        loc="upper right",
        ncols=2,
        handlelength=1.2,
        columnspacing=0.8,
        borderaxespad=0,
    )
    return ax


def write_decoding(accuracy: xr.DataArray, ax: Axes) -> Axes:
    """Write the accuracy with which the latent state is decoded."""
    text = [f"{style.mean_sem(values)[0].item():.2f} {name}" for name, values in accuracy.groupby("weights")]
    ax.set_title("state decoded at fixation:\n" + ", ".join(text), fontsize=6, loc="right")
    return ax


def _inferred(responses: xr.Dataset, who: str) -> np.ndarray:
    """Return the response to inferred cues in trial n + 1, rewarded − unrewarded."""
    at_cue = responses["after"].sel(who=who, lag=1, change="inferred", event="cue")
    return (at_cue.sel(target="rewarded") - at_cue.sel(target="unrewarded")).values


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "RPE at inferred cues, rewarded − unrewarded: networks − model-free learner in the same worlds",
        lambda tables: _inferred(tables["responses"], "networks") - _inferred(tables["responses"], "cue_learner"),
        "0: values that only an outcome of the cue itself changes",
    ),
    *(
        Claim(
            "An inferred change is as large as an experienced one.",
            f"inferred over experienced change in trial n + 1, schedule {schedule}",
            lambda tables, table=table: inferred_change(tables[table])["ratio"].sel(lag=1, who="networks"),
            "outside 0.8 to 1.25",
            (0.8, 1.25),
        )
        for schedule, table in SCHEDULES.items()
    ),
)
