"""Search for settings of a learner, on seeds that no result uses: ``python -m pfc_metarl.search NAME``."""

import argparse
import contextlib
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.cli.sweep_options import add_cluster, ranges_of
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import BadInput

if TYPE_CHECKING:
    from pfc_metarl.sweeps.search import Search, Trial

EPILOG = """example: the search of benchmarks/recipe.md for two_step, in three rungs
  python -m pfc_metarl.search two_step --draws 16 --rungs 3 --write benchmarks/recipe.md

Settings are chosen by the reward at the end of training alone. The same command continues a search.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    return exit_code(lambda: _run(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    about = "Train networks with random settings of the learner, and log which earn most at the end."
    formatter = argparse.RawDescriptionHelpFormatter
    parser = Parser(prog="python -m pfc_metarl.search", description=about, epilog=EPILOG, formatter_class=formatter)
    add = parser.add_argument
    add("experiment", help="name of an experiment, or a .py file that defines EXPERIMENT")
    add(
        "--random", action="append", default=[], metavar="A.B=C:D", help="range of a setting, instead of the usual ones"
    )
    add("--draws", type=int, default=8, metavar="N", help="settings to draw (default 8)")
    add("--networks", type=int, default=2, metavar="N", help="networks for each of them (default 2)")
    add("--updates", type=int, default=600, metavar="N", help="updates in the last rung (default 600)")
    add("--rungs", type=int, default=1, metavar="N", help="rungs; half of the draws go on to the next (default 1)")
    add("--seed", type=int, default=1100, metavar="S", help="of the draws and the networks (default 1100)")
    add("--out", metavar="DIR", help="folder of the search (default searches/NAME)")
    add("--write", metavar="PAGE", type=Path, help="markdown page that gets the log")
    add_cluster(parser)
    return parser


def _run(options: argparse.Namespace) -> int:
    ranges = ranges_of(options.random)
    with importing():
        from pfc_metarl.cli.connecting import client_of
        from pfc_metarl.experiments.registry import run_name
        from pfc_metarl.sweeps.search import RANGES, Search, require_possible_search, table, written

    sizes = {name: getattr(options, name) for name in ("draws", "networks", "updates", "rungs", "seed")}
    search = Search(options.experiment, ranges or RANGES, **sizes)
    require_possible_search(search)
    page = _page(options.write)
    folder = Path(options.out) if options.out else Path("searches") / run_name(options.experiment)
    with client_of(options) as client:
        trials = _trials(search, folder, client)
    print(table(trials))
    if options.write:
        options.write.write_text(written(page, search, trials), encoding="utf-8")
    return 0


def _page(path: Path | None) -> str:
    """Read the page before the search, so that one that cannot be read is refused at once."""
    if path is None:
        return ""
    with contextlib.suppress(FileNotFoundError):
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            reason = getattr(error, "strerror", None) or "it is no text"
            raise BadInput(f"--write {path}: {reason}; give a markdown page.") from None
    return "# Recipes\n"


def _trials(search: "Search", folder: Path, client: Any) -> "list[Trial]":
    """Carry out all rungs."""
    from pfc_metarl.cli.swept import planned, swept
    from pfc_metarl.sweeps.cells import require_cells
    from pfc_metarl.sweeps.search import better_half, candidates, sweep_of_rung, trials_of

    chosen, found = candidates(search), []
    for rung in range(search.rungs):
        sweep = sweep_of_rung(search, rung, chosen, folder)
        require_cells(sweep)
        plan = planned(sweep, list(sweep.cells()), 1, quiet=True, tried=False)
        _, failed = swept(sweep, plan, client, False, (signal.SIGINT, signal.SIGTERM))
        for name, error in failed.items():
            print(f"failed: {name}: {error}", file=sys.stderr)
        latest = trials_of(search, rung, sweep, chosen)
        found += latest
        chosen = better_half(latest)
    return found


if __name__ == "__main__":
    sys.exit(main())
