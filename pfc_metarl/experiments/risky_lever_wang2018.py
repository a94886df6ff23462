"""Simulation 6 of Wang et al. 2018 with the paper's own learning settings, as far as they are known.

It was not run: it would take about an hour.
"""

import dataclasses

from pfc_metarl.experiments import risky_lever
from pfc_metarl.learning.a2c import Learner
from pfc_metarl.tasks import RiskyLever

EXPERIMENT = dataclasses.replace(
    risky_lever.EXPERIMENT,
    claim="The same with the learning settings of Wang et al. 2018, as far as they are known.",
    variant=True,
    task=RiskyLever(n_trials=30, n_forced=5, p_risky=(0.125, 0.5)),  # the safe arm pays 1 in training too
    learner=Learner(
        updates=66_700,  # 4e6 steps of 60 an episode: a public replication, science sheet 3.6
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
)
