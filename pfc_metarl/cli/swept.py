"""A sweep from its plan to its dataset, as it is shown in the terminal."""

import contextlib
import functools
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console

from pfc_metarl.cli.commandline import FAILED
from pfc_metarl.cli.encoding import encodable
from pfc_metarl.cli.sweep_progress import SweepProgress
from pfc_metarl.execution.interruption import interruptible
from pfc_metarl.execution.jobs import Interrupted
from pfc_metarl.settings import counted, printable
from pfc_metarl.sweeps import folder, running
from pfc_metarl.sweeps.cells import Cell, Sweep
from pfc_metarl.sweeps.cluster import n_threads
from pfc_metarl.sweeps.collection import COMPLETE, Collection
from pfc_metarl.sweeps.plan import Plan, require_disk
from pfc_metarl.sweeps.plan import planned as made_plan


def n_running(client: Any) -> int:
    """Return how many tasks may be carried out now; 0 if the scheduler was lost."""
    if client is None:
        return 1
    with contextlib.suppress(OSError):
        return n_threads(client) if client.status == "running" else 0
    return 0


def planned(sweep: Sweep, cells: Sequence[Cell], workers: int, quiet: bool, tried: bool = True) -> Plan:
    """Make the plan of a sweep, and show it.

    Raises
    ------
    BadInput
        If the folder holds another sweep, the trial fails, or the disk is too small.
    """
    folder.require_same_sweep(sweep)
    plan = made_plan(sweep, cells, tried)
    if tried and not quiet:
        console = Console()
        sentence = f"{printable(str(sweep.folder))}: {plan.sentence(workers)}"
        console.print(sentence, highlight=False, markup=False, soft_wrap=not console.is_terminal)
    require_disk(plan, workers)
    return plan


def swept(
    sweep: Sweep, plan: Plan, client: Any, quiet: bool, signals: tuple[signal.Signals, ...], whole: bool = True
) -> tuple[Collection, dict[str, str]]:
    """Make the missing cells; return all measures, and the errors of the cells that failed.

    Parameters
    ----------
    sweep : Sweep
    plan : Plan
    client : distributed.Client or None
    quiet : bool
    signals : tuple of signal.Signals
        That interrupt.
    whole : bool
        Whether this process makes all cells, and so writes the dataset.

    Raises
    ------
    BadInput
        If a worker has another version, or does not see the folder; nothing is left in the folder then.
    KeyboardInterrupt
        If it was interrupted; the same call continues.
    """
    check = None if client is None else functools.partial(running.check_workers, sweep, client)
    with _interruptible(client, signals) as stop:
        token = folder.prepare(sweep, check)
        collection = running.collected(sweep)
        ended = running.outcomes(sweep, plan.missing, client, token, stop)
        n_complete = plan.n_cells - len(plan.missing)
        with (
            folder.log(sweep.folder) as log,
            SweepProgress(plan.n_cells, n_complete, lambda: n_running(client), log, quiet) as progress,
        ):
            try:
                failed = running.carried_out(sweep, ended, progress, collection if whole else None)
            except Interrupted:
                raise KeyboardInterrupt from None
            finally:
                if whole:
                    collection.write(at_once=True)
    return collection, failed


@contextlib.contextmanager
def _interruptible(client: Any, signals: tuple[signal.Signals, ...]) -> Iterator[Any]:
    """Yield an event that the first signal sets; while a cluster works, every signal raises KeyboardInterrupt."""
    if client is None:
        with interruptible(1, signals) as stop:
            yield stop
        return
    in_main = threading.current_thread() is threading.main_thread()
    before = {each: signal.signal(each, signal.default_int_handler) for each in signals if in_main}
    try:
        yield None
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def show_end(sweep: Sweep, collection: Collection, failed: Mapping[str, str], quiet: bool, whole: bool = True) -> int:
    """Show which cells failed, and where the results are; return the exit code."""
    for name, error in (failed or folder.errors(sweep)).items():
        print(encodable(f"failed: {name}: {error}", sys.stderr.encoding or "utf-8"), file=sys.stderr)
    if not whole:
        return FAILED if failed else 0
    collection.write(at_once=True)
    if not quiet:
        made = collection.dataset()
        n = int((made["status"] == COMPLETE).sum())
        place = printable(str(sweep.folder))
        print(f"{n:,} of {counted(sweep.n_cells, 'cell')} complete; {place}/{folder.DATASET}")
        names = [str(name) for name in made.data_vars if "network" in made[name].dims and name != "reached"]
        if names:
            print(f"measures: {', '.join(names)}")
            print(f"to draw one: python -m analyses sweep {place} --measure {names[0]}")
    return FAILED if failed else 0
