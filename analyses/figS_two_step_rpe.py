"""Supplementary figure: prediction errors of two-step networks are not model-free, whatever the learning rates.

a, b, raw r² of the networks' reward-prediction error (RPE) with that of a model-based and of a model-free learner, both
yoked to the networks' choices and rewards, against the learning rates of the learner (all the same); a, at the onset of
the second stage; b, at reward, where learners of the same rates have the same RPE. c, partial r² at onset: the fraction
of the variance left by one learner that the other explains. At the right of a-c, learners whose parameters were fitted
to the choices of each network by maximum likelihood (first 50 episodes; rates, trace and inverse temperature). d, the
fitted parameters. e, f, mean over networks of the fraction of the RPE's variance that a yoked learner explains beyond
another (diagonal: alone), at the two events of a trial; rates of 0.5; above, paired t test of the ideal observer beyond
the extended-state learner against the reverse. Empty if two learners have the same errors.

The result does not depend on the rates: at each, the model-based learner explains more than the model-free one beyond
the other. The ideal observer, which infers which state is good, explains most, and the model-based learner almost
nothing beyond it: this task cannot tell a planner from one who infers. n = 8 networks, 300 episodes of 100 trials,
frozen weights. Thin lines and dots are single networks, thick lines and bars means, error bars s.e.m. over networks.
"""

from collections.abc import Mapping
from itertools import permutations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from analyses.significance import t_test
from pfc_metarl.fitting.prediction_errors import fitted_errors, two_step_learners, with_errors
from pfc_metarl.measures import rpe_regression
from pfc_metarl.runs.run import Run

RUN = "runs/two_step"
RATES = (0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
ONSET, REWARD = "second-stage onset", "reward"
COLORS = {"model_based": style.MODEL_BASED, "model_free": style.MODEL_FREE}
YOKED = {
    "latent_state": "ideal observer",
    "model_based": "model-based",
    "extended_state": "extended-state",
    "model_free": "model-free",
}
PARAMETERS = {
    "learning_rate": "rate,\n1st stage",
    "second_stage_learning_rate": "rate,\n2nd stage",
    "trace": "trace λ",
}
"""Fitted parameters between 0 and 1 -> label."""


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment two_step."""
    test = run.recording("test")
    needed = test.drop_vars([name for name in test if "unit" in test[name].dims]).load()
    of_rates = [_compared(with_errors(needed, _learners(rate))) for rate in RATES]
    fitted, estimates = fitted_errors(needed)
    return {
        "rates": xr.concat(of_rates, xr.IndexVariable("rate", list(RATES))),
        "fitted": _compared(fitted),
        "estimates": estimates,
        "beyond": rpe_beyond(test),
    }


def _learners(rate: float) -> dict:
    return two_step_learners(initial_value=0.5, learning_rate=rate, second_stage_learning_rate=rate)


def _compared(recording: xr.Dataset) -> xr.Dataset:
    return rpe_regression(recording)[["r_squared", "partial_r_squared"]]


def rpe_beyond(test: xr.Dataset) -> xr.Dataset:
    """Return the fraction of the networks' RPE variance that each yoked learner explains beyond each other.

    Returns
    -------
    Dataset, dims (subject, stage, learner, given)
        ``partial_r_squared``; where learner and given are the same, the raw r².
    """
    found = {}
    for learner, given in permutations(YOKED, 2):
        pair = rpe_regression(test, names=(learner, given)).sel(stage=[ONSET, REWARD], learner=learner, drop=True)
        found[learner, given] = pair["partial_r_squared"]
        found[learner, learner] = pair["r_squared"]
    rows = [xr.concat([found[a, b] for b in YOKED], xr.IndexVariable("given", list(YOKED))) for a in YOKED]
    joined = xr.concat(rows, xr.IndexVariable("learner", list(YOKED)))
    return joined.transpose("subject", "stage", "learner", "given").to_dataset(name="partial_r_squared")


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1, "b": 1, "c": 1, "d": 1}, {"e": 1, "f": 1}], height=125, heights=[1, 1.15])
    rates, fitted = tables["rates"], tables["fitted"]
    for letter, variable, stage in (
        ("a", "r_squared", ONSET),
        ("b", "r_squared", REWARD),
        ("c", "partial_r_squared", ONSET),
    ):
        draw_rates(rates[variable].sel(stage=stage), fitted[variable].sel(stage=stage), ax=axes[letter])
        axes[letter].set(title=stage, ylabel=variable.replace("_r_squared", " r²").replace("r_squared", "raw r²"))
    axes["a"].legend(loc="lower left")
    draw_estimates(tables["estimates"]["estimate"], ax=axes["d"])
    for stage, letter in ((ONSET, "e"), (REWARD, "f")):
        draw_beyond(tables["beyond"]["partial_r_squared"].sel(stage=stage), stage, ax=axes[letter])
    return made


def draw_rates(values: xr.DataArray, fitted: xr.DataArray, ax: Axes) -> Axes:
    """Draw r² against the rates of the learners, and that of fitted learners."""
    for learner, color in COLORS.items():
        own, tuned = values.sel(learner=learner), fitted.sel(learner=learner)
        if own.notnull().any():
            ax.plot(own["rate"], own.transpose("rate", "subject"), color=color, linewidth=0.3, alpha=0.5)
            mean, sem, _ = style.mean_sem(own)
            ax.errorbar(
                mean["rate"], mean, sem, color=color, marker="o", markersize=2.5, label=learner.replace("_", "-")
            )
        mean, sem, n = style.mean_sem(tuned)
        ax.plot(1.15 + style.jittered(n, 0.08), tuned, ".", color=color, markersize=2.5)
        ax.errorbar(1.15, mean, sem, color=color, marker="_", markersize=8, linewidth=0.8)
    ax.set_xticks([0.1, 0.5, 0.9, 1.15], ["0.1", "0.5", "0.9", "fitted"])
    ax.set(xlabel="learning rates of the learner", ylim=(0, 1), xlim=(0, 1.25))
    return ax


def draw_estimates(estimate: xr.DataArray, ax: Axes) -> Axes:
    """Draw the fitted parameters of both learners."""
    for place, name in enumerate(PARAMETERS):
        for shift, (learner, color) in zip((-0.15, 0.15), COLORS.items(), strict=True):
            values = estimate.sel(learner=learner, parameter=name).dropna("subject")
            if values.size:
                ax.plot(place + shift + style.jittered(values.size, 0.15), values, ".", color=color, markersize=3)
    ax.set_xticks(range(len(PARAMETERS)), list(PARAMETERS.values()))
    ax.set(ylabel="fitted parameter", ylim=(-0.03, 1.03), xlim=(-0.5, len(PARAMETERS) - 0.5))
    return ax


def draw_beyond(fraction: xr.DataArray, stage: str, ax: Axes) -> Axes:
    """Draw how much of the networks' RPE each learner explains beyond each other, as a table of shades."""
    mean = style.mean_sem(fraction)[0]
    labels = [YOKED[name].replace("-", "-\n").replace(" ", "\n") for name in mean["learner"].values]
    ax.imshow(mean, cmap="Greys", vmin=0, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(mean.values):
        if np.isfinite(value):
            text = f"{value:.3f}" if value < 0.1 else f"{value:.2f}"
            ax.text(column, row, text, ha="center", va="center", color="white" if value > 0.5 else "black")
    ax.set_xticks(range(len(labels)), [f"beyond\n{label}" for label in labels])
    ax.set_yticks(range(len(labels)), labels)
    ax.tick_params(length=0)
    pair = permutations(("latent_state", "extended_state"), 2)
    observer, habit = (fraction.sel(learner=learner, given=given).values for learner, given in pair)
    text = f"r² with the RPE at {stage} (diagonal: alone)\nideal observer − extended-state: {t_test(observer - habit)}"
    ax.set_title(text, fontsize=6)
    return ax


def _lead(values: xr.Dataset, stage: str = ONSET) -> xr.DataArray:
    partial = values["partial_r_squared"].sel(stage=stage)
    return partial.sel(learner="model_based") - partial.sel(learner="model_free")


def _beyond(tables: Mapping[str, xr.Dataset], learner: str, given: str) -> xr.DataArray:
    return tables["beyond"]["partial_r_squared"].sel(stage=ONSET, learner=learner, given=given)


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "partial r² at onset, model-based − model-free, at the rates at which the difference is smallest",
        lambda tables: _lead(tables["rates"]).min("rate"),
        "0: neither learner explains more beyond the other",
    ),
    Claim(
        TITLE,
        "the same, rates and trace fitted to each network's choices",
        lambda tables: _lead(tables["fitted"]),
        "0: neither learner explains more beyond the other",
    ),
    Claim(
        "The ideal observer, which infers which state is good, explains most, and the model-based learner almost "
        "nothing beyond it: this task cannot tell a planner from one who infers.",
        "partial r² at onset, model-based learner beyond the ideal observer",
        lambda tables: _beyond(tables, "model_based", "latent_state"),
        "0.05 or more",
        (None, 0.05),
    ),
)
