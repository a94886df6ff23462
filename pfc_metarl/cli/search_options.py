"""The options of ``python -m pfc_metarl.search``, and the search that they describe."""

import argparse
from pathlib import Path
from typing import Any

from pfc_metarl.cli.commandline import Parser
from pfc_metarl.cli.sweep_options import add_cluster, content_of, flat, ranges_of
from pfc_metarl.settings import BadInput

EPILOG = """Examples:
  python -m pfc_metarl.search two_step --draws 16 --rungs 3 --write benchmarks/recipe.md
  python -m pfc_metarl.search --config benchmarks/searches/two_step_changes.toml --write benchmarks/recipe.md

Settings are chosen by the reward at the end of training alone. The same command continues a search.
"""

NUMBERS = {"draws": 8, "networks": 2, "updates": 600, "rungs": 1, "seed": 1100}
"""Fields of a search that are numbers, and their defaults."""
FIELDS = {"experiment": str, "candidates": list, "measured": bool, **dict.fromkeys(NUMBERS, int)}
TABLES = ("set", "random")


def search_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    about = "Train networks with random or listed settings of the learner, and log which earn most at the end."
    parser = Parser(prog="python -m pfc_metarl.search", description=about, epilog=EPILOG)
    add = parser.add_argument
    add("experiment", nargs="?", help="name of an experiment, or a .py file that defines EXPERIMENT")
    add("--config", metavar="FILE", help="TOML file with the search")
    add(
        "--random", action="append", default=[], metavar="A.B=C:D", help="range of a setting, instead of the usual ones"
    )
    add("--draws", type=int, metavar="N", help="settings to draw (default 8)")
    add("--networks", type=int, metavar="N", help="networks for each of them (default 2)")
    add("--updates", type=int, metavar="N", help="updates in the last rung; of listed settings at most (default 600)")
    add("--rungs", type=int, metavar="N", help="rungs; half of the draws go on to the next (default 1)")
    add("--seed", type=int, metavar="S", help="of the draws and the networks (default 1100)")
    add("--out", metavar="DIR", help="folder of the search (default searches/NAME)")
    add("--write", metavar="PAGE", type=Path, help="markdown page that gets the log")
    add("--dry-run", action="store_true", help="print how long the first rung takes, and stop")
    add_cluster(parser)
    return parser


def search_wanted(options: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of the search that a command line and its TOML file ask for; the command line wins.

    Raises
    ------
    BadInput
        If an option or the file cannot be read, or no experiment is named.
    """
    content = content_of(options.config, FIELDS, TABLES) if options.config else {}
    given = {name: getattr(options, name) for name in ("experiment", *NUMBERS)}
    found: dict[str, Any] = {**NUMBERS, **content}
    found |= {name: value for name, value in given.items() if value is not None}
    if "experiment" not in found:
        raise BadInput("experiment: name one, or a .py file, or give --config with a search.")
    rows = tuple(_row(row, options.config) for row in found.pop("candidates", ()))
    ranges = flat(found.pop("random", {})) | ranges_of(options.random)
    if rows and ranges:
        raise BadInput(f"--config {options.config}: candidates are listed or drawn; give one of the two.")
    name = Path(options.config).stem if options.config else ""
    return found | {"rows": rows, "ranges": ranges, "changes": found.pop("set", {}), "name": name}


def _row(row: Any, path: str) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise BadInput(f"--config {path}: candidates must be tables, each [[candidates]] with its settings.")
    return flat(row)
