"""The plan of a sweep: what is missing, and how much time and disk it needs."""

import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pfc_metarl.arguments import argument
from pfc_metarl.data.files import size_of
from pfc_metarl.settings import BadInput, counted
from pfc_metarl.sweeps.cells import KEEP, Cell, Sweep, summary_of
from pfc_metarl.sweeps.trial import Estimate, trial


class Plan(NamedTuple):
    """What a sweep will do."""

    n_cells: int
    missing: list[Cell]
    networks: int
    """In the missing cells."""
    cell: Estimate
    """Mean over cells of the trial."""
    folder: Path
    keep: str = "weights"
    """What a cell leaves on disk."""

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
        cells = counted(self.n_cells, "cell")
        if not n:
            return f"{cells}, all complete"
        cells += f", {there:,} complete, {n:,} to do" if there else ""
        cells += f", {counted(self.networks, 'network')}"
        if math.isnan(self.cell.seconds):
            return f"{cells}; time and disk are not known, the trial was too short to measure"
        whole, each = (
            _minutes(self.core_minutes, "core-minute"),
            _minutes(self.core_minutes / min(workers, n), "minute"),
        )
        return f"{cells}; {whole}, {each} with {counted(workers, 'worker')}; {size_of(self.disk(workers))} on disk"


def _minutes(number: float, unit: str) -> str:
    """Return a time as people read it."""
    return f"about {counted(round(number), unit)}" if number >= 1 else f"less than 1 {unit}"


def planned(sweep: Sweep, chosen: Sequence[Cell], tried: bool = True) -> Plan:
    """Return the plan for some cells of a sweep; with `tried`, with an estimate of time and disk.

    The estimate is the mean over a trial of the first and the last missing cell of each experiment: a few updates, and
    50 episodes of each recording.
    """
    missing = [cell for cell in chosen if summary_of(sweep, cell) is None]
    networks = sum(sweep.sources[cell.experiment].experiment.networks for cell in missing)
    estimate = _estimate(sweep, missing if tried else [])
    return Plan(len(chosen), missing, networks, estimate, sweep.folder, sweep.terms.keep)


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
            f"free some space, choose another folder, or {_less(plan.keep)}."
        )


def _less(keep: str) -> str:
    """Return how a sweep can do with less disk."""
    kept = [argument("keep", each) for each in KEEP[: KEEP.index(keep)]]
    return f"keep less of each cell: {' or '.join(kept)}" if kept else "record fewer episodes"


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
