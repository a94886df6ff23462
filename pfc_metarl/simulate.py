"""Train, freeze, record, measure: ``python -m pfc_metarl.simulate NAME``."""

import argparse
import contextlib
import hashlib
import json
import os
import signal
import sys
import tomllib
import warnings
from collections.abc import Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.execution import workers
from pfc_metarl.settings import BadInput, assignment, changed, merged

if TYPE_CHECKING:
    from pfc_metarl.experiments.base import Experiment
    from pfc_metarl.runs.run import Run

EPILOG = """examples:
  python -m pfc_metarl.simulate two_step --networks 8 --seed 0 --out runs/two_step
  python -m pfc_metarl.simulate two_step --set network.core=gru --set task.p_common=0.7
  python -m pfc_metarl.simulate my_task.py        # a file with a task and an EXPERIMENT in it
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m pfc_metarl.simulate",
        description="Train a cohort of networks, freeze their weights, record them and measure.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("experiment", nargs="?", help="name of an experiment (see --list), or a .py file that defines EXPERIMENT")
    add(
        "--all", action="store_true", help="simulate all experiments but variants, into folders of their names in --out"
    )
    add("--networks", type=int, metavar="N", help="networks in the cohort")
    add("--seed", type=int, default=0, metavar="S", help="seed of everything random (default 0)")
    add("--out", metavar="DIR", help="run directory (default runs/NAME)")
    add("--updates", type=int, metavar="N", help="updates of the weights")
    add("--workers", type=int, metavar="N", help="processes to train in (default: one per core)")
    add("--device", default="cpu", metavar="D", help="torch device to train on (default cpu)")
    add("--checkpoint-every", type=float, default=60.0, metavar="S", help="seconds between checkpoints (default 60)")
    add("--set", action="append", default=[], metavar="A.B=C", help="change a setting (see --print-config)")
    add("--config", metavar="FILE", help="TOML file with settings to change")
    add("--print-config", action="store_true", help="print all settings as TOML and stop")
    add("--list", action="store_true", help="list the experiments and stop")
    add("--force", action="store_true", help="replace the run in --out")
    add("--quiet", action="store_true", help="print nothing but errors")
    add("--json", action="store_true", help="print the summary as JSON")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    return exit_code(lambda: _run(_parser().parse_args(given), given))


def _run(options: argparse.Namespace, arguments: list[str]) -> int:
    if options.list:
        return _list()
    if options.all:
        return _all(options, arguments)
    if not options.experiment:
        raise BadInput("experiment: name one, or a .py file; --list shows those of the package.")
    return _one(options, arguments)


def _all(options: argparse.Namespace, arguments: list[str]) -> int:
    from pfc_metarl import experiments

    if options.experiment:
        raise BadInput(f"experiment = {options.experiment!r}: name one, or give --all, not both.")
    given = [argument for argument in arguments if argument != "--all"]
    for name in experiments.main_names():
        each = [name, *given, "--out", str(Path(options.out or "runs") / name)]  # the last --out counts
        _one(_parser().parse_args(each), each)
    return 0


def _one(options: argparse.Namespace, arguments: list[str]) -> int:
    if _workers(options) > 1 and not options.print_config:
        workers.prepare()  # imports torch beside this process
    changes = _changes(options)
    experiment = _experiment(options, changes)
    if options.print_config:
        import tomli_w

        print(tomli_w.dumps(_given(experiment.numbers())), end="")
        return 0
    _check(options)
    from pfc_metarl import experiments
    from pfc_metarl.runs import run as runs

    folder = Path(options.out) if options.out else Path("runs") / experiments.run_name(options.experiment)
    content = _manifest(experiment, options, arguments, folder)
    with _interruptible() as stop, runs.begin(folder, content, options.force) as run:
        summary = run.summary() if run.complete else _simulate(experiment, changes, run, options, stop)
    _show(experiment, summary, run, options)
    return 0


@contextlib.contextmanager
def _interruptible() -> Iterator[Any]:
    """Yield an event that SIGINT or SIGTERM sets; the second one interrupts at once."""
    stop = workers.context().Event()

    def heed(*_: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, heed) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _simulate(
    experiment: "Experiment", changes: Mapping[str, Any], run: "Run", options: argparse.Namespace, stop: Any
) -> dict[str, Any]:
    from pfc_metarl.cli.terminal import ProgressBar
    from pfc_metarl.execution.pipeline import Plan, simulate
    from pfc_metarl.execution.processes import Interrupted

    with ProgressBar(experiment.networks, experiment.learner.updates, options.quiet) as bar:
        plan = Plan(_workers(options), bar.report, stop, options.checkpoint_every)
        try:
            return simulate(experiment, changes, run, plan)
        except Interrupted:
            raise KeyboardInterrupt from None


def _manifest(
    experiment: "Experiment", options: argparse.Namespace, arguments: list[str], folder: Path
) -> dict[str, Any]:
    from pfc_metarl import experiments
    from pfc_metarl.execution.processes import n_shares
    from pfc_metarl.runs.manifest import provenance

    source, _ = experiments.split(options.experiment)
    identity = {
        "experiment": options.experiment,
        "source": hashlib.sha256(source.read_bytes()).hexdigest() if source else "",
        "seed": options.seed,
        "device": options.device,
        "settings": json.loads(json.dumps(experiment.numbers())),
    }
    kept = [argument for argument in arguments if argument != "--force"]
    return {
        **identity,
        "fingerprint": hashlib.sha256(json.dumps(identity).encode()).hexdigest(),
        "shares": 1 if options.device != "cpu" else n_shares(experiment.networks, _workers(options)),
        "arguments": kept if options.out else [*kept, "--out", str(folder)],
        "provenance": provenance(),
    }


def _workers(options: argparse.Namespace) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 1 if options.device != "cpu" else options.workers or cores


def _show(experiment: "Experiment", summary: Mapping[str, Any], run: "Run", options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(summary, indent=2))
    elif not options.quiet:
        from pfc_metarl.cli.terminal import show_summary

        show_summary(experiment.claim, summary)
        spent = ", ".join(f"{name} {value:.1f} s" for name, value in run.manifest["seconds"].items())
        print(f"{run.folder}/  ({spent})")


def _given(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without those that are None or empty groups, for which TOML has no word."""
    nested = {name: _given(value) if isinstance(value, Mapping) else value for name, value in part.items()}
    return {name: value for name, value in nested.items() if value is not None and value != {}}


def _list() -> int:
    from pfc_metarl import experiments

    names = experiments.names()
    width = max(map(len, names))
    for name in names:
        print(f"{name:{width}} {experiments.load(name).claim}")
    return 0


def _changes(options: argparse.Namespace) -> dict[str, Any]:
    parts = [_config(Path(options.config))] if options.config else []
    parts += [assignment(text) for text in options.set]
    parts += [{"networks": options.networks}] if options.networks is not None else []
    parts += [{"learner": {"updates": options.updates}}] if options.updates is not None else []
    return reduce(merged, parts, {})


def _config(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"--config {path}: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"--config {path}: this is not valid TOML ({error}).") from None


def _experiment(options: argparse.Namespace, changes: Mapping[str, Any]) -> "Experiment":
    from pfc_metarl import experiments

    allowed = ("networks", "task", "network", "learner", "probes")
    for name in changes:
        if name not in allowed:
            raise BadInput(f"{name}: there is no such setting; settings begin with {', '.join(allowed)}.")
    experiment: Experiment = changed(experiments.load(options.experiment), changes)
    for name, probe in experiment.probes.items():
        probe.task(experiment.task, name)
    return experiment


def _check(options: argparse.Namespace) -> None:
    if options.workers is not None and options.workers < 1:
        raise BadInput(f"--workers {options.workers}: must be at least 1.")
    if not options.checkpoint_every > 0:
        raise BadInput(f"--checkpoint-every {options.checkpoint_every}: must be above 0 seconds.")
    if not 0 <= options.seed < 2**63:
        raise BadInput(f"--seed {options.seed}: must be at least 0 and below 2^63.")
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of devices that torch is giving up; they are refused all the same
            torch.zeros(1, device=options.device).cpu()
    except (RuntimeError, AssertionError, NotImplementedError, ImportError) as error:
        first = str(error).splitlines()[0]
        raise BadInput(f"--device {options.device}: torch cannot use it here ({first}).") from None


if __name__ == "__main__":
    sys.exit(main())
