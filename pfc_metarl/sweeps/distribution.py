"""Cells on a cluster of dask.distributed: which tasks they are, and what the workers do.

A cell with one shard is one task. A cell with several has a task that begins its run, one for each shard, and one that
records and measures. Scheduling, transport and repetition after the death of a worker are those of dask. Tasks have the
same names whenever the same sweep is repeated, so that a scheduler does not carry out a cell twice at the same time.
"""

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cloudpickle
from distributed import Client, Future, Reschedule, as_completed, get_worker
from distributed.client import FutureCancelledError
from distributed.core import Status

from pfc_metarl.execution.cohort import n_shards, shards
from pfc_metarl.execution.jobs import Interrupted
from pfc_metarl.execution.processes import pickled
from pfc_metarl.execution.source import Source, varied
from pfc_metarl.settings import BadInput, Failure
from pfc_metarl.sweeps.cells import Cell, Sweep, Terms
from pfc_metarl.sweeps.design import nested
from pfc_metarl.sweeps.serial import Outcome, sentence_of
from pfc_metarl.sweeps.sites import Site, require_site
from pfc_metarl.sweeps.steps import begin_cell, finish_cell, train_part

SUBMITTED = 5000
"""Cells that the scheduler knows of at a time, so that workers have another one while the client writes the dataset."""

RETRIES = 2
"""After an error of the disk or of memory. Mistakes in settings are not repeated."""


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
        name: client.submit(bytes, pickled(source), key=f"{site.token}-{name}-experiment")
        for name, source in sweep.sources.items()
    }
    waiting = iter(cells)
    known: dict[Future, Cell] = {}

    def submit_more(n: int) -> list[Future]:
        new = {
            _submitted(client, sweep, cell, sent[cell.experiment], site): cell for cell in itertools.islice(waiting, n)
        }
        known.update(new)
        return list(new)

    finished = as_completed(submit_more(SUBMITTED), loop=client.loop, raise_errors=False)
    for future in finished:
        cell = known.pop(future)
        yield Outcome(cell, _error(future))
        for new in submit_more(1):
            finished.add(new)


def _submitted(client: Client, sweep: Sweep, cell: Cell, sent: Future, site: Site) -> Future:
    """Submit the tasks of a cell; return the last of them."""
    task = Task(cell.settings, str(sweep.path(cell)), sweep.terms, site)
    key, n = f"{site.token}-{cell.name}", sweep.sources[cell.experiment].experiment.networks
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

    def is_set(self) -> bool:
        """Return whether the task is to stop."""
        task = self.worker.state.tasks.get(self.key)
        forgotten = task is None or task.state == "cancelled"
        return forgotten or self.worker.status not in (Status.running, Status.paused)


@functools.lru_cache(maxsize=8)
def _base(sent: bytes) -> Source:
    source: Source = cloudpickle.loads(sent)
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
