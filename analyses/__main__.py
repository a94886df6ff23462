"""Draw figures from their runs, or, where there are no runs, from tables measured before.

Examples
--------
All figures of the paper, from the runs in runs/ or from data/derived::

    python -m analyses

One figure from a run of one's own, with its tables, into runs/mine/figures; and again from these tables::

    python -m analyses fig5_two_step --run runs/mine
    python -m analyses fig5_two_step --redraw --tables runs/mine/figures --out elsewhere

All supplementary figures::

    python -m analyses "figS_*"

Everything from nothing: the run of a figure is simulated first, if it is not complete, then drawn from::

    python -m analyses fig5_two_step --simulate --run runs/two_step

A measure of a sweep over settings, as heat maps and curves::

    python -m analyses sweep sweeps/two_step --measure planning_index
"""

import argparse
import fnmatch
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path

import analyses
from analyses import sweep
from analyses.folders import FIGURES, MEASURED, TABLES, shown
from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.cli.options import add_follow_links
from pfc_metarl.settings import BadInput, choice_of


def figures() -> list[str]:
    """Return the names of the figures: the modules called fig*."""
    return sorted(module.name for module in pkgutil.iter_modules(analyses.__path__) if module.name.startswith("fig"))


def main(arguments: list[str] | None = None) -> int:
    """Draw all figures, or some, or a measure of a sweep; return the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["sweep"]:
        return exit_code(lambda: sweep.run(sweep.parser().parse_args(given[1:])))
    return exit_code(lambda: _run(_parser().parse_args(given)))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m analyses", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "figures",
        nargs="*",
        metavar="FIGURE",
        help=f"one or more of: {', '.join(figures())}; or a pattern such as 'figS_*'",
    )
    of_run = "run directory to draw from (default: the figure's own, below runs/); once for each run of the figure"
    parser.add_argument("--run", action="append", help=of_run)
    add_follow_links(parser)
    of_simulate = "first simulate the runs to draw from, or what is missing of them, with the settings of the package"
    parser.add_argument("--simulate", action="store_true", help=of_simulate)
    parser.add_argument("--redraw", action="store_true", help="draw from tables, even if there are runs")
    tables = f"folder of tables measured before (default: {shown(TABLES)})"
    parser.add_argument("--tables", type=Path, default=TABLES, help=tables)
    out = (
        f"folder for figures and new tables (default: {shown(FIGURES)} and {shown(MEASURED)}; "
        "with --run, figures/ in that run directory)"
    )
    parser.add_argument("--out", type=Path, help=out)
    return parser


def _run(options: argparse.Namespace) -> int:
    names = _named(options.figures)
    if options.simulate:
        names = _simulate(names, options)
    from analyses.drawing import all_drawn  # numpy is imported once the command has set the number of threads

    for paths in all_drawn(names, options):
        for path in paths:
            print(shown(path), flush=True)
    if options.run and not options.redraw and options.out is None:
        from pfc_metarl.report import report

        print(shown(report(options.run[0], options.follow_links)))
    return 0


def _named(given: Sequence[str]) -> list[str]:
    """Return the figures that were named, or that a pattern fits; all if none was named."""
    found: list[str] = []
    for pattern in given or ["*"]:
        fitting = fnmatch.filter(figures(), pattern)
        if not fitting:
            choice = choice_of(figures(), pattern)
            raise BadInput(f"figure = {pattern!r}: unknown figure; choose {choice}")
        found += fitting
    return list(dict.fromkeys(found))


def _simulate(names: Sequence[str], options: argparse.Namespace) -> list[str]:
    from analyses.simulated import simulate_runs

    if options.redraw:
        raise BadInput("--redraw: it draws from tables, --simulate from runs; give one of the two.")
    return simulate_runs(names, options.run, options.follow_links)


if __name__ == "__main__":
    sys.exit(main())
