"""Measure the behaviour of animals, people or networks: ``python -m pfc_metarl.measure FILE --task two_step``."""

import argparse
import sys
from pathlib import Path

from pfc_metarl.cli.commandline import exit_code
from pfc_metarl.cli.trial_options import read_source, show_formats, trials_parser
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import counted

EXAMPLES = """Examples:
  python -m pfc_metarl.measure people.csv --task two_step --map choice1=level1_choice --base 1
  python -m pfc_metarl.measure ../data/rats --format miller2022_rats --task two_step
  python -m pfc_metarl.measure runs/two_step --task two_step
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    return exit_code(lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = trials_parser("measure", "Measure behaviour, per subject and over subjects.", EXAMPLES)
    parser.add_argument("--task", choices=["two_step", "bandit"], default="two_step", help="task (default two_step)")
    parser.add_argument(
        "--rewarded-above", type=float, default=0.0, metavar="X", help="a larger reward counts as one (default 0)"
    )
    parser.add_argument("--out", metavar="FILE", help="netCDF file for all results, a group for each measure")
    return parser


def _run(arguments: list[str] | None) -> int:
    options = _parser().parse_args(arguments)
    if options.formats:
        show_formats()
        return 0
    with importing():
        from pfc_metarl.cli.results import refuse_unwritable, show_reasons, show_table, write_groups
        from pfc_metarl.measures import battery, headlines
        from pfc_metarl.measures.behaviour.battery import NEEDS

    out = Path(options.out) if options.out else None
    refuse_unwritable(out)
    trials = read_source(options, NEEDS[options.task], 2 if options.task == "two_step" else None)
    measured, left_out = battery(trials, options.task, options.rewarded_above)
    table = headlines(measured)
    show_table(table, f"{options.source}: {counted(len(table), 'subject')}")
    show_reasons(measured)
    for reason in dict.fromkeys(left_out.values()):
        names = [name for name, why in left_out.items() if why == reason]
        print(f"{', '.join(names)} {'was' if len(names) == 1 else 'were'} left out: {reason}")
    if out:
        print(write_groups({"headlines": table.to_xarray(), **measured}, out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
