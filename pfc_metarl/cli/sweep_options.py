"""The options of ``python -m pfc_metarl.sweep``, and the design that they describe."""

import argparse
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pfc_metarl.cli.commandline import Parser
from pfc_metarl.cli.configuration import assignment, read_configuration, value_of
from pfc_metarl.settings import BadInput, choice_of, merged, shortened

EPILOG = """Examples:
  python -m pfc_metarl.sweep two_step --grid learner.discount=0.6,0.8 --grid network.units=16,48 --dry-run
  python -m pfc_metarl.sweep two_step --latin learner.discount=0.3:0.9 --draws 20 --workers 4 --keep measures
  python -m pfc_metarl.sweep --config sweep.toml --cluster tcp://10.0.0.1:8786
  python -m pfc_metarl.sweep --config sweep.toml --cluster slurm --workers 50 --job queue=short --job memory=2GB
  python -m pfc_metarl.sweep --config sweep.toml --array $SLURM_ARRAY_TASK_ID/50

A range is LOW:HIGH, or LOW:HIGH:log; whole numbers give whole numbers. The same command continues a sweep that was
interrupted; with other values it adds cells. After a job array, --collect gathers its cells. More: docs/cluster.md.
"""

DESIGNS = ("grid", "zip", "random", "latin")
TABLES = ("set", *DESIGNS)
FIELDS = {"experiments": list, "networks": int, "seed": int, "draws": int, "draw_seed": int, "shards": int, "keep": str}
"""Fields of the TOML file besides its tables, and their types."""


class Wanted(NamedTuple):
    """What a command line and its TOML file ask for."""

    experiments: list[str]
    changes: dict[str, Any]
    designs: dict[str, dict[str, Any]]
    """By name of `DESIGNS`: setting -> its values, or the range that they are drawn from."""
    numbers: dict[str, Any]
    """Fields of `FIELDS` that were given."""


def sweep_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = Parser(
        prog="python -m pfc_metarl.sweep",
        description="Simulate experiments with every combination of some settings, on one machine or on a cluster.",
        epilog=EPILOG,
    )
    add = parser.add_argument
    add("experiments", nargs="*", help="names of experiments, or .py files that define EXPERIMENT")
    add("--config", metavar="FILE", help="TOML file with the sweep")
    add_design(parser)
    add("--networks", type=int, metavar="N", help="networks in each cell")
    add("--seed", type=int, metavar="S", help="seed of everything random in the cells (default 0)")
    add(
        "--shards", type=int, metavar="N", help="parts into which the networks of a cell are divided (default 1 per 64)"
    )
    add("--out", metavar="DIR", help="folder of the sweep (default sweeps/NAME)")
    add("--keep", metavar="WHAT", help="what a cell leaves on disk: measures, weights (default) or all")
    add_cluster(parser)
    add("--checkpoint-every", type=float, default=60.0, metavar="S", help="seconds between checkpoints (default 60)")
    add("--array", metavar="K/N", help="carry out the K-th of N parts of the cells, for job arrays")
    add(
        "--collect",
        action="store_true",
        help="write the dataset of the cells that are complete, and stop; --out is enough",
    )
    add("--dry-run", action="store_true", help="print the plan, and for a batch system the job script, and stop")
    add("--quiet", action="store_true", help="print nothing but errors and warnings")
    return parser


def add_design(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which settings are varied."""
    add = parser.add_argument
    add("--set", action="append", default=[], metavar="A.B=C", help="change a setting in all cells")
    add("--grid", action="append", default=[], metavar="A.B=C,D", help="values of a setting; all combinations are made")
    add("--zip", action="append", default=[], metavar="A.B=C,D", help="values of settings that change together")
    add("--random", action="append", default=[], metavar="A.B=C:D", help="range that a setting is drawn from")
    add("--latin", action="append", default=[], metavar="A.B=C:D", help="the same, drawn as a Latin hypercube")
    add("--draws", type=int, metavar="N", help="draws of --random or --latin")
    add("--draw-seed", type=int, metavar="S", help="seed of these draws (default 0)")


def add_cluster(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where cells are carried out."""
    add = parser.add_argument
    add("--cluster", metavar="WHERE", help="local (default), tcp://HOST:PORT of a scheduler, or slurm, pbs, sge ...")
    add("--workers", type=int, metavar="N", help="worker processes or jobs to start (default: one per core)")
    add("--job", action="append", default=[], metavar="A=B", help="option of a job of the batch system, as queue=short")


def wanted_by(options: argparse.Namespace) -> Wanted:
    """Return what a command line and its TOML file ask for; the command line wins.

    Raises
    ------
    BadInput
        If an option or the file cannot be read.
    """
    content = content_of(options.config, FIELDS, TABLES) if options.config else {}
    given = {name: getattr(options, name, None) for name in FIELDS if name != "experiments"}
    numbers = {name: value for name, value in content.items() if name in FIELDS and name != "experiments"}
    numbers |= {name: value for name, value in given.items() if value is not None}
    changes: dict[str, Any] = content.get("set", {})
    for text in options.set:
        changes = merged(changes, assignment(text))
    designs = {name: flat(content.get(name, {})) | _values(options, name) for name in DESIGNS}
    return Wanted(options.experiments or content.get("experiments", []), changes, designs, numbers)


def content_of(path: str, fields: Mapping[str, type], tables: Sequence[str]) -> dict[str, Any]:
    """Return the content of a TOML file.

    Raises
    ------
    BadInput
        If it cannot be read, has another field or table, or a field is of another type.
    """
    content = read_configuration(Path(path))
    known = (*fields, *tables)
    for name, value in content.items():
        if name not in known:
            raise BadInput(f"--config {path}: there is no field {name!r}; known here: {choice_of(known, name)}")
        kind = fields.get(name, Mapping)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            word = {list: "a list", int: "a whole number", str: "a text", bool: "true or false"}.get(kind, "a table")
            raise BadInput(f"--config {path}: {name} must be {word}.")
    return content


def flat(table: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Return a table of a TOML file by dotted names."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        found |= flat(value, f"{path}{name}.") if isinstance(value, Mapping) else {f"{path}{name}": value}
    return found


def _values(options: argparse.Namespace, design: str) -> dict[str, Any]:
    """Return the settings of a design on the command line, with their values or ranges."""
    found: dict[str, Any] = {}
    for text in getattr(options, design):
        name, equals, value = text.partition("=")
        example = "learner.discount=0.3:0.9" if design in ("random", "latin") else "learner.discount=0.7,0.8"
        if not equals or not value or value.endswith(","):
            raise BadInput(f"--{design} {shortened(text)}: expected a name and its values, as in {example}.")
        if name in found:
            raise BadInput(f"--{design} {shortened(text)}: {name} is given twice; give all its values at once.")
        found[name] = value if design in ("random", "latin") and ":" in value else values_of(value)
        if design in ("random", "latin") and len(found[name]) == 1:
            raise BadInput(f"--{design} {shortened(text)}: give a range, as in {example}, or several values.")
    return found


def ranges_of(texts: Sequence[str]) -> dict[str, Any]:
    """Read ranges of settings: options ``--random``.

    Examples
    --------
    >>> ranges_of(["learner.discount=0.3:0.9", "network.core=lstm,gru"])
    {'learner.discount': '0.3:0.9', 'network.core': ['lstm', 'gru']}
    """
    return _values(argparse.Namespace(random=texts), "random")


def values_of(text: str) -> list[Any]:
    """Read values that are separated by commas; a value may be a list.

    Examples
    --------
    >>> values_of("0.7,.8"), values_of("lstm,gru"), values_of("[0.1],[0.2, 0.3]")
    ([0.7, 0.8], ['lstm', 'gru'], [[0.1], [0.2, 0.3]])
    """
    try:
        return list(tomllib.loads(f"value = [{text}]")["value"])
    except (ValueError, RecursionError):
        return [value_of(part) for part in text.split(",")]


def job_options(texts: Sequence[str]) -> dict[str, Any]:
    """Return the options of a job: numbers and lists as TOML, everything else as text.

    Examples
    --------
    >>> job_options(["queue=short", "memory=2GB", "walltime=01:00:00"])
    {'queue': 'short', 'memory': '2GB', 'walltime': '01:00:00'}
    """
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise BadInput(f"--job {shortened(text)}: expected NAME=VALUE, as in --job queue=short.")
        read = value_of(value)
        found[name] = read if isinstance(read, int | float | list | str) else value
    return found


def part_of(text: str) -> tuple[int, int]:
    """Read the part of a job array.

    Raises
    ------
    BadInput
        If it is none.

    Examples
    --------
    >>> part_of("3/50")
    (3, 50)
    """
    number, _, n = text.partition("/")
    if not (number.isdigit() and n.isdigit() and 1 <= int(number) <= int(n)):
        raise BadInput(f"--array {shortened(text)}: expected K/N with K from 1 to N, as in --array 3/50.")
    return int(number), int(n)
