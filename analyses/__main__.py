"""Draw figures from their runs, or, where there are no runs, from tables measured before.

Examples
--------
All figures of the paper, from the runs in runs/ or from data/derived::

    python -m analyses

One figure from a run of one's own, with its tables beside it::

    python -m analyses fig5_two_step --run runs/mine --out mine
    python -m analyses fig5_two_step --redraw --tables mine --out mine
"""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import analyses
from analyses.folders import FIGURES, MEASURED, TABLES, shown
from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.settings import BadInput

if TYPE_CHECKING:
    from analyses import derived


def figures() -> list[str]:
    """Return the names of the figures: the modules called fig*."""
    return sorted(module.name for module in pkgutil.iter_modules(analyses.__path__) if module.name.startswith("fig"))


def main(arguments: list[str] | None = None) -> int:
    """Draw all figures, or some; return the exit code."""
    return exit_code(lambda: _run(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m analyses", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"one or more of: {', '.join(figures())}")
    of_run = "run directory to draw from (default: the figure's own, below runs/); once for each run of the figure"
    parser.add_argument("--run", action="append", help=of_run)
    parser.add_argument("--redraw", action="store_true", help="draw from tables, even if there are runs")
    tables = f"folder of tables measured before (default: {shown(TABLES)})"
    parser.add_argument("--tables", type=Path, default=TABLES, help=tables)
    out = f"folder for figures and new tables (default: {shown(FIGURES)} and {shown(MEASURED)})"
    parser.add_argument("--out", type=Path, help=out)
    return parser


def _run(options: argparse.Namespace) -> int:
    from analyses import derived, style  # numpy is imported once the command has set the number of threads

    for name in options.figures or figures():
        if name not in figures():
            raise BadInput(f"figure = {name!r}: there is none of that name; choose {', '.join(figures())}.")
        module = importlib.import_module(f"analyses.{name}")
        path = options.tables / f"{name}.nc"
        runs = [] if options.redraw else _runs(name, module, options.run, path)
        measured = (options.out or MEASURED) / f"{name}.nc"
        tables, origin = _measured(module, runs, measured) if runs else derived.load(path)
        for made in style.save(module.draw(tables), options.out or FIGURES, name, origin):
            print(shown(made))
    return 0


def _measured(module: ModuleType, runs: Sequence[str], path: Path) -> tuple["derived.Tables", Any]:
    from analyses import derived
    from pfc_metarl.runs.run import open_run

    opened = [open_run(run) for run in runs]
    origins = {run.manifest["experiment"]: run.origin() for run in opened}
    derived.save(module.tables(*opened), origins, path)
    return derived.load(path)


def _runs(name: str, module: ModuleType, given: list[str] | None, path: Path) -> list[str]:
    """Return the run directories of a figure: those given, or its own; none if only its tables are there."""
    own = [module.RUN] if isinstance(module.RUN, str) else list(module.RUN)
    if given is not None and len(given) != len(own):
        raise BadInput(f"--run: {name} is drawn from {' and '.join(own)}; give --run {len(own)} times.")
    if given is None and path.exists() and not all(Path(run).is_dir() for run in own):
        return []
    return given or own


if __name__ == "__main__":
    sys.exit(main())
