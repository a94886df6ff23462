"""Draw figures: ``python -m analyses [FIGURE ...]``, from their runs, or where there are none from data/derived."""

import importlib
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import analyses
from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.settings import BadInput

if TYPE_CHECKING:
    from analyses import derived

DERIVED, FIGURES = Path("data/derived"), Path("paper/figures")


def figures() -> list[str]:
    """Return the names of the figures: the modules called fig*."""
    return sorted(module.name for module in pkgutil.iter_modules(analyses.__path__) if module.name.startswith("fig"))


def main(arguments: list[str] | None = None) -> int:
    """Draw all figures, or some; return the exit code."""
    return exit_code(lambda: _run(arguments))


def _run(arguments: list[str] | None) -> int:
    from analyses import derived, style  # numpy is imported once the command has said how many threads it may use

    parser = Parser(prog="python -m analyses", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"one or more of: {', '.join(figures())}")
    of_run = "run directory to draw from (default: the figure's own, below runs/); once for each run of the figure"
    parser.add_argument("--run", action="append", help=of_run)
    parser.add_argument("--redraw", action="store_true", help="draw from the tables at hand, whatever runs there are")
    out = f"folder for PNG, PDF and tables (default: figures in {FIGURES}, tables in {DERIVED})"
    parser.add_argument("--out", type=Path, help=out)
    options = parser.parse_args(arguments)
    for name in options.figures or figures():
        if name not in figures():
            raise BadInput(f"figure = {name!r}: there is none of that name; choose {', '.join(figures())}.")
        module = importlib.import_module(f"analyses.{name}")
        path = (options.out or DERIVED) / f"{name}.nc"
        runs = [] if options.redraw else _runs(name, module, options.run, path)
        tables, origin = _measured(module, runs, path) if runs else derived.load(path)
        for made in style.save(module.draw(tables), options.out or FIGURES, name, origin):
            print(made)
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
