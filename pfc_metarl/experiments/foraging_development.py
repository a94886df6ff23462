"""Development of Simulation 1 of Wang et al. 2018: reward, matching, dopamine and activity during training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pfc_metarl import measures
from pfc_metarl.experiments import foraging
from pfc_metarl.experiments.base import Headline, Probe
from pfc_metarl.experiments.development import development

if TYPE_CHECKING:
    import xarray as xr


def results(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure reward and matching at the end of the training."""
    made = recordings["development"]
    return {"reward": measures.reward_per_trial(made), "matching": measures.matching(made)}


EXPERIMENT = development(
    foraging.EXPERIMENT,
    "reward, matching, dopamine at the outcome and the code of the richer target",
    {
        "development": Probe(
            episodes=100,  # ours
            changes=foraging.EXPERIMENT.probes["test"].changes,
            only=("p_base", "p_reward", "policy", "rpe", "hidden"),
        )
    },
    results,
    headlines=(
        Headline(
            label="reward per trial",
            measure="reward",
            variable="reward_per_trial",
            expected="chance 0.376, ideal observer 0.445",
        ),
        Headline(label="matching slope", measure="matching", variable="slope", expected="ideal observer 0.87"),
    ),
)
