"""Figure 2: networks that forage from baited targets match as closely as an ideal observer, and earn nearly as much.

Eight networks of gated recurrent units (those of the paper are LSTM units, see docs/experiments.md), recorded with
frozen weights, 300 episodes of 100 trials each, base probabilities between 0 and 0.5; reference agents, and the same
networks with their initial weights (untrained), in the same worlds. a, reward per trial during training; thin lines,
networks; thick line, mean; right, in the worlds of the test, networks (dots) and reference agents (lines); they cannot
be compared with the training, whose worlds are easier. b, log2 ratio of choices against log2 ratio of rewards obtained,
in the last two thirds of an episode; one dot per episode and network, red where the base probabilities were held out
from training; episodes in which a target was never chosen or never paid have no ratio, are counted in the panel, and
are left out of b and c (figure S "matching" shows the slope piece by piece, and how it depends on the discount). c,
slope of that line (least squares), one dot per network or individual, and means; black, all episodes; red, held-out
ones; paired t tests of networks against ideal observers in the same worlds. d, e, weights of a logistic regression of
choice on past rewards and past choices, last two thirds of each episode; thin lines, networks; thick line, mean and
s.e.m. over networks; filled markers differ from 0 (t test over networks, corrected for 30 comparisons by Benjamini and
Hochberg, 5 %). f, partial correlation (Pearson, absolute) of a unit's activity at fixation with one factor given the
other three, one dot per unit and network, bars means and s.e.m. over networks; value is that of an ideal observer yoked
to the choices (right − left), not the network's own; for comparison untrained networks, and a null in which activity is
paired with the factors of the next episode. Above, what training adds (+) or takes away (−): trained − untrained, p
after Holm of paired t tests of the networks' means. Last action and last reward are inputs at fixation, so that
untrained units reflect them too. Training adds the code of value, and takes away from that of the last reward. g,
fraction of units with a significant partial correlation (false discovery rate 5 %) in 300 trials, about as many as are
recorded for a neuron, three from each of 100 episodes, errors clustered by episode; dots, networks. h, mean absolute
partial correlation with the upcoming action, given all four factors, and with the last action, one line per network
(paired t test).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from analyses import style
from analyses.claim import Claim, holm, title
from analyses.foraging_units import N_TRIALS, counted, encoded, null, signatures, units
from analyses.significance import in_words, significant, t_test
from pfc_metarl.data.trial_table import trials
from pfc_metarl.measures import history_regression, matching, reward_per_trial
from pfc_metarl.runs.run import Run

RUN = "runs/foraging"

HELD_OUT = ((0.1, 0.2), (0.3, 0.4))
"""Base probabilities of the left target that did not occur in training."""

HELD = "#CC2222"
REFERENCE_AGENTS = {
    "observer": ("ideal observer", style.OPTIMUM),
    "local_matching": ("local matching", style.MODEL_BASED),
    "alternation": ("alternation", style.MODEL_FREE),
    "random": ("chance", style.FAINT),
}
KINDS = {"trained": style.NETWORK, "untrained": "#BBBBBB", "null": "#E8C48A"}


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment foraging."""
    test, untrained = run.recording("test"), run.recording("test_untrained")
    recordings = {"networks": test, "untrained": untrained} | {
        name: run.recording(f"test_{name}") for name in REFERENCE_AGENTS
    }
    yoked = {"trained": run.recording("units"), "untrained": run.recording("units_untrained")}
    by_kind = {name: trials(recording) for name, recording in recordings.items()}
    scatter = matching(by_kind["networks"])[["choice_ratio", "reward_ratio"]]
    history = {name: history_regression(by_kind[name]) for name in ("networks", "observer", "local_matching")}
    return {
        "learning": run.history()[["reward_per_trial"]].rename(network="subject").load(),
        "earned": style.stacked({name: reward_per_trial(table) for name, table in by_kind.items()}, "who"),
        "scatter": scatter.assign(held_out=held_out(test).astype(np.int8)),
        "slopes": style.stacked({name: slopes(table) for name, table in by_kind.items()}, "who"),
        "history": style.stacked(history, "who"),
        "units": style.stacked({**units(yoked), "null": null(yoked["trained"])}, "kind"),
        "counted": style.stacked(counted(yoked), "kind"),
        "upcoming": encoded(yoked["trained"], signatures(yoked["trained"], upcoming=True)),
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [{"a": 1.1, "b": 1, "c": 1.1}, {"d": 1.25, "e": 1.25}, {"f": 1.7, "g": 1.3, "h": 0.6}]
    made, axes = style.figure(rows, height=165)
    draw_learning(tables["learning"], tables["earned"], ax=axes["a"])
    draw_scatter(tables["scatter"], ax=axes["b"])
    draw_slopes(tables["slopes"], ax=axes["c"])
    for name, letter in (("reward", "d"), ("choice", "e")):
        draw_history(tables["history"], name, ax=axes[letter])
    draw_units(tables["units"], ax=axes["f"])
    draw_counted(tables["counted"], ax=axes["g"])
    draw_upcoming(tables["upcoming"], ax=axes["h"])
    return made


def held_out(test: xr.Dataset) -> xr.DataArray:
    """Return which episodes have base probabilities that did not occur in training, dims (subject, session)."""
    p_left = test["p_base"].isel(step=0, target=0, drop=True)
    inside = [(p_left > low + 1e-6) & (p_left < high - 1e-6) for low, high in HELD_OUT]
    return (inside[0] | inside[1]).rename(network="subject", episode="session")


def slopes(table: pd.DataFrame) -> xr.Dataset:
    """Return the matching slopes of all sessions and of those with held-out base probabilities."""
    p_left = table["p_base_0"]
    outside = np.logical_or.reduce([p_left.between(low, high, inclusive="neither") for low, high in HELD_OUT])
    parts = {"all": matching(table), "held out": matching(table[outside])}
    return style.stacked({name: part[["slope", "n_sessions"]] for name, part in parts.items()}, "sessions")


def draw_learning(learning: xr.Dataset, earned: xr.Dataset, ax: Axes) -> Axes:
    """Draw reward per trial during training, and beside it that of the test, where reference agents met the worlds."""
    reward = learning["reward_per_trial"].rolling(update=20, min_periods=1).mean().transpose("update", "subject")
    ax.plot(learning["update"], reward, color=style.NETWORK, linewidth=0.4, alpha=0.5)
    ax.plot(learning["update"], reward.mean("subject"), color=style.NETWORK, linewidth=1.5)
    last = float(learning["update"].max())
    tested = earned["reward_per_trial"].sel(who="networks").dropna("subject")
    ax.plot(last * (1.14 + style.jittered(tested.size, 0.08)), tested, ".", color=style.NETWORK, markersize=2.5)
    for name, (label, color) in REFERENCE_AGENTS.items():
        level, line = float(earned["reward_per_trial"].sel(who=name).mean()), ":" if name == "alternation" else "-"
        ax.plot([last * 1.05, last * 1.23], [level, level], color=color, linestyle=line, linewidth=0.9, label=label)
    ax.axvline(last * 1.02, color=style.FAINT, linewidth=0.5)
    ax.text(last * 1.14, 0.475, "test", ha="center", va="top", fontsize=6)
    ax.legend(loc="lower right", handlelength=1.8, bbox_to_anchor=(1.02 / 1.25, 0))
    ax.set(xlabel="update of the weights", ylabel="reward per trial", ylim=(0.3, 0.48), xlim=(0, last * 1.25))
    return ax


def draw_scatter(found: xr.Dataset, ax: Axes) -> Axes:
    """Draw choice against reward ratios, one dot per episode, held-out ones on top in red."""
    ax.plot([-4, 4], [-4, 4], color=style.FAINT, linewidth=0.6, linestyle="--")
    for held, color, label in ((0, style.NETWORK, "as in training"), (1, HELD, "held out")):
        here = found["held_out"] == held
        x, y = (found[name].where(here).values.ravel() for name in ("reward_ratio", "choice_ratio"))
        ax.plot(x, y, ".", color=color, markersize=1.5, alpha=0.4, markeredgewidth=0, label=label, rasterized=True)
    missing = int(found["reward_ratio"].isnull().sum())
    text = f"{missing} of {found['reward_ratio'].size}\nepisodes have\nno ratio"
    ax.text(0.02, 0.98, text, transform=ax.transAxes, va="top", fontsize=6)
    ax.set(xlim=(-4.5, 4.5), ylim=(-4.5, 4.5), aspect="equal", xlabel="log2 rewards, right / left")
    ax.set_ylabel("log2 choices, right / left")
    ax.legend(loc="lower right", markerscale=4, handletextpad=0, borderaxespad=0)
    return ax


def draw_slopes(slopes: xr.Dataset, ax: Axes) -> Axes:
    """Draw the matching slopes of networks, untrained networks and reference agents."""
    names = {name: name for name in ("networks", "untrained")} | {
        n: label for n, (label, _) in REFERENCE_AGENTS.items()
    }
    for place, who in enumerate(names):
        for offset, kind, color in ((-0.17, "all", style.NETWORK), (0.17, "held out", HELD)):
            values = slopes["slope"].sel(who=who, sessions=kind).dropna("subject")
            mean, sem, n = style.mean_sem(values)
            x = place + offset
            ax.plot(x + style.jittered(n, 0.2), values, ".", color=color, markersize=2.5, alpha=0.6)
            ax.errorbar(x, mean, sem, color=color, marker="_", markersize=6, linewidth=0.8)
    pair = slopes["slope"].sel(who=["networks", "observer"]).dropna("subject")
    if pair.sizes["subject"] > 1:
        difference = pair.sel(who="networks") - pair.sel(who="observer")
        tests = [f"{kind}: {t_test(difference.sel(sessions=kind).values)}" for kind in ("all", "held out")]
        text = "\n".join(["networks − ideal observer", *tests])
        ax.text(0.99, 0.99, text, fontsize=6, ha="right", va="top", transform=ax.transAxes)
    for level, line in ((1, "--"), (0, "-")):
        ax.axhline(level, color=style.FAINT, linewidth=0.6, linestyle=line)
    ax.set_xticks(range(len(names)), list(names.values()), rotation=30, ha="right")
    ax.set(ylabel="matching slope (last two thirds)", ylim=(-0.1, 1.5))
    return ax


def draw_history(history: xr.Dataset, name: str, ax: Axes) -> Axes:
    """Draw the weights of past rewards or choices, of networks and reference agents."""
    weights = history["coefficient"].sel(history=name)
    lag = weights["lag"].values
    for who in ("observer", "local_matching"):
        mean = weights.sel(who=who).mean("subject")
        ax.plot(lag, mean, color=REFERENCE_AGENTS[who][1], linestyle="--", label=REFERENCE_AGENTS[who][0])
    own = weights.sel(who="networks").dropna("subject")
    ax.plot(lag, own.transpose("lag", "subject"), color=style.NETWORK, linewidth=0.3, alpha=0.5)
    mean, sem, n = style.mean_sem(own)
    ax.errorbar(lag, mean, sem, color=style.NETWORK, linewidth=1.2, label=f"networks (n = {n})")
    differ = weights_that_differ(history)
    for found, face in ((differ, style.NETWORK), (~differ, "white")):
        here = found.sel(history=name).values
        ax.plot(lag[here], mean.values[here], "o", markersize=3, color=style.NETWORK, markerfacecolor=face, zorder=3)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="trials back", ylabel=f"weight of past {name}s\n(log odds)", xticks=lag[::2])
    ax.legend(loc="upper right" if name == "reward" else "lower right")
    return ax


def weights_that_differ(history: xr.Dataset) -> xr.DataArray:
    """Return which weights differ from 0 over the networks of which all are known, dims (history, lag)."""
    own = history["coefficient"].sel(who="networks")
    return significant(own.where(own.notnull().all(["history", "lag"])))


def draw_units(units: xr.Dataset, ax: Axes) -> Axes:
    """Draw the absolute partial correlation of every unit with each factor, and means."""
    partial = np.abs(units["partial_correlation"])
    factors = partial["regressor"].values
    for place, factor in enumerate(factors):
        for offset, (kind, color) in zip((-0.27, 0, 0.27), KINDS.items(), strict=True):
            values = partial.sel(regressor=factor, kind=kind)
            mean, sem, _ = style.mean_sem(values.mean("unit"))
            dots = values.values[np.isfinite(values.values)]
            x = place + offset
            ax.bar(x, mean, 0.24, color=color, alpha=0.35, label=kind if place == 0 else None)
            ax.plot(x + style.jittered(len(dots), 0.18), dots, ".", color=color, markersize=0.8, rasterized=True)
            ax.hlines([mean, mean], x - 0.12, x + 0.12, color=["white", "black"], linewidth=[2.4, 1.2], zorder=4)
            ax.errorbar(x, mean, sem, color="black", linewidth=0.8, zorder=5)
    for place, text in enumerate(changes(partial)):
        ax.text(place, 1.02, text, fontsize=6, ha="center", va="bottom")
    ax.set_xticks(range(len(factors)), [str(name).replace(" x ", "\nx ").replace(" − ", " −\n") for name in factors])
    ax.set(ylabel="|partial correlation|\nof a unit at fixation", ylim=(0, 1.32), yticks=np.linspace(0, 1, 6))
    ax.legend(loc="upper center", ncols=3, handlelength=1, borderaxespad=0)
    return ax


def changes(partial: xr.DataArray) -> list[str]:
    """Return for each factor trained − untrained in words; paired t tests over networks, corrected after Holm."""
    network = partial.mean("unit").sel(kind=["trained", "untrained"]).dropna("subject")
    if network.sizes["subject"] < 2:
        return []
    difference = network.sel(kind="trained", drop=True) - network.sel(kind="untrained", drop=True)
    p = holm(stats.ttest_1samp(difference.transpose("subject", "regressor"), 0).pvalue)
    means = difference.mean("subject").values
    return [f"{mean:+.2f}\np = {each:.1g}".replace("-0.", "−0.") for mean, each in zip(means, p, strict=True)]


def draw_counted(counted: xr.Dataset, ax: Axes) -> Axes:
    """Draw the fraction of units that encode each factor, one dot per network; none if episodes are too few."""
    factors = counted["regressor"].values
    for place, factor in enumerate(factors):
        for offset, kind in ((-0.18, "trained"), (0.18, "untrained")):
            values = counted["p_significant"].sel(regressor=factor, kind=kind).dropna("subject")
            mean, sem, n = style.mean_sem(values)
            ax.bar(place + offset, mean, 0.32, color=KINDS[kind], alpha=0.35, label=kind if place == 0 else None)
            ax.plot(place + offset + style.jittered(n, 0.2)[:n], values, ".", color=KINDS[kind], markersize=2.5)
            ax.errorbar(place + offset, mean, sem, color="black", linewidth=0.8)
    ax.set_xticks(range(len(factors)), factors, rotation=20, ha="right")
    ax.set(ylabel=f"fraction of units, {N_TRIALS} trials", ylim=(0, 1.22), yticks=np.linspace(0, 1, 6))
    ax.legend(loc="upper center", ncols=3, handlelength=1, columnspacing=0.8, borderaxespad=0)
    return ax


def draw_upcoming(found: xr.Dataset, ax: Axes) -> Axes:
    """Draw how strongly units encode the upcoming and the last action, one line per network."""
    partial = np.abs(found["partial_correlation"]).mean("unit").sel(regressor=["last action", "upcoming action"])
    ax.plot([0, 1], partial.transpose("regressor", "subject"), ".-", color=style.NETWORK, linewidth=0.4, markersize=3)
    mean, sem, n = style.mean_sem(partial)
    ax.errorbar([-0.15, 1.15], mean, sem, color=style.NETWORK, marker="_", linestyle="none")
    if n > 1:
        test = stats.ttest_rel(partial.sel(regressor="upcoming action"), partial.sel(regressor="last action"))
        ax.text(0.5, 0.99, in_words(test, "\n"), fontsize=6, ha="center", va="top", transform=ax.transAxes)
    ax.set_xticks([0, 1], ["last\naction", "upcoming\naction"])
    ax.set(ylabel="mean |partial correlation|", ylim=(0, 1), xlim=(-0.4, 1.4))
    return ax


def _slope(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    return tables["slopes"]["slope"].sel(who=who, sessions="all").values


def _change(tables: Mapping[str, xr.Dataset], name: str) -> xr.DataArray:
    partial = np.abs(tables["units"]["partial_correlation"].sel(regressor=name)).mean("unit")
    return partial.sel(kind="trained") - partial.sel(kind="untrained")


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "matching slope, networks − ideal observer in the same worlds",
        lambda tables: _slope(tables, "networks") - _slope(tables, "observer"),
        "beyond 0.15; alternation differs by 0.87",
        (-0.15, 0.15),
    ),
    Claim(
        TITLE,
        "reward per trial, networks − ideal observer in the same worlds",
        lambda tables: (
            tables["earned"]["reward_per_trial"].sel(who="networks").values
            - tables["earned"]["reward_per_trial"].sel(who="observer").values
        ),
        "beyond 0.01; alternation earns 0.03 less",
        (-0.01, 0.01),
    ),
    *(
        Claim(
            "Training adds the code of value, and takes away from that of the last reward.",
            f"mean |partial correlation| with {name}, trained − untrained",
            lambda tables, name=name: _change(tables, name),
            "0: as before training",
            bounds,
        )
        for name, bounds in (("right − left value", (0.0, None)), ("last reward", (None, 0.0)))
    ),
)
