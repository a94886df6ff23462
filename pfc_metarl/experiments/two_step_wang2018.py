"""Simulation 4 of Wang et al. 2018 with the paper's own learning settings: one episode an update, and slow.

Seven of eight networks had the effect after 40,000 episodes, none after 10,000: see benchmarks/recipe.md.
"""

import dataclasses

from pfc_metarl.experiments import two_step
from pfc_metarl.learning.a2c import Learner

EXPERIMENT = dataclasses.replace(
    two_step.EXPERIMENT,
    claim="The same with the learning settings of Wang et al. 2018, as far as they are known.",
    learner=Learner(
        updates=40_000,  # ours: with the 10,000 of two public replications no network leaves chance
        episodes=1,  # single-threaded: Wang et al. 2018, Methods
        optimiser="rmsprop",  # "Shared RMSProp" in the paper; its epsilon 0.1 and decay 0.99 are from memory
        rmsprop_decay=0.99,
        epsilon=0.1,
        learning_rate=7e-4,  # this and the next three: Wang et al. 2018, Methods, defaults
        discount=0.9,
        value_cost=0.05,
        entropy_cost=0.05,
        max_gradient_norm=999.0,  # none is mentioned; a public replication has this
    ),
    variant=True,
)
