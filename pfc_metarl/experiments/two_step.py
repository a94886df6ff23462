"""Simulation 4 of Wang et al. 2018 with a fast recipe: model-based behaviour out of model-free learning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pfc_metarl import measures
from pfc_metarl.agents import ANIMALS
from pfc_metarl.experiments.base import Causality, Cause, Experiment, Headline, Probe
from pfc_metarl.learning.a2c import Learner
from pfc_metarl.networks.network import Network
from pfc_metarl.tasks import TwoStep

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def results(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure the networks' test behaviour and dopamine."""
    from pfc_metarl.data.trial_table import trials

    test = recordings["test"]
    table = trials(test)
    return {
        "reward": measures.reward_per_trial(table),
        "stay": measures.stay_probability(table),
        "regression": measures.stay_regression(table),
        "lags": measures.lagged_regression(table),
        "rpe": measures.rpe_regression(test),
    }


def behaviour(table: pd.DataFrame) -> xr.Dataset:
    """Measure what the networks earn, and how they plan."""
    lags = measures.lagged_regression(table)[["planning_index", "model_free_index"]]
    return lags.assign(reward_per_trial=measures.reward_per_trial(table)["reward_per_trial"])


def _stay(outcome: str, transition: str, expected: str) -> Headline:
    return Headline(
        label=f"stay after {transition}, {outcome}",
        measure="stay",
        variable="stay_probability",
        at={"outcome": outcome, "transition": transition},
        expected=expected,
    )


def _rpe(kind: str, learner: str, expected: str) -> Headline:
    return Headline(
        label=f"{kind.replace('_', ' ')} of RPE with {learner} learner".replace("r squared", "r²"),
        measure="rpe",
        variable=kind,
        at={"stage": "second-stage onset", "learner": learner.replace("-", "_")},
        expected=expected,
    )


HEADLINES = (
    Headline(
        label="reward per trial",
        measure="reward",
        variable="reward_per_trial",
        expected="chance 0.50, model-free 0.64, optimum 0.707",
        criterion=(0.68, None),  # science sheet, section 7
    ),
    _stay("rewarded", "common", "optimum 1.00"),
    _stay("rewarded", "rare", "optimum 0.67"),
    _stay("unrewarded", "common", "optimum 0.67"),
    _stay("unrewarded", "rare", "optimum 1.00"),
    Headline(
        label="planning index",
        measure="lags",
        variable="planning_index",
        expected="far above 0 (model-free learner 0.5)",
    ),
    Headline(
        label="planning weight two trials back",
        measure="lags",
        variable="planning_weight",
        at={"lag": 2},
        expected="ideal observer 6.9, model-based 2.2, habits cued by the last trial 0",
        criterion=(1.1, None),  # ours: half of the model-based learner's
    ),
    Headline(
        label="model-free index",
        measure="lags",
        variable="model_free_index",
        expected="near 0 (model-free learner 9.7)",
    ),
    _rpe("r_squared", "model-based", "paper: 0.89"),
    _rpe("partial_r_squared", "model-based", "far above the next"),
    _rpe("partial_r_squared", "model-free", "near 0 (paper: r² 6e-7)"),
)

EXPERIMENT = Experiment(
    claim="A network trained by model-free dopamine comes to choose, and to be surprised, like a planner.",
    # Transitions and rewards: Wang et al. 2018, Fig. 5a, and three public replications that agree.
    task=TwoStep(n_trials=100, p_common=0.8, p_reward_good=0.9, p_reward_bad=0.1, p_reversal=0.025),
    # 48 LSTM units, learned initial state: Wang et al. 2018, Methods.
    network=Network(core="lstm", units=48),
    # Ours, by the search of benchmarks/recipe.md; the paper's are in two_step_wang2018.
    learner=Learner(
        updates=300,
        episodes=16,
        optimiser="adam",
        learning_rate=0.04,
        final_learning_rate=0.1,
        discount=0.6,
        value_cost=0.05,
        entropy_cost=0.05,
        max_gradient_norm=1.0,
    ),
    networks=8,  # Wang et al. 2018
    probes={
        "test": Probe(
            episodes=300,  # two public replications of Wang et al. 2018
            yoked={name: ANIMALS[name] for name in ("model_based", "model_free", "latent_state", "extended_state")},
            animals=ANIMALS,
            untrained=True,
        )
    },
    measures=results,
    headlines=HEADLINES,
    causality=Causality(
        causes={"good state": Cause(variable="good_state", effect="reward_per_trial")}, behaviour=behaviour
    ),
)
