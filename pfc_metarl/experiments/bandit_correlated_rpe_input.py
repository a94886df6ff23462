"""The introductory bandit with dopamine as an input: the architecture of Simulation 6 of Wang et al. does it too."""

import dataclasses

from pfc_metarl.experiments import bandit_correlated
from pfc_metarl.networks.network import Network

EXPERIMENT = dataclasses.replace(
    bandit_correlated.EXPERIMENT,
    claim="The same with an actor that is told its prediction error instead of its reward, by a critic of its own.",
    variant=True,
    network=Network(core="lstm", units=48, critic="separate"),  # Wang et al. 2018, Methods; the original has GRU units
)
