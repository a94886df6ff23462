"""Figure W4: a single outcome tells the network which state pays.

Wang et al. 2016 (arXiv:1611.05763), section 3.2.1: the two-step task with transitions of .75 and .25, ten trials, and a
good state that stays for the episode. Frozen weights.

a, probability of repeating the first-stage choice of the first trial in the second, by what the first trial brought:
networks, and an ideal observer (a Bayes filter over which state is good) in the same worlds. b, the same of all trials;
later in an episode one outcome no longer decides. c, the same by trial; dotted, ideal observer. d, reward per trial, a
dot for each subject; the same networks before training, and networks trained without the reward as an input. n = 8
networks and 8 individuals, 1000 episodes each. Dots in a and b are single networks, error bars s.e.m.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from pfc_metarl.data.trial_table import trials
from pfc_metarl.measures import reward_per_trial, stay_probability
from pfc_metarl.runs.run import Run

RUN = ("runs/two_step_wang2016", "runs/two_step_wang2016_no_reward")
GROUPS = {
    ("rewarded", "common"): ("rewarded\ncommon", style.REWARDED, "-"),
    ("rewarded", "rare"): ("rewarded\nrare", style.REWARDED, "--"),
    ("unrewarded", "common"): ("unrewarded\ncommon", style.UNREWARDED, "-"),
    ("unrewarded", "rare"): ("unrewarded\nrare", style.UNREWARDED, "--"),
}
"""Outcome and transition of the trial before -> label, colour and line."""

REWARDS = {
    "networks": ("networks", style.NETWORK),
    "latent_state": ("ideal\nobserver", style.OPTIMUM),
    "untrained": ("untrained", style.FAINT),
    "no_reward": ("no reward\ninput", style.FAINT),
}


def tables(run: Run, no_reward: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of the experiment two_step_wang2016 and of its control."""
    recordings = {
        "networks": run.recording("test"),
        "latent_state": run.recording("test_latent_state"),
        "untrained": run.recording("test_untrained"),
        "no_reward": no_reward.recording("test"),
    }
    found = {who: trials(recording) for who, recording in recordings.items()}
    stays = {who: by_trial(found[who]) for who in ("networks", "latent_state")}
    overall = {who: stay_probability(found[who])[["stay_probability"]] for who in stays}
    reward = {who: reward_per_trial(table)[["reward_per_trial"]] for who, table in found.items()}
    return {
        "by_trial": style.stacked(stays, "who"),
        "overall": style.stacked(overall, "who"),
        "reward": style.stacked(reward, "who"),
    }


def by_trial(table: xr.Dataset) -> xr.Dataset:
    """Return the stay probability of each trial but the first, which is trial 1."""
    found = []
    numbers = range(1, int(table["trial"].max()) + 1)
    for trial in numbers:
        pair = table[table["trial"].between(trial - 1, trial)]
        found.append(stay_probability(pair)[["stay_probability"]])
    return xr.concat(found, xr.IndexVariable("trial", [trial + 1 for trial in numbers]))


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1.1, "b": 1.1, "c": 1.2, "d": 0.9}], height=65)
    by_trial = tables["by_trial"]["stay_probability"]
    draw_stay(by_trial.sel(trial=2), "trial 1 to 2", ax=axes["a"])
    draw_stay(tables["overall"]["stay_probability"], "all trials", ax=axes["b"])
    draw_by_trial(by_trial, ax=axes["c"])
    draw_rewards(tables["reward"]["reward_per_trial"], ax=axes["d"])
    return made


def draw_stay(stay: xr.DataArray, title: str, ax: Axes) -> Axes:
    """Draw stay probabilities of the networks as bars, and of the ideal observer as lines."""
    for place, ((outcome, transition), (_, color, line)) in enumerate(GROUPS.items()):
        own = stay.sel(outcome=outcome, transition=transition)
        mean, sem, _ = style.mean_sem(own.sel(who="networks"))
        ax.bar(place, mean, 0.65, color=color if line == "-" else "white", edgecolor=color)
        ax.errorbar(place, mean, sem, color="black", linewidth=0.8)
        dots = own.sel(who="networks").dropna("subject")
        ax.plot(place + style.jittered(dots.size, 0.4), dots, ".", color=style.FAINT, markersize=2)
        ideal = float(own.sel(who="latent_state").mean())
        label = "ideal observer" if place == 0 else None
        ax.plot([place - 0.4, place + 0.4], [ideal, ideal], color=style.OPTIMUM, linewidth=1.5, label=label)
    ax.set_xticks(range(len(GROUPS)), [label for label, _, _ in GROUPS.values()], rotation=35, ha="right")
    ax.set(ylabel="stay probability", ylim=(-0.02, 1.12), title=title)
    ax.legend(loc="upper center")
    return ax


def draw_by_trial(stay: xr.DataArray, ax: Axes) -> Axes:
    """Draw stay probabilities against trials; the ideal observer dotted."""
    for (outcome, transition), (label, color, line) in GROUPS.items():
        own = stay.sel(outcome=outcome, transition=transition)
        mean, sem, _ = style.mean_sem(own.sel(who="networks"))
        text = label.replace("\n", ", ")
        ax.errorbar(mean["trial"], mean, sem, color=color, linestyle=line, marker=".", markersize=3, label=text)
        ideal, _, _ = style.mean_sem(own.sel(who="latent_state"))
        ax.plot(ideal["trial"], ideal, color=color, linestyle=":", linewidth=0.8)
    ax.set(xlabel="trial", ylabel="stay probability", ylim=(-0.02, 1.02), xticks=np.arange(2, 11, 2))
    ax.legend(loc="lower right", labelspacing=0.2)
    return ax


def draw_rewards(reward: xr.DataArray, ax: Axes) -> Axes:
    """Draw the reward per trial, a dot for each subject."""
    for place, (who, (_, color)) in enumerate(REWARDS.items()):
        own = reward.sel(who=who).dropna("subject")
        ax.plot(place + style.jittered(own.size, 0.5), own, ".", color=color, markersize=3)
        ax.plot([place - 0.3, place + 0.3], [float(own.mean())] * 2, color=color)
    ax.axhline(0.5, color="black", linestyle=":", linewidth=0.6)
    ax.set_xticks(range(len(REWARDS)), [label for label, _ in REWARDS.values()], rotation=35, ha="right")
    ax.set(ylabel="reward per trial", ylim=(0.47, 0.7))
    return ax


def _one_trial(tables: Mapping[str, xr.Dataset]) -> np.ndarray:
    """Return stay probabilities where the ideal observer stays − those where it shifts."""
    stay = tables["by_trial"]["stay_probability"].sel(who="networks", trial=2)
    common, rare = (stay.sel(transition=name) for name in ("common", "rare"))
    interaction = (common - rare).sel(outcome="rewarded") - (common - rare).sel(outcome="unrewarded")
    return (interaction / 2).values


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "effect of reward x transition on staying, trial 1 to 2, mean over conditions",
        _one_trial,
        "0.8 or less: four fifths of the ideal observer's, which is 1",
        (0.8, None),
    ),
)
