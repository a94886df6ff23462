"""What there is to run: ``python -m pfc_metarl``."""

import shutil
import sys
import textwrap

from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.cli.listing import print_list
from pfc_metarl.interrupts import importing

COMMANDS = {
    "simulate": "train a cohort of networks, record it, measure it; continues what was interrupted",
    "sweep": "simulate every combination of some settings, on one machine or on a cluster",
    "search": "search for settings of a learner, on seeds that no result uses",
    "remeasure": "make missing recordings of a run, and measure again",
    "transfer": "train in several experiments, test each cohort in the tasks of all",
    "causality": "remove directions of activity from a run's networks, and measure what changes",
    "measure": "measure the behaviour of animals, people or networks",
    "fit": "fit models to choices, and compare them",
    "report": "write the report of a run as an HTML page, or compare several runs",
    "verify": "check every file of a run",
    "export": "write trials of a run for other software",
}
"""Command -> what it does."""

STEPS_PER_MINUTE = 30e6
"""Steps that one core trains in a minute, about, with 48 units."""
SLOWER_FROM_PIXELS = 10
"""How many times as long a step takes with convolutions, about: 200 s on two cores for `harlow_pixels`."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    return exit_code(lambda: _run(arguments))


def _run(arguments: list[str] | None) -> int:
    parser = Parser(prog="python -m pfc_metarl", description="List commands and experiments.")
    parser.add_argument("--variants", action="store_true", help="list controls and other variants too")
    options = parser.parse_args(arguments)
    with importing():
        from pfc_metarl import __version__, experiments

    width = shutil.get_terminal_size((100, 24)).columns
    first = f"pfc_metarl {__version__}. To begin: python -m pfc_metarl.simulate two_step. Each command has --help:"
    print(f"{textwrap.fill(first, width)}\n")
    commands = {f"python -m pfc_metarl.{name}": about for name, about in COMMANDS.items()}
    print_list({**commands, "python -m analyses": "draw figures from runs, or from the tables of results"})
    names = experiments.names() if options.variants else experiments.main_names()
    which = "Experiments and all their variants" if options.variants else "Experiments"
    names_all = "" if options.variants else " (--all runs each of these)"
    about = (
        f"{which}, run by python -m pfc_metarl.simulate NAME{names_all}. In brackets: about how many minutes training "
        "takes on one core; recording and measuring add up to two."
    )
    print(f"\n{textwrap.fill(about, width)}\n")
    print_list({f"{name} ({minutes(name)})": experiments.load(name).claim for name in names})
    if not options.variants:
        print("\nMore variants: python -m pfc_metarl --variants")
    return 0


def minutes(name: str) -> str:
    """Return how long an experiment trains on one core, in minutes, as text.

    Examples
    --------
    >>> minutes("two_step")
    '0.3'
    """
    from pfc_metarl import experiments

    experiment = experiments.load(name)
    learner = experiment.learner
    steps = experiment.networks * learner.updates * learner.episodes * experiment.task.n_steps
    slower = 1 if getattr(experiment.network, "encoder", None) is None else SLOWER_FROM_PIXELS
    found = slower * steps / STEPS_PER_MINUTE
    return f"{found:.1f}" if found < 10 else f"{found:.0f}"


if __name__ == "__main__":
    sys.exit(main())
