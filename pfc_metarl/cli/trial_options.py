"""Options of commands that read trials: from a file of any known format, or from a run."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfc_metarl.cli.commandline import Parser
from pfc_metarl.cli.listing import print_list
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import BadInput

if TYPE_CHECKING:
    import pandas as pd


def trials_parser(command: str, description: str, examples: str) -> argparse.ArgumentParser:
    """Return the parser of a command that reads trials, with the options that say which, and how.

    Parameters
    ----------
    command : str
        Name of the module of the package.
    description, examples : str
        Shown by --help, above and below the options.
    """
    parser = Parser(
        prog=f"python -m pfc_metarl.{command}",
        description=description,
        epilog=examples,
    )
    add = parser.add_argument
    add("source", nargs="?", help="file or folder of trials, a run, or a public set by name")
    add("--format", default="table", metavar="F", help="format of the trials: table (default), or see --formats")
    add("--formats", action="store_true", help="list the formats and the public sets, and stop")
    add("--probe", default="test", metavar="NAME", help="recording of a run (default test)")
    add("--map", action="append", default=[], metavar="A=B", help="column A of the trial table is B in the file")
    add("--key", action="append", default=[], metavar="K=N", help="K stands for option N in the file, as in f=0")
    add("--common", action="append", default=[], metavar="K=N", help="option K leads to state N commonly; both from 0")
    add("--base", type=int, metavar="N", help="code of the first option or state in the file (default 0)")
    add("--missing", metavar="X", help="what stands in the file where there was no choice")
    add(
        "--options",
        type=int,
        metavar="N",
        dest="n_options",
        help="options of a choice (default: 2 in the two-step task)",
    )
    add("--rewards", metavar="A,B", help="possible rewards in the file, or any (default 0,1)")
    add("--reward-unit", type=float, default=1.0, metavar="X", help="what counts as one reward in the file")
    add("--consecutive", action="store_true", help="rows of a session follow each other, whatever their numbers")
    return parser


def read_source(options: argparse.Namespace, needs: Sequence[str] = (), n_options: int | None = None) -> "pd.DataFrame":
    """Read the trials that a command line names.

    Parameters
    ----------
    options : Namespace
        As the parser of `trials_parser` returns it.
    needs : sequence of str
        Columns that there must be.
    n_options : int, optional
        Options of a choice, where --options does not say otherwise.

    Raises
    ------
    BadInput
        If they cannot be read, or a column is missing.
    """
    table = _read(options, n_options)
    missing = [name for name in needs if name not in table]
    if missing:
        also = ", or give --common K=N: option K leads to state N commonly" if missing == ["common"] else ""
        raise BadInput(
            f"{options.source}: there is no column {' and no column '.join(missing)}; the columns are "
            f"{', '.join(map(str, table.columns))}; name it, as --map {missing[0]}=COLUMN{also}."
        )
    return table


def _read(options: argparse.Namespace, n_options: int | None) -> "pd.DataFrame":
    if options.source is None:
        raise BadInput("Say which file, folder or run to read; --help shows how.")
    with importing():
        from pfc_metarl.data.codecs import read_trials
        from pfc_metarl.data.memory import MEASURING, require_memory
        from pfc_metarl.data.trial_table import trials
        from pfc_metarl.runs.run import open_run

    if (Path(options.source) / "run.json").is_file():
        return trials(open_run(Path(options.source)).recording(options.probe))
    require_memory(Path(options.source), MEASURING)
    given: dict[str, Any] = {"rewards": _rewards(options.rewards)} if options.rewards else {}
    table = read_trials(
        options.source,
        options.format,
        columns=dict(_pair(text, "--map") for text in options.map),
        keys=_codes(options.key, "--key"),
        base=options.base,
        missing=options.missing,
        reward_unit=options.reward_unit,
        n_options=options.n_options or n_options,
        consecutive=options.consecutive,
        **given,
    )
    return _with_common(table, options.common) if options.common else table


def _with_common(table: "pd.DataFrame", pairs: list[str]) -> "pd.DataFrame":
    """Return a trial table with a column that says whether each transition was the common one."""
    if "common" in table:
        raise BadInput("--common: the trial table has a column common already; leave the option out.")
    if missing := [name for name in ("choice1", "state2") if name not in table]:
        raise BadInput(f"--common: the trial table has no column {missing[0]}; name it with --map {missing[0]}=COLUMN.")
    leads_to = _codes(pairs, "--common")
    option = table["choice1"].astype("string")
    if unknown := sorted(set(option.dropna()) - set(leads_to)):
        raise BadInput(f"--common: say which state option {unknown[0]} leads to commonly, as --common {unknown[0]}=0.")
    known = table["choice1"].notna() & table["state2"].notna()
    return table.assign(common=(table["state2"] == option.map(leads_to)).astype("Int64").where(known))


def show_formats() -> None:
    """Print the formats of trials, and the public sets that are downloaded, one a line."""
    with importing():
        from pfc_metarl.data.codecs import formats, originals

    downloaded = {name: f"{about}; downloaded when first read" for name, about in originals().items()}
    print_list(formats() | downloaded)


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise BadInput(f"{option} {text}: expected A=B.")
    return name, value


def _codes(texts: list[str], option: str) -> dict[str, int]:
    """Return name -> code of texts such as f=0."""
    found = dict(_pair(text, option) for text in texts)
    for name, code in found.items():
        if not code.isdigit():
            raise BadInput(f"{option} {name}={code}: the code of an option is a whole number, from 0.")
    return {name: int(code) for name, code in found.items()}


def _rewards(text: str) -> list[float] | None:
    if text == "any":
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise BadInput(f"--rewards {text}: expected numbers, as 0,1, or any.") from None
