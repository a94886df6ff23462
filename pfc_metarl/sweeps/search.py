"""Search for settings of a learner: random draws, of which the better half goes on to twice as many updates.

Successive halving after Jamieson and Talwalkar (2016, arXiv:1502.07943): all draws are trained for a few updates; the
best of them are trained again, from the beginning and with new networks, for more. Settings are chosen by the reward
per trial over the last tenth of the updates alone: no probe is recorded, and no claim is looked at. Search seeds begin
at 1000; reported results have lower ones. The present settings of the experiment, draw 0, go through every rung.

Candidates may also be listed: the rows of a table of benchmarks/recipe.md. If such a search is `measured`, probes are
recorded and the headline measures of each candidate are in its log too.
"""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from pfc_metarl.arguments import argument
from pfc_metarl.execution.source import Source, resolved
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.settings import BadInput, counted, merged
from pfc_metarl.sweeps.cells import Cell, Sweep, Terms, require_cells, run_of, summary_of
from pfc_metarl.sweeps.design import Axis, flattened
from pfc_metarl.sweeps.draws import drawn

FIRST_SEED = 1000
"""Lower seeds are those of reported results."""

UPDATES = "learner.updates"

RANGES: dict[str, Any] = {
    "learner.initial_learning_rate": "0.005:0.05:log",
    "learner.final_learning_rate": "0.01:0.2:log*learner.initial_learning_rate",
    "learner.discount": [0.5, 0.7, 0.8, 0.9],
    "learner.value_cost": "0.02:0.5:log",
    "learner.initial_entropy_cost": "0.02:0.5:log",
    "learner.final_entropy_cost": [0.0],
    "learner.entropy_decay_fraction": [0.5, 0.7, 1.0],
    "learner.max_gradient_norm": [0.5, 1.0, 2.0, 5.0],
}
"""What settings are drawn from by default."""


class Candidate(NamedTuple):
    """Settings, and their number among the draws or rows; 0 are those of the experiment."""

    draw: int
    settings: dict[str, Any]


class Trial(NamedTuple):
    """What a candidate earned in a rung."""

    rung: int
    candidate: Candidate
    updates: int
    reward: float
    """Per trial, over the last tenth of the updates; mean over networks."""
    lowest: float
    """Of a network."""
    seconds: float
    measures: Mapping[str, float] = {}
    """Headline measures, means over networks; none if nothing was measured."""


class Search(NamedTuple):
    """A search: what is drawn or listed, and how long candidates are trained."""

    experiment: str
    ranges: Mapping[str, Any]
    draws: int = 8
    networks: int = 2
    updates: int = 600
    """In the last rung; of a listed candidate at most, if it has a number of its own."""
    rungs: int = 1
    seed: int = 1100
    rows: tuple[Mapping[str, Any], ...] = ()
    """Settings of candidates, instead of draws: each has those that differ from the experiment."""
    changes: Mapping[str, Any] = {}
    """Settings of all candidates, nested."""
    measured: bool = False
    """Whether probes are recorded and measured."""
    name: str = ""
    """On the page of recipes; by default that of the experiment."""


def require_possible_search(search: Search) -> None:
    """Check the numbers of a search.

    Raises
    ------
    BadInput
        If its seed is that of reported results, or a number is too small.
    """
    if search.seed < FIRST_SEED:
        raise BadInput(
            f"{argument('seed', search.seed)}: search seeds begin at {FIRST_SEED}; lower ones are of reported results."
        )
    for name in ("draws", "networks", "updates", "rungs"):
        if getattr(search, name) < 1:
            raise BadInput(f"{argument(name, getattr(search, name))}: must be at least 1.")
    if search.updates < 2 ** (search.rungs - 1):
        raise BadInput(
            f"{argument('rungs', search.rungs)}: {counted(search.updates, 'update')} cannot be halved so often; "
            "give fewer rungs."
        )
    if search.rows and search.rungs > 1:
        raise BadInput(f"{argument('rungs', search.rungs)}: listed candidates have one rung; give none.")


def candidates(search: Search) -> list[Candidate]:
    """Return the settings of the experiment, and those that are drawn or listed; each once.

    Raises
    ------
    BadInput
        If there is no such experiment, or no such setting.
    """
    numbers = flattened(resolved(search.experiment, search.changes).experiment.numbers())
    names = dict.fromkeys(name for row in search.rows for name in row) if search.rows else search.ranges
    unknown = [name for name in names if name not in numbers]
    if unknown:
        raise BadInput(f"{unknown[0]}: {search.experiment} has no such setting.")
    present = {name: numbers[name] for name in names}
    if UPDATES in present:
        present[UPDATES] = min(present[UPDATES], search.updates)
    if search.rows:
        rows = [present | dict(row) for row in search.rows]
        others = [_at_most(row, search.updates) for row in rows]
    else:
        (axis,) = drawn(search.ranges, search.draws, search.seed, latin=False)
        others = [axis.at(number) for number in range(search.draws)]
    found: list[Candidate] = []
    for number, settings in enumerate([present, *others]):
        if settings not in [each.settings for each in found]:
            found.append(Candidate(number, settings))
    return found


def _at_most(row: Mapping[str, Any], updates: int) -> dict[str, Any]:
    """Return listed settings with no more updates than the search has."""
    return {name: min(value, updates) if name == UPDATES else value for name, value in row.items()}


def sweep_of_rung(search: Search, rung: int, chosen: Sequence[Candidate], folder: Path) -> Sweep:
    """Return the sweep in which the candidates of a rung are trained.

    Raises
    ------
    BadInput
        If the settings of a candidate are refused.
    """
    listed = any(UPDATES in row for row in search.rows)
    learner = {"snapshots": ()} if listed else {"updates": updates_of(search, rung), "snapshots": ()}
    changes = merged(search.changes, {"networks": search.networks, "learner": learner})
    names = chosen[0].settings
    axis = Axis("draw", {name: tuple(each.settings[name] for each in chosen) for name in names})
    source = resolved(search.experiment, changes)
    sources = {search.experiment: source if search.measured else trained_only(source)}
    made = Sweep(sources, [axis], folder / f"rung_{rung}", Terms(search.seed + rung, 1, "measures"))
    require_cells(made)
    return made


def updates_of(search: Search, rung: int) -> int:
    """Return the number of updates in a rung: each has twice as many as the one before.

    Examples
    --------
    >>> [updates_of(Search("two_step", RANGES, updates=600, rungs=3), rung) for rung in range(3)]
    [150, 300, 600]
    """
    return search.updates // 2 ** (search.rungs - 1 - rung)


def trained_only(source: Source) -> Source:
    """Return an experiment of which nothing is recorded and measured."""
    nothing = {"probes": {}, "measures": _no_results, "headlines": (), "reference_measures": None, "causality": None}
    experiment: Experiment = dataclasses.replace(source.experiment, **nothing)  # type: ignore[arg-type]
    return source._replace(experiment=experiment)


def _no_results(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure nothing."""
    return {}


def trials_of(search: Search, rung: int, sweep: Sweep, chosen: Sequence[Candidate]) -> list[Trial]:
    """Return what each candidate of a rung earned; minus infinity if its training failed."""
    pairs = zip(chosen, sweep.cells(), strict=True)
    return [Trial(rung, each, _updates(search, rung, each), *_earned(sweep, cell)) for each, cell in pairs]


def _updates(search: Search, rung: int, candidate: Candidate) -> int:
    return int(candidate.settings.get(UPDATES, updates_of(search, rung)))


def _measured(sweep: Sweep, cell: Cell) -> dict[str, float]:
    """Return the headline measures of a cell, means over networks."""
    summary = summary_of(sweep, cell)
    rows = summary["measures"] if summary else []
    values = {row["measure"]: [value for value in row["subjects"] if value is not None] for row in rows}
    return {label: sum(found) / len(found) if found else math.nan for label, found in values.items()}


def _earned(sweep: Sweep, cell: Cell) -> tuple[float, float, float, dict[str, float]]:
    """Return the reward at the end, mean and lowest network, the seconds, and the headline measures."""
    run = run_of(sweep, cell)
    if run is None or not run.has("history.nc"):
        return -math.inf, -math.inf, 0.0, {}
    rewards = run.history()["reward_per_trial"].values
    at_end = np.nan_to_num(rewards[-max(1, len(rewards) // 10) :].mean(0), nan=-np.inf)
    return (
        float(at_end.mean()),
        float(at_end.min()),
        float(sum(run.manifest["seconds"].values())),
        _measured(sweep, cell),
    )


def better_half(trials: Iterable[Trial]) -> list[Candidate]:
    """Return the better half of the draws, and the settings of the experiment, which go on in any case."""
    ranked = sorted((each for each in trials if each.candidate.draw), key=lambda each: -each.reward)
    present = [each.candidate for each in trials if not each.candidate.draw]
    return present + [each.candidate for each in ranked[: math.ceil(len(ranked) / 2)]]
