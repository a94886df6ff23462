"""Supplementary figure: training with volatility strengthens the code of expected volatility, not that of uncertainty.

Units encode a Bayesian learner's expected volatility and its uncertainty. Training adds them. Activity of 48 units of
each of 8 networks, recorded with frozen weights (first 60 of 200 test episodes of 200 trials, in each of both orders),
is regressed on all signatures together (ordinary least squares, statsmodels), after removing from each its mean over
episodes at each trial. Of the last trial: action, reward, their product, which identifies the arm that was rewarded,
and the prediction error (RPE) of the learner of Behrens et al. 2007, yoked to the network's choices. Current values of
this learner: its expectation for the better arm (value) and of right minus left, the expected volatility, and its
uncertainty about the probability of reward (standard deviation). The upcoming action. True and hidden: whether the half
of the episode is volatile, and the probability that right is rewarded. A trial is one step, so there is one phase, and
no code over time. a, absolute partial correlation, median over units: networks (dots single ones, bars s.e.m. over
networks), the same networks before training, trained ones with the signatures of other episodes (labels shuffled),
networks trained in a world of constant volatility (`volatility_constant`, the same test worlds), and, in place of
units, both action values of learners with fixed volatility or a fixed rate; stars, trained against untrained (paired t
test over networks, scipy; Benjamini and Hochberg over the panel, 0.05, statsmodels; also in g, h). b, fraction of
significant units (errors clustered by episode, false discovery rate 0.05, dashed). c, signed partial correlations of
network 0, units sorted by expected volatility. d, variance explained by one signature only. e, f, choice and reward of
past trials, decoded (logistic regression on all units, three folds of whole episodes, every tenth trial), area under
the curve minus that of one shuffle of episodes for each network; thin lines, networks; filled, above 0 over networks (t
test, Benjamini and Hochberg over lags); last trial alone: last action, last reward and their product in place of units.
g, the same for numbers by ridge regression (r² in other episodes); blue, shuffled. h, decoders trained in one order of
the halves, tested in the other: whether the environment is volatile, and which arm is better. In networks trained again
on another kind of processor the code of uncertainty is not stronger either, but that it is as strong is not shown there
(docs/experiments.md). The geometry of the code is in figS_geometry_volatility.  Volatility, uncertainty, RPE and the
upcoming action are encoded only after training. But networks that were trained in constant volatility, for which it
meant nothing, have more than half of the code of expected volatility, 0.08 of 0.13, all of that of uncertainty, and
most of that of true volatility. The code of volatility is no clock: it generalises to the other order, where the time,
which is what untrained units encode, predicts the wrong half (below 0.5). The learner's values are decoded nearly as
well before training, because untrained units reflect the arm that was rewarded; rewards of long ago are decoded better
before training, because even a weak trace can be read without noise. True probability correlates with units beyond the
learner's belief, but more so with the values of simpler learners (a): this is no knowledge of hidden variables.
"""

from collections.abc import Mapping

import xarray as xr
from matplotlib.figure import Figure

from analyses import style, unit_controls, unit_panels, unit_tables
from analyses.claim import Claim, title
from analyses.significance import different
from analyses.unit_claims import encoding_claims
from pfc_metarl.data.combining import joined
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import learner_signatures, transfer_decoding
from pfc_metarl.runs.run import Run

RUN = ("runs/volatility", "runs/volatility_constant")

KINDS = (("trained", ""), ("untrained", "_untrained"))
"""Networks -> end of the name of their recordings."""
EPISODES = 60
"""Of each order, of 100 that are recorded: a probe draws its noise for 50 episodes at a time."""
EVERY = 10
"""One trial in so many is decoded."""

ORDERS = ("stable_first", "volatile_first")
LEARNER = "bayesian_learner"
REFERENCE_AGENTS = {
    "fixed_volatility": ("values at fixed volatility", style.MODEL_BASED, "D"),
    "rescorla_wagner": ("values at a fixed rate", style.MODEL_FREE, "D"),
}
"""Learners whose values are used in place of units."""

CONSTANT = {"constant": ("trained in constant volatility", "#CC79A7", "v")}

BELIEFS = {"expected volatility": "expected_volatility", "uncertainty": "uncertainty"}
"""Further variables of the Bayesian learner -> name in the recording."""

TRAINED_ON = {
    "stable_first": ("stable first", style.MODEL_BASED, "o"),
    "volatile_first": ("volatile first", style.MODEL_FREE, "D"),
}


TARGETS = {
    "right − left value": "learner's\nvalues",
    "expected volatility": "expected\nvolatility",
    "uncertainty": "its un-\ncertainty",
    "true probability": "true\nprobability",
}
"""Signatures that are decoded -> label."""

HEIGHTS = [1.5, 1.4, 0.9, 0.9]


def tables(run: Run, constant: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of the experiments volatility and volatility_constant."""
    orders = {
        order: {who: run.recording(f"units_{order}{kind}").isel(episode=slice(EPISODES)).load() for who, kind in KINDS}
        for order in ORDERS
    }
    made = {who: joined(*(orders[order][who] for order in ORDERS)) for who in ("trained", "untrained")}
    beside = {**made, "percept": unit_controls.percept(made["trained"])}
    without = joined(*(constant.recording(f"units_{order}").isel(episode=slice(EPISODES)).load() for order in ORDERS))
    return {
        **unit_tables.encoding({**made, "constant": without}, signatures, list(REFERENCE_AGENTS)),
        "past": unit_tables.past_decoding(beside, EVERY),
        "targets": unit_tables.target_decoding(beside, targets, EVERY),
        "transfer": transfer(orders),
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [{"a": 1.2, "b": 1}, {"c": 1.2, "d": 1}, {"e": 1, "f": 1}, {"g": 1.3, "h": 1}]
    made, axes = style.figure(rows, 205, HEIGHTS)
    looks, found = {**unit_panels.NETWORKS, **CONSTANT, **REFERENCE_AGENTS}, tables["encoding"].isel(phase=0)
    strength = found["partial_correlation"]
    unit_panels.draw_strength(strength, looks, ax=axes["a"])
    unit_panels.star_rows(different(strength), ax=axes["a"])
    axes["a"].set_title(f"n = {strength.sizes['subject']} networks")
    made.legend(*axes["a"].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    unit_panels.draw_fractions(found["fraction"], looks, ax=axes["b"])
    units = tables["units"]["partial_correlation"].isel(phase=0)
    order = units.sel(regressor="expected volatility").argsort().values
    unit_panels.draw_units(units.isel(unit=order), ax=axes["c"])
    axes["c"].set_title("network 0")
    unit_panels.draw_unique(found["unique"], looks, ax=axes["d"])
    for letter, past in (("e", "choice"), ("f", "reward")):
        unit_panels.draw_past(tables["past"], past, ax=axes[letter])
    axes["e"].legend(loc="lower left")
    unit_panels.draw_targets(tables["targets"], ax=axes["g"])
    unit_panels.draw_areas(tables["transfer"]["score"], "trained_on", TRAINED_ON, ax=axes["h"])
    axes["h"].legend(title="read-out made in", loc="center right")
    return made


def signatures(recording: xr.Dataset, phase: str = "choice") -> dict[str, xr.DataArray]:
    """Return the signatures: of the last trial, of the Bayesian learner, and the truth."""
    beliefs = {name: trial_view(recording, f"{field}_{LEARNER}", phase) for name, field in BELIEFS.items()}
    truth = {"truly volatile": trial_view(recording, "volatile", phase), "true probability": p_right(recording)}
    return {**learner_signatures(recording, LEARNER, phase), **beliefs, **truth}


def p_right(recording: xr.Dataset) -> xr.DataArray:
    """Return the probability that right pays."""
    return trial_view(recording, "p_reward", "choice").isel(option=1, drop=True)


def targets(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return numbers to decode."""
    found = signatures(recording)
    return {shown: found[name] for name, shown in TARGETS.items()}


def transfer(orders: Mapping[str, Mapping[str, xr.Dataset]]) -> xr.Dataset:
    """Decode in one order with decoders trained in the other; area under the curve, dims (who, trained_on, target)."""
    found = {}
    for who in ("trained", "untrained"):
        pair = [orders[order][who] for order in ORDERS]
        labels = [
            {
                "volatile": unit_tables.thinned(trial_view(made, "volatile", "choice"), EVERY),
                "better\narm": unit_tables.thinned((p_right(made) > 0.5).astype(float), EVERY),
            }
            for made in pair
        ]
        rows = []
        for target in labels[0]:
            both = [
                transfer_decoding(pair[a], labels[a][target], pair[b], labels[b][target], "classes", n_shuffles=0)
                for a, b in ((0, 1), (1, 0))
            ]
            scores = [result[["score"]].sel(metric="auc", drop=True) for result in both]
            rows.append(xr.concat(scores, xr.IndexVariable("trained_on", list(ORDERS))))
        found[who] = xr.concat(rows, xr.IndexVariable("target", list(labels[0])))
    return style.stacked(found, "who")


def against_constant(tables: Mapping[str, xr.Dataset], name: str) -> xr.DataArray:
    """Return how much stronger a signature is encoded than by networks that were trained in constant volatility."""
    strength = tables["encoding"]["partial_correlation"].sel(regressor=name).isel(phase=0)
    return strength.sel(who="trained") - strength.sel(who="constant")


ENCODED = ("expected volatility", "uncertainty")
"""Signatures of the title."""

TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "median |partial correlation| with expected volatility, trained − trained in constant volatility, same seed",
        lambda tables: against_constant(tables, "expected volatility"),
        "0: as strong as without volatility in training",
    ),
    Claim(
        TITLE,
        "the same with uncertainty",
        lambda tables: against_constant(tables, "uncertainty"),
        "beyond ±0.03, half of its strength",
        (-0.03, 0.03),
    ),
    *encoding_claims(
        "Units encode a Bayesian learner's expected volatility and its uncertainty.", ENCODED, "encoding", "choice"
    ),
)
