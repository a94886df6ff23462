"""Draw a measure of a sweep: ``python -m analyses sweep DIR --measure NAME``."""

import argparse
from pathlib import Path

from analyses.folders import shown
from pfc_metarl.cli.commandline import Parser
from pfc_metarl.settings import BadInput, shortened

DATASET = "sweep.nc"


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = Parser(prog="python -m analyses sweep", description=(__doc__ or "").partition(":")[0] + ".")
    add = made.add_argument
    add("folder", type=Path, help="folder of a sweep")
    add("--measure", required=True, metavar="NAME", help="variable of its dataset")
    add("--at", action="append", default=[], metavar="A=B", help="value of a setting, where more than three are varied")
    add("--out", type=Path, help="folder for the figure (default: figures/ in the folder of the sweep)")
    return made


def run(options: argparse.Namespace) -> int:
    """Draw a measure; return the exit code.

    Raises
    ------
    BadInput
        If the folder holds no dataset of a sweep, or there is no such measure.
    """
    from analyses import style, sweep_panels  # numpy is imported once the command has set the number of threads
    from pfc_metarl.data.dataset import load

    path = options.folder / DATASET
    if not path.is_file():
        raise BadInput(f"{options.folder}: there is no {DATASET}; pfc_metarl.sweep writes it, with --collect at once.")
    at = {}
    for text in options.at:
        name, equals, value = text.partition("=")
        if not equals:
            raise BadInput(f"--at {shortened(text)}: expected NAME=VALUE, as in --at discount=0.7.")
        at[name] = value
    with load(path) as dataset:
        found = sweep_panels.selected(dataset.load(), options.measure, at)
    made = sweep_panels.draw(found, options.measure)
    name = "_".join([options.measure, *(f"{name}={value}" for name, value in at.items())])
    for written in style.save(made, options.out or options.folder / "figures", name, {"sweep": str(options.folder)}):
        print(shown(written), flush=True)
    return 0
