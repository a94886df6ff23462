"""Figure 3: with frozen weights, networks learn faster in volatile environments than in stable ones.

a, b, an episode of network 0, not selected (the first of its probe): true probability that left is rewarded, the
network's probability of choosing left, its choices (ticks), and volatility decoded from its units. Shaded: the volatile
half. c, decoded volatility, the probability of a volatile environment according to the decoder, mean over episodes
(colours as in d); it rises after each reversal and falls until the next. Volatility can be decoded from trained units.
Decoders are logistic regressions on all 48 units, fitted to other episodes of both orders. d, Rescorla-Wagner learning
rate fitted to choices in windows of 25 trials; the arm not chosen is taken to have paid the opposite, as it does here.
e, learning rate fitted to each half; lines are single networks; p of a paired t test over networks. f, learning rate in
the volatile half minus that in the stable half: networks, the ideal observer of the worlds of their training (it knows
how these are made), the Bayesian learner of Behrens et al. 2007, the same learner with fixed volatility, and a
Rescorla-Wagner learner with a fixed rate of 0.3, in the same worlds; in brackets, the probability that the fit gives to
a choice (geometric mean). If the fit leaves the arm not chosen as it was, the differences are larger (networks 0.42 and
0.27, observer of training 0.48 and 0.24), but up to 0.08 in learners of fixed volatility. The rise of networks is
nearer to that of the observer of their training than to the Bayesian learner's. Volatile worlds of the training reverse
with probability 0.2 per trial; the Bayesian learner expects slower changes, and in the test arms reverse every 25
trials. g, partial correlation of each unit with volatility, given nuisance variables that change with it (p, time since
the last reversal, previous reward and action, surprise, reward rate, and confidence of a learner with a fixed rate):
fraction of units above the value on the abscissa; thin lines are single networks; percentages, units that are
significant when whole episodes are permuted (5 % false discoveries), and the median |partial r|, in brackets that of
permuted episodes; dashed, the fraction in the paper, whose criterion is not known. The correlation is weak (median
0.06), and hardly higher than before training: this is no evidence that units track volatility as such. It is weaker
still in networks trained in a world of constant volatility (`volatility_constant`, same test episodes; blue): median
0.01; 3 % of units. Their learning rate hardly rises (by less than 0.01). h, area under the curve (AUC) of decoded
volatility, of the units and of the nuisance variables of g in their place, from which it is decoded better; blue dashes
are the mean of 20 shuffles of whole episodes; p of a paired t test between the two. Untrained: the same networks with
their initial weights. i, learning of the weights in training (reward per trial) and of activity with frozen weights
(probability of the better arm, stable half of stable first), each as a fraction of the change from chance level to its
final level, against the number of trials. 200 episodes of each order, frozen weights. Thick lines are means, shading
and bars s.e.m. over networks (learners: over individuals).
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from analyses import style
from analyses.claim import Claim, title
from analyses.two_speeds import draw_two_speeds, fast, slow
from analyses.volatility_panels import draw_units
from pfc_metarl.data.combining import joined
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.fitting import rescorla_wagner_fit
from pfc_metarl.measures import volatility_decoding, volatility_units
from pfc_metarl.measures.units.volatility import volatility_nuisances
from pfc_metarl.runs.run import Run

RUN = ("runs/volatility", "runs/volatility_constant")
WINDOW = (25, 25)
"""Trials of a window, and the step between windows: arms reverse every 25 trials."""

STABLE_TRIALS = 100
"""Trials before the environment becomes volatile in stable_first."""

TRACKING = ["partial_correlation", "median", "chance", "p_significant"]
"""Shown of units."""

CHANCE = 0.5
"""Reward per trial."""

STABLE, VOLATILE = style.MODEL_BASED, style.MODEL_FREE
ORDERS = {"stable_first": "stable first", "volatile_first": "volatile first"}
REFERENCE_AGENTS = {"training_observer": "observer of\ntraining", "bayesian_learner": "Bayesian\nlearner"}
REFERENCE_AGENTS |= {"fixed_volatility": "fixed\nvolatility", "rescorla_wagner": "fixed\nrate"}


def tables(run: Run, constant: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of the experiments volatility and volatility_constant."""
    recordings = {order: run.recording(order) for order in ORDERS}
    both = joined(*recordings.values())
    untrained = joined(*(run.recording(f"{order}_untrained") for order in ORDERS))
    decoding = {"trained": volatility_decoding(both), "untrained": volatility_decoding(untrained)}
    decoding["along"] = volatility_decoding(along(both))
    units = {"trained": volatility_units(both), "untrained": volatility_units(untrained)}
    units["constant"] = volatility_units(joined(*(constant.recording(order) for order in ORDERS)))
    decoded = by_order(decoding["trained"]["probability"].sel(label=1, drop=True))
    return {
        "samples": xr.concat(
            [sample(recordings[order], decoded.sel(order=order)) for order in ORDERS],
            xr.IndexVariable("order", list(ORDERS)),
        ),
        "decoded": decoded.mean("episode").to_dataset(name="volatility"),
        "windows": style.stacked(
            {order: rates(rescorla_wagner_fit(recordings[order], window=WINDOW)) for order in ORDERS}, "order"
        ),
        "rates": style.stacked({order: halves(run, order) for order in ORDERS}, "order"),
        "units": style.stacked({kind: found[TRACKING] for kind, found in units.items()}, "kind"),
        "decoding": style.stacked({kind: found[["score", "chance"]] for kind, found in decoding.items()}, "kind"),
        "slow": slow(run, CHANCE).to_dataset(name="learned"),
        "fast": fast(recordings["stable_first"], STABLE_TRIALS).to_dataset(name="learned"),
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [{"a": 1, "b": 1}, {"c": 1, "d": 1, "e": 1}, {"f": 1.35, "g": 1.1}, {"h": 0.8, "i": 1.4}]
    made, axes = style.figure(rows, height=210)
    for panel, order in zip("ab", ORDERS, strict=True):
        draw_sample(tables["samples"].sel(order=order), order, ax=axes[panel])
    draw_over_trials(tables["decoded"]["volatility"], ax=axes["c"])
    axes["c"].set(ylabel="decoded p(volatile)", ylim=(0, 1))
    windows = tables["windows"]["learning_rate"].rename(first_trial="trial")
    draw_over_trials(windows.assign_coords(trial=windows["trial"] + (WINDOW[0] - 1) / 2), ax=axes["d"], marker=".")
    axes["d"].set(ylabel=f"learning rate\nin windows of {WINDOW[0]} trials", ylim=(0, 0.6))
    axes["d"].legend(loc="upper right", handlelength=1.5)
    draw_rates(tables["rates"].sel(who="networks")["learning_rate"], ax=axes["e"])
    draw_rises(tables["rates"], ax=axes["f"])
    draw_units(tables["units"], ax=axes["g"])
    draw_decoding(tables["decoding"].sel(metric="auc"), ax=axes["h"])
    draw_two_speeds(tables["slow"]["learned"], tables["fast"]["learned"], ax=axes["i"])
    return made


def rates(fit: xr.Dataset) -> xr.Dataset:
    """Return the learning rates of a fit, and the probability that it gives to a choice (geometric mean)."""
    rate = fit["estimate"].sel(parameter="learning_rate", drop=True)
    return xr.Dataset({"learning_rate": rate, "p_choice": np.exp(fit["log_likelihood"] / fit["n_trials"])})


def halves(run: Run, order: str) -> xr.Dataset:
    """Return the learning rates of each half, of networks and reference agents."""
    learners = {name: run.recording(f"{order}_{name}") for name in REFERENCE_AGENTS}
    recordings = {"networks": run.recording(order), **learners}
    fits = {name: rates(rescorla_wagner_fit(made, condition="volatile")) for name, made in recordings.items()}
    return style.stacked(fits, "who")


def by_order(joined_episodes: xr.DataArray) -> xr.DataArray:
    """Split the joined episodes of both orders."""
    parts = np.split(np.arange(joined_episodes.sizes["episode"]), len(ORDERS))
    split = [joined_episodes.isel(episode=part).drop_vars("episode", errors="ignore") for part in parts]
    return xr.concat(split, xr.IndexVariable("order", list(ORDERS)), coords="minimal")


def sample(recording: xr.Dataset, decoded: xr.DataArray) -> xr.Dataset:
    """Return the first episode of the first network."""
    views = {name: trial_view(recording, name, "choice")[0, 0] for name in ("p_reward", "policy", "action")}
    left = {f"{name}_left": views[name].isel(option=0).values for name in ("p_reward", "policy")}
    shown = {**left, "action": views["action"].values, "decoded": decoded.isel(subject=0, episode=0).values}
    return xr.Dataset({name: ("trial", values) for name, values in shown.items()})


def along(recording: xr.Dataset) -> xr.Dataset:
    """Replace units by the nuisance variables, which change with volatility; a trial is one step."""
    signals = [array.fillna(0).values for array in volatility_nuisances(recording).values()]
    dims = (*recording["action"].dims, "unit")
    return recording.drop_dims("unit").assign(hidden=(dims, np.stack(signals, axis=-1)))


def shade(n_trials: int, order: str, ax: Axes) -> Axes:
    """Shade the volatile half of an episode."""
    start = 0 if order == "volatile_first" else n_trials / 2
    ax.axvspan(start, start + n_trials / 2, color=VOLATILE, alpha=0.08, linewidth=0)
    return ax


def draw_sample(shown: xr.Dataset, order: str, ax: Axes) -> Axes:
    """Draw an episode: reward probability, policy, choices, decoded volatility."""
    trial = np.arange(1, shown.sizes["trial"] + 1)
    shade(len(trial), order, ax)
    ax.step(trial, shown["p_reward_left"], where="mid", color=style.FAINT, label="p(left pays)", linewidth=1.5)
    ax.plot(trial, shown["policy_left"], color=style.NETWORK, linewidth=0.6, label="p(chooses left)")
    ax.plot(trial, shown["decoded"], color=VOLATILE, linewidth=0.9, label="decoded p(volatile)")
    for action, height in ((0, 1.06), (1, -0.06)):
        ticks = trial[shown["action"].values == action]
        ax.plot(ticks, np.full(len(ticks), height), "|", color=style.NETWORK, markersize=2.5, markeredgewidth=0.4)
    ax.set(xlabel="trial", xlim=(0, len(trial)), ylim=(-0.12, 1.12), ylabel="probability")
    ax.set_title(f"network 0, {ORDERS[order]}", fontsize=6)
    ax.legend(loc="center", bbox_to_anchor=(0.33, 0.52), handlelength=1.2).set_visible(order == "stable_first")
    return ax


def draw_over_trials(values: xr.DataArray, ax: Axes, marker: str = "") -> Axes:
    """Draw a variable of the networks over the trials of an episode, for each order."""
    lines = {"stable_first": ("-", STABLE), "volatile_first": ("--", VOLATILE)}
    for order, label in ORDERS.items():
        own = values.sel(order=order)
        mean, sem, n = style.mean_sem(own)
        line, color = lines[order]
        trial = own["trial"] + 1
        ax.plot(trial, mean, color=color, linestyle=line, marker=marker, label=f"{label} (n = {n})")
        ax.fill_between(trial, mean - sem, mean + sem, color=color, alpha=0.3, linewidth=0)
    ax.axvline(100, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="trial", xlim=(0, 200))
    return ax


def draw_rates(rate: xr.DataArray, ax: Axes) -> Axes:
    """Draw the learning rate of each half, one line per network."""
    for place, order in enumerate(ORDERS):
        own = rate.sel(order=order).dropna("subject")
        first, second = (0, 1) if order == "stable_first" else (1, 0)
        x = 2.4 * place + np.arange(2)
        ax.plot(x, [own.sel(volatile=first), own.sel(volatile=second)], color=style.FAINT, linewidth=0.5)
        for at, volatile in zip(x, (first, second), strict=True):
            mean, sem, n = style.mean_sem(own.sel(volatile=volatile))
            color = VOLATILE if volatile else STABLE
            ax.plot(np.full(n, at), own.sel(volatile=volatile), ".", color=color, markersize=3)
            ax.errorbar(at, mean, sem, color="black", marker="_", markersize=8, linewidth=0.8, zorder=3)
        if n > 1:
            test = stats.ttest_rel(own.sel(volatile=1), own.sel(volatile=0))
            ax.text(x.mean(), 0.52, f"p = {test.pvalue:.0e}", ha="center", fontsize=6)
    ax.set_xticks([0, 1, 2.4, 3.4], ["stable", "volatile", "volatile", "stable"], rotation=30)
    ax.set(ylabel=f"learning rate (n = {n})", ylim=(0, 0.57), xlim=(-0.5, 3.9))
    return ax


def draw_rises(rates: xr.Dataset, ax: Axes) -> Axes:
    """Draw the learning rate in the volatile half minus that in the stable half, of networks and reference agents."""
    rise = rates["learning_rate"].sel(volatile=1) - rates["learning_rate"].sel(volatile=0)
    names = []
    for place, (who, label) in enumerate({"networks": "networks", **REFERENCE_AGENTS}.items()):
        for shift, order, fill in ((-0.17, "stable_first", STABLE), (0.17, "volatile_first", VOLATILE)):
            own = rise.sel(who=who, order=order).dropna("subject")
            mean, sem, n = style.mean_sem(own)
            at = place + shift
            ax.bar(at, mean, 0.3, color=fill, alpha=0.4, label=ORDERS[order] if place == 0 else None)
            ax.plot(at + style.jittered(n, 0.2), own, ".", color=fill, markersize=2.5)
            ax.errorbar(at, mean, sem, color="black", linewidth=0.8)
        names.append(f"{label}\n({float(rates['p_choice'].sel(who=who).mean()):.2f})")
    ax.axhline(0, color="black", linewidth=0.5)
    ax.set_xticks(range(len(names)), names)
    ax.set(ylabel="learning rate, volatile − stable")
    ax.legend(loc="upper right", handlelength=1)
    return ax


def draw_decoding(decoding: xr.Dataset, ax: Axes) -> Axes:
    """Draw the decoding of volatility, and that of shuffles."""
    kinds = {"trained": style.NETWORK, "untrained": style.FAINT, "along": style.OPTIMUM}
    for place, (kind, color) in enumerate(kinds.items()):
        own = decoding.sel(kind=kind).dropna("subject")
        mean, sem, n = style.mean_sem(own["score"])
        x = place + style.jittered(n, 0.4)
        ax.plot(x, own["score"], ".", color=color, markersize=3)
        ax.plot(x, own["chance"], "_", color=STABLE, markersize=3)
        ax.errorbar(place, mean, sem, color="black", marker="_", markersize=8, linewidth=0.8)
        if n > 1:
            test = stats.ttest_rel(own["score"], own["chance"])
            p = f"p = {test.pvalue:.0e}" if test.pvalue < 0.01 else f"p = {test.pvalue:.2f}"
            ax.text(place, 0.96, p, ha="center", fontsize=6)
    ax.text(0.5, 0.54, "shuffles", ha="center", va="center", color=STABLE, fontsize=6)
    ax.set_xticks([0, 1, 2], ["trained", "untrained", "nuisance\nvariables"])
    ax.set(ylabel=f"volatility decoded: AUC (n = {n})", ylim=(0.4, 1.0), xlim=(-0.6, 2.6))
    return ax


def _rise(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    """Return the learning rate, volatile − stable, mean of both orders."""
    rate = tables["rates"]["learning_rate"].sel(who=who).mean("order")
    return (rate.sel(volatile=1) - rate.sel(volatile=0)).values


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "learning rate, volatile − stable: networks − learner with a fixed rate in the same worlds",
        lambda tables: _rise(tables, "networks") - _rise(tables, "rescorla_wagner"),
        "0: the difference that is fitted to a fixed rate",
    ),
    Claim(
        "The rise of networks is nearer to that of the observer of their training than to the Bayesian learner's.",
        "learning rate, volatile − stable: networks − half-way between both",
        lambda tables: (
            _rise(tables, "networks") - (_rise(tables, "training_observer") + _rise(tables, "bayesian_learner")) / 2
        ),
        "0: half-way",
    ),
    Claim(
        "Volatility can be decoded from trained units.",
        "area under the curve, units − whole episodes permuted",
        lambda tables: (tables["decoding"]["score"] - tables["decoding"]["chance"]).sel(kind="trained", metric="auc"),
        "0: permuted episodes",
    ),
    Claim(
        "The correlation is weak (median 0.06), and hardly higher than before training: this is no evidence that units "
        "track volatility as such.",
        "median |partial r| of units with volatility",
        lambda tables: tables["units"]["median"].sel(kind="trained"),
        "0.1 or more",
        (None, 0.1),
    ),
    *(
        Claim(
            "It is weaker still in networks trained in a world of constant volatility",
            f"median |partial r| of units with volatility, {kind} − trained in constant volatility, same seed",
            lambda tables, kind=kind: (
                tables["units"]["median"].sel(kind=kind) - tables["units"]["median"].sel(kind="constant")
            ),
            "0: as strong as without volatility in training",
        )
        for kind in ("trained", "untrained")
    ),
)
