"""Simulating what figures are drawn from: ``python -m analyses FIGURE --simulate``."""

import importlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from analyses.folders import folders_given, runs_of
from pfc_metarl import causality, runs
from pfc_metarl.execution import workers
from pfc_metarl.settings import BadInput
from pfc_metarl.simulate import carry_out

NEEDED = "NEEDS_CAUSALITY"
"""Name in the module of a figure that is drawn from what ``python -m pfc_metarl.causality`` measures in its runs."""


def simulate_runs(figures: Sequence[str], given: Sequence[str] | None, follow_links: bool) -> list[str]:
    """Make the runs of figures, or what is missing of them, and edit their activity where a figure shows the effects.

    Sweeps are not made: their figures are drawn from those that are there, or from tables.

    Parameters
    ----------
    figures : sequence of str
        Names.
    given : sequence of str, optional
        Run directories, in the order of the figure's own; by default those below ``runs``.
    follow_links : bool
        Whether files of the runs may be symbolic links.

    Returns
    -------
    list of str
        The figures, those with the largest runs first: measuring them takes longest.

    Raises
    ------
    BadInput
        If a figure is drawn from another number of runs, or there is a run of another experiment.
    """
    workers.prepare()  # the server of worker processes imports torch while this process imports the figures
    found: dict[str, str] = {}
    to_edit: list[str] = []
    drawn_from: dict[str, list[str]] = {}
    for figure in figures:
        module = importlib.import_module(f"analyses.{figure}")
        own = runs_of(module)
        folders = drawn_from[figure] = folders_given(figure, own, given)
        found |= {folder: name for folder, usual in zip(folders, own, strict=True) if (name := _experiment(usual))}
        to_edit += folders if hasattr(module, NEEDED) else []
    links = ["--follow-links"] if follow_links else []
    try:
        carry_out([[experiment, "--out", folder, *links] for folder, experiment in found.items()])
    except BadInput as error:
        raise BadInput(f"python -m pfc_metarl.simulate: {error}") from None  # it names the options of that command
    for folder in dict.fromkeys(to_edit):
        if not runs.run.open_run(folder, follow_links).has("causality.nc"):
            causality.carry_out([folder, *links])
    return sorted(figures, key=lambda figure: _bytes(drawn_from[figure]), reverse=True)


def _bytes(folders: Iterable[str]) -> int:
    """Return the size of the files in folders."""
    return sum(path.stat().st_size for folder in folders for path in Path(folder).glob("*") if path.is_file())


def _experiment(run: str) -> str | None:
    """Return the experiment of a figure's own run; None for a sweep, which has a command of its own."""
    return Path(run).name if Path(run).parent.name == "runs" else None
