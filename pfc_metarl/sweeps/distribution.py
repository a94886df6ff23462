"""Cells on a cluster of dask.distributed: which tasks they are, and what the workers do.

A cell with one shard is one task. A cell with several has a task that begins its run, one for each shard, and one that
records and measures. Scheduling, transport and repetition after the death of a worker are those of dask. Tasks have the
same names whenever the same sweep is repeated, so that a scheduler does not carry out a cell twice at the same time.
"""

import asyncio
import functools
import itertools
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cloudpickle
from distributed import Client, Future, Reschedule, as_completed, get_worker
from distributed.client import FutureCancelledError
from distributed.core import Status
from distributed.scheduler import KilledWorker

from pfc_metarl.execution.cohort import n_shards, shards
from pfc_metarl.execution.jobs import Interrupted
from pfc_metarl.execution.processes import pickled
from pfc_metarl.execution.source import Source, varied
from pfc_metarl.runs.code import accept_hashes, collected_hashes
from pfc_metarl.runs.identity import described
from pfc_metarl.settings import BadInput, Failure
from pfc_metarl.sweeps.cells import Cell, Sweep, Terms
from pfc_metarl.sweeps.design import nested
from pfc_metarl.sweeps.serial import Outcome, sentence_of
from pfc_metarl.sweeps.sites import Site, require_site
from pfc_metarl.sweeps.steps import begin_cell, finish_cell, last_checkpoint, train_part

SUBMITTED = 5000
"""Cells that the scheduler knows of at a time, so that workers have another one while the client writes the dataset."""

RETRIES = 2
"""After an error of the disk or of memory. Mistakes in settings are not repeated."""


class Attempt(NamedTuple):
    """A cell that was submitted."""

    cell: Cell
    number: int
    """Of earlier attempts, in each of which several workers died."""
    trained: float
    """Time of its latest checkpoint when it was submitted."""


class Task(NamedTuple):
    """A cell as it is sent to a worker."""

    settings: dict[str, Any]
    folder: str
    terms: Terms
    site: Site


def on_cluster(sweep: Sweep, cells: Iterable[Cell], client: Client, site: Site) -> Iterator[Outcome]:
    """Carry out cells on a cluster; yield how each ended, as they end.

    Raises
    ------
    Failure
        If the scheduler was lost.
    """
    sent = {
        name: client.submit(bytes, _sent(source), key=f"{site.token}-{name}-experiment")
        for name, source in sweep.sources.items()
    }
    waiting = (Attempt(cell, 0, last_checkpoint(sweep.path(cell))) for cell in cells)
    known: dict[Future, Attempt] = {}

    def submit(attempts: Iterable[Attempt]) -> list[Future]:
        new = {_submitted(client, sweep, each, sent[each.cell.experiment], site): each for each in attempts}
        known.update(new)
        return list(new)

    finished = as_completed(submit(itertools.islice(waiting, SUBMITTED)), loop=client.loop, raise_errors=False)
    for future in finished:
        attempt = known.pop(future)
        if again := _another_attempt(future, attempt, sweep.path(attempt.cell)):
            finished.update(submit([again]))
            continue
        yield Outcome(attempt.cell, _error(future))
        finished.update(submit(itertools.islice(waiting, 1)))


def _another_attempt(future: Future, attempt: Attempt, folder: Path) -> Attempt | None:
    """Return the next attempt at a cell whose workers died, if it was trained further meanwhile; None otherwise.

    So a training that takes longer than the jobs of several workers ends, and one that needs more memory than a worker
    has does not begin again and again.
    """
    if future.status != "error" or not isinstance(future.exception(), KilledWorker):
        return None
    trained = last_checkpoint(folder)
    return Attempt(attempt.cell, attempt.number + 1, trained) if trained > attempt.trained else None


def _submitted(client: Client, sweep: Sweep, attempt: Attempt, sent: Future, site: Site) -> Future:
    """Submit the tasks of a cell; return the last of them."""
    cell = attempt.cell
    task = Task(cell.settings, str(sweep.path(cell)), sweep.terms, site)
    key = f"{site.token}-{cell.name}" + (f"-again-{attempt.number}" if attempt.number else "")
    n = sweep.sources[cell.experiment].experiment.networks
    parts = shards(range(n), n_shards(n, sweep.terms.shards))
    submit = functools.partial(client.submit, retries=RETRIES, pure=False)
    before: list[Future] = []
    if len(parts) > 1:
        begun = submit(begin, sent, task, key=f"{key}-begin")
        before = [submit(train, sent, task, part, begun, key=f"{key}-shard-{part[0]}") for part in parts]
    return submit(finish, sent, task, before, key=key)


def _error(future: Future) -> str:
    """Return the error of a cell; empty if it is complete."""
    if future.status in ("cancelled", "lost"):
        raise Failure("the scheduler was lost; complete cells are kept; repeat the command to continue.")
    try:
        return str(future.result())
    except FutureCancelledError:
        raise Failure("the scheduler was lost; complete cells are kept; repeat the command to continue.") from None
    except Exception as error:
        return sentence_of(error)


class Stopping:
    """An event that is set when the present task is to stop: its worker is being closed, or its client has gone."""

    def __init__(self) -> None:
        self.worker = get_worker()
        self.key = self.worker.get_current_task()
        self.worker.loop.add_callback(_close_when_terminated, self.worker)

    def is_set(self) -> bool:
        """Return whether the task is to stop."""
        task = self.worker.state.tasks.get(self.key)
        forgotten = task is None or task.state == "cancelled"
        return forgotten or self.worker.status not in (Status.running, Status.paused)


def _close_when_terminated(worker: Any) -> None:
    """Let SIGTERM close a worker, so that its task is told to stop.

    A batch system sends it to all processes of a job. By default it ends a process that a nanny of dask has started at
    once, without a checkpoint.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if in_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, lambda: loop.create_task(worker.close(nanny=False, reason="SIGTERM")))


def _sent(source: Source) -> bytes:
    """Return an experiment as bytes, with the hashes of its code: workers get the code of a lab without its source."""
    with collected_hashes() as hashes:
        described(source.experiment)
    return pickled((source, hashes))


@functools.lru_cache(maxsize=8)
def _base(sent: bytes) -> Source:
    source: Source
    source, hashes = cloudpickle.loads(sent)
    accept_hashes(hashes)
    return source


def begin(sent: bytes, task: Task) -> str:
    """Begin the run of a cell, on a worker; return what was wrong."""
    return _carried_out(task, lambda stop: begin_cell(_source(sent, task), Path(task.folder), task.terms, stop))


def train(sent: bytes, task: Task, networks: tuple[int, ...], error: str) -> str:
    """Train a shard of a cell, on a worker; return what was wrong, here or before."""
    folder = Path(task.folder)
    return error or _carried_out(task, lambda stop: train_part(_source(sent, task), folder, task.terms, networks, stop))


def finish(sent: bytes, task: Task, errors: Sequence[str]) -> str:
    """Complete a cell, on a worker; return what was wrong, here or before."""
    folder = Path(task.folder)
    return next(filter(None, errors), "") or _carried_out(
        task, lambda stop: finish_cell(_source(sent, task), folder, task.terms, stop)
    )


def _source(sent: bytes, task: Task) -> Source:
    return varied(_base(sent), nested(task.settings))


def _carried_out(task: Task, work: Any) -> str:
    """Do the work of a task; return a mistake as a sentence. A task that stops is done elsewhere, if it is wanted."""
    try:
        require_site(task.site)
        work(Stopping())
    except Interrupted:
        raise Reschedule from None
    except (BadInput, Failure) as error:
        return sentence_of(error)
    return ""
