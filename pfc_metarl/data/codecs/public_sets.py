"""Public sets of behaviour, as tables with a column for everything that was recorded: read by name."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from pfc_metarl.data.codecs.base import Codec, Options, Raw, require_columns
from pfc_metarl.data.codecs.text_files import problems_of, read_table
from pfc_metarl.settings import BadInput

FILE = "trials.csv"

OPTIONS_OF_A_STATE = 2


def rats(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the trials of six rats in the two-step task, Miller, Botvinick & Brody 2022, doi:10.7554/eLife.64575.

    ``state2`` and ``good_state`` are numbered so that choice c commonly leads to state c, also in rats whose common
    transition crosses sides. Violations are excluded. The labels of probabilities change one trial early in the
    source: a reward was drawn with those of the row before.
    """
    crossed = 1 - rows["common_is_same_side"]
    right = (rows["p_reward_right"] > rows["p_reward_left"]).astype(int)
    drawn_with = right.groupby([rows["rat"], rows["session"]]).shift(1).fillna(right).astype(int)
    return rows.rename(columns={"rat": "subject"}).assign(
        state2=(rows["state2"] ^ crossed).where(rows["state2"] >= 0),
        good_state=drawn_with ^ crossed,
        excluded=rows["violation"],
        rt1=(rows["t_choice1"] - rows["t_init1"]).clip(lower=0),
    )


def two_step_people(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the trials of 400 people in the two-step task, Zorowitz et al. 2023, doi:10.1038/s41562-023-01640-7.

    ``choice2`` is the alien on its planet, 0 or 1.
    """
    return rows.assign(choice2=rows["choice2"] - OPTIONS_OF_A_STATE * rows["state2"])


def story_people(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the trials of people in the two-step task with a story.

    Feher da Silva & Hare 2020, doi:10.1038/s41562-020-0905-y. A trial with a response that came too late is kept,
    without choice and reward.
    """
    return rows


def reversal_people(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the trials of 406 people with three options, Zorowitz et al. 2023, doi:10.1038/s41562-023-01640-7."""
    probabilities = {f"p_reward_{option}": np.where(rows["best"] == option, 0.8, 0.2) for option in range(3)}
    return rows.rename(columns={"choice": "choice1", "rt": "rt1", "best": "good_option"}).assign(**probabilities)


def mice(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the trials of six mice between two spouts, of the Allen Institute for Neural Dynamics.

    Task of Bari et al. 2019, doi:10.1016/j.neuron.2019.06.001. A trial with water given automatically is excluded.
    ``good_option`` is the spout with the higher base probability, empty where both are the same.
    """
    return (
        rows.rename(columns={"mouse": "subject", "p_left": "p_reward_0", "p_right": "p_reward_1"})
        .assign(
            choice1=rows["choice"].where(rows["choice"] >= 0),
            reward=rows["reward"].where(rows["choice"] >= 0),
            excluded=rows["auto_water"],
            good_option=(rows["p_right"] > rows["p_left"]).astype(float).where(rows["p_right"] != rows["p_left"]),
        )
        .drop(columns="choice")
    )


SETS: dict[str, tuple[str, str, Callable[[pd.DataFrame], pd.DataFrame], tuple[str, ...]]] = {
    "miller2022_rats": (
        FILE,
        "six rats, two-step task",
        rats,
        ("rat", "common_is_same_side", "p_reward_left", "violation"),
    ),
    "zorowitz2023_two_step": (FILE, "400 people, two-step task", two_step_people, ("choice1", "state2", "choice2")),
    "zorowitz2023_reversal": (FILE, "406 people, reversals of three options", reversal_people, ("best", "choice")),
    "feherdasilva2020_magic_carpet": (
        "magic_carpet.csv",
        "24 people, two-step task",
        story_people,
        ("slow", "choice1"),
    ),
    "feherdasilva2020_spaceship": ("spaceship.csv", "21 people, two-step task", story_people, ("board0", "choice1")),
    "aind_mice": (FILE, "six mice, two spouts", mice, ("mouse", "auto_water", "p_left")),
}
"""Name -> file in the set's folder, what it is, how it becomes a trial table, some columns that it has."""


def codec(name: str) -> Codec:
    """Return the codec of a set."""
    file, about, arranged, needed = SETS[name]

    def read(path: Path, options: Options) -> Raw:
        if options.columns or options.keys:
            raise BadInput(f"columns: the columns of {name} are known; leave columns= and keys= out.")
        found = path / file if path.is_dir() else path
        rows = read_table(found, ("subject",), options.delimiter)
        require_columns(rows, needed, str(found), f"the set {name}")
        return Raw(arranged(rows), problems_of(found, rows))

    return Codec(f"public set: {about}", read)
