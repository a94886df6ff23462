"""Likelihood of choices that a fit has not seen: held-out sessions, or blocks of trials."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
import xarray as xr

from pfc_metarl.data.labels import coded, subjects
from pfc_metarl.data.validity import validity
from pfc_metarl.fitting.estimation import Problems, estimated
from pfc_metarl.fitting.layout import UNIT_RANGE, Trials, checked, laid_out
from pfc_metarl.fitting.likelihood import log_probability
from pfc_metarl.fitting.maximum_likelihood import N_STARTS, distinct, limits, starts
from pfc_metarl.models.base import Model, required_model
from pfc_metarl.settings import BadInput


def cross_validated(
    model: Model,
    data: xr.Dataset | pd.DataFrame,
    free: Sequence[str],
    bounds: Mapping[str, tuple[float, float]] | None = None,
    n_folds: int = 5,
    choice: str = "choice1",
    reward_range: tuple[float, float] | None = UNIT_RANGE,
    n_starts: int = N_STARTS,
) -> xr.Dataset:
    """Fit a model to all but a part of each subject's choices, and return the likelihood of that part.

    Parameters
    ----------
    model, data, free, bounds, choice, reward_range, n_starts
        As of `maximum_likelihood`. The model learns from all trials of a session, also from those whose choices are
        held out, as a subject does; parameters are fitted to the others.
    n_folds : int
        Parts. Sessions are dealt to them in turn; a subject with fewer sessions than parts has each session cut into
        as many blocks of successive trials.

    Returns
    -------
    Dataset, dim subject
        ``log_likelihood`` of all choices, each predicted by a fit without its part; ``per_trial``, the geometric mean
        of the probability of a choice; ``chance``, the same for choices at random; ``n_trials``, ``n_left_out``,
        ``valid`` and ``reason``.

    Raises
    ------
    BadInput
        As of `maximum_likelihood`, or if there are fewer than two parts, or more than a subject has trials.

    Examples
    --------
    >>> from pfc_metarl.models import RescorlaWagner
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(60), "choice1": rng.integers(0, 2, 60)})
    >>> found = cross_validated(RescorlaWagner(), table.assign(reward=1 - table["choice1"]), ["inverse_temperature"])
    >>> bool(abs(found["per_trial"] - found["chance"]) < 0.05)  # choices at random
    True
    """
    if n_folds < 2:
        raise BadInput(f"n_folds = {n_folds}: must be at least 2.")
    model, names = required_model(model), distinct(free)
    table = checked(data)
    low, high = limits(model, names, bounds)
    laid = laid_out(table, model, choice, reward_range)
    most = int(laid.target.sum((-1, -2)).max())
    if n_folds > max(most, 2):
        raise BadInput(f"n_folds = {n_folds}: no subject has more than {most} trials with a free choice and a reward.")
    held_out = parts(laid, coded(table["session"])[1], n_folds)
    problems = Problems(model, laid, laid.target & ~held_out, names)
    found = estimated(problems, starts(model, names, low, high, n_starts), low, high)
    log_p = _held_out(model, laid, held_out, names, found.estimate)
    n_trials = laid.target.sum((-1, -2)).numpy()
    known = np.isfinite(log_p) & (n_trials > 0)
    each = np.divide(log_p, n_trials, out=np.full(len(n_trials), np.nan), where=known)
    reason = np.where(known, "", "a part without it has fewer trials with a free choice than there are free parameters")
    result = {
        "log_likelihood": np.where(known, log_p, np.nan),
        "per_trial": np.exp(each),
        "chance": np.full(len(n_trials), 1 / laid.n_options),
        "n_trials": n_trials,
        "n_left_out": laid.n_left_out(laid.row[None] >= 0)[:, 0],
    }
    return xr.Dataset(
        {**{name: ("subject", values) for name, values in result.items()}, **validity(reason)},
        coords={"subject": subjects(table)},
    )


def parts(laid: Trials, session: np.ndarray, n_folds: int) -> torch.Tensor:
    """Return which choices are held out in each part, [part, subject, session, trial]; each is held out once.

    Parameters
    ----------
    laid : Trials
    session : array
        Code of the session of each row of the table; sessions are dealt in the order of their labels.
    n_folds : int
        Parts, as of `cross_validated`.
    """
    target = laid.target
    code = torch.from_numpy(session)[laid.row[..., 0]].masked_fill(laid.row[..., 0] < 0, len(session))
    of_session = (code.argsort(-1).argsort(-1) % n_folds)[..., None].expand(target.shape)
    place = target.long().cumsum(-1) - 1
    n_targets = target.sum(-1, keepdim=True).clamp(min=1)
    of_trial = (place * n_folds).div(n_targets, rounding_mode="floor").clamp(0, n_folds - 1)
    enough = target.any(-1).sum(-1) >= n_folds
    fold = torch.where(enough[:, None, None], of_session, of_trial)
    return (fold == torch.arange(n_folds)[:, None, None, None]) & target


def _held_out(
    model: Model, laid: Trials, held_out: torch.Tensor, names: tuple[str, ...], estimate: np.ndarray
) -> np.ndarray:
    """Return the log-probability of the choices held out, summed over parts; NaN if one has no estimate."""
    total = np.zeros(held_out.shape[1])
    anything = np.array([float(np.mean(getattr(model, name))) for name in names])
    for part, target in enumerate(held_out):
        own = estimate[:, part]
        known = np.isfinite(own).all(-1)
        values = torch.from_numpy(np.where(known[:, None], own, anything))
        fitted = dataclasses.replace(model, **dict(zip(names, values.unbind(1), strict=True)))
        with torch.no_grad():
            log_p = log_probability(fitted, laid._replace(target=target)).sum((-1, -2)).numpy()
        total += np.where(known | (target.sum((-1, -2)).numpy() == 0), log_p, np.nan)
    return total
