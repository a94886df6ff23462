"""Simulating what figures are drawn from: ``python -m analyses FIGURE --simulate``."""

import importlib
from collections.abc import Sequence
from pathlib import Path

from analyses.folders import folders_given, runs_of
from pfc_metarl.execution import workers
from pfc_metarl.settings import BadInput
from pfc_metarl.simulate import carry_out


def simulate_runs(figures: Sequence[str], given: Sequence[str] | None, follow_links: bool) -> None:
    """Make the runs of figures, or what is missing of them.

    Parameters
    ----------
    figures : sequence of str
        Names.
    given : sequence of str, optional
        Run directories, in the order of the figure's own; by default those below ``runs``.
    follow_links : bool
        Whether files of the runs may be symbolic links.

    Raises
    ------
    BadInput
        If a figure is drawn from a sweep, or from another number of runs.
    """
    workers.prepare()  # the server of worker processes imports torch while this process imports the figures
    found: dict[str, str] = {}
    for figure in figures:
        own = runs_of(importlib.import_module(f"analyses.{figure}"))
        if sweeps := [folder for folder in own if Path(folder).parent.name != "runs"]:
            raise BadInput(
                f"--simulate: {figure} is drawn from {sweeps[0]}, which is no run; make it by its own command."
            )
        found |= {folder: Path(run).name for folder, run in zip(folders_given(figure, own, given), own, strict=True)}
    links = ["--follow-links"] if follow_links else []
    carry_out([[experiment, "--out", folder, *links] for folder, experiment in found.items()])
