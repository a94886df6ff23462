"""Earlier simulations on the architecture of Simulation 6: the actor's input is dopamine instead of the reward."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from pfc_metarl.experiments.base import Experiment
from pfc_metarl.settings import changed


def with_rpe_input(experiment: Experiment, learner: Mapping[str, Any] | None = None, **changes: Any) -> Experiment:
    """Return an experiment with the architecture of Wang et al. 2018, Simulation 6.

    The critic is a network of its own. Its reward-prediction error is an input of the actor, which does not see the
    reward. The criteria are those of the experiment, so that "reproduced" means the same for both architectures.

    Parameters
    ----------
    experiment : Experiment
    learner : mapping, optional
        Settings of the learner that differ.
    **changes
        Fields of the experiment that differ, such as probes with fewer variables.

    Examples
    --------
    >>> from pfc_metarl.experiments.two_step import EXPERIMENT
    >>> variant = with_rpe_input(EXPERIMENT, {"updates": 450})
    >>> variant.network.has_rpe_input, variant.learner.updates, variant.headlines == EXPERIMENT.headlines
    (True, 450, True)
    """
    return dataclasses.replace(
        experiment,
        claim="The same with an actor whose input is the prediction error of a separate critic instead of the reward.",
        variant=True,
        network=changed(experiment.network, {"core": "lstm", "critic": "separate"}),
        learner=changed(experiment.learner, dict(learner or {})),
        **changes,
    )
