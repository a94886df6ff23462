"""Figure 1: networks trained on two-armed bandits explore and exploit, and use a correlation between the arms.

All panels but a and b show recordings with frozen weights, 100 trials per episode. a, the task. b, the network, its
inputs and outputs. c, choices of network 0, trained on correlated arms, in 40 problems of .25/.75 and 40 of .6/.4; one
row per problem. d, choices of the same network in 300 problems, sorted by the reward probability of the left arm. e,
probability of choosing the better arm in the .25/.75 problem (300 episodes) and in the .6/.4 problem (1,000 episodes),
where networks take the worse arm more often. f, g, cumulative expected regret in the .25/.75 problem and on independent
arms, for networks, for algorithms that assume independent arms, and, in f, for the optimum that knows of the
correlation, in the same worlds (chance level, 25 and 16.7, is off the scale). h, activity of network 0 of d at the time
of choice, first two principal components over all trials: thin lines are four single problems, those whose payoffs are
nearest to the examples of the paper (.99/.01, .46/.54, .33/.67, .01/.99); thick pale lines are means over the problems
of one fifth of the payoffs; from the first trial (black) to the last (dot). i, the same at the last trial, one dot for
each of the 300 problems. j, multiple correlation R between the first three components at the last trial and the
difference of the arms' probabilities, one dot per network; dashed, chance level. Lines are means, shading and bars
s.e.m. over networks (algorithms: over individuals). The tests in f and g are paired t tests of the regret after all
trials, since a network, its counterpart and the individual of the same number meet the same worlds. The paper reports
the difference in the first ten trials; there it is not seen in f, but in more networks, on uniform arms (Figure W8). On
independent arms a learner that always takes the arm with the higher expected reward, and so never explores, loses 2.69
(exact).
"""

from collections.abc import Iterable, Mapping

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from analyses import bandit_panels, style
from analyses.claim import Claim, title
from analyses.significance import in_words
from pfc_metarl.measures import cumulative_regret, end_point_correlation, principal_components
from pfc_metarl.models.exact_regret import myopic_regret
from pfc_metarl.runs.run import Run

RUN = ("runs/bandit_independent", "runs/bandit_correlated")
N_BINS = 5
"""Pale lines in h, one for each fifth of the payoffs."""

SINGLE = (0.99, 0.46, 0.33, 0.01)
"""Payoffs of the left arm in the single problems of Wang et al. 2018, Fig. 1e."""

PROBLEMS = {"quarter": (".25/.75", "-"), "arms_hard": (".6/.4", "--")}
"""Recording -> the example problem of Wang et al. 2018, Fig. 1c, and its line."""

COLORS = {"independent": style.NETWORK, "correlated": style.MODEL_BASED}
PAYOFF = mpl.colormaps["coolwarm"]
REFERENCE_AGENTS = {
    "bayes_optimal": ("Bayes-optimal", style.OPTIMUM, "-"),
    "gittins": ("Gittins index", style.OPTIMUM, ":"),
    "thompson": ("Thompson sampling", style.MODEL_FREE, "--"),
    "ucb": ("UCB, χ = 1", style.FAINT, "--"),
}
"""Reference agent -> label, colour and line; the first three assume independent, uniform arms."""

KNOWN = {"correlated_optimal": ("optimum, correlation known", style.MODEL_BASED, ":")}
"""Drawn where arms are correlated."""

EARLY = 10
"""First trials, in which Wang et al. 2018 report that networks trained on correlated arms find the good one faster."""


def tables(independent: Run, correlated: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of the experiments bandit_independent and bandit_correlated."""
    runs = {"independent": independent, "correlated": correlated}
    test = correlated.recording("test")
    quarter, hard = (
        {name: cumulative_regret(run.recording(probe)) for name, run in runs.items()} for probe in PROBLEMS
    )
    own = {"independent": cumulative_regret(independent.recording("test"))}
    return {
        "setting": setting(correlated),
        "examples": xr.concat(
            [bandit_panels.examples(correlated.recording(probe)) for probe in PROBLEMS],
            xr.IndexVariable("kind", [name for name, _ in PROBLEMS.values()]),
        ),
        "choices": bandit_panels.choices(test),
        "hard": style.stacked(hard, "who")[["p_suboptimal"]],
        "quarter": style.stacked(quarter | regrets(correlated, "quarter", {**REFERENCE_AGENTS, **KNOWN}), "who"),
        "independent": style.stacked(own | regrets(independent, "test", REFERENCE_AGENTS), "who"),
        "components": components(test),
        "ends": style.stacked({name: end_points(run.recording("test")) for name, run in runs.items()}, "who"),
    }


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [{"a": 1.15, "b": 1, "c": 1.2}, {"d": 1, "e": 1, "f": 1.25}, {"g": 1.9, "h": 1.1, "i": 1.2, "j": 0.55}]
    made, axes = style.figure(rows, height=170, heights=[0.85, 1, 1])
    of_setting = tables["setting"].attrs
    bandit_panels.draw_task(int(of_setting["n_trials"]), ax=axes["a"])
    bandit_panels.draw_network(int(of_setting["units"]), str(of_setting["core"]), ax=axes["b"])
    bandit_panels.draw_examples(tables["examples"]["better"], ax=axes["c"])
    bandit_panels.draw_choices(tables["choices"], ax=axes["d"])
    quarter, independent = tables["quarter"], tables["independent"]
    draw_better_arm({".25/.75": quarter, ".6/.4": tables["hard"]}, ax=axes["e"])
    draw_regret(quarter, ax=axes["f"])
    write_test("independent − correlated", quarter, "independent", "correlated", axes["f"], early=True)
    axes["f"].set(ylabel="cumulative regret\non .25/.75 (rewards)", ylim=(-2.2, 9), yticks=range(0, 9, 2))
    draw_regret(independent, ax=axes["g"])
    write_test("networks − Thompson", independent, "independent", "thompson", ax=axes["g"])
    axes["g"].set(ylabel="cumulative regret on\nindependent arms (rewards)", ylim=(-1.4, 6.5), yticks=range(0, 7, 2))
    draw_trajectories(tables["components"], ax=axes["h"])
    draw_ends(tables["components"], ax=axes["i"])
    draw_correlations(tables["ends"], ax=axes["j"])
    return made


def setting(run: Run) -> xr.Dataset:
    """Return the size of the task and of the network, as attributes."""
    settings = run.manifest["settings"]
    network = settings["network"]
    return xr.Dataset(
        attrs={"n_trials": settings["task"]["n_trials"], "units": network["units"], "core": network["core"]}
    )


def components(test: xr.Dataset) -> xr.Dataset:
    """Return trajectories of the first network's activity, means by payoff and single problems, and all end points."""
    found = principal_components(test, "choice", beside=("p_reward",), n_components=3)
    score, p_left = found["score"].values[0], found["p_reward"].sel(option="left").values[0, :, 0]
    bins = np.minimum((p_left * N_BINS).astype(int), N_BINS - 1)
    numbers = np.unique(bins)
    single = np.array([np.abs(p_left - wanted).argmin() for wanted in SINGLE])
    return xr.Dataset(
        {
            "single": (("example", "trial", "component"), score[single]),
            "p_single": ("example", p_left[single]),
            "path": (("bin", "trial", "component"), [score[bins == number].mean(axis=0) for number in numbers]),
            "end": (("problem", "component"), score[:, -1]),
            "p_left": ("problem", p_left),
            "explained_variance": ("component", found["explained_variance"].values[0]),
        },
        {"bin": (numbers + 0.5) / N_BINS},
    )


def draw_better_arm(problems: Mapping[str, xr.Dataset], ax: Axes) -> Axes:
    """Draw the probability of choosing the better arm against trials, by the arms of the training and the problem."""
    lines = dict(PROBLEMS.values())
    for problem, regrets in problems.items():
        for name in COLORS:
            mean, sem, n = style.mean_sem(1 - regrets["p_suboptimal"].sel(who=name))
            trial = mean["trial"] + 1
            label = f"{name} arms (n = {n})" if lines[problem] == "-" else None
            ax.plot(trial, mean, color=COLORS[name], linestyle=lines[problem], label=label)
            ax.fill_between(trial, mean - sem, mean + sem, color=COLORS[name], alpha=0.3, linewidth=0)
        ax.plot([], [], color=style.FAINT, linestyle=lines[problem], label=f"problem {problem}")
    ax.set(xlabel="trial", ylabel="p of choosing the better arm", ylim=(0.25, 1.01), xscale="log", xlim=(1, 100))
    ax.set_xticks([1, 3, 10, 30, 100], ["1", "3", "10", "30", "100"])
    ax.set_yticks([0.5, 0.6, 0.7, 0.8, 0.9, 1])
    ax.minorticks_off()
    ax.legend(loc="lower right", handlelength=1.8, title="trained on", title_fontsize=6, labelspacing=0.2)
    return ax


def regrets(run: Run, probe: str, agents: Iterable[str]) -> dict[str, xr.Dataset]:
    """Return the regret of reference agents in a probe."""
    return {name: cumulative_regret(run.recording(f"{probe}_{name}")) for name in agents}


def draw_regret(regrets: xr.Dataset, ax: Axes) -> Axes:
    """Draw cumulative regret against trials, for networks by the arms of the training, and for algorithms."""
    lines = {name: (f"trained on {name} arms", COLORS[name], "-") for name in COLORS}
    for who in sorted(regrets["who"].values, key=lambda name: name in COLORS):  # networks on top
        mean, sem, _ = style.mean_sem(regrets["cumulative_regret"].sel(who=who))
        label, color, line = {**REFERENCE_AGENTS, **KNOWN, **lines}[who]
        trial = mean["trial"] + 1
        ax.plot(trial, mean, color=color, linestyle=line, label=label, linewidth=1.3 if who in COLORS else 0.9)
        ax.fill_between(trial, mean - sem, mean + sem, color=color, alpha=0.25, linewidth=0)
    ax.set(xlabel="trial", xlim=(0, 100))
    ax.legend(loc="upper left", handlelength=2, labelspacing=0.2, borderaxespad=0.1)
    return ax


def write_test(label: str, regrets: xr.Dataset, one: str, other: str, ax: Axes, early: bool = False) -> Axes:
    """Write the difference of regret in the same worlds, at the end and after the first trials, and paired t tests."""
    text = label
    for trial in (*([EARLY - 1] if early else []), regrets.sizes["trial"] - 1):
        at = regrets["cumulative_regret"].isel(trial=trial)
        first, second = (at.sel(who=who).dropna("subject").values for who in (one, other))
        text += f"\n{trial + 1} trials: {first.mean() - second.mean():.2f}"
        if len(first) > 1:
            text += f", {in_words(stats.ttest_rel(first, second))}"
    ax.text(0.99, 0.01, text, transform=ax.transAxes, ha="right", va="bottom", fontsize=6)
    return ax


def draw_trajectories(found: xr.Dataset, ax: Axes) -> Axes:
    """Draw the first two components of the first network's activity: means by payoff, and four single problems."""
    for path in found["path"]:
        ax.plot(path[:, 0], path[:, 1], color=PAYOFF(float(path["bin"])), linewidth=2, alpha=0.3)
    for path, p_left in zip(found["single"].values, found["p_single"].values, strict=True):
        color = 0.75 * np.array(PAYOFF(float(p_left))[:3])
        ax.plot(path[:, 0], path[:, 1], color=color, linewidth=0.7)
        ax.plot(*path[-1, :2], "o", color=color, markersize=4, markeredgecolor="black", markeredgewidth=0.4)
        ax.plot(*path[0, :2], "o", color="black", markersize=2, zorder=3)
    return _components(found, ax)


def draw_ends(found: xr.Dataset, ax: Axes) -> Axes:
    """Draw the end point of the first network's activity in each problem, coloured by the payoff of the left arm."""
    end = found["end"]
    dots = ax.scatter(end[:, 0], end[:, 1], c=found["p_left"], cmap=PAYOFF, vmin=0, vmax=1, s=3, linewidth=0)
    ax.figure.colorbar(dots, ax=ax, label="p, left arm (h, i)", ticks=[0, 0.5, 1])
    return _components(found, ax)


def _components(found: xr.Dataset, ax: Axes) -> Axes:
    percent = 100 * found["explained_variance"].values
    ax.set(xlabel=f"PC 1 ({percent[0]:.0f} % of variance)", ylabel=f"PC 2 ({percent[1]:.0f} %)")
    return ax


def end_points(test: xr.Dataset) -> xr.Dataset:
    """Return the correlation of the end points of activity with the difference of the arms' payoffs."""
    found = principal_components(test, "choice", beside=("p_reward",))
    p_reward = found["p_reward"].isel(trial=-1)
    ends = end_point_correlation(found, p_reward.sel(option="left") - p_reward.sel(option="right"))
    return ends.assign(chance=(ends.sizes["component"] / (ends.attrs["n_episodes"] - 1)) ** 0.5)


def draw_correlations(ends: xr.Dataset, ax: Axes) -> Axes:
    """Draw the correlation of end points with the payoff, a dot for each network."""
    for place, name in enumerate(ends["who"].values):
        multiple = ends["multiple_correlation"].sel(who=name).dropna("subject")
        mean, sem, n = style.mean_sem(multiple)
        ax.plot(place + style.jittered(n, 0.3), multiple, ".", color=COLORS[name], markersize=3)
        ax.errorbar(place, mean, sem, color="black", marker="_", linewidth=0.8)
        chance = float(ends["chance"].sel(who=name))
        ax.plot([place - 0.3, place + 0.3], [chance, chance], color=style.FAINT, linestyle="--")
    ax.set_xticks(range(ends.sizes["who"]), ["indep.", "corr."])
    ax.set(
        ylabel=f"R of end point with payoff (n = {n} each)",
        ylim=(0, 1.02),
        xlim=(-0.6, ends.sizes["who"] - 0.4),
        xlabel="trained on",
    )
    return ax


def _worse(regrets: xr.Dataset) -> np.ndarray:
    return regrets["p_suboptimal"].sel(who="correlated").mean("trial").dropna("subject").values


def _regret(regrets: xr.Dataset, who: str) -> np.ndarray:
    return regrets["regret"].sel(who=who).dropna("subject").values


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "regret on independent arms, networks − Thompson sampling in the same worlds",
        lambda tables: _regret(tables["independent"], "independent") - _regret(tables["independent"], "thompson"),
        "0: Thompson sampling",
        (None, 0.0),
    ),
    Claim(
        TITLE,
        "regret on independent arms, networks − exact regret of a learner that never explores",
        lambda tables: _regret(tables["independent"], "independent") - myopic_regret()[-1],
        "0: the best that is possible without exploring",
        (None, 0.0),
    ),
    Claim(
        TITLE,
        "regret on .25/.75, networks trained on correlated − on independent arms",
        lambda tables: _regret(tables["quarter"], "correlated") - _regret(tables["quarter"], "independent"),
        "0: the correlation is not used",
        (None, 0.0),
    ),
    Claim(
        TITLE,
        "regret on .25/.75, networks trained on correlated arms − optimum that takes arms as independent",
        lambda tables: _regret(tables["quarter"], "correlated") - _regret(tables["quarter"], "bayes_optimal"),
        "0: the best that is possible without the correlation",
        (None, 0.0),
    ),
    Claim(
        "where networks take the worse arm more often",
        "fraction of choices of the worse arm, .6/.4 − .25/.75, networks trained on correlated arms",
        lambda tables: _worse(tables["hard"]) - _worse(tables["quarter"]),
        "0: as often",
    ),
)
