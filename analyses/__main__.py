"""Draw figures from recordings: ``python -m analyses [FIGURE ...]``."""

import importlib
import pkgutil
import sys
from pathlib import Path

import analyses
from pfc_metarl.commandline import Parser, exit_code
from pfc_metarl.settings import BadInput


def figures() -> list[str]:
    """Return the names of the figures: the modules called fig*."""
    return sorted(module.name for module in pkgutil.iter_modules(analyses.__path__) if module.name.startswith("fig"))


def main(arguments: list[str] | None = None) -> int:
    """Draw all figures, or some; return the exit code."""
    return exit_code(lambda: _run(arguments))


def _run(arguments: list[str] | None) -> int:
    parser = Parser(prog="python -m analyses", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"one or more of: {', '.join(figures())}")
    of_run = "run directory to draw from (default: the figure's own, below runs/); once for each run of the figure"
    parser.add_argument("--run", action="append", help=of_run)
    parser.add_argument("--out", default="paper/figures", help="folder for PNG and PDF (default paper/figures)")
    options = parser.parse_args(arguments)
    for name in options.figures or figures():
        if name not in figures():
            raise BadInput(f"figure = {name!r}: there is none of that name; choose {', '.join(figures())}.")
        module = importlib.import_module(f"analyses.{name}")
        for path in module.main(*_runs(name, module.RUN, options.run), Path(options.out)):
            print(path)
    return 0


def _runs(name: str, default: str | tuple[str, ...], given: list[str] | None) -> tuple[str, ...]:
    """Return the run directories of a figure: its RUN, one or several, or as many that were given instead."""
    defaults = (default,) if isinstance(default, str) else default
    if given is not None and len(given) != len(defaults):
        raise BadInput(f"--run: {name} is drawn from {' and '.join(defaults)}; give --run {len(defaults)} times.")
    return tuple(given or defaults)


if __name__ == "__main__":
    sys.exit(main())
