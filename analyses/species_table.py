"""Animals and people in the two-step task: ``python -m analyses.species_table [RUN [DATA]]``.

Measures six rats (Miller, Botvinick & Brody 2022, doi:10.7554/eLife.64575) and people with two instructions
(Feher da Silva & Hare 2020, doi:10.1038/s41562-020-0905-y) from ../shared/data beside the project, shows the trained
networks of a run (default runs/two_step) each subject's own history, and writes data/derived/species_two_step.nc.
Trials stay where they are; only measures of subjects are kept.
"""

import sys
from pathlib import Path

import pfc_metarl
from analyses import derived, folders
from analyses.species import N_FOLDS, common_columns, measured, per_trial_of_networks, with_predictor
from pfc_metarl.data import read_trials
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.teacher_forcing import network_likelihood

DATA = Path("shared") / "data"
"""Below one of the folders that hold the project."""

SETS = {
    "carpet": ("human_twostep_feherdasilva2020", "feherdasilva2020_magic_carpet"),
    "spaceship": ("human_twostep_feherdasilva2020", "feherdasilva2020_spaceship"),
    "rats": ("rat_twostep_miller_ofc", "miller2022_rats"),
}
"""Group -> folder and format."""

ORIGIN = {
    "people": "Feher da Silva & Hare 2020, doi:10.1038/s41562-020-0905-y, GPL-3.0; measures only",
    "rats": "Miller, Botvinick & Brody 2022, eLife 11:e64575, as released by Venditto et al. 2024, MIT; measures only",
}


def default_data() -> Path | None:
    """Return shared/data beside the project; None if it is not there."""
    found = (folder / DATA for folder in Path(__file__).resolve().parents)
    return next((path for path in found if path.is_dir()), None)


def main(run: str = "runs/two_step", data: str | None = None) -> None:
    """Measure animals and people, and write the table."""
    folder = default_data() if data is None else Path(data)
    if folder is None:
        raise BadInput(f"there is no {DATA} beside the project; name the folder with the public sets.")
    agent, made = pfc_metarl.load(run), {}
    for group, (place, name) in SETS.items():
        table = read_trials(folder / place, name)
        shown = network_likelihood(agent, common_columns(table), N_FOLDS)
        made[group] = with_predictor(measured(table), "network", per_trial_of_networks(shown))
    weights = pfc_metarl.open_run(run).origin()
    print(folders.shown(derived.save(made, {**ORIGIN, "networks": weights}, folders.MEASURED / folders.SPECIES.name)))


if __name__ == "__main__":
    main(*sys.argv[1:])
