"""Simulation 4 of Wang et al. 2018 with dopamine as an input: the architecture of Simulation 6 does it too."""

import dataclasses

from pfc_metarl.experiments import two_step
from pfc_metarl.networks.network import Network

EXPERIMENT = dataclasses.replace(
    two_step.EXPERIMENT,
    claim="The same with an actor that is told its prediction error instead of its reward, by a critic of its own.",
    variant=True,
    network=Network(core="lstm", units=48, critic="separate"),  # Wang et al. 2018, Methods
    # Ours: smaller steps, and more of them; at two_step's rate some gradients explode: benchmarks/recipe.md.
    learner=dataclasses.replace(two_step.EXPERIMENT.learner, updates=450, learning_rate=0.02),
)
