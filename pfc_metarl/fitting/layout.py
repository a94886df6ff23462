"""The trials of a table as tensors: subjects and sessions side by side, trials in order."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
import xarray as xr
from torch import Tensor

from pfc_metarl.data.trial_roles import TARGET, role_table
from pfc_metarl.data.trial_table import trials
from pfc_metarl.models.base import Experience, Model, required_model
from pfc_metarl.settings import BadInput

UNIT_RANGE = (0.0, 1.0)
"""Range of rewards that models expect by default."""


class Trials(NamedTuple):
    """Trials side by side."""

    experience: Experience
    """What models learn from; tensors of shape [subject, session, trial]."""
    target: Tensor
    """Which choices are to be predicted: free ones with an outcome; [subject, session, trial]."""
    row: Tensor
    """Position of the trial in the table, -1 where a session has no more trials; [subject, session, trial]."""
    n_options: int

    def of(self, index: Tensor, target: Tensor, last: int) -> "Trials":
        """Return the trials of some subjects up to the last one that counts, with other targets."""
        given = {name: field for name, field in self.experience._asdict().items() if field is not None}
        experience = Experience(**{name: field[index, :, : last + 1] for name, field in given.items()})
        return Trials(experience, target[..., : last + 1], self.row[index, :, : last + 1], self.n_options)

    def n_left_out(self, parts: Tensor) -> np.ndarray:
        """Return the number of rows of each subject in each part that are no targets, [subject, part].

        Parameters
        ----------
        parts : Tensor of bool, shape [part, subject, session, trial]
        """
        return np.asarray((parts & (self.row >= 0) & ~self.target).sum((-1, -2)).T)


def laid_out(
    table: pd.DataFrame,
    model: Model,
    choice: str = "choice1",
    reward_range: tuple[float, float] | None = UNIT_RANGE,
    n_options: int = 2,
) -> Trials:
    """Arrange the trials of a checked table by session, sessions in their order of appearance.

    Parameters
    ----------
    table : DataFrame
        Trial table. Of the roles of `pfc_metarl.data.trial_roles`, a choice that is "past" is learned from and not
        predicted; one that is "nothing", or lacks what the model learns from, is a lost trial.
    model : Model
        Which columns are needed depends on it.
    choice : str
        Column of the choice.
    reward_range : pair of float or None
        Lowest and highest possible reward; rewards are rescaled to lie between 0 and 1. None leaves them as
        they are.
    n_options : int
        Options of the choice, at least; more if there are larger codes.

    Raises
    ------
    BadInput
        If a column is missing, or a choice or reward is outside its domain.
    """
    model = required_model(model)
    columns = {"choice": choice, "reward": "reward", "state": "state2", "choice2": "choice2"}
    needed = [columns[name] for name in model.needs if name != "choice"]
    found = role_table(table, *needed, response=choice, two_options=False)
    rows = found.rows
    if rows[choice].max() >= n_options:
        n_options = found.n_options(choice)
    values = {name: rows[columns[name]].to_numpy(float) for name in model.needs}
    values["reward"] = _rescaled(values["reward"], reward_range)
    known = np.all([np.isfinite(column) for column in values.values()], axis=0)
    place, shape = _places(rows)
    codes = {name: _codes(name, column, known) for name, column in values.items() if name != "reward"}
    experience = Experience(
        reward=_laid(np.where(known, values["reward"], 0.0), place, shape, 0.0),
        finished=_laid(np.ones(len(table), dtype=bool), place, shape, False),
        **{name: _laid(column, place, shape, -1) for name, column in codes.items()},
    )
    target = _laid(known & (rows["role"] == TARGET).to_numpy(), place, shape, False)
    row = _laid(np.arange(len(table)), place, shape, -1)
    return Trials(experience, target, row, n_options)


def _rescaled(reward: np.ndarray, reward_range: tuple[float, float] | None) -> np.ndarray:
    if reward_range is None:
        return reward
    low, high = reward_range
    if not -np.inf < low < high < np.inf:
        raise BadInput(f"reward_range = {reward_range}: must be the lowest and the highest reward, two numbers.")
    wrong = reward[(reward < low) | (reward > high)]
    if len(wrong):
        raise BadInput(
            f"reward = {wrong[0]:g} in the trial table: must lie between {low:g} and {high:g}; "
            "state the possible rewards, as reward_range=(low, high)."
        )
    return (reward - low) / (high - low)


def _codes(name: str, column: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the codes of trials that are known, and -1 for the others."""
    if ((column[known] % 1 != 0) | (column[known] < 0)).any():
        raise BadInput(f"{name} in the trial table must be a whole number from 0 on, or empty where there is none.")
    return np.where(known, column, -1).astype(np.int64)


def _places(rows: pd.DataFrame) -> tuple[tuple[np.ndarray, ...], tuple[int, ...]]:
    """Return the place of each row among subjects, their sessions and trials, and how many there are."""
    session = rows.groupby("subject")["session"].transform(lambda own: pd.factorize(own)[0])
    trial = rows.groupby(["subject", "session"], sort=False).cumcount()
    place = tuple(axis.to_numpy(np.int64) for axis in (rows["subject"], session, trial))
    return place, tuple(int(axis.max()) + 1 for axis in place)


def _laid(values: np.ndarray, place: tuple[np.ndarray, ...], shape: tuple[int, ...], empty: float) -> Tensor:
    laid = np.full(shape, empty, dtype=values.dtype)
    laid[place] = values
    return torch.from_numpy(laid)


def checked(data: xr.Dataset | pd.DataFrame) -> pd.DataFrame:
    """Return the trial table of a recording, or a table that is one, with rows counted from 0."""
    return trials(data).reset_index(drop=True)
