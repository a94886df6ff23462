"""Control of Harlow's task: a network without recurrence does not know in a trial what the last one brought."""

import dataclasses

from pfc_metarl.experiments import harlow_objects
from pfc_metarl.experiments.harlow_objects_no_reward import control

EXPERIMENT = control(
    "Without recurrence a network trained on Harlow's task stays at chance.",
    # Wang et al. 2018: recurrence is needed; no simulation of this task without it is shown.
    dataclasses.replace(harlow_objects.EXPERIMENT.network, core="feedforward"),
)
