"""Check every file of a run: ``python -m pfc_metarl.verify RUN``."""

import sys

from pfc_metarl.cli.commandline import FAILED, Parser, exit_code
from pfc_metarl.cli.options import add_follow_links
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import counted


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code: 0 if all files are intact, 1 if one is damaged, 2 for bad input."""
    return exit_code(lambda: _run(arguments))


def _run(arguments: list[str] | None) -> int:
    parser = Parser(prog="python -m pfc_metarl.verify", description="Check every file of a run.")
    parser.add_argument("run", help="run directory")
    add_follow_links(parser)
    options = parser.parse_args(arguments)
    with importing():
        from pfc_metarl.runs.exports import outdated_exports
        from pfc_metarl.runs.run import open_run

    run = open_run(options.run, options.follow_links)
    problems = {**run.damage(), **outdated_exports(run)}
    for name, problem in problems.items():
        print(f"{run.folder / name}: {problem}")
    if problems:
        print(f"to repair it: {run.command()}")
        return FAILED
    state = "complete" if run.complete else f"not complete; to continue: {run.command()}"
    print(f"{run.folder}: {counted(len(run.manifest['files']), 'file')} intact; the run is {state}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
