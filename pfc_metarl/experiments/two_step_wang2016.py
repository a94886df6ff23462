"""The two-step task of Wang et al. 2016: ten trials, and the good state stays for the episode."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pfc_metarl import data, measures
from pfc_metarl.agents import agent_of
from pfc_metarl.experiments import two_step
from pfc_metarl.experiments.base import Experiment, Headline, Probe
from pfc_metarl.models import LatentState
from pfc_metarl.settings import changed
from pfc_metarl.tasks import TwoStep

if TYPE_CHECKING:
    import xarray as xr

N_TRIALS = 10
MARGIN = 0.1
"""Largest difference from the ideal observer's stay probability that counts as none."""


def results(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure reward, and stay probabilities by trial; ``stay_2`` is that from the first trial to the second."""
    table = data.trials(recordings["test"])
    stays = {
        f"stay_{trial + 1}": measures.stay_probability(table[table["trial"].between(trial - 1, trial)])
        for trial in range(1, N_TRIALS)
    }
    return {"reward": measures.reward_per_trial(table), "stay": measures.stay_probability(table), **stays}


def _stay(outcome: str, transition: str, expected: float) -> Headline:
    return Headline(
        label=f"stay after {transition}, {outcome}, trial 1 to 2",
        measure="stay_2",
        variable="stay_probability",
        at={"outcome": outcome, "transition": transition},
        expected=f"ideal observer {expected:.2f}",
        criterion=(expected - MARGIN, expected + MARGIN),
        reference={"ideal observer": "latent_state"},
    )


TASK = TwoStep(n_trials=N_TRIALS, p_common=0.75, p_reward_good=0.9, p_reward_bad=0.1, p_reversal=0.0)
"""Wang et al. 2016, section 3.2.1; ten trials as in a public replication."""

EXPERIMENT = dataclasses.replace(
    two_step.EXPERIMENT,
    claim="In the task of Wang et al. 2016 one outcome tells a network, like an ideal observer, which state pays.",
    task=TASK,
    # Ours: the recipe of two_step with as many trials in an update, and an entropy cost that falls to 0: see
    # benchmarks/recipe.md.
    learner=changed(two_step.EXPERIMENT.learner, {"episodes": 160, "final_entropy_cost": 0.0}),
    probes={
        "test": Probe(
            episodes=1000,
            only=("policy", "value", "rpe", "good_state"),
            reference_agents={
                **two_step.EXPERIMENT.probes["test"].reference_agents,
                "latent_state": agent_of(LatentState(p_common=0.75, p_reversal=0.0), TASK),
            },
            untrained=True,
        )
    },
    measures=results,
    reference_measures=None,
    headlines=(
        Headline(
            label="reward per trial",
            measure="reward",
            variable="reward_per_trial",
            expected="ideal observer 0.669, known state 0.70, chance 0.50",
            criterion=(0.65, None),
            reference={"ideal observer": "latent_state", "chance": "random"},
            criterion_between=("chance", "ideal observer", 0.9),
            null=("model_free", "win_stay_lose_shift"),
        ),
        _stay("rewarded", "common", 1.0),
        _stay("rewarded", "rare", 0.0),
        _stay("unrewarded", "common", 0.0),
        _stay("unrewarded", "rare", 1.0),
    ),
    causality=None,
)


VARIANTS: dict[str, Experiment] = {
    # Wang et al. 2016, section 3.2.1: chance when the reward is withheld.
    "two_step_wang2016_no_reward": dataclasses.replace(
        EXPERIMENT,
        claim="Without the reward as an input the network stays at chance in the task of Wang et al. 2016.",
        network=changed(EXPERIMENT.network, {"inputs": ("observation", "previous_action")}),
        probes={"test": Probe(episodes=1000, only=("policy",))},
        headlines=(
            Headline(
                label="reward per trial",
                measure="reward",
                variable="reward_per_trial",
                expected="chance 0.50",
                criterion=(0.49, 0.51),  # equivalence; ours: a sixteenth of the way from chance to the ideal observer
            ),
        ),
    ),
}
