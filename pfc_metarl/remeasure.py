"""Measure a trained run again: ``python -m pfc_metarl.remeasure RUN``.

Probes, measures and headlines are those of the present experiment. The training is kept, and so are recordings that
would be the same; new probes, or more episodes of one, are recorded.
"""

import argparse
import sys
from typing import Any

from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.cli.configuration import assignment
from pfc_metarl.cli.options import add_follow_links
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import BadInput, merged


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    return exit_code(lambda: _run(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    about = "Make the missing recordings of a run, and measure."
    parser = Parser(prog="python -m pfc_metarl.remeasure", description=about)
    add = parser.add_argument
    add("run", help="run directory")
    add("--set", action="append", default=[], metavar="A.B=C", help="change a probe, as probes.test.episodes=600")
    add_follow_links(parser)
    add("--quiet", action="store_true", help="print nothing but errors and warnings")
    add("--json", action="store_true", help="print the summary as JSON")
    return parser


def _run(options: argparse.Namespace) -> int:
    changes: dict[str, Any] = {}
    for text in options.set:
        changes = merged(changes, assignment(text))
    if set(changes) - {"probes"}:
        raise BadInput(
            f"--set {options.set[0]}: only probes can be changed here; pfc_metarl.simulate changes the rest."
        )
    with importing():
        from pfc_metarl.cli.progress import ProgressBar
        from pfc_metarl.cli.terminal import show_run, warn
        from pfc_metarl.execution.simulation import open_run, remeasured
        from pfc_metarl.execution.source import present_experiment_of

    run = open_run(options.run, options.follow_links)
    say = None if options.quiet or options.json else print
    source = present_experiment_of(run, changes)
    experiment = source.experiment
    with ProgressBar(experiment.networks, experiment.learner.updates, options.quiet or options.json) as bar:
        made = remeasured(run, source, again=True, say=say, warn=warn, report=bar.report)
    show_run(made, options.quiet, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
