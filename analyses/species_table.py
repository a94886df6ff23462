"""Measures of animals and people from public sets: ``python -m analyses.species_table [GROUP ...] [--data FOLDER]``.

Measures six rats (Miller, Botvinick & Brody 2022, doi:10.7554/eLife.64575) and people with two instructions
(Feher da Silva & Hare 2020, doi:10.1038/s41562-020-0905-y) in the two-step task, and six mice (Allen Institute for
Neural Dynamics; task of Bari et al. 2019, doi:10.1016/j.neuron.2019.06.001) and 406 people (Zorowitz et al. 2023,
doi:10.1038/s41562-023-01640-7) in bandits whose options reverse, from ../shared/data beside the project. Rats, people
in the two-step task and mice are shown to trained networks (``--two-step`` and ``--volatility``: a run, or the networks
that come with the package). Writes data/derived/species_two_step.nc and species_bandits.nc. Trials stay where they are;
only measures of subjects are kept.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import xarray as xr

import pfc_metarl
from analyses import derived, folders, species, species_bandits
from analyses.species import N_FOLDS, per_trial_of_networks, with_predictor
from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.data import read_trials
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.teacher_forcing import network_likelihood

DATA = Path("shared") / "data"
"""Below one of the folders that hold the project."""

SETS = {
    "two_step": {
        "carpet": ("human_twostep_feherdasilva2020", "feherdasilva2020_magic_carpet"),
        "spaceship": ("human_twostep_feherdasilva2020", "feherdasilva2020_spaceship"),
        "rats": ("rat_twostep_miller_ofc", "miller2022_rats"),
    },
    "bandits": {
        "mice": ("mouse_foraging_aind", "aind_mice"),
        "people": ("human_reversal_zorowitz2023", "zorowitz2023_reversal"),
    },
}
"""Task -> group -> folder and format."""

ORIGIN = {
    "carpet": "Feher da Silva & Hare 2020, doi:10.1038/s41562-020-0905-y, GPL-3.0; measures only",
    "spaceship": "Feher da Silva & Hare 2020, doi:10.1038/s41562-020-0905-y, GPL-3.0; measures only",
    "rats": "Miller, Botvinick & Brody 2022, eLife 11:e64575, as released by Venditto et al. 2024, MIT; measures only",
    "mice": "Allen Institute for Neural Dynamics, test files of aind-dynamic-foraging packages, MIT; measures only",
    "people": "Zorowitz et al. 2023, doi:10.1038/s41562-023-01640-7, MIT; measures only",
}

FILES = {"two_step": folders.SPECIES, "bandits": folders.SPECIES_BANDITS}


def default_data() -> Path | None:
    """Return shared/data beside the project; None if it is not there."""
    found = (folder / DATA for folder in Path(__file__).resolve().parents)
    return next((path for path in found if path.is_dir()), None)


def trials_of(group: str, task: str, folder: Path) -> pd.DataFrame:
    """Read the trials of a group, with the columns that all groups of its task have."""
    place, name = SETS[task][group]
    table = read_trials(folder / place, name)
    if task == "two_step":
        return species.common_columns(table)
    return species_bandits.common_columns(table if group == "people" else species_bandits.with_good_option(table))


def measured(group: str, task: str, folder: Path, networks: str) -> xr.Dataset:
    """Measure a group, and show it to networks if its task has two options."""
    table = trials_of(group, task, folder)
    found = (species if task == "two_step" else species_bandits).measured(table)
    if table["choice1"].max() > 1:
        return found
    shown = network_likelihood(pfc_metarl.load(networks), table, N_FOLDS)
    return with_predictor(found, "network", per_trial_of_networks(shown))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure animals and people, and write the tables; return the exit code."""
    parser = Parser(prog="python -m analyses.species_table", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="two_step or bandits (default: both)")
    parser.add_argument("--data", type=Path, help="folder with the public sets (default: shared/data)")
    parser.add_argument("--two-step", default="two_step", help="networks that are shown the two-step task")
    parser.add_argument("--volatility", default="volatility", help="networks that are shown two arms")
    return exit_code(lambda: _written(parser.parse_args(arguments)))


def _written(options: argparse.Namespace) -> int:
    folder = options.data or default_data()
    if folder is None:
        raise BadInput(f"there is no {DATA} beside the project; name the folder with the public sets, as --data.")
    for task in options.tasks or SETS:
        if task not in SETS:
            raise BadInput(f"task = {task!r}: must be one of {', '.join(SETS)}.")
        networks = options.two_step if task == "two_step" else options.volatility
        made = {group: measured(group, task, folder, networks) for group in SETS[task]}
        origin = {group: ORIGIN[group] for group in made} | {"networks": networks_of(networks)}
        print(folders.shown(derived.save(made, origin, folders.MEASURED / FILES[task].name)))
    return 0


def networks_of(name: str) -> object:
    """Return where networks come from: the origin of a run, or the name of those that come with the package."""
    return pfc_metarl.open_run(name).origin() if Path(name).is_dir() else f"networks of {name} of the package"


if __name__ == "__main__":
    sys.exit(main())
