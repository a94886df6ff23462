"""Control of Harlow's task: a network that is not told its reward cannot learn which object brings it."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pfc_metarl import measures
from pfc_metarl.experiments import harlow_objects
from pfc_metarl.experiments.base import Experiment, Headline, Probe
from pfc_metarl.networks.network import Network

if TYPE_CHECKING:
    import xarray as xr


def results(recordings: "Mapping[str, xr.Dataset]") -> "dict[str, xr.Dataset]":
    """Measure what the networks know of a new problem after each of its trials."""
    return {"new": measures.intraproblem_learning(recordings["test"])}


def control(claim: str, network: Network) -> Experiment:
    """Return the experiment harlow_objects with another network, tested on new objects only."""
    headline = Headline(
        label="correct in trials 2 to 6, new objects",
        measure="new",
        variable="p_correct_later",
        expected="chance 0.50",
        criterion=(0.4, 0.6),  # as for the first trial of harlow_objects
    )
    learner = dataclasses.replace(harlow_objects.EXPERIMENT.learner, stages=())
    return dataclasses.replace(
        harlow_objects.EXPERIMENT,
        claim=claim,
        network=network,
        learner=learner,
        probes={"test": Probe(episodes=300, changes={"drawn_from": "held_out_set"}, only=("policy",))},
        measures=results,
        headlines=(headline,),
    )


EXPERIMENT = control(
    "Without the reward as an input a network trained on Harlow's task stays at chance.",
    # Wang et al. 2016 report chance without it in their bandits and the two-step task; not for Harlow's task.
    dataclasses.replace(harlow_objects.EXPERIMENT.network, inputs=("observation", "previous_action")),
)
