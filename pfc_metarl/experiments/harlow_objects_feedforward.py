"""Harlow's task for networks without memory: the control of `harlow_objects`."""

import dataclasses

from pfc_metarl.experiments import harlow_objects
from pfc_metarl.experiments.base import Headline

_EXPECTED = {"new": "chance 0.50", "second": "chance 0.50, by side or object"}


def _as_control(headline: Headline) -> Headline:
    return dataclasses.replace(headline, expected=_EXPECTED.get(headline.measure, headline.expected), criterion=None)


EXPERIMENT = dataclasses.replace(
    harlow_objects.EXPERIMENT,
    claim="Without recurrence a network trained in the same way stays at chance.",
    network=dataclasses.replace(harlow_objects.EXPERIMENT.network, core="feedforward"),
    headlines=tuple(_as_control(headline) for headline in harlow_objects.HEADLINES),
)
