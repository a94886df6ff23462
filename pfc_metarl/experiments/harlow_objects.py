"""Simulation 5 of Wang et al. 2018: Harlow's task, with objects that are vectors instead of images."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pfc_metarl import measures
from pfc_metarl.experiments.base import Experiment, Headline, Probe
from pfc_metarl.experiments.controls import controls
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_HARLOW
from pfc_metarl.experiments.rpe_input import with_rpe_input
from pfc_metarl.experiments.wang2018 import WANG2018
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import changed
from pfc_metarl.tasks import HarlowObjects

if TYPE_CHECKING:
    import xarray as xr

SNAPSHOTS = tuple(number / 7 for number in range(1, 7))
"""Six parts of the training; with its end these are the seven snapshots of Wang et al. 2018, Fig. 6c."""


def results(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure correct choices by trial of a problem: new objects, objects of the training, untrained networks."""
    test = recordings["test"]
    return {
        "new": measures.intraproblem_learning(test),
        "second": measures.second_trial(test),
        "old": measures.intraproblem_learning(recordings["old_objects"]),
        "untrained": measures.intraproblem_learning(recordings["test_untrained"]),
    }


def second_trials(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure correct choices by trial of a problem, and in the second by the first choice, with new objects."""
    return {**new_objects(recordings), "second": measures.second_trial(recordings["test"])}


def new_objects(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure correct choices by trial of a problem, with new objects."""
    return {"new": measures.intraproblem_learning(recordings["test"])}


def reference_results(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure correct choices with new objects, the only ones that reference agents meet."""
    return {**new_objects(recordings), "second": measures.second_trial(recordings["test"])}


LEARNERS = {"chance": "random", "win-stay": "win_stay", "one-trial learner": "object_learner"}
"""Reference agents whose values are expected where the task was changed."""


def _later(label: str, measure: str, expected: str, low: float | None = None) -> Headline:
    """Return a headline; a criterion must exclude win-stay without lose-shift, which is right in 0.90 of trials 2-6."""
    return Headline(
        label=label,
        measure=measure,
        variable="p_correct_later",
        expected=expected,
        criterion=None if low is None else (low, None),
        reference=LEARNERS,
        criterion_between=None if low is None else ("chance", "one-trial learner", 0.86),  # as 0.93 between 0.5 and 1
        null=() if low is None else ("win_stay", "untrained"),
    )


def _second(first_choice: str) -> Headline:
    return Headline(
        label=f"correct in trial 2 after a {first_choice} first choice",
        measure="second",
        variable="p_correct",
        at={"first_choice": first_choice},
        expected="the same after either: one trial is enough",
        criterion=(0.85, None),
        reference=LEARNERS,
        criterion_between=("chance", "one-trial learner", 0.7),  # as 0.85 lies between 0.5 and 1
        null=("win_stay", "untrained") if first_choice == "wrong" else ("untrained",),
    )


HEADLINES = (
    Headline(
        label="correct in trial 1, new objects",
        measure="new",
        variable="p_correct_first",
        expected="chance 0.50",
        criterion=(0.4, 0.6),
        reference=LEARNERS,
    ),
    # At least 0.9: science sheet, section 7; 0.93 here, see `_later`. Networks at ceiling in the paper: 14 of 50.
    _later("correct in trials 2 to 6, new objects", "new", "paper: near ceiling", low=0.93),
    _second("correct"),
    _second("wrong"),
    _later("correct in trials 2 to 6, objects of the training", "old", "as with new objects"),
    _later("correct in trials 2 to 6, untrained networks", "untrained", "chance 0.50"),
)

EXPERIMENT = Experiment(
    claim="Trained on many problems, a network with frozen weights learns a new one from a single trial.",
    # 6 trials, +0.2 for fixation, +1 and -1 for a choice: Wang et al. 2018 and 2016, section 3.2.2. The numbers of
    # objects for training and for the test are those of the images there. Ring, receptive field and vectors: ours; a
    # public replication has a ring of 17 positions, a field of 8, and objects 3 positions from the cross.
    task=HarlowObjects(
        n_trials=6,
        max_steps=64,
        n_positions=17,
        n_cells=9,
        eccentricity=3,
        n_features=8,
        features="gaussian",
        drawn_from="training_set",
        set_size=1000,
        fixation_reward=0.2,
    ),
    # State zero at the start of an episode: Wang et al. 2018, Methods, which has 256 units. 48: ours.
    network=Network(core="lstm", units=48, learned_initial_state=False),
    # Ours, by the search of benchmarks/recipe.md; what is known of the paper's is in harlow_objects_wang2018.
    learner=A2C(
        updates=1500,
        episodes=32,
        optimiser="adam",
        initial_learning_rate=0.02,
        final_learning_rate=0.002,
        discount=0.8,
        trace_decay=0.9,
        value_cost=0.25,
        initial_entropy_cost=0.02,
        final_entropy_cost=0.002,
        max_gradient_norm=1.0,
        snapshots=SNAPSHOTS,
    ),
    networks=8,  # ours; Wang et al. 2018 trained 50
    probes={
        "test": Probe(
            episodes=300,  # ours
            changes={"drawn_from": "held_out_set"},
            only=("policy", "gaze", "good_object", "left_object"),
            reference_agents=REFERENCE_AGENTS_HARLOW,
            untrained=True,
            snapshots=True,
        ),
        "old_objects": Probe(episodes=300, only=("policy",)),
    },
    measures=results,
    reference_measures=reference_results,
    headlines=HEADLINES,
)


def _control(claim: str, network: Network) -> Experiment:
    """Return the experiment with a network that should fail, tested on new objects only."""
    headline = Headline(
        label="correct in trials 2 to 6, new objects",
        measure="new",
        variable="p_correct_later",
        expected="chance 0.50",
        criterion=(0.4, 0.6),  # as for the first trial of the main experiment
    )
    return dataclasses.replace(
        EXPERIMENT,
        claim=claim,
        network=network,
        learner=changed(EXPERIMENT.learner, {"snapshots": ()}),
        probes={"test": Probe(episodes=300, changes={"drawn_from": "held_out_set"}, only=("policy",))},
        measures=new_objects,
        headlines=(headline,),
    )


def _ten_trials(claim: str, layers: int, expected: str) -> Experiment:
    """Return the experiment with problems of ten trials and a number of layers, tested on new objects only."""
    return dataclasses.replace(
        EXPERIMENT,
        claim=claim,
        task=changed(EXPERIMENT.task, {"n_trials": 10, "max_steps": 104}),
        network=changed(EXPERIMENT.network, {"layers": layers}),
        # The recipe of six trials; updates: by reward in search seeds, benchmarks/recipe.md.
        learner=changed(EXPERIMENT.learner, {"updates": 1000, "snapshots": ()}),
        networks=32,
        variant=True,  # the two take a quarter of an hour of one core
        probes={"test": Probe(episodes=300, changes={"drawn_from": "held_out_set"}, only=("policy",))},
        measures=second_trials,
        reference_measures=None,
        headlines=(
            dataclasses.replace(
                _later("correct in trials 2 to 10, new objects", "new", expected, low=0.9), null=("untrained",)
            ),
            *(dataclasses.replace(_second(first), null=("untrained",)) for first in ("correct", "wrong")),
        ),
    )


def _one_recurs(experiment: Experiment) -> Experiment:
    """Return the experiment of ten trials with only one object that comes back.

    An ideal learner is correct in all trials after the first, as with two objects: the first trial shows which of two
    objects is rewarded, the second which of them comes back. It is harder to learn. Where both come back, the sign of
    the product of two differences, that of the objects in the first trial and in this one, tells all; here it is right
    in 0.93 of second trials (simulated), and less if features are remembered coarsely. Networks learn it with more
    episodes: benchmarks/recipe.md.
    """
    unclaimed: dict[str, Any] = {"criterion": None, "criterion_between": None, "null": ()}
    return dataclasses.replace(
        experiment,
        claim="Where only one of two objects comes back, networks still come to ceiling within ten trials.",
        task=changed(experiment.task, {"recurring": "one"}),
        learner=changed(experiment.learner, {"updates": 1500, "episodes": 128, "value_cost": 2.0}),
        networks=8,  # ours; they take seven minutes of one core
        # That one trial is enough is not claimed: 2 and 1 of 8 networks at seed 0 had 0.85 correct in the second trial.
        headlines=tuple(
            dataclasses.replace(each, expected="ideal learner 1", **({} if each.measure == "new" else unclaimed))
            for each in experiment.headlines
        ),
    )


LATER = _later("correct in trials 2 to 6, new objects", "new", "networks 0.97, chance 0.50")

VARIANTS = {
    **controls("harlow_objects", EXPERIMENT, LATER, new_objects, ("no_action", "rnn", "gru", "plastic"), variant=True),
    # Wang et al. 2018: recurrence is needed; they show no simulation of this task without it.
    "harlow_objects_feedforward": _control(
        "Without recurrence a network trained on Harlow's task stays near chance.",
        changed(EXPERIMENT.network, {"core": "feedforward"}),
    ),
    # Wang et al. 2016 report chance without it in their bandits and the two-step task; not for Harlow's task.
    "harlow_objects_no_reward": _control(
        "Without the reward as an input a network trained on Harlow's task stays at chance.",
        changed(EXPERIMENT.network, {"inputs": ("observation", "previous_action")}),
    ),
    # Ten trials, and a single LSTM against a stack of two, 32 networks each: Wang et al. 2016, section 3.2.2, where 26
    # and 43 of 100 networks came to ceiling.
    "harlow_objects_wang2016": _ten_trials(
        "A network with a single core learns a new problem of ten trials from one trial.",
        1,
        "paper: 26 of 100 at ceiling",
    ),
    "harlow_objects_wang2016_stacked": _ten_trials(
        "A stack of two cores learns a new problem of ten trials from one trial.", 2, "paper: 43 of 100 at ceiling"
    ),
    # The harder variant that is mentioned there.
    "harlow_objects_wang2016_one": _one_recurs(_ten_trials("", 1, "")),
    # Dopamine as an input, the architecture of Simulation 6: Wang et al. 2018, Methods.
    "harlow_objects_rpe_input": with_rpe_input(
        EXPERIMENT,
        {"snapshots": ()},
        probes={
            "test": dataclasses.replace(EXPERIMENT.probes["test"], only=("policy",), untrained=False, snapshots=False)
        },
        measures=reference_results,
        headlines=HEADLINES[:4],
    ),
    # Four networks take 80 minutes of one core.
    "harlow_objects_wang2018": dataclasses.replace(
        EXPERIMENT,
        claim="The same with the network and the learning settings of Wang et al. 2018, as far as they are known.",
        variant=True,
        network=Network(core="lstm", units=256, learned_initial_state=False),  # Wang et al. 2018, Methods
        learner=dataclasses.replace(
            WANG2018,
            updates=10_000,  # ours
            episodes=32,  # 32 threads: Wang et al. 2018, Methods; they acted one by one (A3C), here they act together
            initial_learning_rate=7.5e-4,  # this and the next three: a replication of Wang et al. 2016, section 3.2.2
            discount=0.91,
            value_cost=0.4,
            initial_entropy_cost=0.001,
            snapshots=SNAPSHOTS,
        ),
    ),
}
