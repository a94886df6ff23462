"""Measures of many networks on the workers of a client: ``python -m benchmarks.networks``.

Units of 64 networks are encoded on six regressors, and one label is decoded from them, network by network: one after
the other in this process, and by one and by two workers of a cluster on this machine. All give the same numbers. CPU
seconds are those of all processes. The last column compares the time by the clock with that of one worker; on a busy
machine it means little.
"""

import argparse
import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import xarray as xr
from rich.console import Console
from rich.table import Table

from benchmarks.encoding import regressors, write
from pfc_metarl import measure_networks
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import population_decoding, unit_encoding
from pfc_metarl.sweeps.cluster import connected


def encoded(recording: xr.Dataset) -> xr.Dataset:
    """Return the encoding of all units."""
    return unit_encoding(recording, regressors(recording), "choice")


def decoded(recording: xr.Dataset) -> xr.Dataset:
    """Return how well a label is decoded from all units, in five folds."""
    return population_decoding(recording, trial_view(recording, "good", "choice"), "classes", n_shuffles=0)


MEASURES: dict[str, Callable[[xr.Dataset], xr.Dataset]] = {"encoding": encoded, "decoding": decoded}


class Spent(NamedTuple):
    """What a measure of all networks took."""

    measure: str
    workers: int
    """0 is this process."""
    seconds: float
    cpu: float


def _cpu(client: Any) -> float:
    """Return the CPU seconds so far of this process and of the workers."""
    return time.process_time() + (sum(client.run(time.process_time).values()) if client else 0.0)


def measured(path: Path) -> Iterator[Spent]:
    """Yield what each measure takes, with each number of workers."""
    reference = {}
    for workers in (0, 1, 2):
        with connected("local", workers, {}) if workers else contextlib.nullcontext() as client:
            for name, measure in MEASURES.items():
                cpu, start = _cpu(client), time.monotonic()
                made = measure_networks(measure, path, client)
                yield Spent(name, workers, time.monotonic() - start, _cpu(client) - cpu)
                xr.testing.assert_identical(made, reference.setdefault(name, made))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.networks", description="Measures of many networks.")
    for dim, size in {"network": 64, "episode": 100, "step": 100, "unit": 48}.items():
        parser.add_argument(f"--{dim}s", type=int, default=size, dest=dim)
    sizes = vars(parser.parse_args(arguments))
    table = Table("measure", "workers", "CPU s", "speed", title=", ".join(f"{n} {dim}s" for dim, n in sizes.items()))
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "test.nc", sizes)
        rows = list(measured(Path(folder) / "test.nc"))
    one = {row.measure: row.seconds for row in rows if row.workers == 1}
    for row in sorted(rows):
        speed = f"{one[row.measure] / row.seconds:.2f}" if row.workers else ""
        table.add_row(row.measure, str(row.workers or "none"), f"{row.cpu:.2f}", speed)
    Console().print(table)


if __name__ == "__main__":
    main()
