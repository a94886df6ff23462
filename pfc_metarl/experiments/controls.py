"""Controls of an experiment: networks that lack an input, memory or gates, and weights that go on learning."""

import dataclasses
from typing import Any

from pfc_metarl.experiments.base import Experiment, Headline, Probe
from pfc_metarl.settings import changed

CONTROLS: dict[str, tuple[str, dict[str, Any]]] = {
    "feedforward": ("without recurrence", {"core": "feedforward"}),
    "no_reward": ("without the reward as an input", {"inputs": ("observation", "previous_action")}),
    "no_action": ("without the action as an input", {"inputs": ("observation", "previous_reward")}),
    "rnn": ("without gates", {"core": "rnn"}),
    "gru": ("with gated recurrent units", {"core": "gru"}),
    "lstm": ("with LSTM units", {"core": "lstm"}),
    "plastic": ("with weights that go on learning in the test", {}),
}
"""Control -> what it is, and the settings of the network that differ.

The control `plastic` differs in the test alone, so that a copy of the run of its experiment needs no other training.
"""


def controls(
    name: str, experiment: Experiment, headline: Headline, measures: Any, wanted: tuple[str, ...], variant: bool = False
) -> dict[str, Experiment]:
    """Return controls of an experiment, by their names.

    Parameters
    ----------
    name : str
        Of the experiment.
    experiment : Experiment
    headline : Headline
        What is compared; without a criterion, since what a control reaches is a finding.
    measures : callable
        Recordings by name -> results by name, of the probe ``test`` alone.
    wanted : tuple of str
        Names of `CONTROLS`.
    variant : bool
        Whether ``simulate --all`` leaves them out.
    """
    found = {}
    for control in wanted:
        what, settings = CONTROLS[control]
        changes, plastic = experiment.probes["test"].changes, control == "plastic"
        probe = Probe(episodes=300, changes=changes, only=("policy",), plastic=plastic)
        found[f"{name}_{control}"] = dataclasses.replace(
            experiment,
            claim=f"A control: the network {what}, trained with the same settings.",
            network=changed(experiment.network, settings),
            learner=experiment.learner if plastic else changed(experiment.learner, {"snapshots": ()}),
            probes={"test": probe},
            measures=measures,
            reference_measures=None,
            headlines=(dataclasses.replace(headline, criterion=None),),
            causality=None,
            variant=variant,
        )
    return found
