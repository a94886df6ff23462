"""Train by test: the networks of each experiment in the task of each: ``python -m pfc_metarl.transfer A B C``.

The run of each experiment is in a folder of its name; complete ones are used as they are, others are made or continued.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfc_metarl.arguments import path_of, whole_number
from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.cli.encoding import encodable
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import BadInput, choice_of
from pfc_metarl.simulate import simulate

if TYPE_CHECKING:
    import xarray as xr

    from pfc_metarl.execution.simulation import SimulatedRun
    from pfc_metarl.execution.transfer import Cells
    from pfc_metarl.experiments.base import Experiment

NAME = "transfer"
"""The file of the matrix, beside the runs."""

WIDTH_OF_A_FILE = 200
"""Columns of a table that is not written to a terminal."""

ARMS = ("bandit_independent", *(f"bandit_correlated{arms}" for arms in ("", "_easy", "_medium", "_hard")))
EPILOG = f"""Example: the five distributions of arms of Wang et al. 2016
  python -m pfc_metarl.transfer {" ".join(ARMS)} --measure cumulative_regret --out runs
"""


def transfer(
    experiments: "Sequence[str | Path] | Mapping[str, Experiment]",
    measure: "Callable[[xr.Dataset], xr.Dataset] | None" = None,
    out: str | Path = "runs",
    networks: int | None = None,
    seed: int = 0,
    episodes: int | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> "xr.Dataset":
    """Train a cohort in each of several experiments, and measure each cohort in the task of each experiment.

    Complete runs and recordings in `out` are kept, missing ones are made; the same call continues after an
    interruption.

    Parameters
    ----------
    experiments : sequence of str or Path, or mapping of Experiment
        Names of experiments, or paths of files that define EXPERIMENT; or experiments by name. Their tasks have as many
        channels and actions.
    measure : callable, optional
        Recording -> Dataset with a dimension subject; by default `pfc_metarl.measures.reward_per_trial`.
    out : str or Path
        Folder with a run directory for each experiment.
    networks : int, optional
        Networks in each cohort; by default the number in each experiment.
    seed : int
        Of all random numbers. Networks of the same number meet the same worlds in all cells of a column.
    episodes : int, optional
        Of each network and cell; by default 300, or as many as the experiments record in that task anyway.
    workers : int, optional
        Processes; by default one per core.
    progress : bool
        Whether to show progress in a terminal.

    Returns
    -------
    Dataset, dims (trained, tested, network)
        The results of the measure; it is written to ``<out>/transfer.nc`` too.

    Raises
    ------
    BadInput
        If an argument cannot be used, or the tasks differ in channels or actions.

    Examples
    --------
    >>> import tempfile
    >>> from pfc_metarl import A2C, Experiment, Network, Probe
    >>> from pfc_metarl.tasks import Bandit
    >>> parts = {"claim": "", "network": Network(units=4), "learner": A2C(updates=1), "probes": {"test": Probe()}}
    >>> arms = {name: Experiment(task=Bandit(n_trials=5, arms=name), **parts) for name in ("independent", "correlated")}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found = transfer(arms, out=folder, networks=2, episodes=3, workers=1, progress=False)
    >>> dict(found["reward_per_trial"].sizes)
    {'trained': 2, 'tested': 2, 'network': 2}
    """
    from pfc_metarl import measures
    from pfc_metarl.data.dataset import attributes, save
    from pfc_metarl.execution.mistakes import as_bad_input
    from pfc_metarl.execution.transfer import planned_cells
    from pfc_metarl.experiments.base import Experiment
    from pfc_metarl.experiments.registry import load, run_name
    from pfc_metarl.runs.train_by_test import train_by_test

    episodes = None if episodes is None else whole_number(episodes, "episodes", 1)
    folder = path_of(out, "out")
    given = experiments if isinstance(experiments, Mapping) else {run_name(str(each)): each for each in experiments}
    found = {name: each if isinstance(each, Experiment) else load(each) for name, each in given.items()}
    cells = planned_cells(found, episodes)
    options: dict[str, Any] = {"networks": networks, "seed": seed, "workers": workers, "progress": progress}
    runs = {}
    for name, each in given.items():
        run = simulate(each, out=folder / name, **options)
        runs[name] = _recorded(run, cells, workers, quiet=not progress)
    measure = measures.reward_per_trial if measure is None else measure
    with as_bad_input("measure"):
        made = train_by_test(runs, cells.names, measure)
    made.attrs = attributes(measure=getattr(measure, "__name__", repr(measure)), seed=seed)
    save(made, folder / f"{NAME}.nc")
    return made


def _recorded(run: "SimulatedRun", cells: "Cells", workers: int | None, quiet: bool) -> "SimulatedRun":
    """Make the missing recordings of a run; return the run with them."""
    from pfc_metarl.cli.progress import ProgressBar
    from pfc_metarl.execution.cohort import n_cores, one_thread
    from pfc_metarl.execution.interruption import interruptible
    from pfc_metarl.execution.jobs import Interrupted
    from pfc_metarl.execution.processes import jobs_in
    from pfc_metarl.execution.simulation import open_run
    from pfc_metarl.execution.transfer import record_cells

    n = workers or n_cores()
    bar = ProgressBar(run.experiment.networks, run.experiment.learner.updates, quiet, workers=n)
    with bar, interruptible(n) as stop, one_thread(), jobs_in(n, bar.report, stop) as jobs:
        try:
            record_cells(run, run.experiment, cells, jobs)
        except Interrupted:
            raise KeyboardInterrupt from None
    return open_run(run.folder)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    return exit_code(lambda: _run(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    about = "Train a cohort in each of several experiments, and measure each in the task of each."
    parser = Parser(prog=f"python -m pfc_metarl.{NAME}", description=about, epilog=EPILOG)
    add = parser.add_argument
    add("experiments", nargs="+", help="names of experiments (see pfc_metarl.simulate --list), or .py files")
    add("--measure", default="reward_per_trial", metavar="NAME", help="of pfc_metarl.measures (default %(default)s)")
    add("--out", default="runs", metavar="DIR", help="folder with a run for each experiment (default runs)")
    add("--networks", type=int, metavar="N", help="networks in each cohort")
    add("--seed", type=int, default=0, metavar="S", help="seed of everything random (default 0)")
    add("--episodes", type=int, metavar="N", help="of each network and cell")
    add("--workers", type=int, metavar="N", help="processes (default: one per core)")
    add("--quiet", action="store_true", help="print nothing but errors and warnings")
    return parser


def _run(options: argparse.Namespace) -> int:
    with importing():
        from pfc_metarl import measures
        from pfc_metarl.runs.train_by_test import headline_of

    if options.measure not in (known := dir(measures)):
        raise BadInput(
            f"--measure {options.measure}: there is no such measure; choose {choice_of(known, options.measure)}"
        )
    sizes = {name: getattr(options, name) for name in ("networks", "seed", "episodes", "workers")}
    measure = getattr(measures, options.measure)
    made = transfer(options.experiments, measure, options.out, **sizes, progress=not options.quiet)
    if not options.quiet:
        show_matrix(made[headline_of(made)])
        print(Path(options.out) / f"{NAME}.nc")
    return 0


def show_matrix(values: "xr.DataArray") -> None:
    """Print mean and standard error over networks of every cell."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console = console if console.is_terminal else Console(width=WIDTH_OF_A_FILE)
    title = encodable(f"{values.name}, mean ± s.e.m. over networks", console.encoding)
    rows = [tuple(encodable(cell, console.encoding) for cell in row) for row in matrix_rows(values)]
    if sum(len("|  ") + max(map(len, column)) for column in zip(*rows, strict=True)) < console.width:
        console.print(f"{title}: trained in (rows), tested in (columns)", highlight=False)
        table = Table(*rows[0])
        for row in rows[1:]:
            table.add_row(*row)
        console.print(table)
    else:
        console.print(f"{title} in the task of each experiment", highlight=False)
        for trained, *cells in rows[1:]:
            console.print(f"trained in {trained}", highlight=False)
            _print_rows(rows[0][1:], cells)


def _print_rows(names: Sequence[str], cells: Sequence[str]) -> None:
    width = max(map(len, names))
    for name, cell in zip(names, cells, strict=True):
        print(f"  {name:{width}} {cell}")


def matrix_rows(values: "xr.DataArray") -> list[tuple[str, ...]]:
    """Return the cells of a train-by-test matrix as text: a row for each training, below a row of names.

    Examples
    --------
    >>> import xarray as xr
    >>> values = xr.DataArray([[[1.0, 3.0]]], {"trained": ["a"], "tested": ["b"]}, ("trained", "tested", "network"))
    >>> matrix_rows(values)
    [('', 'b'), ('a', '2.000 ± 1.000')]
    """
    from pfc_metarl.measures.uncertainty import across_subjects

    found = across_subjects(values.rename("value").rename(network="subject"))["value"]
    rows = [("", *map(str, values["tested"].values))]
    for trained in values["trained"].values:
        mean, sem = (found.sel(trained=trained, statistic=each).values for each in ("mean", "sem"))
        rows.append((str(trained), *(f"{m:.3f} ± {s:.3f}" for m, s in zip(mean, sem, strict=True))))
    return rows


if __name__ == "__main__":
    sys.exit(main())
