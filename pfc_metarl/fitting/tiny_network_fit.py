"""Tiny recurrent networks fitted to behaviour, with nested cross-validation."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
import xarray as xr
from torch import Tensor

from pfc_metarl.data.labels import coded, subjects
from pfc_metarl.data.validity import validity
from pfc_metarl.fitting.cross_validation import parts
from pfc_metarl.fitting.layout import UNIT_RANGE, Trials, checked, laid_out
from pfc_metarl.fitting.tiny_network import Shape, kinds, log_probabilities, start_weights
from pfc_metarl.fitting.tiny_network_training import Choices, stopped_early, trained_for
from pfc_metarl.models import Hybrid, RescorlaWagner
from pfc_metarl.settings import BadInput

MOST_UNITS = 4


class OfUnits(NamedTuple):
    """What networks of one size predict; `loss` [subject, fold], `n_epochs` [subject, fold]."""

    log_p: Tensor
    """Log-probabilities of options before and after each trial, by the network of its fold, [2, subject, session,
    trial, option]."""
    loss: Tensor
    n_epochs: Tensor


def tiny_network_fit(
    data: xr.Dataset | pd.DataFrame,
    n_units: Sequence[int] = (1, 2),
    pooled: bool = False,
    n_folds: int = 3,
    n_inner: int = 2,
    n_starts: int = 2,
    choice: str = "choice1",
    reward_range: tuple[float, float] | None = UNIT_RANGE,
    most_epochs: int = 600,
) -> xr.Dataset:
    """Fit recurrent networks of one to four units to choices, and return the likelihood of choices they have not seen.

    Parameters
    ----------
    data : recording or trial table
        Networks are shown choice, reward and, if the table has it, ``state2``. Forced choices are shown and not
        predicted; lost and excluded trials are not shown.
    n_units : sequence of int
        Sizes of networks, from 1 to 4.
    pooled : bool
        Whether one network describes all subjects, so that whole subjects are held out: for subjects with few trials.
        Otherwise each subject has networks of its own.
    n_folds : int
        Parts of each subject's choices, as of `cross_validated`; if pooled, of the subjects.
    n_inner : int
        For each held-out part, how many of the other parts are in turn kept from training, to decide when training
        stops, from which start, and which size is best. Networks are then trained on all other parts.
    n_starts : int
        Initial weights of each network, the same in every fit.
    choice, reward_range
        As of `maximum_likelihood`.
    most_epochs : int
        Steps of training at most; it is ended earlier where the loss on the choices kept from it no longer falls.

    Returns
    -------
    Dataset, dims (subject, units)
        ``log_likelihood`` of all choices, each predicted by a network that has not seen its part, and ``per_trial``,
        the geometric mean of their probability; without units ``nested_log_likelihood`` and ``nested_per_trial``, where
        the size is chosen for each part without it, too; ``loss``, −log-probability per choice of the choices kept from
        training, which decided, and ``n_epochs``, means over parts; ``p(units, row, option)`` and
        ``p_after(units, row, option)``: probabilities of the options before and after each trial, row by row of the
        table, NaN where none is predicted; ``chance``, ``n_trials``, ``n_left_out``, ``valid`` and ``reason``.

    Raises
    ------
    BadInput
        If a column is missing, or there are not enough parts, sizes or starts.

    Notes
    -----
    Ji-An, Benna & Mattar 2025, doi:10.1038/s41586-025-09142-4. As in their switching networks, each kind of trial has
    an input of its own, so that a network of one unit can follow any rule that moves a single value by an amount that
    depends on the value and the kind of trial.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(90), "choice1": rng.integers(0, 2, 90)})
    >>> found = tiny_network_fit(table.assign(reward=rng.integers(0, 2, 90)), n_units=[1], most_epochs=20)
    >>> bool(abs(found["per_trial"] - found["chance"]) < 0.1)  # choices at random
    True
    """
    _check(n_units, n_folds, n_inner, n_starts, most_epochs)
    table = checked(data)
    model = Hybrid(second_stage_choice=False) if "state2" in table else RescorlaWagner()
    laid = laid_out(table, model, choice, reward_range)
    held_out = _parts_of_subjects(laid, n_folds) if pooled else parts(laid, coded(table["session"])[1], n_folds)
    choices = Choices(*(_together(each) if pooled else each for each in (kinds(laid), laid.experience.choice)))
    of_fold = torch.stack([_together(part) if pooled else part for part in held_out], 1)
    found = {n: _of_size(choices, of_fold, n, laid.n_options, n_inner, n_starts, most_epochs) for n in n_units}
    return _labelled(table, laid, held_out, found)


def _check(n_units: Sequence[int], n_folds: int, n_inner: int, n_starts: int, most_epochs: int) -> None:
    sizes = list(n_units)
    if not sizes or len(set(sizes)) < len(sizes) or not set(sizes) <= set(range(1, MOST_UNITS + 1)):
        raise BadInput(f"n_units = {sizes}: give different whole numbers from 1 to {MOST_UNITS}.")
    if n_folds < 3:
        raise BadInput(f"n_folds = {n_folds}: must be at least 3, since one part is held out and one stops training.")
    if not 1 <= n_inner < n_folds:
        raise BadInput(f"n_inner = {n_inner}: must be at least 1, and below n_folds = {n_folds}.")
    if n_starts < 1 or most_epochs < 1:
        raise BadInput(f"n_starts = {n_starts}, most_epochs = {most_epochs}: both must be at least 1.")


def _parts_of_subjects(laid: Trials, n_folds: int) -> Tensor:
    """Return which choices are held out in each part, [part, subject, session, trial]; a subject is in one part."""
    fold = torch.arange(len(laid.target)) % n_folds
    return (fold == torch.arange(n_folds)[:, None])[..., None, None] & laid.target


def _together(values: Tensor) -> Tensor:
    """Return the sessions of all subjects as those of one."""
    return values.flatten(0, 1)[None]


def _of_size(
    choices: Choices, held_out: Tensor, n_units: int, n_options: int, n_inner: int, n_starts: int, most_epochs: int
) -> OfUnits:
    """Train networks of one size; `held_out` is [subject, fold, session, trial]."""
    shape = Shape(n_units, choices.shown.shape[-1], n_options)
    n_subjects, n_folds = held_out.shape[:2]
    target = held_out.any(1, keepdim=True)
    check = torch.stack([held_out.roll(-inner, 1) for inner in range(1, n_inner + 1)], 2)
    fit = target[:, :, None] & ~held_out[:, :, None] & ~check
    grid = (n_subjects, n_folds, n_inner, n_starts)
    start = start_weights(shape, n_starts).expand(*grid, -1).flatten(1, 3)
    fit, check = (mask[:, :, :, None].expand(*grid, *mask.shape[3:]).flatten(1, 3) for mask in (fit, check))
    inner = stopped_early(choices, start, shape, fit, check, most_epochs)
    loss, n_epochs = (values.unflatten(1, grid[1:]).mean(2) for values in (inner.loss, inner.n_epochs))
    least, place = loss.min(-1)
    chosen = n_epochs.gather(-1, place[..., None])[..., 0].round()
    weights = trained_for(choices, start_weights(shape, n_starts)[place], shape, target & ~held_out, chosen)
    with torch.no_grad():
        log_p = log_probabilities(weights, choices.shown, shape)
    own = held_out[..., None]
    both = torch.stack([log_p[..., :-1, :], log_p[..., 1:, :]])
    return OfUnits(both.masked_fill(~own, 0.0).sum(2), least, chosen)


def _labelled(table: pd.DataFrame, laid: Trials, held_out: Tensor, found: dict[int, OfUnits]) -> xr.Dataset:
    target, n_trials = laid.target, laid.target.sum((-1, -2)).numpy()
    log_p = torch.stack([each.log_p.view(2, *target.shape, laid.n_options) for each in found.values()], 1)
    index = laid.experience.choice.clamp(min=0)[None, ..., None].expand(len(found), *target.shape, 1)
    of_choice = log_p[0].gather(-1, index).squeeze(-1).masked_fill(~target, 0.0)  # [units, subject, session, trial]
    loss = torch.stack([each.loss for each in found.values()], -1)  # [subject, fold, units]
    known = (held_out.any((-1, -2)).all(0) if len(loss) > 1 or len(target) == 1 else target.any((-1, -2))).numpy()
    best = loss.argmin(-1).expand(len(target), -1)  # [subject, fold]
    of_part = torch.einsum("usnt,fsnt->sfu", of_choice, held_out.to(of_choice.dtype))
    nested = of_part.gather(-1, best[..., None]).sum((1, 2)).numpy()
    total = of_choice.sum((-1, -2)).T.numpy()
    both = {"log_likelihood": total, "per_trial": np.exp(total / np.maximum(n_trials, 1)[:, None])}
    both |= {"loss": loss.mean(1).expand(len(target), -1).numpy()}
    n_epochs = torch.stack([each.n_epochs for each in found.values()], -1)
    both |= {"n_epochs": n_epochs.mean(1).expand(len(target), -1).numpy()}
    single = {"nested_log_likelihood": nested, "nested_per_trial": np.exp(nested / np.maximum(n_trials, 1))}
    rows = {
        name: (("units", "row", "option"), _by_row(values.exp(), target, laid.row, len(table)))
        for name, values in zip(("p", "p_after"), log_p, strict=True)
    }
    reason = np.where(known, "", "fewer trials with a free choice than parts, so that one of them cannot be held out")
    return xr.Dataset(
        {
            **{name: (("subject", "units"), np.where(known[:, None], values, np.nan)) for name, values in both.items()},
            **{name: ("subject", np.where(known, values, np.nan)) for name, values in single.items()},
            **rows,
            "chance": ("subject", np.full(len(target), 1 / laid.n_options)),
            "n_trials": ("subject", n_trials),
            "n_left_out": ("subject", laid.n_left_out(laid.row[None] >= 0)[:, 0]),
            **validity(reason),
        },
        coords={"subject": subjects(table), "units": list(found)},
    )


def _by_row(values: Tensor, target: Tensor, row: Tensor, n_rows: int) -> np.ndarray:
    """Return values of targets, [units, subject, session, trial, option], row by row of the table."""
    found = np.full((len(values), n_rows, values.shape[-1]), np.nan)
    found[:, row[target].numpy()] = values[:, target].numpy()
    return found
