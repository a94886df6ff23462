"""Search for settings of a learner, on seeds that no result uses: ``python -m pfc_metarl.search NAME``."""

import argparse
import contextlib
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfc_metarl.cli.commandline import exit_code
from pfc_metarl.cli.search_options import search_parser, search_wanted
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import BadInput

if TYPE_CHECKING:
    from pfc_metarl.sweeps.search import Search, Trial


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    return exit_code(lambda: _run(search_parser().parse_args(arguments)))


def _run(options: argparse.Namespace) -> int:
    wanted = search_wanted(options)
    with importing():
        from pfc_metarl.cli.connecting import client_of, n_at_a_time
        from pfc_metarl.experiments.registry import run_name
        from pfc_metarl.sweeps.search import RANGES, Search, require_possible_search
        from pfc_metarl.sweeps.search_log import table, written

    search = Search(**wanted | {"ranges": wanted["ranges"] or RANGES})
    require_possible_search(search)
    page = _page(options.write)
    folder = Path(options.out) if options.out else Path("searches") / (search.name or run_name(search.experiment))
    if options.dry_run:
        return _show_plan(search, folder, n_at_a_time(options, None))
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


def _show_plan(search: "Search", folder: Path, workers: int) -> int:
    """Print what the first rung needs; every other rung takes about as long."""
    from pfc_metarl.cli.swept import planned
    from pfc_metarl.sweeps.search import candidates, sweep_of_rung

    sweep = sweep_of_rung(search, 0, candidates(search), folder)
    planned(sweep, list(sweep.cells()), workers, quiet=False)
    if search.rungs > 1:
        print(f"each of the {search.rungs} rungs takes about as long: half of the draws, twice as many updates")
    return 0


def _trials(search: "Search", folder: Path, client: Any) -> "list[Trial]":
    """Carry out all rungs."""
    from pfc_metarl.cli.swept import planned, swept
    from pfc_metarl.sweeps.search import better_half, candidates, sweep_of_rung, trials_of

    chosen, found = candidates(search), []
    for rung in range(search.rungs):
        sweep = sweep_of_rung(search, rung, chosen, folder)
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
