"""Control of Simulation 4: a network that is not told its reward cannot learn within an episode."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pfc_metarl import measures
from pfc_metarl.experiments import two_step
from pfc_metarl.experiments.base import Experiment, Headline, Probe
from pfc_metarl.networks.network import Network

if TYPE_CHECKING:
    import xarray as xr


def results(recordings: "Mapping[str, xr.Dataset]") -> "dict[str, xr.Dataset]":
    """Measure choices; dopamine has no learner to be compared with."""
    from pfc_metarl.data.trial_table import trials

    table = trials(recordings["test"])
    return {
        "reward": measures.reward_per_trial(table),
        "stay": measures.stay_probability(table),
        "lags": measures.lagged_regression(table),
    }


def control(claim: str, network: Network) -> Experiment:
    """Return the experiment two_step with another network, recorded without animals."""
    headlines = (
        Headline(
            label="reward per trial",
            measure="reward",
            variable="reward_per_trial",
            expected="chance 0.50",
            criterion=(None, 0.55),  # ours: a quarter of the way from chance to the optimum
        ),
        Headline(label="planning index", measure="lags", variable="planning_index", expected="near 0"),
    )
    return dataclasses.replace(
        two_step.EXPERIMENT,
        claim=claim,
        network=network,
        probes={"test": Probe(episodes=300, only=("policy",))},
        measures=results,
        headlines=headlines,
    )


EXPERIMENT = control(
    "Without the reward as an input the network stays at chance.",
    # Wang et al. 2016, section 3.2.1: chance when reward input is withheld.
    dataclasses.replace(two_step.EXPERIMENT.network, inputs=("observation", "previous_action")),
)
