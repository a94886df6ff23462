"""Experiments that are recorded at several times of their training: how behaviour, dopamine and activity develop."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from pfc_metarl.experiments.base import Experiment, Probe
from pfc_metarl.settings import changed

PARTS = (0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7)
"""Fractions of the training after which networks are recorded, besides before and after it; ours."""


def development(
    experiment: Experiment, what: str, probes: Mapping[str, Probe], measures: Any, **changes: Any
) -> Experiment:
    """Return an experiment of which copies of the weights are recorded; its training is the same with the same seed.

    Parameters
    ----------
    experiment : Experiment
    what : str
        What is seen, in words; it ends the claim.
    probes : mapping of Probe
        Conditions in which the networks are recorded before training, after each of `PARTS`, and at its end.
    measures : callable
        Recordings by name -> results by name.
    **changes
        Other fields of the experiment.

    Examples
    --------
    >>> from pfc_metarl.experiments.two_step import EXPERIMENT, choices
    >>> variant = development(EXPERIMENT, "choices", {"test": Probe(episodes=50, only=("policy",))}, choices)
    >>> variant.claim, len(variant.learner.snapshots), variant.probes["test"].snapshots
    ('A control: choices during training.', 7, True)
    """
    return dataclasses.replace(
        experiment,
        claim=f"A control: {what} during training.",
        variant=True,
        learner=changed(experiment.learner, {"snapshots": PARTS}),
        probes={name: dataclasses.replace(probe, untrained=True, snapshots=True) for name, probe in probes.items()},
        measures=measures,
        reference_measures=None,
        causality=None,
        **changes,
    )
