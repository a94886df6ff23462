"""The options of ``python -m pfc_metarl.simulate``, and the settings that they change."""

import argparse
from functools import reduce
from pathlib import Path
from typing import Any

from pfc_metarl.cli.commandline import Parser
from pfc_metarl.cli.configuration import read_configuration
from pfc_metarl.settings import BadInput, assignment, merged

EPILOG = """examples:
  python -m pfc_metarl.simulate two_step --networks 8 --seed 0 --out runs/two_step
  python -m pfc_metarl.simulate two_step --set network.core=gru --set task.p_common=0.7
  python -m pfc_metarl.simulate my_task.py        # a file with a task and an EXPERIMENT in it

The same command continues a run that was interrupted. In a complete run it does only what is missing: new probes, more
episodes, changed measures. With more --updates a complete training continues; decaying settings then follow the
schedule of the longer training.
"""
SETTINGS = ("networks", "task", "network", "learner", "probes")


def simulate_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
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
    add("--updates", type=int, metavar="N", help="updates of the weights; with more, a complete run is trained further")
    add("--workers", type=int, metavar="N", help="processes to train in (default: one per core)")
    add("--device", default="cpu", metavar="D", help="torch device to train on (default cpu)")
    add("--checkpoint-every", type=float, default=60.0, metavar="S", help="seconds between checkpoints (default 60)")
    add("--set", action="append", default=[], metavar="A.B=C", help="change a setting (see --print-config)")
    add("--config", metavar="FILE", help="TOML file with settings to change")
    add("--print-config", action="store_true", help="print all settings as TOML and stop")
    add("--list", action="store_true", help="list the experiments and stop")
    add("--force", action="store_true", help="replace the run in --out")
    add("--quiet", action="store_true", help="print nothing but errors and warnings")
    add("--json", action="store_true", help="print the summary as JSON")
    return parser


def changes(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that a command line changes, as nested mappings.

    Raises
    ------
    BadInput
        If one of them cannot be read, or is not a setting.
    """
    parts = [read_configuration(Path(options.config))] if options.config else []
    parts += [assignment(text) for text in options.set]
    parts += [{"networks": options.networks}] if options.networks is not None else []
    parts += [{"learner": {"updates": options.updates}}] if options.updates is not None else []
    found: dict[str, Any] = reduce(merged, parts, {})
    for name in found:
        if name not in SETTINGS:
            raise BadInput(f"{name}: there is no such setting; settings begin with {', '.join(SETTINGS)}.")
    return found
