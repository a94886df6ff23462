"""Train, freeze, record, measure: ``python -m pfc_metarl.simulate NAME``, and the same as a function."""

import argparse
import functools
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfc_metarl.arguments import flag, path_of, whole_number
from pfc_metarl.cli.commandline import exit_code
from pfc_metarl.cli.encoding import encodable
from pfc_metarl.cli.listing import print_list
from pfc_metarl.cli.options import changes, repeatable, simulate_parser
from pfc_metarl.execution import workers
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import BadInput

if TYPE_CHECKING:
    from pfc_metarl.execution.order import Order
    from pfc_metarl.execution.simulation import SimulatedRun
    from pfc_metarl.experiments.base import Experiment


def simulate(
    experiment: "Experiment | str | Path",
    networks: int | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    workers: int | None = None,
    progress: bool = True,
    updates: int | None = None,
    device: str = "cpu",
    force: bool = False,
    checkpoint_every: float = 60.0,
    follow_links: bool = False,
) -> "SimulatedRun":
    """Train a cohort of networks, freeze their weights, record them and measure.

    Complete results in `out` are kept, missing ones are made. So the same call continues a run that was interrupted,
    and with more `updates` the training continues.

    Parameters
    ----------
    experiment : Experiment, str or Path
        An experiment, the name of one, or the path of a file that defines EXPERIMENT. Task, network and learner may be
        of classes that a script or a notebook defines: they are sent to the worker processes.
    networks : int, optional
        Networks in the cohort; by default the number in the experiment.
    seed : int
        Of all random numbers.
    out : str or Path, optional
        Run directory. Without one the run is kept in a temporary folder that is removed with the returned object.
    workers : int, optional
        Processes to train in; by default one per core. 1 in a process that cannot start others.
    progress : bool
        Whether to show progress, outside of a terminal as a line every half minute, and which results were kept.
    updates : int, optional
        Updates of the weights; by default the number in the learner.
    device : str
        Torch device to train on.
    force : bool
        Whether to replace the run in `out`.
    checkpoint_every : float
        Seconds between checkpoints.
    follow_links : bool
        Whether existing files in `out` may be symbolic links, as git-annex and DataLad make them.

    Returns
    -------
    SimulatedRun
        With ``recording(name)``, ``history()``, ``weights()``, ``summary()``, ``experiment``, ``agent()`` and
        ``remeasure()``.

    Raises
    ------
    BadInput
        If an argument cannot be used; the message says which, and what to do.
    KeyboardInterrupt
        If it was interrupted; the same call continues.

    Examples
    --------
    >>> from pfc_metarl import A2C, Experiment, Network, simulate
    >>> from pfc_metarl.tasks import Bandit
    >>> tiny = Experiment(claim="", task=Bandit(n_trials=5), network=Network(units=4), learner=A2C(updates=2))
    >>> run = simulate(tiny, networks=2, workers=1, progress=False)
    >>> dict(run.history().sizes)
    {'update': 2, 'network': 2}
    """
    from pfc_metarl.execution.order import Order
    from pfc_metarl.execution.source import resolved

    given: dict[str, Any] = {} if networks is None else {"networks": whole_number(networks, "networks", 1)}
    given |= {} if updates is None else {"learner": {"updates": whole_number(updates, "updates", 1)}}
    seed, force = whole_number(seed, "seed"), flag(force, "force")
    workers = None if workers is None else whole_number(workers, "workers", 1)
    folder = None if out is None else path_of(out, "out")
    order = Order(resolved(experiment, given), seed, device, workers, force, (), checkpoint_every)
    order = order._replace(follow_links=flag(follow_links, "follow_links"))
    return _simulated(folder, order, quiet=not flag(progress, "progress"), json=False, from_python=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    return exit_code(lambda: _run(simulate_parser().parse_args(given), given))


def carry_out(commands: Sequence[Sequence[str]]) -> int:
    """Carry out commands, each given as the words of its command line; errors are raised.

    Each simulation trains while the one before is recorded and measured, if there are several workers.
    """
    parsed = [(simulate_parser().parse_args(words), list(words)) for words in commands]
    if any(options.print_config for options, _ in parsed):
        return max(_one(*each) for each in parsed)
    return _one(*parsed[0]) if len(parsed) == 1 else _several(parsed)


def _run(options: argparse.Namespace, arguments: list[str]) -> int:
    if options.list:
        return _list()
    if options.all:
        return _all(options, arguments)
    if not options.experiment:
        raise BadInput("experiment: name one, or a .py file; --list shows those of the package.")
    return _one(options, arguments)


def _all(options: argparse.Namespace, arguments: list[str]) -> int:
    with importing():
        from pfc_metarl import experiments

    if options.experiment:
        raise BadInput(f"experiment = {options.experiment!r}: name one, or give --all, not both.")
    given = [argument for argument in arguments if argument != "--all"]
    out = Path(options.out or "runs")
    commands = [[name, *given, "--out", str(out / name)] for name in experiments.main_names()]  # the last --out counts
    return carry_out(commands)


def _several(commands: list[tuple[argparse.Namespace, list[str]]]) -> int:
    """Carry out commands; each trains while the one before is recorded and measured, if there are several workers."""
    if any(_needs_workers(options) for options, _ in commands):
        workers.prepare()  # imports torch in parallel
    with importing():
        from pfc_metarl.cli.terminal import show_run
        from pfc_metarl.execution.cohort import one_thread
        from pfc_metarl.execution.interruption import interruptible
        from pfc_metarl.execution.jobs import Interrupted
        from pfc_metarl.execution.series import in_series

    orders = [_order(options, words) for options, words in commands]
    n = max(order.n_workers() for _, order in orders)
    options = commands[0][0]
    with interruptible(n, (signal.SIGINT, signal.SIGTERM)) as stop, one_thread():
        works = [
            functools.partial(_carried_out, folder, order, stop, options.quiet, options.json)
            for folder, order in orders
        ]
        try:
            for run in in_series(works, stop, overlap=n > 1):
                show_run(run, options.quiet, options.json)
        except Interrupted:
            raise KeyboardInterrupt from None
    return 0


def _one(options: argparse.Namespace, arguments: list[str]) -> int:
    if options.print_config:
        with importing():
            from pfc_metarl.cli.printed_config import WIDTH, printed_config

        experiment = _order(options, arguments)[1].source.experiment
        text = printed_config(experiment, shutil.get_terminal_size((WIDTH, 24)).columns)
        print(encodable(text, sys.stdout.encoding), end="")
        return 0
    if _needs_workers(options):
        workers.prepare()  # imports torch in parallel
    with importing():
        from pfc_metarl.cli.terminal import show_run

    folder, order = _order(options, arguments)
    run = _simulated(folder, order, options.quiet, options.json)
    show_run(run, options.quiet, options.json)
    return 0


def _needs_workers(options: argparse.Namespace) -> bool:
    return bool(options.workers != 1 and options.device == "cpu")


def _order(options: argparse.Namespace, arguments: list[str]) -> "tuple[Path, Order]":
    """Return the run directory and the order of a command."""
    with importing():
        from pfc_metarl.execution.order import Order
        from pfc_metarl.execution.source import resolved
        from pfc_metarl.experiments.registry import run_name

    source = resolved(options.experiment, changes(options))
    folder = Path(options.out) if options.out else Path("runs") / run_name(options.experiment)
    same = (options.seed, options.device, options.workers, options.force, repeatable(options, arguments))
    return folder, Order(source, *same, options.checkpoint_every, follow_links=options.follow_links)


def _simulated(
    folder: Path | None, order: "Order", quiet: bool, json: bool, from_python: bool = False
) -> "SimulatedRun":
    from pfc_metarl.execution.interruption import interruptible
    from pfc_metarl.execution.jobs import Interrupted

    signals = (signal.SIGINT,) if from_python else (signal.SIGINT, signal.SIGTERM)
    with interruptible(order.n_workers(), signals) as stop:
        try:
            return _carried_out(folder, order, stop, quiet, json, from_python=from_python)
        except Interrupted:
            raise KeyboardInterrupt from None


def _carried_out(
    folder: Path | None,
    order: "Order",
    stop: Any,
    quiet: bool,
    json: bool,
    hand_over: Callable[[], None] | None = None,
    from_python: bool = False,
) -> "SimulatedRun":
    """Simulate, and show the progress; that of the training only if the next simulation is begun after it."""
    from pfc_metarl.cli import disk
    from pfc_metarl.cli.progress import ProgressBar, updates_in_recordings
    from pfc_metarl.cli.terminal import warn
    from pfc_metarl.execution.pipeline import Plan
    from pfc_metarl.execution.simulation import simulate_in

    experiment = order.source.experiment
    first = "" if json or folder is None else disk.announced(folder, experiment)
    size = experiment.networks, experiment.learner.updates
    recordings = 0.0 if quiet else updates_in_recordings(experiment)
    with ProgressBar(*size, quiet, first, recordings, order.n_workers()) as bar:

        def trained() -> None:
            if hand_over is not None:
                bar.display.hide()
                hand_over()

        plan = Plan(order.n_workers(), bar.report, stop, order.seconds_between_checkpoints, trained)
        say = None if quiet or json else lambda sentence: print(sentence, flush=True)
        return simulate_in(folder, order, plan, say, *([] if from_python else [warn]))


def _list() -> int:
    with importing():
        from pfc_metarl import experiments

        claims = {name: experiments.load(name).claim for name in experiments.names()}
    print_list(claims)
    return 0


if __name__ == "__main__":
    sys.exit(main())
