"""The steps of a cell: begin its run, train a shard, record and measure, remove what is not kept.

They are carried out in this process, or by workers of a cluster. A step that was interrupted continues from the
checkpoints in the run directory.
"""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pfc_metarl.execution.cohort import one_thread
from pfc_metarl.execution.jobs import Interrupted, Report
from pfc_metarl.execution.pipeline import Plan, cohort_of
from pfc_metarl.execution.shard import train_shard
from pfc_metarl.execution.simulation import begun, simulate_in
from pfc_metarl.execution.source import Source
from pfc_metarl.runs.lock import InUse, locked
from pfc_metarl.runs.manifest import NAME, SOURCE
from pfc_metarl.runs.run import CHECKPOINTS, HISTORY, SNAPSHOTS, STATE, SUMMARY, WEIGHTS, Run, open_run
from pfc_metarl.sweeps.cells import Terms, is_complete, order_of

SECONDS_FOR_ANOTHER = 30.0
"""Seconds to wait for another process in whose cell nothing changes; at least as long as between three checkpoints."""


def silent(_: Any) -> None:
    """Take no notice of the progress of a step."""


def begin_cell(source: Source, folder: Path, terms: Terms, stop: Any) -> None:
    """Begin the run of a cell, so that its shards can be trained."""

    def begin() -> None:
        with begun(folder, order_of(source, terms)):
            pass

    _waiting(begin, folder, terms, stop)


def train_part(
    source: Source, folder: Path, terms: Terms, networks: tuple[int, ...], stop: Any, report: Report = silent
) -> None:
    """Train a shard of a cell; its last checkpoint holds the result.

    Raises
    ------
    Interrupted
        If ``stop`` was set.
    """
    run = open_run(folder)
    if run.trained:
        return
    cohort = cohort_of(source.experiment, run, terms.seconds_between_checkpoints)
    with one_thread():
        if train_shard(cohort._replace(networks=networks), report, stop.is_set) is None:
            raise Interrupted


def finish_cell(source: Source, folder: Path, terms: Terms, stop: Any, report: Report = silent) -> float:
    """Do the missing steps of a cell, and remove what is not kept; return the seconds.

    Raises
    ------
    BadInput
        If a setting is refused, or code of a lab fails.
    Interrupted
        If ``stop`` was set.
    """
    start = time.monotonic()
    if _is_there(source, folder, terms):
        return 0.0
    plan = Plan(1, report, stop, terms.seconds_between_checkpoints)

    def finish() -> None:
        if not _is_there(source, folder, terms):  # another process may have made it meanwhile
            simulate_in(folder, order_of(source, terms), plan, warn=silent)
        if terms.keep != "all":
            with locked(folder):
                _reduce(open_run(folder), terms.keep)

    _waiting(finish, folder, terms, stop)
    return time.monotonic() - start


def _is_there(source: Source, folder: Path, terms: Terms) -> bool:
    """Return whether a cell is complete."""
    return (folder / NAME).exists() and is_complete(open_run(folder), source, terms)


def _waiting(work: Callable[[], None], folder: Path, terms: Terms, stop: Any) -> None:
    """Do the work; wait while another process is in the folder, and something changes there."""
    patience = max(SECONDS_FOR_ANOTHER, 3 * terms.seconds_between_checkpoints)
    seen, end = -1.0, 0.0
    while True:
        try:
            work()
            return
        except InUse:
            if stop.is_set():
                raise Interrupted from None
            if (changed := _last_change(folder)) != seen:
                seen, end = changed, time.monotonic() + patience
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def last_checkpoint(folder: Path) -> float:
    """Return the time of the latest checkpoint in the folder of a cell; 0 if it has none."""
    return _last_change(folder / CHECKPOINTS)


def _last_change(folder: Path) -> float:
    """Return the time of the latest file in a folder, besides its lock; 0 if it has none."""
    found = [0.0]
    for path in folder.rglob("[!.]*"):
        with contextlib.suppress(OSError):  # a file that was replaced
            found.append(path.stat().st_mtime)
    return max(found)


def _reduce(run: Run, keep: str) -> None:
    """Remove files of a complete run that are not to be kept."""
    wanted = {SUMMARY, HISTORY} | ({WEIGHTS, SNAPSHOTS} if keep == "weights" else set())
    states = keep == "weights"
    run.drop(
        name
        for name in list(run.manifest["files"])
        if name not in wanted and not name.startswith(f"{SOURCE}/") and not (states and name.startswith(STATE))
    )
