"""Jobs of a simulation, such as training a shard or making a recording, carried out in this process.

`pfc_metarl.execution.processes.Workers` carries out the same jobs in worker processes.
"""

import functools
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

Report = Callable[[Any], None]
"""Called from time to time with the progress of a job."""

Result = Callable[[], Any]
"""Waits until a job is complete, and returns what it returned or raises what it raised."""


class Interrupted(Exception):
    """A job was asked to stop; what it needs to continue is written."""


class Job(Protocol):
    """A piece of work, with everything that it needs."""

    def __call__(self, report: Report, asked_to_stop: Callable[[], bool]) -> Any:
        """Do the work; raise `Interrupted` if it was asked to stop before it was complete."""


class ItemsJob(NamedTuple):
    """The same work for several items, as a job; its result is the list of what they gave."""

    work: Callable[[Any], Any]
    items: tuple[Any, ...]

    def __call__(self, report: Report, asked_to_stop: Callable[[], bool]) -> list[Any]:
        """Do the work for each item."""
        made = []
        for item in self.items:
            if asked_to_stop():
                raise Interrupted
            made.append(self.work(item))
        return made


class Jobs(Protocol):
    """What carries out jobs."""

    report: Report
    stop: Any
    in_parallel: bool
    """Whether jobs are carried out while this process does something else."""

    def submit(self, job: Job) -> Result:
        """Accept a job."""

    def __enter__(self) -> "Jobs": ...

    def __exit__(self, *error: object) -> None: ...


class InThisProcess:
    """Carries out each job when its result is asked for.

    Parameters
    ----------
    report : callable
    stop : event, optional
        Set it to interrupt.
    caution : str
        Warning that the first job gives; none if empty.

    Examples
    --------
    >>> InThisProcess(print).submit(lambda report, asked_to_stop: report("half") or asked_to_stop())()
    half
    False
    """

    in_parallel = False

    def __init__(self, report: Report, stop: Any = None, caution: str = "") -> None:
        self.report, self.stop, self.caution = report, stop or threading.Event(), caution

    def submit(self, job: Job) -> Result:
        """Accept a job."""
        if self.caution:
            warnings.warn(self.caution, stacklevel=4)
            self.caution = ""
        return functools.cache(lambda: job(self.report, self.stop.is_set))

    def __enter__(self) -> "InThisProcess":
        return self

    def __exit__(self, *error: object) -> None:
        pass


def distributed(jobs: Jobs, work: Callable[[Any], Any], items: Sequence[Any], per_job: int = 1) -> Iterator[Any]:
    """Yield what the work gives for each item, in their order.

    Parameters
    ----------
    jobs : Jobs
    work : callable
    items : sequence
    per_job : int
        Items of a job.

    Examples
    --------
    >>> list(distributed(InThisProcess(print), abs, [-1, 2, -3], per_job=2))
    [1, 2, 3]
    """
    groups = [tuple(items[start : start + per_job]) for start in range(0, len(items), per_job)]
    results = [jobs.submit(ItemsJob(work, group)) for group in groups]
    for result in results:
        yield from result()
