"""The I-maze of Wang et al. 2016: a hidden goal that was found once is reached directly."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pfc_metarl import measures
from pfc_metarl.agents import Random
from pfc_metarl.experiments.base import Experiment, Headline, Probe
from pfc_metarl.experiments.controls import controls
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_OF
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import changed
from pfc_metarl.tasks import Maze

if TYPE_CHECKING:
    import xarray as xr


def results(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure the steps to the goal at first and at later visits."""
    return {"latency": measures.goal_latency(recordings["test"])}


def headlines(first: str, later: str, ratio: tuple[float | None, float | None] | None) -> tuple[Headline, ...]:
    """Return the headlines, with expected steps to the goal and the criterion of their ratio.

    Where there is one, episodes without a visit must be rare too: they have no first visit, so a network that seeks
    some of the ends only would seem to be fast.
    """
    return (
        Headline(label="steps to the goal, first visit", measure="latency", variable="first", expected=first),
        Headline(label="steps to the goal, later visits", measure="latency", variable="later", expected=later),
        Headline(
            label="later over first visit",
            measure="latency",
            variable="ratio",
            expected="paper: about 0.3; without memory 1",
            criterion=ratio,
            null=() if ratio is None else ("random",),
        ),
        Headline(
            label="fraction of episodes without a visit",
            measure="latency",
            variable="p_no_visit",
            expected="near 0; chance 0.71",
            criterion=None if ratio is None else (None, 0.05),
            null=() if ratio is None else ("random",),
        ),
    )


EXPERIMENT = Experiment(
    claim="A network with frozen weights returns to a hidden goal faster than it found it.",
    # Goals and layout as in Wang et al. 2016, section 3.2.3; grid and length of an episode: ours.
    task=Maze(max_steps=150),
    network=Network(core="gru", units=48),
    # Ours: benchmarks/recipe.md.
    learner=A2C(
        updates=3000,
        episodes=32,
        optimiser="adam",
        initial_learning_rate=0.008,
        final_learning_rate=4e-4,
        discount=0.95,
        trace_decay=0.9,
        value_cost=0.5,
        initial_entropy_cost=0.01,
        final_entropy_cost=0.001,
        max_gradient_norm=1.0,
    ),
    networks=8,
    probes={
        "test": Probe(
            episodes=300,
            only=("policy", "value", "rpe", "hidden", "place", "goal"),
            reference_agents=REFERENCE_AGENTS_OF[Maze],
            untrained=True,
        )
    },
    measures=results,
    # Exact, for an observer that knows where it is: the best search among the four ends, and the shortest way. See
    # tests/experiments/test_maze.py.
    headlines=headlines("optimum 21.6", "optimum 9.3", (None, 0.5)),
)


RATIO = Headline(label="later over first visit", measure="latency", variable="ratio", expected="without memory 1")

VARIANTS = {
    **controls("maze", EXPERIMENT, RATIO, results, ("feedforward",)),
    **controls("maze", EXPERIMENT, RATIO, results, ("no_reward", "no_action", "rnn", "plastic"), variant=True),
    "maze_lstm": dataclasses.replace(
        EXPERIMENT,
        claim="The same with LSTM units, the core of the paper.",
        network=changed(EXPERIMENT.network, {"core": "lstm"}),
    ),
    # A reviewer of the paper asked for mazes whose structure is not known either.
    "maze_random": dataclasses.replace(
        EXPERIMENT,
        claim="A control: mazes that are drawn anew for each episode.",
        task=Maze(max_steps=200, layout="random", size=3),
        probes={
            "test": dataclasses.replace(
                EXPERIMENT.probes["test"],
                changes={"drawn_from": "held_out_set"},
                reference_agents={"random": Random()},  # the planner knows the I-maze only
            ),
        },
        # No criterion: single random agents, which visit the goal seldom, have ratios down to 0.54.
        headlines=headlines("", "below the first visit", None),
    ),
}
