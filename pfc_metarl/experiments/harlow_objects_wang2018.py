"""Harlow's task with objects and the learning settings of Wang et al. 2018, as far as they are known.

Not run to its end: with 256 units and small steps it takes hours. See benchmarks/recipe.md for what learns in minutes.
"""

import dataclasses

from pfc_metarl.experiments import harlow_objects
from pfc_metarl.learning.a2c import Learner
from pfc_metarl.networks.network import Network

EXPERIMENT = dataclasses.replace(
    harlow_objects.EXPERIMENT,
    claim="The same with the network and the learning settings of Wang et al. 2018, as far as they are known.",
    network=Network(core="lstm", units=256, learned_initial_state=False),  # Wang et al. 2018, Methods
    learner=Learner(
        updates=10_000,  # ours
        episodes=32,  # 32 threads: Wang et al. 2018, Methods; they acted one by one (A3C), here they act together
        optimiser="rmsprop",  # "Shared RMSProp" in the paper; its epsilon and decay are from memory
        rmsprop_decay=0.99,
        epsilon=0.1,
        learning_rate=7.5e-4,  # this and the next three: a public replication of Wang et al. 2016, 3.2.2
        discount=0.91,
        value_cost=0.4,
        entropy_cost=0.001,
        max_gradient_norm=999.0,  # none is mentioned
        stages=harlow_objects.STAGES,
    ),
    variant=True,
)
