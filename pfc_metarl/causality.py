"""Causal test: behaviour with parts of the activity clamped: ``python -m pfc_metarl.causality RUN``.

The networks of a run are recorded in a second session (`pfc_metarl.mechanism.session`), with the settings of the run.
Their behaviour is stored as RUN/causality.nc.
"""

import functools
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pfc_metarl.arguments import argument
from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.cli.options import add_follow_links
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import BadInput

if TYPE_CHECKING:
    import argparse

    import numpy as np


EDITS_PER_JOB = 4
"""Edits that a worker process measures in turn."""

COUNTS = ("episodes", "draws", "units")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    return exit_code(lambda: carry_out(arguments))


def carry_out(arguments: list[str] | None) -> int:
    """Carry out the command line; errors are raised."""
    return _run(_parsed(arguments))


def _parsed(arguments: list[str] | None) -> "argparse.Namespace":
    parser = Parser(
        prog="python -m pfc_metarl.causality",
        description="Edit the activity of a run's networks, and measure their behaviour in RUN/causality.nc.",
    )
    add = parser.add_argument
    add("run", help="run directory")
    add("--episodes", type=int, default=50, metavar="N", help="of each network, for each edit and probe (default 50)")
    add("--draws", type=int, default=20, metavar="N", help="random edits of each kind, to compare with (default 20)")
    add("--units", type=int, default=16, metavar="N", help="units to clamp together (default 16)")
    add_follow_links(parser)
    add("--workers", type=int, metavar="N", help="processes; default: one per core")
    add("--quiet", action="store_true", help="print nothing but errors")
    options = parser.parse_args(arguments)
    for name in COUNTS:
        if getattr(options, name) < 1:
            raise BadInput(f"{argument(name, getattr(options, name))}: must be at least 1.")
    if options.workers is not None and options.workers < 1:
        raise BadInput(f"{argument('workers', options.workers)}: must be at least 1.")
    return options


def _run(options: "argparse.Namespace") -> int:
    with importing():
        from pfc_metarl.execution.cohort import n_cores, one_thread
        from pfc_metarl.execution.interruption import interruptible
        from pfc_metarl.execution.jobs import Interrupted, distributed
        from pfc_metarl.execution.processes import jobs_in
        from pfc_metarl.execution.source import changed_file, experiment_of
        from pfc_metarl.mechanism.session import NAME, edited_behaviour
        from pfc_metarl.runs.lock import locked
        from pfc_metarl.runs.run import open_run

    folder = open_run(options.run, options.follow_links).folder
    with locked(folder):
        run = open_run(folder, options.follow_links)
        if not run.complete:
            raise BadInput(f"{run.folder}: the run is not complete; to continue: {run.command()}")
        if (changed := changed_file(run)) is not None:
            print(f"warning: {changed}", file=sys.stderr)
        counts = {name: getattr(options, name) for name in COUNTS}
        report = None if options.quiet else _print
        n = options.workers or n_cores()
        with interruptible(n) as stop, one_thread(), jobs_in(n, lambda progress: None, stop) as jobs:
            each = functools.partial(distributed, jobs, per_job=EDITS_PER_JOB)
            try:
                made = edited_behaviour(
                    experiment_of(run), run.weights(), run.manifest["seed"], **counts, report=report, each=each
                )
            except Interrupted:
                raise KeyboardInterrupt from None
        run.save_dataset(NAME, made)
    if not options.quiet:
        print(run.folder / f"{NAME}.nc")
    return 0


def _print(cause: str, target: str, kind: str, draw: int, effects: Mapping[str, "np.ndarray"]) -> None:
    values = ", ".join(f"{name.replace('_', ' ')} {of_effect.mean():.3f}" for name, of_effect in effects.items())
    print(f"{cause}, {target} {kind}, draw {draw}: {values}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
