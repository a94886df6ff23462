"""The trials of a table as tensors: subjects and sessions side by side, trials in order."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
import xarray as xr
from torch import Tensor

from pfc_metarl.data.trial_table import require, subjects, trials
from pfc_metarl.models.base import Experience, Model
from pfc_metarl.settings import BadInput

UNIT_RANGE = (0.0, 1.0)
"""Rewards that models expect where nothing else is said."""


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
        fields = (None if field is None else field[index, :, : last + 1] for field in self.experience)
        return Trials(Experience(*fields), target[..., : last + 1], self.row[index, :, : last + 1], self.n_options)


def laid_out(
    table: pd.DataFrame,
    model: Model,
    choice: str = "choice1",
    reward_range: tuple[float, float] | None = UNIT_RANGE,
    n_options: int = 2,
) -> Trials:
    """Lay the trials of a checked table side by side, sessions in the order in which they stand.

    Parameters
    ----------
    table : DataFrame
        Trial table. The choice of a forced trial (column ``forced``) is learned from and not predicted; a trial without
        choice or outcome is lost.
    model : Model
        Which columns are needed depends on it.
    choice : str
        Column of the choice.
    reward_range : pair of float or None
        Lowest and highest reward that there can be; rewards are rescaled to lie between 0 and 1. None leaves them as
        they are.
    n_options : int
        Options of the choice, at least; more if there are larger codes.

    Raises
    ------
    BadInput
        If a column is missing, or a choice or reward lies outside its domain.
    """
    columns = {"choice": choice, "reward": "reward", "state": "state2", "choice2": "choice2"}
    require(table, *(columns[name] for name in model.needs))
    values = {name: _numbers(table, columns[name]) for name in model.needs}
    values["reward"] = _rescaled(values["reward"], reward_range)
    known = np.all([np.isfinite(column) for column in values.values()], axis=0)
    place, shape = _places(table)
    codes = {name: np.where(known, column, -1) for name, column in values.items() if name != "reward"}
    experience = Experience(
        reward=_laid(np.where(known, values["reward"], 0.0), place, shape, 0.0),
        finished=_laid(np.ones(len(table), dtype=bool), place, shape, False),
        **{name: _laid(_codes(name, column), place, shape, -1) for name, column in codes.items()},
    )
    target = _laid(known & ~_forced(table), place, shape, False)
    row = _laid(np.arange(len(table)), place, shape, -1)
    return Trials(experience, target, row, max(n_options, int(codes["choice"].max()) + 1))


def _numbers(table: pd.DataFrame, name: str) -> np.ndarray:
    return table[name].astype("Float64").to_numpy(float, na_value=np.nan)


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
            "say what rewards there can be, as reward_range=(low, high)."
        )
    return (reward - low) / (high - low)


def _codes(name: str, column: np.ndarray) -> np.ndarray:
    column = np.where(np.isnan(column), -1, column)
    if ((column % 1 != 0) | (column < -1)).any():
        raise BadInput(f"{name} in the trial table must be a whole number from 0 on, or empty where there is none.")
    return column.astype(np.int64)


def _forced(table: pd.DataFrame) -> np.ndarray:
    return np.zeros(len(table), dtype=bool) if "forced" not in table else _numbers(table, "forced") > 0


def _places(table: pd.DataFrame) -> tuple[tuple[np.ndarray, ...], tuple[int, ...]]:
    """Return the place of each row among subjects, sessions and trials, and how many there are."""
    labels = subjects(table)
    names = table["subject"].to_numpy()
    subject = np.searchsorted(labels, names if labels.dtype.kind in "iu" else names.astype(str))
    numbered = pd.DataFrame({"subject": subject, "session": table["session"].to_numpy()})
    session = numbered.groupby("subject")["session"].transform(lambda own: pd.factorize(own)[0]).to_numpy(np.int64)
    trial = numbered.groupby(["subject", "session"], sort=False).cumcount().to_numpy()
    place = subject, session, trial
    return place, tuple(int(axis.max()) + 1 for axis in place)


def _laid(values: np.ndarray, place: tuple[np.ndarray, ...], shape: tuple[int, ...], empty: float) -> Tensor:
    laid = np.full(shape, empty, dtype=values.dtype)
    laid[place] = values
    return torch.from_numpy(laid)


def checked(data: xr.Dataset | pd.DataFrame) -> pd.DataFrame:
    """Return the trial table of a recording, or a table that is one, with rows counted from 0."""
    return trials(data).reset_index(drop=True)
