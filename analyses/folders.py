"""Where figures and their tables are: below a checkout, or, once installed, in the package and the current folder."""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from pfc_metarl.settings import BadInput

_HERE = Path(__file__).parent
_CHECKOUT = _HERE.parent

IN_CHECKOUT = (_CHECKOUT / "data" / "derived").is_dir()
"""Whether this is a checkout of the project, and no installed package."""

TABLES = _CHECKOUT / "data" / "derived" if IN_CHECKOUT else _HERE / "tables"
"""The tables that come with the project."""

RATS = TABLES / "rats_two_step.nc"
"""Measures of six rats in the two-step task, see `analyses.rats`."""

SPECIES = TABLES / "species_two_step.nc"
"""Measures of rats and people in the two-step task, see `analyses.species_table`."""

SPECIES_BANDITS = TABLES / "species_bandits.nc"
"""Measures of mice and people in bandits that reverse, see `analyses.species_table`."""

TINY_NETWORKS = TABLES / "tiny_networks.nc"
"""Tiny networks fitted to animals and people, see `analyses.tiny_networks_table`."""

FIGURES = _CHECKOUT / "paper" / "figures" if IN_CHECKOUT else Path("figures")
"""Where figures are written by default."""

MEASURED = TABLES if IN_CHECKOUT else FIGURES
"""Where newly measured tables are written by default."""


def shown(path: Path) -> Path:
    """Return a path relative to the current folder, if it is below it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def runs_of(figure: ModuleType) -> list[str]:
    """Return the folders that a figure is drawn from by default."""
    return [figure.RUN] if isinstance(figure.RUN, str) else list(figure.RUN)


def folders_given(name: str, own: Sequence[str], given: Sequence[str] | None) -> list[str]:
    """Return the folders to draw a figure from: those given by ``--run``, or its own.

    Raises
    ------
    BadInput
        If another number of folders is given.
    """
    if given is not None and not own:
        raise BadInput(f"--run: {name} is drawn from its table alone; leave --run out.")
    if given is not None and len(given) != len(own):
        raise BadInput(f"--run: {name} is drawn from {' and '.join(own)}; give --run {len(own)} times.")
    return list(given or own)
