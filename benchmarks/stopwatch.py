"""Seconds by step of a command and of its worker processes, for `benchmarks.end_to_end`.

Functions of the package are wrapped, by their names; of nested steps the inner one is charged. Every process writes its
seconds as lines to the file that ``PFC_METARL_STOPWATCH`` names.
"""

import functools
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analyses import side_by_side
from pfc_metarl.execution import workers

FILE, BEGUN = "PFC_METARL_STOPWATCH", "PFC_METARL_BEGUN"
"""Environment variables: the file for the lines, and when the command was begun, in seconds since 1970."""

START, SERVER, WAIT = "start-up, imports, exit", "imports of the server of the workers", "waiting for workers"

COMMAND = {
    "pfc_metarl.execution.simulation:_rehearse": "rehearsal",
    "pfc_metarl.execution.pipeline:trained_by": WAIT,
    "pfc_metarl.execution.pipeline:_keep": "writing weights",
    "pfc_metarl.execution.pipeline:summarised": "measuring",
    "pfc_metarl.execution.recordings:Recordings._complete": WAIT,
    "pfc_metarl.execution.processes:Workers.__exit__": "end of workers",
    "pfc_metarl.execution.simulation:write_report": "report",
}
"""Steps of the command ``simulate``."""

WORK = {
    "pfc_metarl.execution.shard:train_shard": "training",
    "pfc_metarl.execution.recordings:RecordingJob.__call__": "recording",
    "pfc_metarl.data.streaming:save": "writing",
    "pfc_metarl.data.streaming:_streamed": "writing",
    "pfc_metarl.runs.manifest:entry": "hashes",
}
"""Steps of a worker."""

FIGURE = {
    "analyses.drawing:_measured": "measuring the figure",
    "analyses.style:save": "drawing",
    "pfc_metarl.report:report": "report",
}
"""Further steps of the command ``analyses``."""

MODULES = {"simulate": "pfc_metarl.simulate", "analyses": "analyses.__main__"}


class Stopwatch:
    """Charges seconds, by the clock and of the processor, to the innermost step that is running.

    Parameters
    ----------
    begun : float
        When the process was begun, on the clock of `time.time`.

    Examples
    --------
    >>> watch = Stopwatch(time.time() - 2)
    >>> watch.timed("sum", sum)([1, 2])
    3
    >>> watch.total()["start-up, imports, exit"][0] > 1.9
    True
    """

    def __init__(self, begun: float) -> None:
        self.spent: dict[str, list[float]] = {}
        self.running = [START]
        self.last = begun, 0.0

    def charge(self) -> None:
        """Charge the seconds since the last call to the running step."""
        now = time.time(), time.process_time()
        spent = self.spent.setdefault(self.running[-1], [0.0, 0.0])
        for kind in range(2):
            spent[kind] += now[kind] - self.last[kind]
        self.last = now

    def total(self) -> dict[str, list[float]]:
        """Return seconds by step, by the clock and of the processor."""
        self.charge()
        return self.spent

    def timed(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, charged to a step."""

        @functools.wraps(function)
        def charged(*values: Any, **named: Any) -> Any:
            self.charge()
            self.running.append(step)
            try:
                return function(*values, **named)
            finally:
                self.charge()
                self.running.pop()

        return charged

    def watch(self, steps: dict[str, str]) -> None:
        """Wrap functions, by module and name."""
        for place, step in steps.items():
            module, _, path = place.partition(":")
            *owners, name = path.split(".")
            owner: Any = functools.reduce(getattr, owners, importlib.import_module(module))
            setattr(owner, name, self.timed(step, getattr(owner, name)))


def write(who: str, spent: dict[str, list[float]]) -> None:
    """Add a line to the file: who, and the seconds so far."""
    with Path(os.environ[FILE]).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"who": who, "process": os.getpid(), "spent": spent}) + "\n")


def watch_copies(watch: Stopwatch) -> None:
    """Let copies of this process write their seconds, charged to the step in which they were made."""
    carry_out, own = side_by_side._carry_out, {}

    @functools.wraps(carry_out)
    def charged(name: str) -> Any:
        if os.getpid() not in own:
            own[os.getpid()] = Stopwatch(time.time())
            own[os.getpid()].running = watch.running[-1:]
        try:
            return carry_out(name)
        finally:
            write("worker", own[os.getpid()].total())

    side_by_side._carry_out = charged


def main() -> int:
    """Run a command and write its seconds; the first argument is its name."""
    name, *arguments = sys.argv[1:]
    watch = Stopwatch(float(os.environ[BEGUN]))
    workers.IMPORTED.append("benchmarks.watched_workers")
    workers.prepare()
    watch.watch({**COMMAND, **WORK})
    if name == "analyses":
        watch.watch(FIGURE)
        watch_copies(watch)
    try:
        code: int = importlib.import_module(MODULES[name]).main(arguments)
        return code
    finally:
        write("command", watch.total())


if __name__ == "__main__":
    sys.exit(main())
