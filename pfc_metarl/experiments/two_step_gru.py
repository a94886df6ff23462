"""The two-step experiment with gated recurrent units (Cho et al. 2014, arXiv:1406.1078) in place of the LSTM."""

import dataclasses

from pfc_metarl.experiments import two_step

EXPERIMENT = dataclasses.replace(
    two_step.EXPERIMENT,
    claim="Gated recurrent units come to plan as LSTM units do.",
    network=dataclasses.replace(two_step.EXPERIMENT.network, core="gru"),
)
