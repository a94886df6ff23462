"""The steps of a cell: begin its run, train a shard, record and measure, remove what is not kept.

They are carried out in this process, or by workers of a cluster. A step that was interrupted continues from the
checkpoints in the run directory.
"""

import time
from pathlib import Path
from typing import Any

from pfc_metarl.execution.cohort import one_thread
from pfc_metarl.execution.jobs import Interrupted, Report
from pfc_metarl.execution.pipeline import Plan, cohort_of
from pfc_metarl.execution.shard import train_shard
from pfc_metarl.execution.simulation import begun, simulate_in
from pfc_metarl.execution.source import Source
from pfc_metarl.runs.lock import InUse, locked
from pfc_metarl.runs.manifest import SOURCE
from pfc_metarl.runs.run import HISTORY, SNAPSHOTS, STATE, SUMMARY, WEIGHTS, Run, open_run
from pfc_metarl.sweeps.cells import Terms, is_complete, order_of

SECONDS_FOR_ANOTHER = 30.0
"""Seconds to wait for another process that is at work in a cell: one whose client or scheduler has gone ends soon."""


def silent(_: Any) -> None:
    """Take no notice of the progress of a step."""


def begin_cell(source: Source, folder: Path, terms: Terms) -> None:
    """Begin the run of a cell, so that its shards can be trained."""
    with begun(folder, order_of(source, terms)):
        pass


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
    if (folder / "run.json").exists() and is_complete(open_run(folder), source, terms):
        return 0.0
    plan = Plan(1, report, stop, terms.seconds_between_checkpoints)
    _waiting(lambda: simulate_in(folder, order_of(source, terms), plan, warn=silent), stop)
    if terms.keep != "all":
        with locked(folder):
            _reduce(open_run(folder), terms.keep)
    return time.monotonic() - start


def _waiting(work: Any, stop: Any) -> None:
    """Do the work; while another process is in its folder, wait."""
    end = time.monotonic() + SECONDS_FOR_ANOTHER
    while True:
        try:
            work()
            return
        except InUse:
            if time.monotonic() > end or stop.is_set():
                raise
            time.sleep(0.5)


def _reduce(run: Run, keep: str) -> None:
    """Remove files of a complete run that are not to be kept."""
    wanted = {SUMMARY, HISTORY} | ({WEIGHTS, SNAPSHOTS} if keep == "weights" else set())
    states = keep == "weights"
    run.drop(
        name
        for name in list(run.manifest["files"])
        if name not in wanted and not name.startswith(f"{SOURCE}/") and not (states and name.startswith(STATE))
    )
