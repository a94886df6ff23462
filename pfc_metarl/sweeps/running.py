"""Carrying out a sweep: missing cells are made, and the dataset grows while they finish."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from pfc_metarl.sweeps import folder as folders
from pfc_metarl.sweeps.cells import Cell, Sweep
from pfc_metarl.sweeps.collection import Collection
from pfc_metarl.sweeps.serial import Outcome, in_this_process
from pfc_metarl.sweeps.sites import site_of

OTHER_RUN = "its worker made a run with other code or settings than those of this command; choose another folder."


class Shown(Protocol):
    """What shows the end of each cell."""

    def show(self, outcome: Outcome) -> None:
        """Show that a cell has ended."""


def collected(sweep: Sweep) -> Collection:
    """Return the measures of all cells that are complete, and write the dataset."""
    found = Collection(sweep)
    failed = folders.errors(sweep)
    for cell in sweep.cells():
        if not found.add(cell) and cell.name in failed:
            found.fail(cell)
    return found


def check_workers(sweep: Sweep, client: Any, token: str) -> None:
    """Check that every worker of a client has the same versions, and sees the folder of the sweep.

    Raises
    ------
    BadInput
        If not, or there is no worker.
    Failure
        If the scheduler was lost.
    """
    from pfc_metarl.sweeps.cluster import require_workers

    with folders.writable(sweep.folder):
        site = site_of(sweep.folder, token)
    require_workers(client, site)


def outcomes(sweep: Sweep, cells: Sequence[Cell], client: Any, token: str, stop: Any) -> Iterable[Outcome]:
    """Carry out cells on a cluster, or without a client in this process; yield how each ended."""
    if client is None:
        return in_this_process(sweep, cells, stop)
    from pfc_metarl.sweeps.distribution import on_cluster

    return on_cluster(sweep, cells, client, site_of(sweep.folder, token))


def carried_out(sweep: Sweep, ended: Iterable[Outcome], shown: Shown, collection: Collection | None) -> dict[str, str]:
    """Follow the cells of a sweep to their end; return the errors of those that failed, by name.

    Parameters
    ----------
    sweep : Sweep
    ended : iterable of Outcome
    shown : object
        Its method ``show`` is called when a cell has ended.
    collection : Collection, optional
        It grows, and is written while cells finish; without one no dataset is written.
    """
    failed = {}
    for outcome in ended:
        if collection is not None:
            if not outcome.error and not collection.add(outcome.cell):
                outcome = outcome._replace(error=OTHER_RUN)
            if outcome.error:
                collection.fail(outcome.cell)
            collection.write()
        folders.note_error(sweep, outcome.cell, outcome.error)
        if outcome.error:
            failed[outcome.cell.name] = outcome.error
        shown.show(outcome)
    return failed
