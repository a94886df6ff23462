"""Write the report of a run, or compare several: ``python -m pfc_metarl.report RUN...``."""

import argparse
import contextlib
import sys
from pathlib import Path

from pfc_metarl.arguments import argument
from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.cli.options import add_follow_links
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import BadInput, printable

EPILOG = """Every run ends with its report, RUN/report.html. This command makes it again, for example after figures were
drawn into RUN/figures, or, with --nulls, with what agents reach that lack what is claimed; this is stored in
RUN/nulls.json, and later reports show it too. Of several runs it makes one page that compares them with the first.
"""
COMPARISON = "comparison.html"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    return exit_code(lambda: _run(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    about = "Write the report of a run as an HTML page, or a page that compares several runs."
    parser = Parser(prog="python -m pfc_metarl.report", description=about, epilog=EPILOG)
    add = parser.add_argument
    add("runs", nargs="+", metavar="RUN", help="run directory")
    add("--nulls", action="store_true", help="measure the nulls of all criteria (seconds to minutes; one run)")
    add("--out", metavar="FILE", help=f"page to write (default RUN/report.html; of several runs {COMPARISON})")
    add_follow_links(parser)
    return parser


def report(
    folder: str | Path,
    follow_links: bool = False,
    with_nulls: bool = False,
    out: Path | None = None,
    progress: bool = False,
) -> Path:
    """Write the report of a run; without its experiment if that cannot be found any more.

    Parameters
    ----------
    folder : str or Path
        Run directory.
    follow_links : bool
        Whether its files may be symbolic links.
    with_nulls : bool
        Whether to measure what agents reach that lack what is claimed, see `pfc_metarl.experiments.nulls.nulls`. Later
        reports of the run show it too, until the run is measured anew.
    out : Path, optional
        Page to write; by default ``report.html`` in the run directory.
    progress : bool
        Whether stderr shows which null is being measured, and stdout what the nulls reach.

    Raises
    ------
    BadInput
        If there is no such run, or a file of it is damaged.

    Examples
    --------
    >>> report("nowhere")
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: nowhere: this is not a run directory, there is no such folder.
    """
    from pfc_metarl.cli.display import Display
    from pfc_metarl.cli.terminal import warn
    from pfc_metarl.execution.simulation import open_run
    from pfc_metarl.experiments.nulls import in_sentences, nulls
    from pfc_metarl.reports.pages import write_report
    from pfc_metarl.reports.stored_nulls import store

    run = open_run(folder, follow_links)
    try:
        experiment = run.experiment
    except BadInput as error:
        if with_nulls:
            raise
        warn(f"the report names no nulls and conditions: {error}")
        return write_report(run, out=out)
    if not with_nulls:
        return write_report(run, experiment, out=out)
    recordings = {name: run.recording(name) for name in run.recordings()}
    with Display(quiet=not progress) as display:
        found = nulls(experiment, run.manifest["seed"], recordings, display.show)
    with contextlib.suppress(OSError):  # a run that can only be read
        store(run, found)
    if progress:
        print(*(printable(sentence) for sentence in in_sentences(experiment, found)), sep="\n")
    return write_report(run, experiment, found, out)


def _run(options: argparse.Namespace) -> int:
    folders = [Path(folder).resolve() for folder in options.runs]
    if twice := [name for name, folder in zip(options.runs, folders, strict=True) if folders.count(folder) > 1]:
        raise BadInput(f"{twice[0]}: this run is given twice; give runs that differ.")
    if options.nulls and len(options.runs) > 1:
        raise BadInput(f"--nulls: measured for one run, not {len(options.runs)}; give one run directory.")
    with importing():
        from pfc_metarl.reports.pages import write_comparison
        from pfc_metarl.runs.run import open_run

    out = Path(options.out) if options.out else None
    try:
        if len(options.runs) == 1:
            print(report(options.runs[0], options.follow_links, options.nulls, out, progress=True))
        else:
            runs = [open_run(folder, options.follow_links) for folder in options.runs]
            print(write_comparison(runs, out or Path(COMPARISON)))
    except OSError as error:
        raise BadInput(f"{argument('out', out)}: {error.strerror}; choose a file that can be written.") from None
    return 0


if __name__ == "__main__":
    sys.exit(main())
