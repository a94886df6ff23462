"""The result of a sweep: one dataset of the headline measures of all cells."""

import math
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import save
from pfc_metarl.experiments.headline import within
from pfc_metarl.sweeps.cells import Cell, Sweep, summary_of
from pfc_metarl.sweeps.design import Axis, short_names
from pfc_metarl.sweeps.folder import DATASET

MISSING, COMPLETE, FAILED = 0, 1, 2

SECONDS_BETWEEN_WRITES = 5.0
FRACTION_OF_TIME = 0.05
"""At most so much of the time is spent writing the dataset while cells finish."""


def variable_name(label: str) -> str:
    """Return the name of a variable for the label of a headline measure.

    Examples
    --------
    >>> variable_name("raw r² of RPE at onset, model-based learner")
    'raw_r2_of_rpe_at_onset_model_based_learner'
    """
    return re.sub(r"\W+", "_", label.replace("²", "2").casefold()).strip("_")


class Collection:
    """The headline measures of the cells of a sweep, as they finish.

    Parameters
    ----------
    sweep : Sweep
    """

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.summaries: dict[tuple[int, ...], Mapping[str, Any]] = {}
        self.failed: set[tuple[int, ...]] = set()
        self.written, self.cost = -math.inf, 0.0
        self.numbers = {name: number for number, name in enumerate(sweep.sources)}

    def place(self, cell: Cell) -> tuple[int, ...]:
        """Return the positions of a cell in the dataset."""
        first = (self.numbers[cell.experiment],) if len(self.numbers) > 1 else ()
        return (*first, *cell.positions)

    def add(self, cell: Cell) -> bool:
        """Read the measures of a cell if it is complete; return whether it is."""
        summary = summary_of(self.sweep, cell)
        if summary is not None:
            self.summaries[self.place(cell)] = summary
            self.failed.discard(self.place(cell))
        return summary is not None

    def fail(self, cell: Cell) -> None:
        """Note that a cell failed for good."""
        self.failed.add(self.place(cell))

    def dataset(self) -> xr.Dataset:
        """Return the dataset.

        Returns
        -------
        Dataset, dims (experiment, the dimensions of the axes, network)
            A variable for each headline measure, with its label as an attribute. ``reached``, whether a network
            reached every criterion. Without the dimension network: ``status`` of a cell, 0 missing, 1 complete, 2
            failed; ``seconds`` that it took.
        """
        coords = _coordinates(self.sweep)
        sizes = [len(self.sweep.sources)] * (len(self.numbers) > 1) + [len(axis) for axis in self.sweep.axes]
        dims = ["experiment"] * (len(self.numbers) > 1) + [axis.dim for axis in self.sweep.axes]
        n = max(source.experiment.networks for source in self.sweep.sources.values())
        made = xr.Dataset(coords=coords | {"network": np.arange(n)})
        rows = [(place, row) for place, summary in self.summaries.items() for row in summary["measures"]]
        for label in dict.fromkeys(row["measure"] for _, row in rows):
            values = np.full((*sizes, n), np.nan)
            for place, row in rows:
                if row["measure"] == label:
                    values[place][: len(row["subjects"])] = np.array(row["subjects"], float)
            made[variable_name(label)] = ((*dims, "network"), values, {"label": label})
        made["reached"] = ((*dims, "network"), self._reached((*sizes, n)), {"label": "every criterion reached"})
        made["status"] = (dims, self._status(sizes), {"label": "0 missing, 1 complete, 2 failed"})
        made["seconds"] = (dims, self._seconds(sizes), {"label": "seconds of one core"})
        return made.assign_attrs(experiments=list(self.sweep.sources), seed=self.sweep.terms.seed)

    def write(self, at_once: bool = False) -> None:
        """Write the dataset beside the cells, unless it was written a short time ago."""
        start = time.monotonic()
        pause = max(SECONDS_BETWEEN_WRITES, self.cost / FRACTION_OF_TIME)
        if at_once or start - self.written > pause:
            save(self.dataset(), self.sweep.folder / DATASET)
            self.written = time.monotonic()
            self.cost = self.written - start

    def _reached(self, shape: Sequence[int]) -> np.ndarray:
        found = np.full(shape, np.nan)
        for place, summary in self.summaries.items():
            judged = [row for row in summary["measures"] if "criterion" in row]
            if judged:
                met = [within(np.array(row["subjects"], float), *row["criterion"]) for row in judged]
                found[place][: len(met[0])] = np.all(met, axis=0)
        return found

    def _status(self, sizes: Sequence[int]) -> np.ndarray:
        found = np.full(sizes, MISSING, np.int8)
        for place in self.failed:
            found[place] = FAILED
        for place in self.summaries:
            found[place] = COMPLETE
        return found

    def _seconds(self, sizes: Sequence[int]) -> np.ndarray:
        found = np.full(sizes, np.nan)
        for place, summary in self.summaries.items():
            found[place] = summary["seconds"]
        return found


def _coordinates(sweep: Sweep) -> dict[str, Any]:
    """Return the swept settings as coordinates."""
    found: dict[str, Any] = {"experiment": list(sweep.sources)} if len(sweep.sources) > 1 else {}
    short = short_names([name for axis in sweep.axes for name in axis.values])
    for axis in sweep.axes:
        found |= _of_axis(axis, short)
    return found


def _of_axis(axis: Axis, short: Mapping[str, str]) -> dict[str, Any]:
    found = {short[name]: (axis.dim, _array(values), {"setting": name}) for name, values in axis.values.items()}
    return found if axis.dim in found else {axis.dim: np.arange(len(axis))} | found


def _array(values: Sequence[Any]) -> np.ndarray:
    """Return values as numbers or texts."""
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return np.array(values) if numbers else np.array([str(value) for value in values], object)
