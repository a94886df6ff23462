"""Supplementary figure: in training, networks first learn to find the better arm, and later how fast to learn.

Eight networks, trained as those of figure 3, recorded with frozen weights before training, after seven parts
of it and at its end; 100 episodes of 200 trials in each order of the halves. a, reward per trial. b, Rescorla-Wagner
learning rate fitted to each half, mean over both orders; missing where a network earns less than 0.55 per trial, since
choices that are nearly random do not determine a rate. c, probability of another choice after a loss, volatile minus
stable half, which needs no fit, mean over both orders. d, area under the curve of volatility decoded from all units, in
episodes that the decoder was not fitted to; grey, with whole episodes exchanged (as in figure 3, it need not be
volatility itself that units encode, but what changes with it). e, participation ratio of activity, about how many
dimensions it has. f, reward (as in a, above chance level) and adaptation (as in c), each as a fraction of its final
value.

The test of the title is over the seven recordings during training: the mean fraction of the final reward that is
reached by then minus that of the final adaptation. It was fixed before the recordings were looked at. Thin lines are
networks, thick lines means, error bars s.e.m. over networks. What develops in other tasks is in figS_development and
figS_development_inferred.
"""

from collections.abc import Mapping

import xarray as xr
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from analyses.development_panels import draw_courses, over_training
from pfc_metarl.data.combining import joined
from pfc_metarl.fitting import rescorla_wagner_fit
from pfc_metarl.measures import participation_ratio, reward_per_trial, shift_probability, volatility_decoding
from pfc_metarl.runs.run import Run

RUN = "runs/volatility_development"
ORDERS = ("stable_first", "volatile_first")
CHANCE = 0.5
"""Reward per trial."""

FITTED_FROM = 0.55
"""Reward per trial from which on a learning rate is fitted."""


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment volatility_development."""

    def measured(ending: str) -> xr.Dataset:
        return of_volatility(*(run.recording(f"{order}{ending}") for order in ORDERS))

    return {"volatility": over_training(run, measured)}


def of_volatility(*recordings: xr.Dataset) -> xr.Dataset:
    """Measure behaviour and activity in recordings of both orders."""
    both = joined(*recordings)
    decoded = volatility_decoding(both, n_shuffles=1).sel(metric="auc", drop=True)
    reward = mean_of([reward_per_trial(made)["reward_per_trial"] for made in recordings])
    return xr.Dataset(
        {
            "reward": reward,
            "rate": mean_of([learning_rate(made) for made in recordings]).where(reward >= FITTED_FROM),
            "adaptation": mean_of([adaptation(made) for made in recordings]),
            "decoded": decoded["score"],
            "shuffled": decoded["chance"],
            "dimensions": participation_ratio(both)["participation_ratio"],
        }
    )


def mean_of(values: list[xr.DataArray]) -> xr.DataArray:
    """Return the mean over recordings."""
    return xr.concat(values, "order").mean("order", skipna=False)


def learning_rate(recording: xr.Dataset) -> xr.DataArray:
    """Return the learning rate fitted to each half."""
    return rescorla_wagner_fit(recording, condition="volatile")["estimate"].sel(parameter="learning_rate", drop=True)


def adaptation(recording: xr.Dataset) -> xr.DataArray:
    """Return how much more often choices shift after a loss in the volatile half than in the stable half."""
    shift = shift_probability(recording, "volatile")["shift_probability"].sel(outcome="unrewarded", drop=True)
    return shift.sel(volatile=1, drop=True) - shift.sel(volatile=0, drop=True)


def progress(volatility: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return reward above chance level and adaptation, each as a fraction of its final value."""
    above = {"reward": volatility["reward"] - CHANCE, "adaptation": volatility["adaptation"]}
    return {name: values / values.isel(update=-1, drop=True) for name, values in above.items()}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([dict.fromkeys("abc", 1), dict.fromkeys("def", 1)], height=112)
    found = tables["volatility"]
    rates = {name: found["rate"].sel(volatile=value) for value, name in enumerate(("stable", "volatile"))}
    colors = {"stable": style.MODEL_BASED, "volatile": style.MODEL_FREE}
    fractions = progress(found)
    draw_courses({"": (found["reward"], style.NETWORK)}, "reward per trial", ax=axes["a"])
    draw_courses({name: (rate, colors[name]) for name, rate in rates.items()}, "learning rate", ax=axes["b"])
    after_loss = "shifts after a loss,\nvolatile − stable"
    draw_courses({"": (found["adaptation"], style.NETWORK)}, after_loss, ax=axes["c"])
    decoded = {"decoded": (found["decoded"], style.NETWORK), "shuffled": (found["shuffled"], style.FAINT)}
    draw_courses(decoded, "volatility decoded (AUC)", ax=axes["d"])
    draw_courses({"": (found["dimensions"], style.NETWORK)}, "participation ratio", ax=axes["e"])
    shown = {"reward": (fractions["reward"], style.OPTIMUM), "adaptation": (fractions["adaptation"], style.MODEL_FREE)}
    draw_courses(shown, "fraction of the final value", ax=axes["f"])
    axes["a"].axhline(CHANCE, color="black", linestyle=":", linewidth=0.6)
    axes["c"].axhline(0, color=style.FAINT, linewidth=0.5)
    return made


def ahead(tables: Mapping[str, xr.Dataset]) -> xr.DataArray:
    """Return how far reward is ahead of adaptation during training, mean over the recordings in it."""
    fractions = progress(tables["volatility"])
    return (fractions["reward"] - fractions["adaptation"]).isel(update=slice(1, -1)).mean("update")


CLAIMS = (
    Claim(
        title(__doc__),
        "fraction of the final reward − of the final adaptation, mean over the recordings during training",
        ahead,
        "0: both develop together",
    ),
)
