"""The two-step experiment with a plain recurrent network, without gates, in place of the LSTM."""

import dataclasses

from pfc_metarl.experiments import two_step

EXPERIMENT = dataclasses.replace(
    two_step.EXPERIMENT,
    claim="A recurrent network without gates comes to plan as LSTM units do.",
    network=dataclasses.replace(two_step.EXPERIMENT.network, core="rnn"),
    # Ours, benchmarks/recipe.md: without gates, small steps, and more of them.
    learner=dataclasses.replace(two_step.EXPERIMENT.learner, updates=600, learning_rate=0.005),
)
