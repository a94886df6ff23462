"""Sweeps over settings: ``python -m pfc_metarl.sweep NAME --grid A.B=C,D``, and the same as a function."""

import argparse
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfc_metarl.arguments import argument, flag, whole_number
from pfc_metarl.cli.commandline import exit_code
from pfc_metarl.cli.sweep_options import Wanted, part_of, sweep_parser, wanted_by
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import BadInput, merged

if TYPE_CHECKING:
    import xarray as xr

    from pfc_metarl.experiments.base import Experiment
    from pfc_metarl.sweeps.cells import Sweep


def sweep(
    experiments: "Experiment | str | Path | Sequence[str | Path] | Mapping[str, Experiment]",
    grid: Mapping[str, Sequence[Any]] | None = None,
    *,
    zipped: Mapping[str, Sequence[Any]] | None = None,
    random: Mapping[str, Any] | None = None,
    latin: Mapping[str, Any] | None = None,
    draws: int | None = None,
    draw_seed: int = 0,
    networks: int | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    client: Any = None,
    keep: str = "weights",
    shards: int = 1,
    checkpoint_every: float = 60.0,
    progress: bool = True,
) -> "xr.Dataset":
    """Simulate experiments with every combination of some settings.

    Each combination is a cell: a run directory in ``<out>/cells``, with the same bytes as that of a single run.
    Complete cells are kept, missing ones are made; so the same call continues a sweep that was interrupted.

    Parameters
    ----------
    experiments : Experiment, str, Path, sequence of str or Path, or mapping of Experiment
        One experiment or several, as for `pfc_metarl.simulate`.
    grid : mapping of sequence, optional
        Setting ("learner.discount") -> values. All combinations are made.
    zipped : mapping of sequence, optional
        Settings that change together: their first values, then their second ones.
    random, latin : mapping, optional
        Settings whose values are drawn: "0.3:0.9", "0.001:0.1:log", or a list to choose from; at random, or as a Latin
        hypercube.
    draws : int, optional
        Draws of `random` or `latin`.
    draw_seed : int
        Seed of the draws.
    networks : int, optional
        Networks in each cell; by default the number in the experiment.
    seed : int
        Of all random numbers in the cells.
    out : str or Path, optional
        Folder of the sweep; by default ``sweeps/<name of the first experiment>``.
    client : distributed.Client, optional
        Where the cells are made. Without one they are made one after the other in this process.
    keep : str
        What a cell leaves on disk: "measures" and learning curves, "weights" too, or "all", with recordings.
    shards : int
        Parts into which the networks of a cell are divided, each of which is trained by one worker.
    checkpoint_every : float
        Seconds between checkpoints.
    progress : bool
        Whether the plan and the progress are shown.

    Returns
    -------
    Dataset, dims (experiment if there are several, the settings that are varied, network)
        A variable for each headline measure; it is written to ``<out>/sweep.nc`` too. A zipped design has one
        dimension, named after its first setting; draws have one, ``draw``.

    Raises
    ------
    BadInput
        If an argument cannot be used; the message says which, and what to do.
    Failure
        If the scheduler was lost.

    Examples
    --------
    >>> import tempfile
    >>> from pfc_metarl import A2C, Experiment, Network, Probe
    >>> from pfc_metarl.tasks import Bandit
    >>> parts = {"task": Bandit(n_trials=5), "network": Network(units=4), "learner": A2C(updates=1)}
    >>> tiny = Experiment(claim="", **parts, probes={"test": Probe(episodes=2)}, networks=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found = sweep(tiny, {"learner.discount": [0.5, 0.9]}, out=f"{folder}/sweep", progress=False)
    >>> dict(found["reward_per_trial_test"].sizes)
    {'discount': 2, 'network': 2}
    """
    from pfc_metarl.cli.swept import planned, swept
    from pfc_metarl.sweeps.building import sweep_of, terms_of
    from pfc_metarl.sweeps.cluster import n_threads
    from pfc_metarl.sweeps.continuation import continued
    from pfc_metarl.sweeps.running import collected

    designs = {"grid": grid or {}, "zip": zipped or {}, "random": random or {}, "latin": latin or {}}
    changes = {} if networks is None else {"networks": whole_number(networks, "networks", 1)}
    terms = terms_of(seed, keep, shards, checkpoint_every)
    asked = sweep_of(experiments, changes, designs, out, terms, draws, draw_seed)
    quiet = not flag(progress, "progress")
    made, cells = continued(asked)
    swept(made, planned(made, cells, n_threads(client), quiet), client, quiet, (signal.SIGINT,))
    return collected(asked).dataset()


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    return exit_code(lambda: _run(sweep_parser().parse_args(arguments)))


def _run(options: argparse.Namespace) -> int:
    number, n_parts = part_of(options.array) if options.array else (1, 1)
    wanted = wanted_by(options)
    if options.collect and options.array:
        raise BadInput(f"--array {options.array}: --collect carries out no part; give one of the two.")
    if options.collect:
        return _collect(options, wanted)
    with importing():
        from pfc_metarl.cli.connecting import client_of, n_at_a_time
        from pfc_metarl.cli.swept import planned, show_end, swept
        from pfc_metarl.sweeps.continuation import continued

    made, cells = continued(_asked(options, wanted))
    cells, whole = cells[number - 1 :: n_parts], not options.array
    with client_of(options, not whole, options.dry_run) as client:
        workers = n_at_a_time(options, client, not whole)
        plan = planned(made, cells, workers, options.quiet, tried=whole or options.dry_run)
        if options.dry_run:
            return 0
        signals = (signal.SIGINT, signal.SIGTERM)
        collection, failed = swept(made, plan, client, options.quiet, signals, whole)
    return show_end(made, collection, failed, options.quiet, whole)


def _collect(options: argparse.Namespace, wanted: Wanted) -> int:
    """Write the dataset of the cells that are complete; the design is that in the folder, or that of the options."""
    with importing():
        from pfc_metarl.cli.swept import show_end
        from pfc_metarl.sweeps.continuation import continued, stored
        from pfc_metarl.sweeps.folder import is_sweep
        from pfc_metarl.sweeps.running import collected

    by_options = wanted.experiments or wanted.changes or any(wanted.designs.values())
    if not by_options and not options.out:
        raise BadInput("--collect: give the folder of a sweep with --out.")
    asked = _asked(options, wanted) if by_options else None
    folder = asked.folder if asked else Path(options.out)
    if not is_sweep(folder):
        raise BadInput(f"{argument('out', folder)}: there is no sweep to collect; give the folder of one.")
    made = continued(asked)[0] if asked else stored(folder, wanted.numbers.get("keep", "measures"))
    return show_end(made, collected(made), {}, options.quiet)


def _asked(options: argparse.Namespace, wanted: Wanted) -> "Sweep":
    """Return the sweep that a command line asks for."""
    if not wanted.experiments:
        raise BadInput("experiments: name one, or a .py file, or give --config with a sweep.")
    with importing():
        from pfc_metarl.sweeps.building import sweep_of, terms_of

    numbers = wanted.numbers
    own = {name: numbers[name] for name in ("seed", "keep", "shards") if name in numbers}
    drawn = {name: numbers[name] for name in ("draws", "draw_seed") if name in numbers}
    changes = merged(wanted.changes, {"networks": numbers["networks"]} if "networks" in numbers else {})
    terms = terms_of(**own, checkpoint_every=options.checkpoint_every)
    return sweep_of(wanted.experiments, changes, wanted.designs, options.out, terms, **drawn)


if __name__ == "__main__":
    sys.exit(main())
