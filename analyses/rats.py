"""Rats in the two-step task: ``python -m analyses.rats TRIALS_CSV`` writes data/derived/rats_two_step.nc.

Six rats of Miller, Botvinick & Brody 2022, doi:10.7554/eLife.64575 (task of 2017, doi:10.1038/nn.4613): first-stage
choice between two ports, common transition 0.8, no second choice, rewards 0.8 and 0.2 that swap in blocks. Sessions as
released by Venditto et al. 2024, doi:10.1101/2024.02.28.582617, in github.com/Brody-Lab/MixtureAgentsModels (commit
748f216, MIT licence), written as one row a trial. The trials stay where they are; only measures are kept.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from analyses import derived, folders
from pfc_metarl.measures import lagged_regression, reward_per_trial, stay_probability, stay_regression
from pfc_metarl.settings import BadInput

ORIGIN = {
    "source": "github.com/Brody-Lab/MixtureAgentsModels, commit 748f216, data/ofc_physdata.mat",
    "licence": "MIT, Copyright (c) 2024 Sarah Jo C. Venditto",
    "cite": "Miller, Botvinick & Brody 2022, eLife 11:e64575; Venditto et al. 2024, bioRxiv 2024.02.28.582617",
}


def rat_trials(path: str | Path) -> pd.DataFrame:
    """Read the rats' trials as a trial table.

    Parameters
    ----------
    path : path of a CSV file
        Columns rat, session, trial, choice1, common, state2, reward, forced, violation, p_reward_left,
        p_reward_right and common_is_same_side.

    Returns
    -------
    DataFrame
        With ``state2`` and ``good_state`` turned so that choice c commonly leads to state c, in rats whose common
        transition crosses sides too. Violations are left out. Reward was drawn with the probabilities of the row
        before: the source's labels change one trial early.
    """
    try:
        rows = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read as the rats' trials ({str(error).splitlines()[0]}).") from None
    crossed = 1 - rows["common_is_same_side"]
    right = (rows["p_reward_right"] > rows["p_reward_left"]).astype(int)
    drawn_with = right.groupby([rows["rat"], rows["session"]]).shift(1).fillna(right).astype(int)
    table = rows.rename(columns={"rat": "subject"}).assign(
        state2=np.where(rows["state2"] < 0, np.nan, rows["state2"] ^ crossed), good_state=drawn_with ^ crossed
    )
    columns = ["subject", "session", "trial", "choice1", "state2", "common", "good_state", "reward", "forced"]
    return table.loc[table["violation"] == 0, columns].reset_index(drop=True)


def main(path: str) -> None:
    """Measure the rats and write the table."""
    table = rat_trials(path)
    tables = {
        "reward": reward_per_trial(table),
        "stay": stay_probability(table),
        "regression": stay_regression(table),
        "lags": lagged_regression(table),
    }
    print(folders.shown(derived.save(tables, ORIGIN, folders.MEASURED / folders.RATS.name)))


if __name__ == "__main__":
    main(*sys.argv[1:])
