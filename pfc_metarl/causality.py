"""Causal test: behaviour with parts of the activity clamped: ``python -m pfc_metarl.causality RUN``.

The networks of a run are recorded in a second session (`pfc_metarl.mechanism.session`), with the settings of the run.
Their behaviour is stored as RUN/causality.nc.
"""

import functools
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfc_metarl.arguments import argument
from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.cli.options import add_follow_links
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import BadInput, printable

if TYPE_CHECKING:
    import argparse

    import pandas as pd
    import xarray as xr

    from pfc_metarl.cli.display import Display


EDITS_PER_JOB = 4
"""Edits that a worker process measures in turn."""

EPILOG = """\
Rows of the table are what is held at its mean: "direction" is that along which
units encode the cause, "choice direction" that of the upcoming choice,
"beyond choice" what is encoded besides it; "top units" encode the cause most.
Random directions and units are controls, and "displaced", activity that is
moved as far along random directions. "Cells too": the memory of the units is
edited as well. "Kept": all else is held. See docs/own_experiment.md.
"""

EDITS = ("episodes", "draws", "units")
COUNTS = (*EDITS, "workers")


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
        epilog=EPILOG,
    )
    add = parser.add_argument
    add("run", help="run directory")
    add("--episodes", type=int, default=50, metavar="N", help="of each network, for each edit and probe (default 50)")
    add("--draws", type=int, default=20, metavar="N", help="random edits of each kind, to compare with (default 20)")
    add("--units", type=int, metavar="N", help="units to clamp together (default 16, or half of fewer than 32)")
    add_follow_links(parser)
    add("--workers", type=int, metavar="N", help="processes; default: one per core")
    add("--quiet", action="store_true", help="print nothing but errors")
    options = parser.parse_args(arguments)
    for name in COUNTS:
        if (given := getattr(options, name)) is not None and given < 1:
            raise BadInput(f"{argument(name, given)}: must be at least 1.")
    return options


def _run(options: "argparse.Namespace") -> int:
    with importing():
        from pfc_metarl.cli.display import Display
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
        counts = {name: getattr(options, name) for name in EDITS}
        n = options.workers or n_cores()
        with (
            Display(options.quiet) as display,
            interruptible(n) as stop,
            one_thread(),
            jobs_in(n, lambda progress: None, stop) as jobs,
        ):
            shown = _Shown(display, functools.partial(distributed, jobs, per_job=EDITS_PER_JOB))
            try:
                networks = experiment_of(run), run.weights(), run.manifest["seed"]
                made = edited_behaviour(*networks, **counts, report=shown.report, each=shown.each)
            except Interrupted:
                raise KeyboardInterrupt from None
        run.save_dataset(NAME, made)
    if not options.quiet:
        written = run.folder / f"{NAME}.nc"
        _show(made, written)
        print(printable(str(written)))
    return 0


def _show(made: "xr.Dataset", written: Path) -> None:
    """Print the effects of the edits, which were written to a file: a table for each cause."""
    from pfc_metarl.cli.results import show_table

    for cause in made["cause"].values.tolist():
        table = by_network(made.sel(cause=cause))
        show_table(table, f"{cause}: {table.attrs['effect']} of networks with edited activity", written)


class _Shown:
    """Shows the edits of each cause: how many are measured, and which is the latest."""

    def __init__(self, display: "Display", distributed: Callable[..., Iterable["xr.Dataset"]]) -> None:
        self.display, self.distributed = display, distributed
        self.n_edits = self.done = 0

    def each(self, measured: Callable[[Any], "xr.Dataset"], edits: Sequence[Any]) -> Iterable["xr.Dataset"]:
        """Measure the edits of the next cause."""
        self.n_edits, self.done = len(edits), 0
        return self.distributed(measured, edits)

    def report(self, cause: str, target: str, kind: str, draw: int, effects: object) -> None:
        """Show the edit that was measured; those that were measured for an earlier cause count as well."""
        self.done += 1
        text = f"editing for {cause}: {target}, {kind}"
        self.display.show(text, self.done, max(self.n_edits, self.done))


def by_network(made: "xr.Dataset") -> "pd.DataFrame":
    """Return the behaviour by which a cause is judged: a row for each network, a column for each kind of edit.

    Parameters
    ----------
    made : Dataset, dims (subject, target, kind, draw)
        The part of `pfc_metarl.mechanism.session.edited_behaviour` for one cause.

    Returns
    -------
    DataFrame
        Means over draws, and the behaviour of intact networks and of agents that act at random. Its attribute
        ``effect`` names the measure.
    """
    import pandas as pd

    effect = str(made["judged_by"].item())
    means = (
        made[effect].mean("draw").stack(edit=("target", "kind")).dropna("edit", how="all").transpose("subject", "edit")
    )
    names = [", ".join(edit) for edit in means["edit"].values]
    edited = pd.DataFrame(means.values, means["subject"].to_index(), names)
    edited.insert(0, "intact", made[f"intact_{effect}"].to_series())
    edited["agent that acts at random"] = made[f"chance_{effect}"].to_series()
    edited.attrs["effect"] = effect.replace("_", " ")
    return edited


if __name__ == "__main__":
    sys.exit(main())
