"""Simulation 1 of Wang et al. 2018 with the learning settings of the paper and its replications: one episode an update.

Its networks earn as much as those of the experiment foraging, and undermatch: benchmarks/recipe.md.
"""

import dataclasses

from pfc_metarl.experiments import foraging
from pfc_metarl.learning.a2c import Learner
from pfc_metarl.networks.network import Network

EXPERIMENT = dataclasses.replace(
    foraging.EXPERIMENT,
    claim="The same with the learning settings of Wang et al. 2018, as far as they are known.",
    variant=True,
    network=Network(core="lstm", units=48),  # Wang et al. 2018, Methods
    learner=Learner(
        updates=30_000,  # episodes of a public replication; another has 15,000 to 20,000
        episodes=1,  # single-threaded: Wang et al. 2018, Methods
        optimiser="rmsprop",  # "Shared RMSProp" in the paper; its epsilon 0.1 and decay 0.99 are from memory
        rmsprop_decay=0.99,
        epsilon=0.1,
        learning_rate=7e-4,  # this, and the costs: Wang et al. 2018, Methods, defaults
        discount=0.75,  # a public replication; the paper's default is 0.9
        value_cost=0.05,
        entropy_cost=0.05,
        max_gradient_norm=999.0,  # none is mentioned; a public replication has this
    ),
)
