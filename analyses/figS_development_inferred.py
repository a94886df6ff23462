"""Supplementary figure: in training, most dopamine moves from outcome to cue, and comes to reflect inferred values.

Eight networks, trained as those of figure 4, recorded with frozen weights before training, after seven parts of it and
at its end; 100 episodes of 30 trials each. a, dopamine: the network's reward-prediction error at the onset of cue and
outcome, rewarded minus unrewarded target, in the last trial before a reversal. b, the same at the cue in the first
trial after a reversal, where the change was experienced and where it has to be inferred; a model-free learner has a
negative value for the latter; before training only one and four networks have such trials with a choice. c,
participation ratio of activity at fixation, about how many dimensions it has.

Thin lines are networks, thick lines means, error bars s.e.m. over networks. The first criterion was fixed before the
networks were recorded. What develops in other tasks is in figS_development and figS_development_volatility.
"""

from collections.abc import Mapping

import xarray as xr
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from analyses.development_panels import draw_courses, over_training
from pfc_metarl.measures import cue_responses, inferred_change, participation_ratio
from pfc_metarl.runs.run import Run

RUN = "runs/inferred_value_development"
EVENTS = {"cue": (style.NETWORK, "-"), "outcome": ("#CC79A7", "-")}
CHANGES = {"experienced": (style.NETWORK, "-"), "inferred": (style.MODEL_BASED, "-")}


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment inferred_value_development."""
    return {"inferred": over_training(run, lambda ending: of_inferred(run.recording(f"development{ending}")))}


def of_inferred(recording: xr.Dataset) -> xr.Dataset:
    """Measure dopamine at cue and outcome, and what it infers."""
    responses = cue_responses(recording, n_lags=1)
    before = responses["before"].sel(event=list(EVENTS))
    rewarded, unrewarded = (before.sel(target=target, drop=True) for target in ("rewarded", "unrewarded"))
    return xr.Dataset(
        {
            "before": rewarded - unrewarded,
            "after": inferred_change(responses)["discrimination"].sel(lag=1, drop=True),
            "dimensions": participation_ratio(recording, phase="fixation")["participation_ratio"],
        }
    )


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([dict.fromkeys("abc", 1)], height=60)
    inferred = tables["inferred"]
    before = {name: (inferred["before"].sel(event=name), color) for name, (color, _) in EVENTS.items()}
    draw_courses(before, "dopamine, rewarded −\nunrewarded target", ax=axes["a"])
    after = {name: (inferred["after"].sel(change=name), color) for name, (color, _) in CHANGES.items()}
    draw_courses(after, "dopamine at cue after a reversal,\nrewarded − unrewarded", ax=axes["b"])
    draw_courses({"": (inferred["dimensions"], style.NETWORK)}, "participation ratio", ax=axes["c"])
    for panel in "ab":
        axes[panel].axhline(0, color=style.FAINT, linewidth=0.5)
    return made


def at_cue(inferred: xr.Dataset) -> xr.DataArray:
    """Return the fraction of dopamine's response to reward that comes at the cue."""
    size = abs(inferred["before"])
    return size.sel(event="cue", drop=True) / size.sum("event")


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "fraction of dopamine's response to reward that comes at the cue, at the end of training − before it",
        lambda tables: (
            at_cue(tables["inferred"]).isel(update=-1, drop=True) - at_cue(tables["inferred"]).isel(update=0, drop=True)
        ),
        "0: as before training",
    ),
    Claim(
        TITLE,
        "dopamine at the cue after an inferred change, rewarded − unrewarded, at the end − after a fiftieth",
        lambda tables: (
            tables["inferred"]["after"].sel(change="inferred").isel(update=-1, drop=True)
            - tables["inferred"]["after"].sel(change="inferred").isel(update=1, drop=True)
        ),
        "0: as after a fiftieth of the training; before it some networks have no valid trial",
    ),
)
