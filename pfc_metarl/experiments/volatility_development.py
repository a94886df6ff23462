"""Development of Simulation 2 of Wang et al. 2018: networks learn first, and adapt the rate of their learning later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pfc_metarl import measures
from pfc_metarl.experiments import volatility
from pfc_metarl.experiments.base import Headline, Probe
from pfc_metarl.experiments.development import development

if TYPE_CHECKING:
    import xarray as xr


def results(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure reward and learning rates at the end of the training."""
    return {
        "reward": measures.reward_per_trial(recordings["stable_first"]),
        "rate": volatility.learning_rates(recordings["stable_first"]),
    }


EXPERIMENT = development(
    volatility.EXPERIMENT,
    "reward, learning rates and the code of volatility",
    {
        order: Probe(
            episodes=100,  # ours
            changes=volatility.EXPERIMENT.probes[order].changes,
            only=("p_reward", "volatile", "policy", "hidden"),
        )
        for order in volatility.ORDERS
    },
    results,
    headlines=(
        Headline(
            label="reward per trial, stable first",
            measure="reward",
            variable="reward_per_trial",
            expected="chance 0.50",
        ),
        Headline(
            label="learning rate, volatile − stable, stable first",
            measure="rate",
            variable="rise",
            expected="above 0",
        ),
    ),
)
