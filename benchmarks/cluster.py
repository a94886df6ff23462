"""What a sweep costs besides its training: ``python -m benchmarks.cluster``.

Cells train one network of four units for one update, and record and measure two episodes. So nearly all of their time
is overhead: the run directory, its manifest, hashes, the summary. They are made one after the other in this process,
and by one and by two workers of a cluster on this machine. Then as many as `--many` cells are sent to workers that
refuse them at once, which leaves the work of client, transport and scheduler; and their dataset is written, with the
measures of one cell in all of them. Times are CPU seconds, but where two workers are compared with one.
"""

import argparse
import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pfc_metarl import A2C, Experiment, Headline, Network, Probe
from pfc_metarl.execution.processes import pickled
from pfc_metarl.sweeps import folder
from pfc_metarl.sweeps.building import sweep_of, terms_of
from pfc_metarl.sweeps.cells import Sweep
from pfc_metarl.sweeps.cluster import connected, require_workers
from pfc_metarl.sweeps.collection import Collection
from pfc_metarl.sweeps.distribution import Task, on_cluster
from pfc_metarl.sweeps.running import collected
from pfc_metarl.sweeps.serial import in_this_process
from pfc_metarl.sweeps.sites import site_of
from pfc_metarl.tasks import Bandit

TINY = Experiment(
    claim="",
    task=Bandit(n_trials=2),
    network=Network(units=4),
    learner=A2C(updates=1, episodes=1),
    networks=1,
    probes={"test": Probe(episodes=2)},
    headlines=(Headline(label="reward per trial", measure="reward_test", variable="reward_per_trial"),),
)


def tiny_sweep(n: int, out: Path) -> Sweep:
    """Return a sweep with so many cells."""
    values = [round(0.5 + 0.4 * number / n, 6) for number in range(n)]
    return sweep_of(TINY, {}, {"grid": {"learner.discount": values}}, out, terms_of(keep="measures"))


def serial(n: int, out: Path) -> float:
    """Return the CPU seconds of a cell in this process."""
    made = tiny_sweep(n + 1, out)
    cells = list(made.cells())
    list(in_this_process(made, cells[:1], threading.Event()))  # what is compiled, is compiled in it
    start = time.process_time()
    list(in_this_process(made, cells[1:], threading.Event()))
    return (time.process_time() - start) / n


@contextlib.contextmanager
def warm_client(workers: int, out: Path) -> Iterator[Any]:
    """Yield a client whose workers have made a few cells."""
    with connected("local", workers, {}) as client:
        made = tiny_sweep(4 * workers, out)
        site = site_of(made.folder, folder.prepare(made))
        require_workers(client, site)
        list(on_cluster(made, made.cells(), client, site))
        yield client


def on_workers(n: int, workers: int, out: Path) -> tuple[float, float, Sweep]:
    """Return the seconds of a sweep on a cluster, CPU seconds of this process with the scheduler, and the sweep."""
    with warm_client(workers, out / "warm") as client:
        made = tiny_sweep(n, out / "cells")
        site = site_of(made.folder, folder.prepare(made))
        start, cpu = time.monotonic(), time.process_time()
        errors = [each.error for each in on_cluster(made, made.cells(), client, site) if each.error]
        assert not errors, errors[0]
        return time.monotonic() - start, time.process_time() - cpu, made


def scheduled(n: int, out: Path) -> tuple[float, float]:
    """Return the cells a second that are sent, refused and returned, and the CPU seconds of a cell in this process."""
    with warm_client(2, out / "warm") as client:
        made = tiny_sweep(n, out / "cells")
        site = site_of(made.folder, folder.prepare(made))._replace(token="another sweep")
        start, cpu = time.monotonic(), time.process_time()
        refused = sum(bool(each.error) for each in on_cluster(made, made.cells(), client, site))
        assert refused == n
        return n / (time.monotonic() - start), (time.process_time() - cpu) / n


def written(n: int, made: Sweep, out: Path) -> tuple[float, float]:
    """Return the CPU seconds in which a dataset of so many cells is written, and its bytes for a cell."""
    first = next(made.cells())
    large = tiny_sweep(n, out)
    found = Collection(large)
    summary = Collection(made)
    summary.add(first)
    for cell in large.cells():
        found.summaries[found.place(cell)] = summary.summaries[summary.place(first)]
    folder.prepare(large)
    start = time.process_time()
    found.write(at_once=True)
    return time.process_time() - start, (out / folder.DATASET).stat().st_size / n


def sent_bytes(made: Sweep) -> int:
    """Return the bytes that are sent to the scheduler for a cell."""
    cell = next(made.cells())
    site = site_of(made.folder, "token")
    return len(pickled(Task(cell.settings, str(made.path(cell)), made.terms, site)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cells", type=int, default=60, help="cells that are made (default 60)")
    parser.add_argument("--many", type=int, default=2000, help="cells that are scheduled and collected (default 2000)")
    options = parser.parse_args()
    n, many = options.cells, options.many
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary)
        rows = {"CPU s a cell, in this process": f"{serial(min(n, 50), out / 'serial'):.3f}"}
        one, _, _ = on_workers(n, 1, out / "one")
        two, cpu, made = on_workers(n, 2, out / "two")
        rows["cells a second with 2 workers over that with 1"] = f"{one / two:.2f}"
        rows["CPU ms a cell of client and scheduler"] = f"{1000 * cpu / n:.1f}"
        rows["bytes sent for a cell"] = f"{sent_bytes(made):,}"
        start = time.process_time()
        collected(made)
        rows["CPU ms a cell to read what is complete"] = f"{1000 * (time.process_time() - start) / n:.1f}"
        rate, cpu = scheduled(many, out / "many")
        rows[f"cells a second, {many} that workers refuse"] = f"{rate:.0f}"
        rows["CPU ms a cell of client and scheduler for these"] = f"{1000 * cpu:.1f}"
        seconds, size = written(many, made, out / "large")
        rows[f"CPU ms to write the dataset of {many} cells"] = f"{1000 * seconds:.0f}"
        rows["bytes of this dataset, a cell"] = f"{size:.0f}"
        files = [path for path in (made.folder / "cells").rglob("*") if path.is_file()]
        rows["files, bytes of a cell"] = f"{len(files) / n:.1f}, {sum(path.stat().st_size for path in files) / n:,.0f}"
    table = Table(title=f"{n} cells made, {many} scheduled")
    for column in ("what", "measured"):
        table.add_column(column)
    for row in rows.items():
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
