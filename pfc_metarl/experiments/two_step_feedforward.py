"""Control of Simulation 4: a network without recurrence cannot learn within an episode."""

import dataclasses

from pfc_metarl.experiments import two_step
from pfc_metarl.experiments.two_step_no_reward import control

EXPERIMENT = control(
    "Without recurrence the network stays near chance.",
    # Wang et al. 2018: recurrence is needed. The last reward is still an input, but not where it came from.
    dataclasses.replace(two_step.EXPERIMENT.network, core="feedforward"),
)
