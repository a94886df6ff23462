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
from pfc_metarl.fitting.hierarchical import MOST_ROUNDS, group_posterior
from pfc_metarl.fitting.laplace import posterior
from pfc_metarl.fitting.layout import UNIT_RANGE, Trials, checked, laid_out
from pfc_metarl.fitting.likelihood import log_probability
from pfc_metarl.fitting.maximum_likelihood import N_STARTS, distinct, limits, starts
from pfc_metarl.fitting.prior_setting import Setting, first_starts, setting_of
from pfc_metarl.models.base import Model, required_model
from pfc_metarl.settings import BadInput, counted

METHODS = ("ml", "map", "em")


def cross_validated(
    model: Model,
    data: xr.Dataset | pd.DataFrame,
    free: Sequence[str],
    bounds: Mapping[str, tuple[float, float]] | None = None,
    n_folds: int = 5,
    choice: str = "choice1",
    reward_range: tuple[float, float] | None = UNIT_RANGE,
    n_starts: int = N_STARTS,
    method: str = "ml",
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
    method : {"ml", "map", "em"}
        How the parameters are fitted to the other parts: as by `maximum_likelihood`, `map_fit` or `hierarchical_fit`,
        with their priors and without `bounds` in the last two.

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
    if method not in METHODS:
        raise BadInput(f"method = {method!r}: held-out choices are predicted by {', '.join(METHODS)}.")
    model, names = required_model(model), distinct(free)
    table = checked(data)
    laid = laid_out(table, model, choice, reward_range)
    most = int(laid.target.sum((-1, -2)).max())
    if n_folds > max(most, 2):
        raise BadInput(
            f"n_folds = {n_folds}: no subject has more than {counted(most, 'trial')} with a free choice and a reward."
        )
    held_out = parts(laid, coded(table["session"])[1], n_folds)
    seen = laid.target & ~held_out
    if method == "ml":
        low, high = limits(model, names, bounds)
        problems = Problems(model, laid, seen, names)
        estimate = estimated(problems, starts(model, names, low, high, n_starts), low, high).estimate
    else:
        estimate = _under_a_prior(setting_of(model, table, names, None, choice, reward_range), seen, n_starts, method)
    log_p = _held_out(model, laid, held_out, names, estimate)
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


def _under_a_prior(setting: Setting, seen: torch.Tensor, n_starts: int, method: str) -> np.ndarray:
    """Return the most probable parameters of each subject by the choices seen in each part, [subject, part, parameter].

    The group of each part is estimated from what is seen in it, so that nothing held out reaches the prior.
    """
    modes = []
    for part in seen:
        problems = Problems(setting.model, setting.trials, part[None], setting.names)
        densities = setting._replace(problems=problems).densities
        if method == "em":
            found = group_posterior(densities, n_starts, MOST_ROUNDS).subjects
        else:
            found = posterior(densities, first_starts(setting.prior, len(problems.n_trials), n_starts))
        modes.append(setting.scale.natural(found.mode))
    return np.stack(modes, axis=1)


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
