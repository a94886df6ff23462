"""Encoding and decoding of a large recording: ``python -m benchmarks.encoding``.

A recording of 64 networks, 300 episodes of 300 steps and 48 units in float32 (1.1 GB) is written to a temporary folder,
opened and checked, all its units are encoded on six regressors, and one label is decoded; network by network, so that
memory stays small. For comparison, numpy's least squares on the same matrices. Each is done once, in this order; memory
is the peak of the process so far.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import h5netcdf
import numpy as np
import xarray as xr
from rich.console import Console
from rich.table import Table

from pfc_metarl.data.dataset import open_recording
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import population_decoding, previous, unit_encoding

DIMS = ("network", "episode", "step")
PHASES = ["choice", "outcome"]
PROBABILITIES = {"action": 0.5, "reward": 0.6, "good": 0.5}


def write(path: Path, sizes: dict[str, int]) -> None:
    """Write a recording of random binary variables, and of units that encode them."""
    random = np.random.default_rng(0)
    n = tuple(sizes[dim] for dim in DIMS)
    with h5netcdf.File(path, "w") as file:
        file.dimensions = sizes
        arrays = {name: file.create_variable(name, DIMS, "f4" if name == "reward" else "i1") for name in PROBABILITIES}
        arrays |= {name: file.create_variable(name, DIMS, dtype) for name, dtype in (("trial", "i2"), ("phase", "i1"))}
        arrays["phase"].attrs["flag_meanings"] = PHASES
        hidden = file.create_variable("hidden", (*DIMS, "unit"), "f4")
        for network in range(n[0]):
            tosses = {name: random.random(n[1:]) < p for name, p in PROBABILITIES.items()}
            for name, values in tosses.items():
                arrays[name][network] = values
            arrays["trial"][network] = np.broadcast_to(np.arange(n[2]) // 2, n[1:])
            arrays["phase"][network] = np.broadcast_to(np.arange(n[2]) % 2, n[1:])
            weights = random.normal(size=(len(tosses), sizes["unit"])).astype("f4")
            activity = random.normal(size=(*n[1:], sizes["unit"])).astype("f4")
            hidden[network] = activity + np.stack(list(tosses.values()), -1).astype("f4") @ weights


def regressors(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return six: actions, rewards and their products, of the trial and of the one before."""
    action, reward = (2.0 * trial_view(recording, name, "choice") - 1 for name in ("action", "reward"))
    now = {"action": action, "reward": reward, "product": action * reward}
    return now | {f"last {name}": previous(array) for name, array in now.items()}


def least_squares(recording: xr.Dataset, explained: dict[str, xr.DataArray]) -> tuple[np.ndarray, float]:
    """Return numpy's coefficients [network, regressor, unit] and its seconds, those of reading not counted."""
    found, seconds = [], 0.0
    for network in range(recording.sizes["network"]):
        activity = trial_view(recording.isel(network=[network]), "hidden", "choice").values[0]
        design = np.stack([array.values[network] for array in explained.values()], -1)
        keep = np.isfinite(design).all(-1)
        x, y = design[keep], activity[keep].astype(float)
        x = np.column_stack([np.ones(len(x)), (x - x.mean(0)) / x.std(0)])
        start = time.perf_counter()
        found.append(np.linalg.lstsq(x, y)[0][1:])
        seconds += time.perf_counter() - start
    return np.stack(found), seconds


def measured(sizes: dict[str, int], decode: bool) -> list[tuple[str, float, float]]:
    """Return what was done, its seconds, and the peak memory after it in GB."""
    rows: list[tuple[str, float, float]] = []

    def timed(name: str, done: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = done()
        rows.append((name, time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20))
        return result

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.nc"
        timed("write", lambda: write(path, sizes))
        recording = timed("open and check", lambda: open_recording(path))
        explained = timed("make six regressors", lambda: regressors(recording))
        encoding = timed("unit_encoding", lambda: unit_encoding(recording, explained, "choice"))
        theirs, seconds = least_squares(recording, explained)
        rows.append(("numpy.linalg.lstsq on the same matrices", seconds, rows[-1][2]))
        np.testing.assert_allclose(encoding["coefficient"].transpose("subject", "regressor", "unit"), theirs, atol=1e-4)
        if decode:
            good = trial_view(recording, "good", "choice")
            timed("population_decoding, 5 folds", lambda: population_decoding(recording, good, "classes", n_shuffles=0))
        recording.close()
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure everything once and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoding", description="A large recording.")
    for dim, size in {"network": 64, "episode": 300, "step": 300, "unit": 48}.items():
        parser.add_argument(f"--{dim}s", type=int, default=size, dest=dim)
    parser.add_argument("--no-decoding", action="store_true")
    options = vars(parser.parse_args(arguments))
    decode = not options.pop("no_decoding")
    rows = measured(options, decode)
    seconds = {name: taken for name, taken, _ in rows}
    size = 4 * np.prod(list(options.values())) / 1e9
    title = f"{', '.join(f'{n} {dim}s' for dim, n in options.items())}: {size:.2f} GB; {os.cpu_count()} cores"
    table = Table("what", "seconds", "x lstsq", "peak memory, GB", title=title)
    for name, taken, memory in rows:
        table.add_row(
            name, f"{taken:.2f}", f"{taken / seconds['numpy.linalg.lstsq on the same matrices']:.1f}", f"{memory:.2f}"
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
