"""Rats in the two-step task: ``python -m analyses.rats [TRIALS_CSV]`` writes data/derived/rats_two_step.nc.

Six rats of Miller, Botvinick & Brody 2022, doi:10.7554/eLife.64575 (task of 2017, doi:10.1038/nn.4613): first-stage
choice between two ports, common transition 0.8, no second choice, rewards 0.8 and 0.2 that swap in blocks. Sessions as
released by Venditto et al. 2024, doi:10.1101/2024.02.28.582617, in github.com/Brody-Lab/MixtureAgentsModels (commit
748f216, MIT licence), written as one row a trial. By default they are read from ../shared/data beside the project; they
stay where they are, and only measures are kept.
"""

import hashlib
import sys
from pathlib import Path

import pandas as pd
import xarray as xr

from analyses import derived, folders
from pfc_metarl.data.codecs.reading import read_trials
from pfc_metarl.measures import lagged_regression, reward_per_trial, stay_probability, stay_regression
from pfc_metarl.settings import BadInput

SOURCE = Path("shared") / "data" / "rat_twostep_miller_ofc" / "trials.csv"
"""Below one of the folders that hold the project."""

ORIGIN = {
    "source": "github.com/Brody-Lab/MixtureAgentsModels, commit 748f216, data/ofc_physdata.mat",
    "licence": "MIT, Copyright (c) 2024 Sarah Jo C. Venditto",
    "cite": "Miller, Botvinick & Brody 2022, eLife 11:e64575; Venditto et al. 2024, bioRxiv 2024.02.28.582617",
    "sha256": "53db63bb417180ab6fb644dac02ddce0dc04fa545e972f8ef6e75bba6e96ddab",
}
"""What the table was made of; the hash is of the trials as one row each."""


def default_source() -> Path | None:
    """Return the rats' trials in shared/data beside the project; None if they are not there."""
    found = (folder / SOURCE for folder in Path(__file__).resolve().parents)
    return next((path for path in found if path.is_file()), None)


def rat_trials(path: str | Path) -> pd.DataFrame:
    """Read the rats' trials as a trial table, without violations; columns as of the format ``miller2022_rats``."""
    table = read_trials(path, "miller2022_rats")
    columns = ["subject", "session", "trial", "choice1", "state2", "common", "good_state", "reward", "forced"]
    return table.loc[table["excluded"] == 0, columns].reset_index(drop=True)


def measured(table: pd.DataFrame) -> dict[str, xr.Dataset]:
    """Return all measures of the rats that figures show."""
    return {
        "reward": reward_per_trial(table),
        "stay": stay_probability(table),
        "regression": stay_regression(table),
        "lags": lagged_regression(table),
    }


def main(path: str | Path | None = None) -> None:
    """Measure the rats and write the table."""
    given = default_source() if path is None else Path(path)
    if given is None:
        raise BadInput(f"there is no {SOURCE} beside the project; name the file with the rats' trials.")
    found = hashlib.sha256(given.read_bytes()).hexdigest() if given.is_file() else ORIGIN["sha256"]
    made = measured(rat_trials(given))
    print(folders.shown(derived.save(made, {**ORIGIN, "sha256": found}, folders.MEASURED / folders.RATS.name)))


if __name__ == "__main__":
    main(*sys.argv[1:])
