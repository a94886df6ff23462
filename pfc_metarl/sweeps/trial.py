"""A short trial of a cell: what the whole cell needs, extrapolated."""

import contextlib
import math
import time
import warnings
from typing import NamedTuple

from pfc_metarl.execution.cohort import one_thread, train
from pfc_metarl.execution.pipeline import Plan
from pfc_metarl.execution.recordings import recorded_subjects
from pfc_metarl.execution.rehearsal import rehearse
from pfc_metarl.execution.simulation import simulate_in
from pfc_metarl.execution.source import Source
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.runs.run import HISTORY, SNAPSHOTS, STATE, SUMMARY, WEIGHTS, Run
from pfc_metarl.settings import Failure, changed
from pfc_metarl.simulation.recording import EPISODES_AT_ONCE
from pfc_metarl.sweeps.cells import Cell, Sweep, order_of

UPDATES_OF_A_TRIAL = 10
SECONDS_OF_A_TRIAL = 2.0
"""If so many updates take less, most of it is spent once, and more updates are tried."""


class Estimate(NamedTuple):
    """What a cell needs."""

    seconds: float
    """Of one core."""
    recorded: float
    """Bytes of its recordings, which are there at least until they are measured."""
    kept: float
    """Bytes that it leaves."""


class Short(NamedTuple):
    """A run with few updates and episodes."""

    experiment: Experiment
    files: dict[str, int]
    """Name -> bytes."""
    seconds: dict[str, float]
    """Of one core, for each step."""

    def episodes(self, probe: str) -> int:
        """Return the number of episodes of a probe."""
        return self.experiment.probes[probe].episodes


def trial(sweep: Sweep, cell: Cell) -> Estimate:
    """Estimate what a cell needs from two short runs of it in a temporary folder.

    Raises
    ------
    BadInput
        If training, recording or measuring fails for a reason that does not end with learning.
    """
    source, first = sweep.source(cell), None
    try:
        with contextlib.suppress(Failure):  # too few data; what is compiled, is compiled in it
            first = _short_run(source, shortened(source.experiment, updates=1, episodes=2), sweep)
        second = _short_run(source, shortened(source.experiment), sweep)
    except Failure:
        with one_thread():
            rehearse(source.experiment, sweep.terms.seed)
        return Estimate(math.nan, math.nan, math.nan)
    training = _seconds_of_training(source.experiment, second, sweep.terms.seed)
    return _extrapolated(source.experiment, first, second, training, sweep.terms.keep)


def _short_run(source: Source, short: Experiment, sweep: Sweep) -> Short:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of few data
        order = order_of(source._replace(experiment=short), sweep.terms)
        clock, own = time.perf_counter(), time.process_time()
        run: Run = simulate_in(None, order, Plan(1, lambda progress: None, None))
        of_a_core = min(1.0, (time.process_time() - own) / (time.perf_counter() - clock))
    sizes = {name: file["bytes"] for name, file in run.manifest["files"].items()}
    return Short(short, sizes, {step: of_a_core * spent for step, spent in run.manifest["seconds"].items()})


def _seconds_of_training(experiment: Experiment, short: Short, seed: int) -> float:
    """Return the seconds of a whole training, from a short run and, if that was quick, from a few updates more."""
    tried, wanted = short.experiment.learner.updates, experiment.learner.updates
    spent = short.seconds.get("train", 0.0)
    if spent > SECONDS_OF_A_TRIAL or wanted <= 5 * tried:
        return spent * wanted / tried
    few, more = (_seconds_of(experiment, updates, seed) for updates in (tried, 5 * tried))
    return spent + max(more - few, 0.0) / (4 * tried) * (wanted - tried)


def _seconds_of(experiment: Experiment, updates: int, seed: int) -> float:
    """Return the seconds of one core for so many updates in memory."""
    start = time.process_time()
    with one_thread():
        train(changed(experiment, {"learner": {"updates": updates, "snapshots": ()}}), seed=seed, workers=1)
    return time.process_time() - start


def _extrapolated(experiment: Experiment, first: Short | None, second: Short, training: float, keep: str) -> Estimate:
    """Return what an experiment needs, from one or two runs with fewer updates and episodes."""
    recorded = _bytes_of_recordings(experiment, first, second)
    tried = _bytes_of_recordings(second.experiment, None, second)
    updates = experiment.learner.updates
    more = recorded / tried if tried else 1.0
    seconds = training + (second.seconds.get("record", 0.0) + second.seconds.get("measure", 0.0)) * more
    points = [(each.experiment.learner.updates, each.files[HISTORY]) for each in (first, second) if each]
    small = second.files[SUMMARY] + on_the_line(points, updates)
    files = second.files.items()
    weights = sum(size for name, size in files if name in (WEIGHTS, SNAPSHOTS) or name.startswith(STATE))
    kept = small + (weights if keep != "measures" else 0) + (recorded if keep == "all" else 0)
    return Estimate(seconds, 0.0 if keep == "all" else recorded + weights, kept)


def _bytes_of_recordings(experiment: Experiment, first: Short | None, second: Short) -> float:
    """Return the bytes of all recordings of an experiment."""
    total = 0.0
    for probe, wanted in experiment.probes.items():
        for name in recorded_subjects(experiment, probe):
            points = [(each.episodes(probe), each.files[f"{name}.nc"]) for each in (first, second) if each]
            total += on_the_line(points, wanted.episodes)
    return total


def on_the_line(points: list[tuple[int, int]], x: float) -> float:
    """Return y at x on the line through the last two points; with one x alone, on that through the origin.

    Examples
    --------
    >>> on_the_line([(2, 120), (50, 600)], 100), on_the_line([(50, 600)], 100)
    (1100.0, 1200.0)
    """
    (x1, y1), (x2, y2) = points[0], points[-1]
    return y2 * x / x2 if x1 == x2 else y2 + (y2 - y1) / (x2 - x1) * (x - x2)


def shortened(
    experiment: Experiment, updates: int = UPDATES_OF_A_TRIAL, episodes: int = EPISODES_AT_ONCE
) -> Experiment:
    """Return an experiment with few updates, and few episodes of each probe."""
    updates = min(experiment.learner.updates, updates)
    probes = {name: {"episodes": min(probe.episodes, episodes)} for name, probe in experiment.probes.items()}
    short: Experiment = changed(experiment, {"learner": {"updates": updates}, "probes": probes})
    return short
