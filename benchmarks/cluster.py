"""What a sweep costs besides its training: ``python -m benchmarks.cluster``.

A cell trains one network of two units for one update of one episode of two trials, and records and measures two
episodes. So nearly all of its time is overhead: the run directory, its manifest, hashes, recording, summary. The same
training, recording and measure in memory are the part that is none. `--cells` cells (2,000) are made by workers of a
cluster on this machine, read back, and written as one dataset. `--pair` cells are made by one worker and by two, to
compare cells a second. `--refused` cells are sent to workers that refuse them at once, which leaves the work of client,
transport and scheduler. Times are CPU seconds, but where two workers are compared with one.
"""

import argparse
import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pfc_metarl import A2C, Experiment, Headline, Network, Probe, measures, record, train
from pfc_metarl.execution.processes import pickled
from pfc_metarl.execution.simulation import frozen_agent
from pfc_metarl.sweeps import folder
from pfc_metarl.sweeps.building import sweep_of, terms_of
from pfc_metarl.sweeps.cells import Sweep
from pfc_metarl.sweeps.cluster import connected, require_workers
from pfc_metarl.sweeps.distribution import Task, on_cluster
from pfc_metarl.sweeps.running import collected
from pfc_metarl.sweeps.sites import site_of
from pfc_metarl.tasks import Bandit

TINY = Experiment(
    claim="",
    task=Bandit(n_trials=2),
    network=Network(units=2),
    learner=A2C(updates=1, episodes=1),
    networks=1,
    probes={"test": Probe(episodes=2, only=("policy",))},
    headlines=(Headline(label="reward per trial", measure="reward_test", variable="reward_per_trial"),),
)


def tiny_sweep(n: int, out: Path) -> Sweep:
    """Return a sweep with so many cells."""
    values = [round(0.5 + 0.4 * number / n, 6) for number in range(n)]
    return sweep_of(TINY, {}, {"grid": {"learner.discount": values}}, out, terms_of(keep="measures"))


def in_memory() -> None:
    """Train, record and measure as in a cell, without files."""
    trained = train(TINY, workers=1)
    agent = frozen_agent((TINY.task, TINY.network, TINY.learner), trained.weights)
    measures.reward_per_trial(record(TINY.task, agent, n_episodes=2, seed=0, only=("policy",)))


def cpu_seconds(work: Callable[[], Any]) -> float:
    """Return the CPU seconds of this process in which something is done."""
    start = time.process_time()
    work()
    return time.process_time() - start


@contextlib.contextmanager
def warm_client(workers: int, out: Path) -> Iterator[Any]:
    """Yield a client whose workers have made a few cells."""
    with connected("local", workers, {}) as client:
        made = tiny_sweep(4 * workers, out)
        site = site_of(made.folder, folder.prepare(made))
        require_workers(client, site)
        list(on_cluster(made, made.cells(), client, site))
        yield client


class Made(NamedTuple):
    """Cells that were made by workers."""

    sweep: Sweep
    seconds: float
    client: float
    """CPU seconds of this process, which is client and scheduler."""
    workers: float
    """CPU seconds of all workers."""
    errors: list[str]


def made_by(workers: int, n: int, out: Path, refused: bool = False) -> Made:
    """Make cells on workers of this machine; if they are to be refused, workers look for another sweep."""
    with warm_client(workers, out / "warm") as client:
        sweep = tiny_sweep(n, out / "sweep")
        site = site_of(sweep.folder, folder.prepare(sweep))
        site = site._replace(token="another sweep") if refused else site
        spent = sum(client.run(time.process_time).values())
        start, own = time.monotonic(), time.process_time()
        errors = [each.error for each in on_cluster(sweep, sweep.cells(), client, site) if each.error]
        seconds, own = time.monotonic() - start, time.process_time() - own
        return Made(sweep, seconds, own, sum(client.run(time.process_time).values()) - spent, errors)


def sent_bytes(sweep: Sweep) -> int:
    """Return the bytes that are sent to the scheduler for a cell."""
    cell = next(sweep.cells())
    return len(pickled(Task(cell.settings, str(sweep.path(cell)), sweep.terms, site_of(sweep.folder, "token"))))


def rows_of_cells(n: int, workers: int, out: Path) -> Iterator[tuple[str, str]]:
    """Yield what is measured of real cells."""
    in_memory()
    bare = cpu_seconds(lambda: [in_memory() for _ in range(20)]) / 20
    yield "CPU ms to train, record and measure one in memory", f"{1000 * bare:.0f}"
    made = made_by(workers, n, out)
    assert not made.errors, made.errors[0]
    yield f"s for {n:,} cells with {workers} workers", f"{made.seconds:.0f}"
    yield "CPU ms a cell of a worker", f"{1000 * made.workers / n:.0f}"
    yield "CPU ms a cell of a worker, besides these", f"{1000 * (made.workers / n - bare):.0f}"
    yield "CPU ms a cell of client and scheduler", f"{1000 * made.client / n:.1f}"
    yield "bytes sent for a cell", f"{sent_bytes(made.sweep):,}"
    yield "CPU ms a cell to read all", f"{1000 * cpu_seconds(lambda: collected(made.sweep)) / n:.2f}"
    found = collected(made.sweep)
    yield "CPU ms to write their dataset", f"{1000 * cpu_seconds(lambda: found.write(at_once=True)):.0f}"
    yield "bytes of the dataset, a cell", f"{(made.sweep.folder / folder.DATASET).stat().st_size / n:.0f}"
    files = [path for path in (made.sweep.folder / "cells").rglob("*") if path.is_file()]
    yield "files of a cell", f"{len(files) / n:.1f}"
    yield "bytes of a cell", f"{sum(path.stat().st_size for path in files) / n:,.0f}"


def rows_of_refused(n: int, out: Path) -> Iterator[tuple[str, str]]:
    """Yield what is measured of cells that workers refuse."""
    made = made_by(2, n, out, refused=True)
    assert len(made.errors) == n
    yield f"cells a second, {n:,} that workers refuse", f"{n / made.seconds:.0f}"
    yield "CPU ms a cell of client and scheduler for these", f"{1000 * made.client / n:.1f}"


def row_of_a_pair(n: int, out: Path) -> tuple[str, str]:
    """Return the cells a second of two workers over those of one."""
    one, two = (made_by(workers, n, out / str(workers)).seconds for workers in (1, 2))
    return f"cells a second with 2 workers over those with 1, {n} cells", f"{one / two:.2f}"


def rows_of(options: argparse.Namespace, out: Path) -> Iterator[tuple[str, str]]:
    """Yield what is measured and its number, each as soon as it is known."""
    if options.cells:
        yield from rows_of_cells(options.cells, options.workers, out / "cells")
    if options.refused:
        yield from rows_of_refused(options.refused, out / "refused")
    if options.pair:
        yield row_of_a_pair(options.pair, out / "pair")


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cells", type=int, default=2000, help="cells that are made (default 2000; 0 for none)")
    parser.add_argument("--workers", type=int, default=2, help="workers that make them (default 2)")
    parser.add_argument("--pair", type=int, default=100, help="cells for 1 and for 2 workers (default 100; 0 for none)")
    parser.add_argument("--refused", type=int, default=2000, help="cells that are refused (default 2000; 0 for none)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary)
        for what, measured in rows_of(options, out):
            print(f"{what:<72} {measured}", flush=True)
    return 0


if __name__ == "__main__":
    main()
