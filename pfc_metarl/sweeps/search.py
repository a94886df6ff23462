"""Search for settings of a learner: random draws, of which the better half goes on to twice as many updates.

Successive halving after Jamieson and Talwalkar (2016, arXiv:1502.07943): all draws are trained for a few updates; the
best of them are trained again, from the beginning and with new networks, for more. Settings are chosen by the reward
per trial over the last tenth of the updates alone: no probe is recorded, and no claim is looked at. Search seeds begin
at 1000; reported results have lower ones. The present settings of the experiment, draw 0, go through every rung.
"""

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from pfc_metarl.arguments import argument
from pfc_metarl.execution.source import Source, resolved
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps.cells import Cell, Sweep, Terms, run_of
from pfc_metarl.sweeps.design import Axis, flattened
from pfc_metarl.sweeps.draws import drawn

FIRST_SEED = 1000
"""Lower seeds are those of reported results."""

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
    """Settings, and the number of their draw; 0 are those of the experiment."""

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


class Search(NamedTuple):
    """A search: what is drawn, and how long candidates are trained."""

    experiment: str
    ranges: Mapping[str, Any]
    draws: int = 8
    networks: int = 2
    updates: int = 600
    """In the last rung."""
    rungs: int = 1
    seed: int = 1100


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
            f"{argument('rungs', search.rungs)}: {search.updates} updates cannot be halved so often; give fewer rungs."
        )


def candidates(search: Search) -> list[Candidate]:
    """Return the settings of the experiment, and those that are drawn.

    Raises
    ------
    BadInput
        If there is no such experiment, or no such setting.
    """
    numbers = flattened(resolved(search.experiment, {}).experiment.numbers())
    unknown = [name for name in search.ranges if name not in numbers]
    if unknown:
        raise BadInput(f"{unknown[0]}: {search.experiment} has no such setting.")
    (axis,) = drawn(search.ranges, search.draws, search.seed, latin=False)
    present = {name: numbers[name] for name in search.ranges}
    return [Candidate(0, present), *(Candidate(number + 1, axis.at(number)) for number in range(search.draws))]


def sweep_of_rung(search: Search, rung: int, chosen: Sequence[Candidate], folder: Path) -> Sweep:
    """Return the sweep in which the candidates of a rung are trained."""
    updates = updates_of(search, rung)
    changes = {"networks": search.networks, "learner": {"updates": updates, "snapshots": ()}}
    axis = Axis("draw", {name: tuple(each.settings[name] for each in chosen) for name in search.ranges})
    sources = {search.experiment: trained_only(resolved(search.experiment, changes))}
    return Sweep(sources, [axis], folder / f"rung_{rung}", Terms(search.seed + rung, 1, "measures"))


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
    return [Trial(rung, each, updates_of(search, rung), *_earned(sweep, cell)) for each, cell in pairs]


def _earned(sweep: Sweep, cell: Cell) -> tuple[float, float, float]:
    run = run_of(sweep, cell)
    if run is None or not run.has("history.nc"):
        return -math.inf, -math.inf, 0.0
    rewards = run.history()["reward_per_trial"].values
    at_end = np.nan_to_num(rewards[-max(1, len(rewards) // 10) :].mean(0), nan=-np.inf)
    return float(at_end.mean()), float(at_end.min()), float(sum(run.manifest["seconds"].values()))


def better_half(trials: Iterable[Trial]) -> list[Candidate]:
    """Return the better half of the draws, and the settings of the experiment, which go on in any case."""
    ranked = sorted((each for each in trials if each.candidate.draw), key=lambda each: -each.reward)
    present = [each.candidate for each in trials if not each.candidate.draw]
    return present + [each.candidate for each in ranked[: math.ceil(len(ranked) / 2)]]


def table(trials: Sequence[Trial]) -> str:
    """Return the log of a search as a markdown table: the last rung first, and the best first in each."""
    if not trials:
        return ""
    names = [name.rpartition(".")[2] for name in trials[0].candidate.settings]
    columns = ["updates", "draw", *names, "reward", "lowest", "s"]
    rows = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for each in sorted(trials, key=lambda each: (-each.rung, -each.reward)):
        settings = [_cell(value) for value in each.candidate.settings.values()]
        draw = str(each.candidate.draw) if each.candidate.draw else "present"
        rewards = f"{each.reward:.4f}", f"{each.lowest:.4f}", f"{each.seconds:.3g}"
        rows.append(f"| {' | '.join([str(each.updates), draw, *settings, *rewards])} |")
    return "\n".join(rows)


def _cell(value: Any) -> str:
    return "as the initial one" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


def heading(search: Search) -> str:
    """Return what was searched, in a sentence."""
    halved = f", halved {search.rungs - 1} times" if search.rungs > 1 else ""
    last = search.seed + search.rungs - 1
    seeds = f"seed {search.seed}" if search.rungs == 1 else f"seeds {search.seed} to {last}"
    return (
        f"`{search.experiment}`, random search: its present settings and {search.draws} draws{halved}, "
        f"networks: {search.networks}, updates: {search.updates}, {seeds}."
    )


def written(page: str, search: Search, trials: Sequence[Trial]) -> str:
    """Return a page with the log of a search; it replaces that of an earlier search of the same experiment.

    Examples
    --------
    >>> page = written("Recipes", Search("two_step", RANGES), [])
    >>> page.splitlines()[2:4]
    ['<!-- random search two_step -->', '`two_step`, random search: its present settings and 8 draws, networks: 2, \
updates: 600, seed 1100.']
    """
    begin, end = f"<!-- random search {search.experiment} -->", "<!-- end of the search -->"
    block = f"{begin}\n{heading(search)}\n\n{table(trials)}\n{end}"
    pattern = re.compile(rf"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if pattern.search(page):
        return pattern.sub(lambda _: block, page)
    return f"{page.rstrip()}\n\n{block}\n"
