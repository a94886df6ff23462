"""Export a run for other software: ``python -m pfc_metarl.export RUN --to csv``."""

import sys
from pathlib import Path

from pfc_metarl.arguments import argument
from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.cli.options import add_follow_links
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import BadInput


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    return exit_code(lambda: _run(arguments))


def _run(arguments: list[str] | None) -> int:
    parser = Parser(prog="python -m pfc_metarl.export", description="Write a probe's trial table.")
    parser.add_argument("run", help="run directory")
    parser.add_argument("--to", choices=["csv"], default="csv", help="format (default csv)")
    parser.add_argument("--probe", default="test", help="recording to export (default test)")
    add_follow_links(parser)
    parser.add_argument("--out", metavar="FILE", help="file to write (default RUN/trials.csv)")
    options = parser.parse_args(arguments)
    out = Path(options.out or Path(options.run) / "trials.csv")
    print(export_trials(Path(options.run), options.probe, out, options.follow_links))
    return 0


def export_trials(folder: Path, probe: str, out: Path, follow_links: bool = False) -> Path:
    """Write the trial table of a recording of a run as CSV, the columns of `pfc_metarl.data.trial_table.trials`.

    The file <out>.json states the origin of the table: recording, experiment, seed, settings, versions. With it
    `pfc_metarl.verify` checks that a table in a run directory belongs to its recording.

    Raises
    ------
    BadInput
        If there is no such run or recording, or the file cannot be written.
    """
    with importing():
        from pfc_metarl.data.files import replacing, write_json
        from pfc_metarl.data.trial_table import trials
        from pfc_metarl.runs.run import open_run

    run = open_run(folder, follow_links)
    table = trials(run.recording(probe))
    origin = {"probe": probe, "sha256_of_recording": run.manifest["files"][f"{probe}.nc"]["sha256"], **run.origin()}
    try:
        with replacing(out) as temporary:
            table.to_csv(temporary, index=False)
        write_json(out.with_name(f"{out.name}.json"), origin)
    except OSError as error:
        raise BadInput(f"{argument('out', out)}: {error.strerror}; choose a file that can be written.") from None
    return out


if __name__ == "__main__":
    sys.exit(main())
