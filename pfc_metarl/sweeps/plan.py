"""The plan of a sweep: what is missing, and how much time and disk it needs, from a short trial."""

import contextlib
import math
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pfc_metarl.data.files import size_of
from pfc_metarl.execution.cohort import one_thread
from pfc_metarl.execution.pipeline import Plan as RunPlan
from pfc_metarl.execution.rehearsal import rehearse
from pfc_metarl.execution.simulation import simulate_in
from pfc_metarl.execution.source import Source
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.runs.run import HISTORY, SNAPSHOTS, STATE, SUMMARY, WEIGHTS, Run
from pfc_metarl.settings import BadInput, Failure, changed
from pfc_metarl.simulation.recording import EPISODES_AT_ONCE
from pfc_metarl.sweeps.cells import Cell, Sweep, order_of, summary_of

UPDATES_OF_A_TRIAL = 10


class Estimate(NamedTuple):
    """What a cell needs."""

    seconds: float
    """Of one core."""
    recorded: float
    """Bytes of its recordings, which are there at least until they are measured."""
    kept: float
    """Bytes that it leaves."""


class Plan(NamedTuple):
    """What a sweep will do."""

    n_cells: int
    missing: list[Cell]
    networks: int
    """In the missing cells."""
    cell: Estimate
    """Mean over cells of the trial."""
    folder: Path

    @property
    def core_minutes(self) -> float:
        """Minutes of one core that the missing cells take."""
        return self.cell.seconds * len(self.missing) / 60

    def disk(self, workers: int) -> float:
        """Return the bytes that the missing cells need at most, with the recordings of those in work."""
        return self.cell.kept * len(self.missing) + self.cell.recorded * min(workers, len(self.missing))

    def sentence(self, workers: int) -> str:
        """Return the plan in a line or two."""
        n, there = len(self.missing), self.n_cells - len(self.missing)
        if not n:
            return f"{self.n_cells} cells, all complete"
        cells = f"{self.n_cells} cells" + (f", {there} complete, {n} to do" if there else "")
        if math.isnan(self.cell.seconds):
            return f"{cells}, {self.networks} networks; time and disk are not known, the trial was too short to measure"
        minutes, workers_ = self.core_minutes, "1 worker" if workers == 1 else f"{workers} workers"
        return (
            f"{cells}, {self.networks} networks; about {minutes:.3g} core-minutes, "
            f"{minutes / min(workers, n):.3g} min with {workers_}; {size_of(self.disk(workers))} on disk"
        )


def planned(sweep: Sweep, chosen: Sequence[Cell], tried: bool = True) -> Plan:
    """Return the plan for some cells of a sweep; with `tried`, with an estimate of time and disk.

    The estimate is the mean over a trial of the first and the last missing cell of each experiment: a few updates, and
    50 episodes of each recording.
    """
    missing = [cell for cell in chosen if summary_of(sweep, cell) is None]
    networks = sum(sweep.sources[cell.experiment].experiment.networks for cell in missing)
    return Plan(len(chosen), missing, networks, _estimate(sweep, missing if tried else []), sweep.folder)


def require_disk(plan: Plan, workers: int) -> None:
    """Check that there is enough free space.

    Raises
    ------
    BadInput
        If not.
    """
    there = next(folder for folder in (plan.folder, *plan.folder.absolute().parents) if folder.exists())
    free, needed = shutil.disk_usage(there).free, plan.disk(workers)
    if needed > free:
        raise BadInput(
            f"disk: the plan needs about {size_of(needed)} in {plan.folder}, {size_of(free)} are free; "
            "free some space, choose another folder, or keep less of each cell: --keep weights, --keep measures."
        )


def _estimate(sweep: Sweep, missing: Sequence[Cell]) -> Estimate:
    if not missing:
        return Estimate(0.0, 0.0, 0.0)
    tried = []
    for name in sweep.sources:
        own = [cell for cell in missing if cell.experiment == name]
        tried += [trial(sweep, cell) for cell in _ends(own)]
    return Estimate(*(sum(each) / len(tried) for each in zip(*tried, strict=True)))


def _ends(cells: Sequence[Cell]) -> list[Any]:
    return [] if not cells else [cells[0]] if len(cells) == 1 else [cells[0], cells[-1]]


def trial(sweep: Sweep, cell: Cell) -> Estimate:
    """Estimate what a cell needs from a short run of it in a temporary folder.

    Raises
    ------
    BadInput
        If training, recording or measuring fails for a reason that does not end with learning.
    """
    source = sweep.source(cell)
    experiment = source.experiment
    short = shortened(experiment)
    try:
        with contextlib.suppress(Failure):  # too few data; what is compiled, is compiled in it
            _short_run(source, shortened(experiment, updates=1, episodes=2), sweep)
        run = _short_run(source, short, sweep)
    except Failure:
        with one_thread():
            rehearse(experiment, sweep.terms.seed)
        return Estimate(math.nan, math.nan, math.nan)
    return _extrapolated(experiment, short, run, sweep.terms.keep)


def _extrapolated(experiment: Experiment, short: Experiment, run: Run, keep: str) -> Estimate:
    """Return what an experiment needs, from a run with fewer updates and episodes."""
    longer = experiment.learner.updates / short.learner.updates
    episodes, tried = (sum(probe.episodes for probe in each.probes.values()) for each in (experiment, short))
    more = episodes / tried if tried else 1.0
    spent = run.manifest["seconds"]
    seconds = spent.get("train", 0.0) * longer + (spent.get("record", 0.0) + spent.get("measure", 0.0)) * more
    files = {name: file["bytes"] for name, file in run.manifest["files"].items()}
    trained = [name for name in files if name in (WEIGHTS, SNAPSHOTS) or name.startswith(STATE)]
    small = files[SUMMARY] + files[HISTORY] * longer
    recorded = more * sum(files[f"{name}.nc"] for name in run.recordings())
    weights = sum(files[name] for name in trained)
    kept = small + (weights if keep != "measures" else 0) + (recorded if keep == "all" else 0)
    return Estimate(seconds, 0.0 if keep == "all" else recorded + weights, kept)


def _short_run(source: Source, short: Experiment, sweep: Sweep) -> Run:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of few data
        order = order_of(source._replace(experiment=short), sweep.terms)
        return simulate_in(None, order, RunPlan(1, lambda progress: None, None))


def shortened(
    experiment: Experiment, updates: int = UPDATES_OF_A_TRIAL, episodes: int = EPISODES_AT_ONCE
) -> Experiment:
    """Return an experiment with few updates, and few episodes of each probe."""
    updates = min(experiment.learner.updates, updates)
    probes = {name: {"episodes": min(probe.episodes, episodes)} for name, probe in experiment.probes.items()}
    short: Experiment = changed(experiment, {"learner": {"updates": updates}, "probes": probes})
    return short
