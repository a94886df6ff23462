"""A sweep and its cells: each cell is a run directory, made by the same steps as that of a single run."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pfc_metarl.execution.order import Order
from pfc_metarl.execution.pipeline import training_of
from pfc_metarl.execution.source import Source, varied
from pfc_metarl.runs.manifest import NAME
from pfc_metarl.runs.run import SUMMARY, Run, open_run
from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps.design import Axis, flattened, n_points, nested, points, short_names

KEEP = ("measures", "weights", "all")
"""What a cell leaves on disk: headline measures and learning curves; trained networks too; recordings too."""

LONGEST_NAME = 120
"""Characters of the name of a folder, which file systems limit to 255 bytes."""


class Cell(NamedTuple):
    """One combination of settings."""

    name: str
    """Of its folder, below cells/."""
    experiment: str
    settings: dict[str, Any]
    positions: tuple[int, ...]
    """On the axes of the design."""


class Terms(NamedTuple):
    """How all cells are made."""

    seed: int = 0
    shards: int = 1
    """Shards of a cohort; more if a shard would have more than 64 networks."""
    keep: str = "weights"
    seconds_between_checkpoints: float = 60.0


class Sweep(NamedTuple):
    """Experiments, the settings that are varied, and the folder."""

    sources: Mapping[str, Source]
    """By the names of the experiments in the sweep, with the settings that all cells have."""
    axes: Sequence[Axis]
    folder: Path
    terms: Terms = Terms()

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return n_points(self.axes) * len(self.sources)

    def cells(self) -> Iterator[Cell]:
        """Yield every cell."""
        short = short_names([name for axis in self.axes for name in axis.values])
        for experiment in self.sources:
            for point in points(self.axes):
                name = cell_name({short[name]: value for name, value in point.settings.items()})
                folder = f"{experiment}/{name}" if len(self.sources) > 1 else name
                yield Cell(folder, experiment, point.settings, point.positions)

    def path(self, cell: Cell) -> Path:
        """Return the run directory of a cell."""
        return self.folder / "cells" / cell.name

    def source(self, cell: Cell) -> Source:
        """Return the experiment of a cell."""
        return varied(self.sources[cell.experiment], nested(cell.settings))


def cell_name(settings: Mapping[str, Any]) -> str:
    """Return the name of the folder of a cell; a hash stands for values that can be no file name.

    Examples
    --------
    >>> cell_name({"discount": 0.7, "core": "gru"})
    'discount=0.7,core=gru'
    """
    text = ",".join(f"{name}={value}" for name, value in settings.items()) or "all"
    if len(text) <= LONGEST_NAME and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.,=+-]*", text):
        return text
    return hashlib.sha256(repr(list(settings.items())).encode()).hexdigest()[:16]


def require_cells(sweep: Sweep) -> None:
    """Check the settings of every cell.

    Raises
    ------
    BadInput
        For the first setting that does not exist, or value that is refused; and if two cells have the same settings.
    """
    seen: set[str] = set()
    for cell in sweep.cells():
        sweep.source(cell)
        if cell.name in seen:
            drawn = any(axis.dim == "draw" for axis in sweep.axes)
            fix = "give fewer draws, or use --grid for settings with few values" if drawn else "give every one once"
            raise BadInput(f"sweep: two cells have the same settings, {cell.name}; {fix}.")
        seen.add(cell.name)


def order_of(source: Source, terms: Terms) -> Order:
    """Return the order for a cell: that of ``pfc_metarl.simulate`` with as many workers as there are shards."""
    order = Order(source, terms.seed, "cpu", terms.shards, False, _words(source, terms))
    order = order._replace(rehearse=False, report=terms.keep == "all")
    return order._replace(seconds_between_checkpoints=terms.seconds_between_checkpoints)


def _words(source: Source, terms: Terms) -> list[str]:
    """Return the arguments of ``pfc_metarl.simulate`` that make the same run; none for an experiment made in Python."""
    if not source.name:
        return []
    changes = [f"{name}={json.dumps(value)}" for name, value in flattened(source.changes).items()]
    words = [word for change in changes for word in ("--set", change)]
    return [source.name, *words, "--seed", str(terms.seed), "--workers", str(terms.shards)]


def summary_of(sweep: Sweep, cell: Cell) -> dict[str, Any] | None:
    """Return the headline measures of a cell; None if it is not complete, as `Terms.keep` asks for."""
    run = run_of(sweep, cell)
    if run is None or not is_complete(run, sweep.source(cell), sweep.terms):
        return None
    return {**run.summary(), "seconds": sum(run.manifest["seconds"].values())}


def run_of(sweep: Sweep, cell: Cell) -> Run | None:
    """Return the run of a cell; None if it was not begun."""
    path = sweep.path(cell)
    return open_run(path) if (path / NAME).exists() else None


def is_complete(run: Run, source: Source, terms: Terms) -> bool:
    """Return whether a cell has what is to be kept of it, made with its present settings."""
    kept = {"measures": True, "weights": run.trained, "all": run.complete}[terms.keep]
    if not kept or not run.has(SUMMARY) or not _is_intact(run):
        return False
    made, wanted = run.manifest, source.experiment.numbers()
    same = made["training"] == _plain(training_of(source.experiment, terms.seed, "cpu"))
    return same and made["settings"] == _plain(wanted)


def _is_intact(run: Run) -> bool:
    try:
        run.intact(SUMMARY)
    except BadInput:
        return False
    return True


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))
