"""The options of ``python -m pfc_metarl.simulate``, and the settings that they change."""

import argparse
import json
from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from pfc_metarl.cli.commandline import Parser
from pfc_metarl.cli.configuration import assignment, read_configuration
from pfc_metarl.settings import BadInput, merged

EPILOG = """Examples:
  python -m pfc_metarl.simulate two_step --networks 8 --seed 0 --out runs/two_step
  python -m pfc_metarl.simulate two_step --set network.core=gru --set task.p_common=0.7
  python -m pfc_metarl.simulate my_task.py  # a file that holds an EXPERIMENT

The same command continues a run that was interrupted. In a complete run it does only what is missing: new probes, more
episodes (which begin with those recorded before, in blocks of 50), changed measures. With more --updates a complete
training continues; decaying settings then follow the schedule of the longer training.
"""
SETTINGS = ("networks", "task", "network", "learner", "probes")


def simulate_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = Parser(
        prog="python -m pfc_metarl.simulate",
        description="Train a cohort of networks, freeze their weights, record them and measure.",
        epilog=EPILOG,
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
    add_follow_links(parser)
    add("--quiet", action="store_true", help="print nothing but errors and warnings")
    add("--json", action="store_true", help="print the summary as JSON")
    return parser


def add_follow_links(parser: argparse.ArgumentParser) -> None:
    """Add the option that lets files of a run be symbolic links."""
    about = "read files of the run that are symbolic links, as git-annex and DataLad make them"
    parser.add_argument("--follow-links", action="store_true", help=about)


def repeatable(options: argparse.Namespace, arguments: Sequence[str]) -> list[str]:
    """Return the words with which the same run is made again, in any folder and without the file of ``--config``.

    Its settings come first, so that those of ``--set`` still replace them.
    """
    pairs = zip(arguments, ["", *arguments], strict=False)
    words = [
        word
        for word, before in pairs
        if word not in ("--force", "--config") and before != "--config" and not word.startswith("--config=")
    ]
    if not options.config:
        return words
    named = _named(read_configuration(Path(options.config)))
    if all(part.isidentifier() for names, _ in named for part in names):
        return [word for names, value in named for word in ("--set", f"{'.'.join(names)}={value}")] + words
    return ["--config", str(Path(options.config).resolve()), *words]


def _named(content: Mapping[str, Any], path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    """Return each setting with the names that lead to it, and its value as TOML."""
    found: list[tuple[tuple[str, ...], str]] = []
    for name, value in content.items():
        if isinstance(value, Mapping):
            found += _named(value, (*path, name))
        else:
            found.append(((*path, name), json.dumps(value, ensure_ascii=False, default=str)))
    return found


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
