"""Simulation 3 of Wang et al. 2018 with the paper's own settings: episodes of five trials, one an update, and slow."""

import dataclasses

from pfc_metarl.experiments import inferred_value
from pfc_metarl.learning.a2c import Learner
from pfc_metarl.tasks import InferredValue

# Five trials: science sheet, 3.3. One reversal in each, after two trials at least, is ours.
TASK = InferredValue(n_trials=5, schedule="once", min_block=2, p_reversal=0.5)

DISCOUNT = 0.9

EXPERIMENT = dataclasses.replace(
    inferred_value.EXPERIMENT,
    claim="The same with the settings of Wang et al. 2018, as far as they are known.",
    task=TASK,
    learner=Learner(
        updates=100_000,  # this and the episodes of five trials: a public replication, science sheet, 3.3
        episodes=1,  # single-threaded: Wang et al. 2018, Methods
        optimiser="rmsprop",  # "Shared RMSProp" in the paper; its epsilon 0.1 and decay 0.99 are from memory
        rmsprop_decay=0.99,
        epsilon=0.1,
        learning_rate=7e-4,  # this and the next three: Wang et al. 2018, Methods, defaults
        discount=DISCOUNT,
        value_cost=0.05,
        entropy_cost=0.05,
        max_gradient_norm=999.0,  # none is mentioned; a public replication of Simulation 4 has this
    ),
    probes=inferred_value.probes(TASK, DISCOUNT, episodes=1200),  # Wang et al. 2018, Fig. 4c
    headlines=inferred_value.headlines(DISCOUNT),
    variant=True,
)
