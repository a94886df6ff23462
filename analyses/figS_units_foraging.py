"""Supplementary figure: units of foraging networks encode an ideal observer's values, with another code at each phase.

Training adds them. Activity of 48 units of each of 8 networks, recorded with frozen weights (first 100 of 300 test
episodes of 100 trials), is regressed on all signatures together (ordinary least squares, statsmodels), after removing
from each its mean over episodes at each trial. Of the last trial: action, reward, their product, and the prediction
error (RPE) of an ideal observer yoked to the network's choices. Current: the observer's expectation for the better arm
(value) and of right minus left; the upcoming action. True and hidden: right minus left of the probability that an empty
arm is baited (base), and of the probability that there is a bait now. a, b, absolute partial correlation, median over
units, at fixation and at choice: networks (dots single ones, bars s.e.m. over networks), the same networks before
training, trained ones with the signatures of other episodes (labels shuffled), and, in place of units, both action
values of the observer and of a learner that matches by local income; stars, trained against untrained (paired t test
over networks, scipy; Benjamini and Hochberg over the panel, 0.05, statsmodels; also in h, i). c, signed partial
correlations of network 0, units sorted by right minus left value. d, variance explained by one signature only. e,
fraction of significant units (errors clustered by episode, false discovery rate 0.05, dashed). f, g, choice and reward
of past trials, decoded at fixation (logistic regression on all units, three folds of whole episodes, every fifth
trial), area under the curve minus that of one shuffle of episodes for each network; thin lines, networks; filled, above
0 over networks (t test, Benjamini and Hochberg over lags); last trial alone: last action, last reward and their product
in place of units. h, right minus left numbers decoded by ridge regression (r² in other episodes); blue, shuffled. i,
decoders trained at one phase, tested there and at the other. The geometry of the code is in figS_geometry_foraging.

Training adds the difference in value, the upcoming action, choices of three to ten trials ago, and which arm is richer.
Against expectation it does not add last action, last reward, RPE and value at fixation, and rewards of up to five
trials ago: untrained units have no noise and reflect these as much or more. True probabilities correlate with units
beyond the observer's values, and more after training, but this is no knowledge of hidden variables: the incomes of
local matching, which depend on observations only, correlate more (a). A decoder of the upcoming choice trained at
fixation is of little use at choice, and the reverse.
"""

from collections.abc import Mapping

import xarray as xr
from matplotlib.figure import Figure

from analyses import style, unit_controls, unit_panels, unit_tables
from analyses.claim import Claim, title
from analyses.foraging_units import richer, right_less_left
from analyses.significance import different
from analyses.unit_claims import encoding_claims
from pfc_metarl.measures import cross_temporal_decoding, learner_signatures, previous
from pfc_metarl.measures.units.regressors import side
from pfc_metarl.runs.run import Run

RUN = "runs/foraging"

RECORDINGS = {"trained": "units", "untrained": "units_untrained"}
EVERY = 5
"""One trial in so many is decoded."""

REFERENCE_AGENTS = {"observer": ("ideal observer's values", style.OPTIMUM, "D")}
REFERENCE_AGENTS |= {"local_matching": ("local matching's values", style.MODEL_FREE, "D")}
"""Used in place of units."""

WITHIN_ACROSS = {
    "fixation to fixation": ("fixation", style.NETWORK, "o"),
    "choice to choice": ("choice", style.NETWORK, "D"),
    "fixation to choice": ("fixation, tested at choice", style.MODEL_BASED, "o"),
    "choice to fixation": ("choice, tested at fixation", style.MODEL_BASED, "D"),
}
"""Phases at which a decoder is trained and tested."""


HEIGHTS = [1.3, 1.4, 0.9, 1.0]


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment foraging."""
    made = {who: run.recording(name).load() for who, name in RECORDINGS.items()}
    beside = {**made, "percept": unit_controls.percept(made["trained"])}
    return {
        **unit_tables.encoding(made, signatures, list(REFERENCE_AGENTS)),
        "past": unit_tables.past_decoding(beside, EVERY),
        "targets": unit_tables.target_decoding(beside, targets, EVERY),
        "crossed": crossed(made),
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [{"a": 1, "b": 1}, {"c": 1.5, "d": 1, "e": 1}, {"f": 1, "g": 1}, {"h": 1, "i": 1.2}]
    made, axes = style.figure(rows, 215, HEIGHTS)
    looks, found = {**unit_panels.NETWORKS, **REFERENCE_AGENTS}, tables["encoding"]
    for letter, phase in (("a", "fixation"), ("b", "choice")):
        own = found["partial_correlation"].sel(phase=phase)
        unit_panels.draw_strength(own, looks, ax=axes[letter])
        unit_panels.star_rows(different(own), ax=axes[letter])
        axes[letter].set_title(f"{phase}, n = {own.sizes['subject']} networks")
    axes["b"].set_yticklabels([])
    made.legend(*axes["b"].get_legend_handles_labels(), loc="outside upper center", ncols=len(looks))
    units = tables["units"]["partial_correlation"].sel(phase="fixation")
    order = units.sel(regressor="right − left value").argsort().values
    unit_panels.draw_units(units.isel(unit=order), ax=axes["c"])
    axes["c"].set_title("network 0, fixation")
    unit_panels.draw_unique(found["unique"].sel(phase="fixation"), looks, ax=axes["d"])
    unit_panels.draw_fractions(found["fraction"].sel(phase="fixation"), looks, ax=axes["e"])
    for letter, past in (("f", "choice"), ("g", "reward")):
        unit_panels.draw_past(tables["past"], past, ax=axes[letter])
    axes["g"].legend(loc="upper right")
    unit_panels.draw_targets(tables["targets"], ax=axes["h"])
    area = tables["crossed"]["score"].stack(at=["train_phase", "test_phase"])
    names = [f"{train} to {test}" for train, test in area["at"].values]
    area = area.drop_vars(["at", "train_phase", "test_phase"]).assign_coords(at=names)
    unit_panels.draw_areas(area, "at", WITHIN_ACROSS, ax=axes["i"])
    axes["i"].legend(title="read-out made at", loc="upper left", bbox_to_anchor=(1, 1), borderaxespad=0)
    return made


def signatures(recording: xr.Dataset, phase: str) -> dict[str, xr.DataArray]:
    """Return the signatures: of the last trial, of the ideal observer, and the truth."""
    truth = {name: right_less_left(recording, variable, phase) for name, variable in TRUTH.items()}
    return {**learner_signatures(recording, "observer", phase), **truth}


TRUTH = {"true base probability": "p_base", "true bait probability": "p_reward"}


def targets(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return numbers to decode."""
    value = learner_signatures(recording, "observer")["right − left value"]
    truth = {name: right_less_left(recording, variable) for name, variable in TRUTH.items()}
    return {
        "observer's\nvalues": value,
        **{name.replace("true ", "").replace(" ", "\n"): a for name, a in truth.items()},
    }


def crossed(made: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """Decode at each phase, with decoders trained at each phase."""
    found = {}
    for who, recording in made.items():
        labels = {
            "upcoming\nchoice": side(recording),
            "last\nchoice": previous(side(recording)),
            "last\nreward": previous(unit_tables.won(recording)),
            "richer\narm": richer(recording),
        }
        rows = []
        for target in labels.values():
            thin = unit_tables.thinned(target, EVERY)
            result = cross_temporal_decoding(recording, thin, "classes", n_folds=unit_tables.N_FOLDS, n_shuffles=0)
            rows.append(result[["score"]].sel(metric="auc", drop=True))
        found[who] = xr.concat(rows, xr.IndexVariable("target", list(labels)))
    return style.stacked(found, "who")


ENCODED = ("right − left value", "upcoming action")
"""Signatures of the title."""


def own_minus_other_phase(tables: Mapping[str, xr.Dataset]) -> xr.DataArray:
    """Return by how much the upcoming choice is decoded better at the decoder's own phase than at the other one."""
    score = tables["crossed"]["score"].sel(who="trained", target="upcoming\nchoice")
    phases = ["train_phase", "test_phase"]
    own = score.where(score["train_phase"] == score["test_phase"]).mean(phases)
    return own - score.where(score["train_phase"] != score["test_phase"]).mean(phases)


TITLE = title(__doc__)
CLAIMS = (
    *encoding_claims(TITLE, ENCODED, "encoding", "fixation"),
    Claim(
        "A decoder of the upcoming choice trained at fixation is of little use at choice, and the reverse.",
        "area under the curve, tested at the decoder's own phase − at the other one",
        own_minus_other_phase,
        "0.25: half of what is decoded above chance level at its own phase",
        (0.25, None),
    ),
)
