"""Figure W1: regret depends mostly on the test; what the training adds is in part that of ideal observers.

Wang et al. 2016 (arXiv:1611.05763), sections 3.1.2 and 3.1.3: two arms, 100 trials, frozen weights. Arms are
independent, or anticorrelated (p and 1 − p) with p uniform, easy (.1 or .9), medium (.25 or .75) or hard (.4 or .6).

a, cumulative expected regret on independent arms, of networks trained on them, with gated recurrent units and with LSTM
units, the paper's, and of algorithms in the same worlds; in the key, the regret in 100 trials. The best fixed rate is
that of a Rescorla-Wagner learner, 0.1, which chooses greedily; the discount of the Gittins index is 0.99. Dotted,
black: the exact regret of the learner that is ideal with the discount of the networks' training, 0.9. b, the same on
anticorrelated, uniform arms, of networks trained on them and of networks trained on independent arms; the exact regret
of the optimum that knows of the correlation, and of the one that does not. Networks trained on correlated arms lose
less on them than networks trained on independent arms. Figure W8 tests the first ten trials. c, regret in 100 trials by
the distribution of training (rows) and of the test (columns), mean ± s.e.m. over networks. d, the same of an ideal
observer whose prior is the distribution of training; exact, by propagation of the distribution of its counts. Every
symmetric prior over anticorrelated arms has the same optimal rule, so four rows are equal. e, networks against ideal
observers, a dot for each of the 25 cells; Pearson's r of the logarithms over the cells, mean ± s.e.m. over networks of
the same number. Most of r is due to the difficulty of the tests: the ideal regret of a column, averaged over its rows,
which knows nothing of the training, has the r called "difficulty alone". What the training adds is seen within columns:
r after the mean of each column was taken from networks and ideal observers. Diamonds, the exact regret of an observer
who knows hard arms, whose choices are a softmax as noisy as those of networks trained there (f). f, why networks
trained on hard arms lose more on easy arms than their ideal observer (0.80 against 0.625): choices on easy arms, in
trials 2 to 10, against a balance of one outcome. No ideal observer that knows of the correlation makes them. On hard
arms such a choice costs 0.04 rewards on average, so networks trained there hardly learn to avoid it; on easy arms it
costs 0.64.

c is the matrix of ``python -m pfc_metarl.transfer``. n = 8 networks trained on each distribution; 1000 episodes for
each network and cell, 5000 where the arms are those of the training; the first 1000 are the same worlds in all rows of
a column; b shows the same episodes as c. Independent arms have a recipe of their own, with a longer horizon and more
episodes. LSTM units were trained with other settings: those of the gated units leave one of eight far above the others.
In a, n = 8 networks or individuals, 300 episodes each. Lines are means, shading s.e.m.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from analyses.noisy_observer import against_evidence, draw_noisy_observer, noisy_observer
from pfc_metarl.measures import cumulative_regret
from pfc_metarl.models.exact_regret import Arms, discounted_regret, exact_regret
from pfc_metarl.runs.run import Run
from pfc_metarl.runs.train_by_test import train_by_test

RUN = (
    "runs/bandit_independent",
    "runs/bandit_correlated",
    "runs/bandit_correlated_easy",
    "runs/bandit_correlated_medium",
    "runs/bandit_correlated_hard",
    "runs/bandit_independent_lstm",
)
KNOWN = {"easy": (0.1, 0.9), "medium": (0.25, 0.75), "hard": (0.4, 0.6)}
"""Distributions with two values of p."""
ARMS: dict[str, Arms] = {"independent": "independent", "uniform": None, **KNOWN}
"""Distribution -> how `exact_regret` names it, in the order of the first runs of `RUN`."""

RIVALS = {
    "ucb1": ("UCB1", style.FAINT, ":"),
    "ucb": ("UCB, χ = 1", style.FAINT, "--"),
    "epsilon_greedy": ("ε-greedy, ε = .05", style.MODEL_FREE, ":"),
    "thompson": ("Thompson sampling", style.MODEL_FREE, "--"),
    "rescorla_wagner": ("best fixed learning rate", style.MODEL_FREE, "-"),
    "gittins": ("Gittins, discounted", style.OPTIMUM, ":"),
    "finite_horizon_gittins": ("Gittins, finite horizon", style.OPTIMUM, "--"),
    "bayes_optimal": ("Bayes-optimal", style.OPTIMUM, "-"),
}
"""Algorithm -> label, colour and line; all assume independent arms."""

TRAINED_ON = {"independent": style.NETWORK, "uniform": style.MODEL_BASED}
LSTM = "lstm"
"""Networks with LSTM units on independent arms, the last run of `RUN`."""

DISCOUNT = 0.9
"""With which networks were trained on independent arms."""


def tables(*runs: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of the five experiments, and of one with LSTM units."""
    trained = dict(zip(ARMS, runs, strict=False))
    cells = train_by_test(trained, {name: f"arms_{name}" for name in ARMS}, _regret)
    lines = cells[["cumulative_regret"]].rename(network="subject")
    against = style.stacked(
        {name: against_evidence(run.recording("arms_easy")) for name, run in trained.items()}, "who"
    )
    same_worlds = {"independent": runs[0].recording("test"), LSTM: runs[-1].recording("test")}
    same_worlds |= {name: runs[0].recording(f"test_{name}") for name in RIVALS}
    on_independent = {who: _regret(recording)[["cumulative_regret"]] for who, recording in same_worlds.items()}
    on_uniform = {name: lines.sel(trained=name, tested="uniform", drop=True) for name in TRAINED_ON}
    return {
        "matrix": cells[["regret"]],
        "against": against,
        "ideal": ideal(),
        "discounted": xr.Dataset({"cumulative_regret": ("trial", discounted_regret(DISCOUNT))}),
        "noisy": noisy_observer(against["against"].sel(who="hard"), KNOWN),
        "independent": style.stacked(on_independent, "who"),
        "uniform": style.stacked(on_uniform, "who"),
    }


def _regret(recording: xr.Dataset) -> xr.Dataset:
    return cumulative_regret(recording)[["cumulative_regret", "regret"]]


def ideal() -> xr.Dataset:
    """Return the exact cumulative regret of ideal observers, dims (trained, tested, trial)."""
    known = {kind: [exact_regret(kind, tested_on) for tested_on in ARMS.values()] for kind in ("independent", None)}
    rows = [known["independent" if name == "independent" else None] for name in ARMS]
    dims, names = ("trained", "tested", "trial"), list(ARMS)
    return xr.Dataset({"cumulative_regret": (dims, np.array(rows))}, {"trained": names, "tested": names})


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1, "b": 1}, {"c": 1.1, "d": 1}, {"e": 1, "f": 1}], height=185)
    ideal = tables["ideal"]["cumulative_regret"]
    draw_discounted(tables["discounted"]["cumulative_regret"], ax=axes["a"])
    draw_algorithms(tables["independent"]["cumulative_regret"], ax=axes["a"])
    draw_uniform(tables["uniform"]["cumulative_regret"], ideal, ax=axes["b"])
    regret, last = tables["matrix"]["regret"].rename(network="subject"), ideal.isel(trial=-1)
    mean, sem, _ = style.mean_sem(regret)
    draw_matrix(mean, sem, "networks", ax=axes["c"])
    draw_matrix(last, None, "ideal observers", ax=axes["d"])
    axes["d"].set_ylabel("")
    draw_agreement(regret, last, ax=axes["e"])
    draw_noisy_observer(tables["noisy"], last.sel(trained="hard"), ax=axes["e"])
    axes["e"].legend(loc="lower right", labelspacing=0.2, handlelength=0.5, title="trained on", title_fontsize=6)
    draw_against(tables["against"]["against"], ax=axes["f"])
    return made


def draw_discounted(regret: xr.DataArray, ax: Axes) -> Axes:
    """Draw the exact regret of the ideal learner with the networks' discount, against trials."""
    label = f"{float(regret[-1]):.2f}  ideal, discount {DISCOUNT:g} (exact)"
    ax.plot(np.arange(1, regret.size + 1), regret, color=TRAINED_ON["independent"], linestyle=":", label=label)
    return ax


def draw_algorithms(regret: xr.DataArray, ax: Axes) -> Axes:
    """Draw the regret on independent arms of networks and algorithms, against trials."""
    color = TRAINED_ON["independent"]
    lines = {**RIVALS, "independent": ("networks, GRU", color, "-"), LSTM: ("networks, LSTM", color, "--")}
    for name, (label, color, line) in lines.items():
        own = regret.sel(who=name)
        _draw_line(own, f"{float(own.isel(trial=-1).mean()):.2f}  {label}", color, line, ax)
    ax.set(xlabel="trial", ylabel="cumulative regret (rewards)", title="independent arms", xlim=(0, 100), ylim=(0, 6))
    key = sorted(zip(*ax.get_legend_handles_labels(), strict=True), key=lambda each: each[1], reverse=True)
    ax.legend(*zip(*key, strict=True), loc="upper left", bbox_to_anchor=(1, 1.05), labelspacing=0.3)
    return ax


def draw_uniform(regret: xr.DataArray, ideal: xr.DataArray, ax: Axes) -> Axes:
    """Draw the regret on anticorrelated arms of networks with and without training on them, against trials."""
    for name, color in TRAINED_ON.items():
        own = regret.sel(who=name)
        _draw_line(own, f"trained on {name} arms (n = {style.mean_sem(own)[2]})", color, "-", ax)
        exact = ideal.sel(trained=name, tested="uniform")
        label = "optimum, correlation known" if name == "uniform" else "optimum, arms taken as independent"
        ax.plot(np.arange(1, exact.size + 1), exact, color=color, linestyle=":", label=label)
    ax.set(xlabel="trial", ylabel="cumulative regret (rewards)", title="anticorrelated, uniform arms")
    ax.set(xlim=(0, 100), ylim=(0, 3))
    ax.legend(loc="upper left", labelspacing=0.2)
    return ax


def _draw_line(regret: xr.DataArray, label: str, color: str, line: str, ax: Axes) -> None:
    mean, sem, _ = style.mean_sem(regret)
    trial = mean["trial"] + 1
    ax.plot(trial, mean, color=color, linestyle=line, label=label)
    ax.fill_between(trial, mean - sem, mean + sem, color=color, alpha=0.25, linewidth=0)


def draw_matrix(mean: xr.DataArray, sem: xr.DataArray | None, title: str, ax: Axes) -> Axes:
    """Draw regrets by distribution of training and test, as a table of shades."""
    ax.imshow(np.log(mean), cmap="Greys", vmin=np.log(0.5), vmax=np.log(8), aspect="auto")
    for row, trained_on in enumerate(mean["trained"].values):
        for column, tested_on in enumerate(mean["tested"].values):
            cell = {"trained": trained_on, "tested": tested_on}
            value = float(mean.sel(cell))
            text = f"{value:.2f}" if sem is None else f"{value:.2f}\n± {float(sem.sel(cell)):.2f}"
            ax.text(column, row, text, ha="center", va="center", color="white" if value > 2 else "black", fontsize=6)
    names = list(mean["trained"].values)
    ax.set_xticks(range(len(names)), names, rotation=20)
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(length=0)
    ax.set(xlabel="tested on", ylabel="trained on", title=f"regret, {title}")
    return ax


def draw_agreement(regret: xr.DataArray, ideal: xr.DataArray, ax: Axes) -> Axes:
    """Draw the regret of networks against that of ideal observers, a dot for each cell."""
    mean, sem, n = style.mean_sem(regret)
    for name in mean["trained"].values:
        own = {"trained": name}
        color = {**dict.fromkeys(ARMS, style.FAINT), **TRAINED_ON}[name]
        label = name if name in TRAINED_ON else ("easy, medium, hard" if name == "hard" else None)
        x, y, error = ideal.sel(own), mean.sel(own), sem.sel(own)
        ax.errorbar(x, y, error, fmt="o", color=color, markersize=2.5, linewidth=0.6, label=label)
    ends = np.array([0.5, 8])
    ax.plot(ends, ends, color=style.FAINT, linewidth=0.5)
    alone = np.log(ideal).mean("trained").broadcast_like(ideal)
    found = {
        f"r, {n} networks": agreement(np.log(regret), np.log(ideal)),
        "difficulty alone": agreement(np.log(regret), alone),
        "within columns": agreement(_centred(np.log(regret)), _centred(np.log(ideal))),
    }
    text = "\n".join(f"{name} = {_mean_sem(r)}" for name, r in found.items())
    ax.text(0.03, 0.98, text, transform=ax.transAxes, va="top", fontsize=6)
    ax.set(
        xscale="log",
        yscale="log",
        xlabel="ideal observer",
        ylabel="networks",
        title="regret, 25 cells",
        ylim=(0.45, 20),
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks([0.5, 1, 2, 4, 8], ["0.5", "1", "2", "4", "8"])
        axis.set_ticks([], minor=True)
    return ax


def draw_against(against: xr.DataArray, ax: Axes) -> Axes:
    """Draw how often each network chooses against a balance of one outcome, by its training."""
    for place, who in enumerate(ARMS):
        own = 100 * against.sel(who=who).dropna("subject")
        color = {**dict.fromkeys(ARMS, style.FAINT), **TRAINED_ON}[who]
        ax.plot(place + style.jittered(own.size, 0.5), own, ".", color=color, markersize=3)
        ax.plot([place - 0.35, place + 0.35], [float(own.mean())] * 2, color=color)
    ax.set_xticks(range(len(ARMS)), list(ARMS))
    ax.set(xlabel="trained on", ylabel="choices against one outcome (%)", title="easy arms, trials 2 to 10")
    ax.set_ylim(0, None)
    return ax


def _centred(values: xr.DataArray) -> xr.DataArray:
    """Take the mean over the rows of a column from each of its cells."""
    return values - values.mean("trained")


def _mean_sem(r: np.ndarray) -> str:
    return f"{r.mean():.3f} ± {r.std(ddof=1) / r.size**0.5:.3f}" if r.size > 1 else f"{r.mean():.3f}"


def agreement(networks: xr.DataArray, ideal: xr.DataArray) -> np.ndarray:
    """Return Pearson's r over the cells between the networks of each number and ideal observers."""
    dims = ("trained", "tested")
    rows = networks.dropna("subject").stack(cell=dims).transpose("subject", "cell").values
    own = ideal.stack(cell=dims).values
    return np.array([np.corrcoef(row, own)[0, 1] for row in rows])


def _within_columns(tables: Mapping[str, xr.Dataset]) -> np.ndarray:
    regret = np.log(tables["matrix"]["regret"].rename(network="subject"))
    ideal = np.log(tables["ideal"]["cumulative_regret"].isel(trial=-1))
    return np.asarray(agreement(_centred(regret), _centred(ideal)))


def _difficulty(tables: Mapping[str, xr.Dataset]) -> np.ndarray:
    """Return the fraction of the variance of log regret over the cells that lies between the tests, of each network."""
    regret = np.log(tables["matrix"]["regret"].rename(network="subject"))
    between = regret.mean("trained").var("tested")
    return np.asarray((between / regret.var(("trained", "tested"))).values)


def _final(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    return tables["uniform"]["cumulative_regret"].sel(who=who).isel(trial=-1).values


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "fraction of the variance of log regret over the 25 cells that lies between the tests",
        _difficulty,
        "0.5 or less: the training matters as much",
        (0.5, None),
    ),
    Claim(
        TITLE,
        "r with ideal observers of the logarithm of regret within columns, where only the training differs",
        _within_columns,
        "0: regret depends on the difficulty of the test alone",
    ),
    Claim(
        "Networks trained on correlated arms lose less on them than networks trained on independent arms.",
        "regret on uniform arms, networks trained on them − networks trained on independent arms",
        lambda tables: _final(tables, "uniform") - _final(tables, "independent"),
        "0: the correlation is not used",
        (None, 0.0),
    ),
)
