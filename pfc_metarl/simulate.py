"""Train, freeze, record, measure: ``python -m pfc_metarl.simulate NAME``."""

import argparse
import json
import os
import sys
import time
import tomllib
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfc_metarl.settings import BadInput, assignment, changed, merged

if TYPE_CHECKING:
    import xarray as xr

    from pfc_metarl.cohort import Trained
    from pfc_metarl.experiments.base import Experiment
    from pfc_metarl.runs import Run

EPILOG = """examples:
  python -m pfc_metarl.simulate two_step --networks 8 --seed 0 --out runs/two_step
  python -m pfc_metarl.simulate two_step --set network.core=gru --set task.p_common=0.7
  python -m pfc_metarl.simulate my_task.py        # a file with a task and an EXPERIMENT in it
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise BadInput(f"{message}; see --help.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m pfc_metarl.simulate",
        description="Train a cohort of networks, freeze their weights, record them and measure.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("experiment", nargs="?", help="name of an experiment (see --list), or a .py file that defines EXPERIMENT")
    add("--networks", type=int, metavar="N", help="networks in the cohort")
    add("--seed", type=int, default=0, metavar="S", help="seed of everything random (default 0)")
    add("--out", metavar="DIR", help="run directory (default runs/NAME)")
    add("--updates", type=int, metavar="N", help="updates of the weights")
    add("--workers", type=int, metavar="N", help="processes to train in (default: one per core)")
    add("--device", default="cpu", metavar="D", help="torch device to train on (default cpu)")
    add("--set", action="append", default=[], metavar="A.B=C", help="change a setting (see --print-config)")
    add("--config", metavar="FILE", help="TOML file with settings to change")
    add("--print-config", action="store_true", help="print all settings as TOML and stop")
    add("--list", action="store_true", help="list the experiments and stop")
    add("--force", action="store_true", help="replace the run in --out")
    add("--quiet", action="store_true", help="print nothing but errors")
    add("--json", action="store_true", help="print the summary as JSON")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code: 0, or 2 with one sentence on stderr for bad input."""
    try:
        return _run(_parser().parse_args(arguments))
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def _run(options: argparse.Namespace) -> int:
    if options.list:
        return _list()
    if not options.experiment:
        raise BadInput("experiment: name one, or a .py file; --list shows those of the package.")
    changes = _changes(options)
    experiment, changes = _experiment(options, changes)
    if options.print_config:
        import tomli_w

        print(tomli_w.dumps(_given(experiment.numbers())), end="")
        return 0
    _check(options)
    from pfc_metarl.runs import Run

    name = Path(options.experiment).stem
    content = {
        "experiment": options.experiment,
        "seed": options.seed,
        "settings": experiment.numbers(),
        "changes": changes,
        "device": options.device,
    }
    run = Run.create(options.out or Path("runs") / name, content, options.force)
    _simulate(experiment, changes, run, options)
    return 0


def _given(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without those that are None or empty groups, for which TOML has no word."""
    nested = {name: _given(value) if isinstance(value, Mapping) else value for name, value in part.items()}
    return {name: value for name, value in nested.items() if value is not None and value != {}}


def _list() -> int:
    from pfc_metarl import experiments

    for name in experiments.names():
        print(f"{name:20} {experiments.load(name).claim}")
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
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"--config {path}: this is not valid TOML ({error}).") from None


def _experiment(options: argparse.Namespace, changes: Mapping[str, Any]) -> tuple["Experiment", dict[str, Any]]:
    from pfc_metarl import experiments

    allowed = ("networks", "task", "network", "learner", "probes")
    for name in changes:
        if name not in allowed:
            raise BadInput(f"{name}: there is no such setting; settings begin with {', '.join(allowed)}.")
    experiment = changed(experiments.load(options.experiment), changes)
    for name, probe in experiment.probes.items():
        probe.task(experiment.task, name)
    return experiment, dict(changes)


def _check(options: argparse.Namespace) -> None:
    if options.workers is not None and options.workers < 1:
        raise BadInput(f"--workers {options.workers}: must be at least 1.")
    if not 0 <= options.seed < 2**63:
        raise BadInput(f"--seed {options.seed}: must be at least 0 and below 2^63.")
    import torch

    try:
        torch.zeros(1, device=options.device).cpu()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        first = str(error).splitlines()[0]
        raise BadInput(f"--device {options.device}: torch cannot use it here ({first}).") from None


def _simulate(experiment: "Experiment", changes: dict[str, Any], run: "Run", options: argparse.Namespace) -> None:
    from pfc_metarl.terminal import show_summary

    started = time.monotonic()
    trained = _train(experiment, changes, options)
    seconds = {"train": time.monotonic() - started}
    run.save_weights(trained.weights, {"experiment": options.experiment, "seed": str(options.seed)})
    run.save_dataset("history", _history(experiment, trained))
    recordings = _record(experiment, trained, run, options)
    seconds["record"] = time.monotonic() - started - sum(seconds.values())
    rows = experiment.summary(experiment.measures(recordings))
    seconds["measure"] = time.monotonic() - started - sum(seconds.values())
    summary = {"measures": rows, "seconds": {name: round(value, 2) for name, value in seconds.items()}}
    run.finish(summary)
    if options.json:
        print(json.dumps(summary, indent=2))
    elif not options.quiet:
        show_summary(experiment.claim, rows)
        spent = ", ".join(f"{name} {value:.1f} s" for name, value in seconds.items())
        print(f"{run.folder}/  ({spent})")


def _train(experiment: "Experiment", changes: dict[str, Any], options: argparse.Namespace) -> "Trained":
    from pfc_metarl.cohort import Job, train_cohort
    from pfc_metarl.terminal import ProgressBar

    networks = tuple(range(experiment.networks))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    workers = 1 if options.device != "cpu" else min(options.workers or cores, len(networks))
    job = Job(options.experiment, changes, options.seed, networks, options.device)
    with ProgressBar(experiment.networks, experiment.learner.updates, options.quiet) as bar:
        return train_cohort(job, workers, bar.report)


def _history(experiment: "Experiment", trained: "Trained") -> "xr.Dataset":
    import numpy as np
    import xarray as xr

    n_updates, n_networks = trained.history["reward_per_trial"].shape
    coords = {"update": np.arange(1, n_updates + 1), "network": np.arange(n_networks)}
    data = {name: (("update", "network"), values) for name, values in trained.history.items()}
    return xr.Dataset(data, coords, {"episodes_per_update": experiment.learner.episodes})


def _record(
    experiment: "Experiment", trained: "Trained", run: "Run", options: argparse.Namespace
) -> dict[str, "xr.Dataset"]:
    from pfc_metarl.agents import Prefrontal
    from pfc_metarl.recording import record

    networks = tuple(range(experiment.networks))
    recordings = {}
    for name, probe in experiment.probes.items():
        task = probe.task(experiment.task, name)
        sizes = len(task.channel_names), len(task.action_names), task.n_steps
        network = Prefrontal(experiment.network, trained.weights, *sizes, experiment.learner.discount)
        facts = {"experiment": options.experiment, "settings": experiment.numbers()}
        common = {"n_episodes": probe.episodes, "seed": options.seed, "purpose": name, "networks": networks, **facts}
        recordings[name] = record(task, network, only=probe.only, yoked=probe.yoked, agent_name="network", **common)
        for animal_name, animal in probe.animals.items():
            recordings[f"{name}_{animal_name}"] = record(task, animal, agent_name=animal_name, **common)
    for name, recording in recordings.items():
        run.save_dataset(name, recording)
    return recordings


if __name__ == "__main__":
    sys.exit(main())
