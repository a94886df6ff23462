"""The Rescorla-Wagner learner fitted to choices, in conditions or moving windows."""

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
import pandas as pd
import torch
import xarray as xr

from pfc_metarl.data.labels import conditions, subjects
from pfc_metarl.data.table_values import require
from pfc_metarl.fitting.estimation import Problems, estimated
from pfc_metarl.fitting.layout import UNIT_RANGE, checked, laid_out
from pfc_metarl.fitting.maximum_likelihood import labelled
from pfc_metarl.models import RescorlaWagner
from pfc_metarl.settings import BadInput

BOUNDS = {"learning_rate": (0.0, 1.0), "inverse_temperature": (0.0, 50.0), "lapse": (0.0, 1.0)}
"""The parameters and their bounds."""

STARTS = (
    {"learning_rate": 0.1, "inverse_temperature": 8.0, "lapse": 0.05},
    {"learning_rate": 0.4, "inverse_temperature": 3.0, "lapse": 0.2},
    {"learning_rate": 0.8, "inverse_temperature": 3.0, "lapse": 0.05},
)
"""Where the searches begin; the best end is kept."""

Unchosen = Literal["mirrored", "kept"]


def rescorla_wagner_fit(
    data: xr.Dataset | pd.DataFrame,
    condition: str | None = None,
    window: tuple[int, int] | None = None,
    unchosen: Unchosen = "mirrored",
    fixed: Mapping[str, float] | None = None,
    reward_range: tuple[float, float] = UNIT_RANGE,
) -> xr.Dataset:
    """Fit a Rescorla-Wagner learner with a softmax to each subject's choices.

    Parameters
    ----------
    data : recording or trial table
    condition : str, optional
        Column of the trial table; the trials of each of its values are fitted separately.
    window : pair of int, optional
        Length of a window of trials, and by how many it moves from fit to fit; not together with `condition`.
    unchosen : {"mirrored", "kept"}
        Whether the option not chosen is taken to have paid 1 − reward, as where one of two options always pays, or
        keeps its value; more than two options take "kept".
    fixed : mapping, optional
        Parameters that are not fitted -> their values; by default ``{"lapse": 0}``, and an empty mapping frees all.
    reward_range : pair of float
        Lowest and highest possible reward; rewards are rescaled to lie between 0 and 1.

    Returns
    -------
    Dataset, dims (subject, condition, parameter)
        ``estimate`` and ``standard_error`` of those of learning_rate (α), inverse_temperature (β) and lapse (ε) that
        are free; without parameter ``log_likelihood``, ``bic``, ``converged``, ``n_trials``, ``n_left_out``, ``valid``
        and ``reason`` as of `maximum_likelihood`, of the trials of a condition. The dimension of conditions has the
        name of their column; for windows it is ``first_trial``; if there is neither, it is missing. Standard errors
        come from the curvature of the log-likelihood, NaN where an estimate is at a bound. Where a subject has fewer
        trials in a condition than there are free parameters, all is NaN and not converged.

    Raises
    ------
    BadInput
        If a column is missing or holds something else, a reward is outside its range, or an option is invalid.

    Notes
    -----
    V(chosen) ← V(chosen) + α (reward − V(chosen)), from ½ at the first trial of a session, and
    p(choice) = (1 − ε) softmax(β V) + ε/2. Values are updated over the whole session, whichever trials are fitted: a
    condition begins with what the trials before it left. Behrens et al. 2007, doi:10.1038/nn1954, fit stable and
    volatile blocks; Wang et al. 2016, arXiv:1611.05763, compare fits with and without α and ε by BIC.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(8)})
    >>> table = table.assign(choice1=[0, 1, 1, 0, 1, 1, 0, 0], reward=[0, 1, 0, 1, 1, 0, 1, 0])
    >>> rescorla_wagner_fit(table)["estimate"].round(1).to_series()[0].to_dict()
    {'learning_rate': 1.0, 'inverse_temperature': 1.8}
    """
    given = {"lapse": 0.0} if fixed is None else dict(fixed)
    _check_options(condition, window, unchosen, given)
    table = checked(data)
    require(table, "reward")
    dimension, parts = _parts(table, condition, window)
    free = tuple(name for name in BOUNDS if name not in given)
    model = RescorlaWagner(unchosen=unchosen, **given)
    laid = laid_out(table, model, reward_range=reward_range)
    in_part = torch.from_numpy(np.stack(list(parts.values())))[:, laid.row]  # of the last row where there is none
    problems = Problems(model, laid, in_part & laid.target, free)
    starts = np.array([[start[name] for name in free] for start in STARTS])
    low, high = np.array([BOUNDS[name] for name in free]).T
    found = estimated(problems, starts, low, high)
    coords = {"subject": subjects(table), dimension or "part": list(parts)}
    result = labelled(found, free, coords, laid.n_left_out(in_part))
    return result if dimension else result.squeeze("part", drop=True)


def _check_options(
    condition: str | None, window: tuple[int, int] | None, unchosen: str, fixed: Mapping[str, float]
) -> None:
    if condition is not None and window is not None:
        raise BadInput(f"window = {window}: not together with condition = {condition!r}; choose one of them.")
    if window is not None and (len(window) != 2 or min(window) < 1):
        raise BadInput(f"window = {window}: must be two whole numbers above 0, its length and its step.")
    if unchosen not in get_args(Unchosen):
        raise BadInput(f"unchosen = {unchosen!r}: must be one of {', '.join(get_args(Unchosen))}.")
    for name, value in fixed.items():
        if name not in BOUNDS:
            raise BadInput(f"fixed = {name!r}: there is no such parameter; there are {', '.join(BOUNDS)}.")
        if not BOUNDS[name][0] <= value <= BOUNDS[name][1]:
            raise BadInput(f"fixed {name} = {value}: must lie between {BOUNDS[name][0]:g} and {BOUNDS[name][1]:g}.")
    if len(fixed) == len(BOUNDS):
        raise BadInput("fixed holds all parameters; leave out those that are to be fitted.")


def _parts(
    table: pd.DataFrame, condition: str | None, window: tuple[int, int] | None
) -> tuple[str | None, dict[str | float, np.ndarray]]:
    """Return the name of the dimension, and for each of its labels which rows of the table count."""
    if condition is not None:
        labels, codes = conditions(table, condition)
        return condition, {label: codes == code for code, label in enumerate(labels.tolist())}
    if window is None:
        return None, {0: np.ones(len(table), dtype=bool)}
    (length, step), trial = window, table["trial"].to_numpy(float)
    firsts = np.arange(int(trial.min()), int(trial.max()) - length + 2, step)
    if not len(firsts):
        raise BadInput(f"window = {window}: no session has as many trials as a window is long.")
    return "first_trial", {int(first): (first <= trial) & (trial < first + length) for first in firsts}
