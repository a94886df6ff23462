"""Figure W2: networks give up a reward for information, if they explored enough while they learned to.

Wang et al. 2016 (arXiv:1611.05763), section 3.1.4: eleven arms, five trials. Nine arms pay 1, the target pays 5, and
the last pays least, 0.1 to 1, but what it pays names the target. The reward reaches the networks as a one-hot code.
Frozen weights.

a, fraction of episodes in which each kind of arm is pulled, by trial, mean and s.e.m. over networks. b, reward of an
episode, a dot for each network: trained with an entropy cost that falls from 1 to 0, or from 0.2 to 0, the only
difference; algorithms in the same worlds. c, fraction of episodes in which the informative arm is pulled first, against
the reward of an episode, colours as in b. Four of the 32 networks that were trained with less entropy earn as much as
the others. n = 32 networks of each kind, 32 individuals of each algorithm; 300 episodes each.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from pfc_metarl.data.trial_table import trials
from pfc_metarl.measures import reward_per_trial
from pfc_metarl.runs.run import Run

RUN = ("runs/informative_arm", "runs/informative_arm_low_entropy")
WHO = {
    "networks": ("networks,\nentropy 1 to 0", style.NETWORK),
    "low_entropy": ("networks,\nentropy .2 to 0", style.MODEL_FREE),
    "informed_search": ("optimum", style.OPTIMUM),
    "search": ("search without\ninformative arm", style.MODEL_BASED),
    "random": ("chance", style.FAINT),
}
ARMS = {"informative": style.OPTIMUM, "target": style.NETWORK, "other": style.FAINT}


def tables(run: Run, low_entropy: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of the two experiments."""
    recordings = {"networks": run.recording("test"), "low_entropy": low_entropy.recording("test")}
    recordings |= {name: run.recording(f"test_{name}") for name in WHO if name not in recordings}
    found = {name: pulls(trials(recording)) for name, recording in recordings.items()}
    return {"pulls": style.stacked(found, "who")}


def pulls(table: pd.DataFrame) -> xr.Dataset:
    """Return the fraction of pulls of each kind of arm by trial, and the reward of an episode.

    Returns
    -------
    Dataset, dims (subject, trial)
        ``informative``, ``target``, ``other``; ``reward(subject)``.
    """
    choice, informative = table["choice1"], sum(str(name).startswith("payoff_") for name in table) - 1
    is_target = choice == table["target"]
    kinds = {"informative": choice == informative, "target": is_target, "other": ~is_target & (choice != informative)}
    per_trial = table.assign(**kinds).groupby(["subject", "trial"])[list(kinds)].mean()
    n_trials = table["trial"].max() + 1
    reward = reward_per_trial(table)["reward_per_trial"] * n_trials
    return per_trial.to_xarray().assign(reward=reward)


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1, "b": 1.4, "c": 1}], height=65)
    found = tables["pulls"]
    draw_pulls(found.sel(who="networks"), ax=axes["a"])
    draw_rewards(found["reward"], ax=axes["b"])
    draw_first(found, ax=axes["c"])
    return made


def draw_pulls(found: xr.Dataset, ax: Axes) -> Axes:
    """Draw which kind of arm is pulled, against trials."""
    for name, color in ARMS.items():
        mean, sem, n = style.mean_sem(found[name])
        ax.errorbar(mean["trial"] + 1, mean, sem, color=color, marker="o", markersize=3, label=f"{name} arm")
    ax.set(xlabel="trial", ylabel="fraction of pulls", ylim=(-0.03, 1.03), title=f"n = {n} networks")
    ax.legend(loc="center right")
    return ax


def draw_rewards(reward: xr.DataArray, ax: Axes) -> Axes:
    """Draw the reward of an episode, a dot for each subject."""
    for place, (name, (_, color)) in enumerate(WHO.items()):
        own = reward.sel(who=name).dropna("subject")
        ax.plot(place + style.jittered(own.size, 0.5), np.sort(own), ".", color=color, markersize=3)
        ax.text(place, float(own.max()) + 0.5, f"{float(own.mean()):.2f}", ha="center", fontsize=6)
    ax.set_xticks(range(len(WHO)), [label for label, _ in WHO.values()], rotation=30, ha="right", fontsize=6)
    ax.set(ylabel="reward of an episode", ylim=(5, 22.5))
    return ax


def draw_first(found: xr.Dataset, ax: Axes) -> Axes:
    """Draw how often the informative arm comes first, against the reward of an episode."""
    for name, (label, color) in WHO.items():
        own = found.sel(who=name)
        ax.plot(own["informative"].isel(trial=0), own["reward"], ".", color=color, label=label.replace("\n", " "))
    ax.set(xlabel="informative arm pulled first", ylabel="reward of an episode", xlim=(-0.05, 1.05), ylim=(5, 22.5))
    return ax


def _first(tables: Mapping[str, xr.Dataset], who: str) -> np.ndarray:
    return tables["pulls"]["informative"].sel(who=who).isel(trial=0).values


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "informative arm in the first trial, trained with a high − with a low entropy cost",
        lambda tables: _first(tables, "networks") - _first(tables, "low_entropy"),
        "0: exploration in training makes no difference",
    ),
    Claim(
        TITLE,
        "informative arm in the first trial",
        lambda tables: _first(tables, "networks"),
        "0.95 or less; a search never pulls it first",
        (0.95, None),
    ),
)
