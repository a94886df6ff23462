"""Development of the bandit with anticorrelated arms of Wang et al. 2018, Fig. 1: choices, dopamine and activity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pfc_metarl import measures
from pfc_metarl.experiments import bandit_correlated
from pfc_metarl.experiments.base import Headline, Probe
from pfc_metarl.experiments.development import development

if TYPE_CHECKING:
    import xarray as xr


def results(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure the reward at the end of the training."""
    return {"reward": measures.reward_per_trial(recordings["development"])}


EXPERIMENT = development(
    bandit_correlated.EXPERIMENT,
    "reward, dopamine at the outcome and the code of the better arm",
    {"development": Probe(episodes=100, only=("p_reward", "policy", "rpe", "hidden"))},  # 100: ours
    results,
    headlines=(
        Headline(
            label="reward per trial",
            measure="reward",
            variable="reward_per_trial",
            expected="chance 0.50, optimum 0.738",
        ),
    ),
)
