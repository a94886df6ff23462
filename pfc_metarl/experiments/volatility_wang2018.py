"""Simulation 2 of Wang et al. 2018 with the paper's own learning settings: one episode an update, and a tiny step."""

import dataclasses

from pfc_metarl.experiments import volatility
from pfc_metarl.learning.a2c import Learner

EXPERIMENT = dataclasses.replace(
    volatility.EXPERIMENT,
    claim="The same with the learning settings of Wang et al. 2018, as far as they are known.",
    learner=Learner(
        updates=40_000,  # a public replication, as the discount and the fall of the entropy cost from 1 to 0
        episodes=1,  # single-threaded: Wang et al. 2018, Methods
        optimiser="rmsprop",  # "Shared RMSProp" in the paper; its epsilon 0.1 and decay 0.99 are from memory
        rmsprop_decay=0.99,
        epsilon=0.1,
        learning_rate=5e-5,  # Wang et al. 2018, main text; the replication has 1e-5
        discount=0.1,
        value_cost=0.05,  # Wang et al. 2018, Methods, defaults
        entropy_cost=1.0,
        final_entropy_cost=0.0,
        max_gradient_norm=999.0,  # none is mentioned; a public replication has this
    ),
    variant=True,
)
