"""Eleven arms of Wang et al. 2016: a gain is given up for information about the other arms."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pfc_metarl import data, measures
from pfc_metarl.experiments.base import Experiment, Headline, Probe
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_INFORMATIVE_ARM
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import changed
from pfc_metarl.tasks import InformativeArm

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def results(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure the reward of an episode, and how often the informative arm is pulled first."""
    test = recordings["test"]
    table = data.trials(test)
    per_trial = measures.reward_per_trial(table)
    per_episode = per_trial["reward_per_trial"] * (table["trial"].max() + 1)
    return {
        "reward": per_trial.assign(reward_per_episode=per_episode),
        "first": pulled_first(table, arm=test.sizes["option"] - 1),
    }


def pulled_first(table: pd.DataFrame, arm: int) -> xr.Dataset:
    """Return the fraction of episodes of each subject in which an arm is pulled in the first trial, ``p_first``."""
    first = table[table["trial"] == 0]
    is_arm = first.assign(reward=(first["choice1"] == arm).astype(float))
    return measures.reward_per_trial(is_arm)[["reward_per_trial"]].rename(reward_per_trial="p_first")


AGENTS = {"optimum": "informed_search", "search": "search", "chance": "random"}

TASK = InformativeArm(n_trials=5, show_trial=True)
"""Payoffs and five trials: Wang et al. 2016, section 3.1.4. The trial is shown as in their section 3.1.2."""

EXPERIMENT = Experiment(
    claim="With frozen weights, a network first pulls the arm that pays least, which shows the one that pays most.",
    task=TASK,
    # LSTM units, and the reward as a one-hot code: Wang et al. 2016.
    network=Network(core="lstm", units=48, reward_codes=TASK.reward_values),
    # Ours: benchmarks/recipe.md. Networks that explore less settle on a search without the informative arm.
    learner=A2C(
        updates=2000,
        episodes=64,
        optimiser="adam",
        initial_learning_rate=0.02,
        final_learning_rate=4e-4,
        discount=0.9,
        value_cost=0.05,
        initial_entropy_cost=1.0,
        final_entropy_cost=0.0,
        max_gradient_norm=2.0,
    ),
    networks=32,  # ours
    probes={
        "test": Probe(
            episodes=300,
            only=("policy", "value", "rpe", "hidden", "target"),
            reference_agents=REFERENCE_AGENTS_INFORMATIVE_ARM,
        )
    },
    measures=results,
    # The optimum, and the search without the informative arm: Wang et al. 2016; 20.4 is beyond any other policy.
    headlines=(
        Headline(
            label="reward per episode",
            measure="reward",
            variable="reward_per_episode",
            expected="optimum 20.55, search without the informative arm 11.0, chance 6.6",
            criterion=(20.4, None),
            reference=AGENTS,
            null=("search",),
            criterion_between=("search", "optimum", 0.98),
        ),
        Headline(
            label="informative arm first",
            measure="first",
            variable="p_first",
            expected="optimum 1, search 0, chance 0.09",
            criterion=(0.95, None),
            reference=AGENTS,
            null=("search",),
            criterion_between=("search", "optimum", 0.95),
        ),
    ),
)

VARIANTS = {
    "informative_arm_low_entropy": dataclasses.replace(
        EXPERIMENT,
        claim="A control: networks that explore less in training.",
        learner=changed(EXPERIMENT.learner, {"initial_entropy_cost": 0.2}),
        headlines=tuple(dataclasses.replace(headline, criterion=None) for headline in EXPERIMENT.headlines),
    ),
}
