"""Tiny recurrent networks of animals and people: ``python -m analyses.tiny_networks_table [GROUP ...] [--data DIR]``.

The sets are those of `analyses.species_table`. Rats and mice have networks of their own, people have one for each
group, since a person's trials are few. It takes two and a half minutes of processor time. Writes
data/derived/tiny_networks.nc after each group, so that an interrupted command can go on with the groups that are left:
groups that are not named stay as they are there. Trials stay where they are, and only measures of subjects are kept.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from analyses import derived, folders, tiny_networks
from analyses.species_table import ORIGIN, default_data, trials_of
from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.settings import BadInput

GROUPS = (("two_step", "rats"), ("two_step", "carpet"), ("bandits", "mice"), ("bandits", "people"))
"""Task and group, as of `analyses.species_table`."""

POOLED = ("carpet", "people")
"""Groups with one network for all subjects."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit tiny networks, and write the table; return the exit code."""
    parser = Parser(prog="python -m analyses.tiny_networks_table", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help="rats, carpet, mice or people (default: all)")
    parser.add_argument("--data", type=Path, help="folder with the public sets (default: shared/data)")
    return exit_code(lambda: _written(parser.parse_args(arguments)))


def _written(options: argparse.Namespace) -> int:
    folder = options.data or default_data()
    if folder is None:
        raise BadInput("there are no public sets beside the project; name the folder with them, as --data.")
    names = [group for _, group in GROUPS]
    for group in options.groups:
        if group not in names:
            raise BadInput(f"group = {group!r}: must be one of {', '.join(names)}.")
    path = folders.MEASURED / folders.TINY_NETWORKS.name
    found = derived.load(path)[0] if path.exists() else {}
    for task, group in GROUPS:
        if group in (options.groups or names):
            found[group] = tiny_networks.measured(trials_of(group, task, folder), task, group in POOLED)
            made = {name: found[name] for name in names if name in found}
            derived.save(made, {name: ORIGIN[name] for name in made}, path)
    print(folders.shown(path))
    return 0


if __name__ == "__main__":
    sys.exit(main())
