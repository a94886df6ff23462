"""Maximum-likelihood estimates for each subject and each part of its trials, all searched for side by side."""

import dataclasses
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from pfc_metarl.fitting.compiled_likelihood import CompiledLikelihood
from pfc_metarl.fitting.layout import Trials
from pfc_metarl.fitting.likelihood import log_probability
from pfc_metarl.fitting.optimise import minimise
from pfc_metarl.fitting.trial_program import program_of
from pfc_metarl.models.base import Model

AT_ONCE = 2**20
"""Trials, over all searches, that are evaluated side by side; bounds the memory."""

FEW_STARTS = 3
"""Searches of a subject that all go on to their end; of more, those that fall behind are ended."""

EDGE = 1e-4
"""Fraction of the range of a parameter: an estimate nearer to a bound has no standard error."""

DIFFERENCE = np.finfo(float).eps ** (1 / 3)
"""Relative step of a central difference of slopes."""


class Estimates(NamedTuple):
    """What was found; arrays of shape [subject, part], or [subject, part, parameter]."""

    estimate: np.ndarray
    standard_error: np.ndarray
    log_likelihood: np.ndarray
    n_trials: np.ndarray
    converged: np.ndarray
    at_bound: np.ndarray
    """Which estimates are at a bound of their parameter."""


class Problems:
    """The misfits of a model to the trials of each subject in each part.

    Parameters
    ----------
    model : Model
    trials : Trials
    targets : Tensor of bool, shape [part, subject, session, trial]
        Which choices count in each part.
    free : tuple of str
        Parameters that are fitted.
    """

    def __init__(self, model: Model, trials: Trials, targets: Tensor, free: tuple[str, ...]) -> None:
        self.model, self.trials, self.free = model, trials, free
        self.subject = torch.arange(targets.shape[1]).repeat(len(targets))
        self.target = targets.flatten(0, 1)
        self.n_trials = self.target.sum((-1, -2)).numpy()
        program = program_of(model, free, trials.n_options)
        self.compiled = None if program is None else CompiledLikelihood(program, trials, self.target, self.subject)

    def misfit(self, values: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return −log-likelihood per trial of some problems, and its slope; [problem], [problem, parameter]."""
        if self.compiled is not None:
            value, slope = self.compiled(values, which)
            return -value / self.n_trials[which], -slope / self.n_trials[which][:, None]
        n_at_once = max(1, AT_ONCE // (self.target.shape[-1] * self.target.shape[-2]))
        starts = range(0, len(which), n_at_once)
        parts = [self._evaluated(values[i : i + n_at_once], which[i : i + n_at_once]) for i in starts]
        value, slope = (np.concatenate(each) for each in zip(*parts, strict=True))
        return value, slope

    def _evaluated(self, values: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        index = torch.from_numpy(which)
        target = self.target[index]
        last = int(target.any(0).any(0).nonzero().max())
        x = torch.from_numpy(values).requires_grad_(True)
        parameters = dict(zip(self.free, x.unsqueeze(-1).unbind(1), strict=True))
        model = dataclasses.replace(self.model, **parameters)
        log_p = log_probability(model, self.trials.of(self.subject[index], target, last))
        misfit = -log_p.sum((-1, -2)) / torch.from_numpy(self.n_trials[which])
        (slope,) = torch.autograd.grad(misfit.sum() + 0 * x.sum(), x)  # also of parameters without influence
        return misfit.detach().numpy(), slope.numpy()


def estimated(problems: Problems, starts: np.ndarray, low: np.ndarray, high: np.ndarray) -> Estimates:
    """Search from every start for every subject and part, and return the best end.

    Where there are fewer trials than free parameters, the estimates are NaN and not converged.

    Parameters
    ----------
    problems : Problems
    starts : array, shape [start, parameter]
        Of more than three, those that are not among the best two of a subject after some evaluations are ended.
    low, high : array, shape [parameter]
    """
    n_starts, n_free = starts.shape
    which = np.flatnonzero(problems.n_trials >= n_free)  # fewer trials cannot tell the parameters apart
    shape = len(problems.n_trials)
    estimate, error = (np.full((shape, n_free), np.nan) for _ in range(2))
    log_likelihood, converged = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    if len(which):
        every = np.repeat(which, n_starts)
        group = every if n_starts > FEW_STARTS else None
        found = minimise(
            lambda x, part: problems.misfit(x, every[part]), np.tile(starts, (len(which), 1)), low, high, group
        )
        best = found.misfit.reshape(-1, n_starts).argmin(-1) + n_starts * np.arange(len(which))
        estimate[which], converged[which] = found.values[best], found.converged[best]
        log_likelihood[which] = -found.misfit[best] * problems.n_trials[which]
        error[which] = _standard_errors(problems, which, found.values[best], low, high)
    n_subjects = int(problems.subject.max()) + 1
    margin = EDGE * (high - low)
    at_bound = (estimate - low <= margin) | (high - estimate <= margin)
    found_arrays = (estimate, error, log_likelihood, problems.n_trials, converged, at_bound)
    return Estimates(*(np.swapaxes(a.reshape(-1, n_subjects, *a.shape[1:]), 0, 1) for a in found_arrays))


def _standard_errors(
    problems: Problems, which: np.ndarray, estimate: np.ndarray, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Return the square roots of the diagonal of the inverse curvature, of estimates within their bounds."""
    curvature = _curvature(problems, which, estimate, low, high)
    error = np.full(estimate.shape, np.nan)
    margin = EDGE * (high - low)
    for row, (matrix, inside) in enumerate(
        zip(curvature, (estimate - low > margin) & (high - estimate > margin), strict=True)
    ):
        try:
            variance = np.diag(np.linalg.inv(matrix[np.ix_(inside, inside)]))
        except np.linalg.LinAlgError:
            continue
        error[row, inside] = np.sqrt(np.where(variance > 0, variance, np.nan))
    return error


def _curvature(
    problems: Problems, which: np.ndarray, estimate: np.ndarray, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Return the second derivatives of −log-likelihood, by central differences of slopes, [problem, i, j].

    Those of estimates at a bound are wrong, and not used.
    """
    n_free = estimate.shape[1]
    step = DIFFERENCE * np.maximum(np.abs(estimate), 0.1)
    moved = [estimate + sign * step * np.eye(n_free)[i] for i in range(n_free) for sign in (1, -1)]
    _, slope = problems.misfit(np.concatenate(moved).clip(low, high), np.tile(which, 2 * n_free))
    up, down = np.moveaxis(slope.reshape(n_free, 2, len(which), n_free), 1, 0)
    curvature = np.moveaxis(up - down, 0, 1) / (2 * step)[:, :, None] * problems.n_trials[which][:, None, None]
    symmetric: np.ndarray = (curvature + np.swapaxes(curvature, 1, 2)) / 2
    return symmetric
