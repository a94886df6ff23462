"""Posterior estimates of each subject under a normal prior, with their curvature: Laplace's approximation."""

from typing import NamedTuple

import numpy as np

from pfc_metarl.fitting.estimation import DIFFERENCE, Problems
from pfc_metarl.fitting.optimise import minimise
from pfc_metarl.fitting.transforms import FARTHEST, Scale

NEAR, WIDE = 1e-4, 0.25
"""Steps from a kink of a density, in standard deviations of the prior: to see that it is largest there, and how wide it
is."""


class Prior(NamedTuple):
    """A normal distribution of each parameter on the scale without bounds, shape [parameter]."""

    mean: np.ndarray
    sd: np.ndarray


class Posterior(NamedTuple):
    """What was found for each subject."""

    mode: np.ndarray
    """On the scale without bounds, [subject, parameter]."""
    covariance: np.ndarray
    """[subject, parameter, parameter]."""
    log_likelihood: np.ndarray
    """At the mode, [subject]."""
    log_evidence: np.ndarray
    """Laplace's approximation of the probability of a subject's choices under the prior, [subject]."""
    converged: np.ndarray


class Densities:
    """−log posterior density of each subject's parameters, per trial, and its slope.

    Parameters
    ----------
    problems : Problems
        Of one part.
    scale : Scale
    prior : Prior
    """

    def __init__(self, problems: Problems, scale: Scale, prior: Prior) -> None:
        self.problems, self.scale, self.prior = problems, scale, prior

    def misfit(self, z: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the values and slopes of some problems; [problem], [problem, parameter]."""
        value, slope = self.problems.misfit(self.scale.natural(z), which)
        n_trials = self.problems.n_trials[which]
        distance = (z - self.prior.mean) / self.prior.sd
        return (
            value + (distance**2).sum(-1) / 2 / n_trials,
            slope * self.scale.slope(z) + distance / self.prior.sd / n_trials[:, None],
        )

    def curvature(self, z: np.ndarray, which: np.ndarray, step: np.ndarray | None = None) -> np.ndarray:
        """Return the second derivatives of −log density of the subject, [problem, i, j], by differences of slopes."""
        k = z.shape[1]
        step = DIFFERENCE * np.maximum(np.abs(z), 0.1) if step is None else np.broadcast_to(step, z.shape)
        slope = self._around(z, which, step)[1].reshape(k, 2, len(which), k)
        rows = np.moveaxis(slope[:, 0] - slope[:, 1], 0, 1) / (2 * step)[:, :, None]
        symmetric: np.ndarray = (rows + np.swapaxes(rows, 1, 2)) / 2 * self.problems.n_trials[which][:, None, None]
        return symmetric

    def is_least(self, z: np.ndarray, which: np.ndarray) -> np.ndarray:
        """Return where −log density grows in both directions of every parameter, [problem]."""
        value, _ = self._around(z, which, NEAR * np.broadcast_to(self.prior.sd, z.shape))
        return np.asarray((value.reshape(-1, len(which)) >= self.misfit(z, which)[0]).all(0))

    def _around(self, z: np.ndarray, which: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return values and slopes a step above and below, one parameter after the other."""
        k = z.shape[1]
        moved = np.concatenate([z + sign * step * np.eye(k)[i] for i in range(k) for sign in (1, -1)])
        return self.misfit(moved, np.tile(which, 2 * k))


def posterior(
    densities: Densities, starts: np.ndarray, precision: np.ndarray | None = None, only: np.ndarray | None = None
) -> Posterior:
    """Find the most probable parameters of each subject, and how sharply they are determined.

    Parameters
    ----------
    densities : Densities
    starts : array, shape [start, subject, parameter]
        On the scale without bounds. The best end is kept.
    precision : array, shape [subject, parameter, parameter], optional
        Curvature of −log density near the mode, of one start, if it is known.
    only : array of int, optional
        Which subjects are searched for, by default all.

    Returns
    -------
    Posterior
        Of a subject without trials, or that is not searched for, it is the prior.
    """
    problems, prior = densities.problems, densities.prior
    n, k = len(problems.n_trials), len(prior.mean)
    which = np.flatnonzero(problems.n_trials > 0) if only is None else only
    mode, covariance = np.tile(prior.mean, (n, 1)), np.tile(np.diag(prior.sd**2), (n, 1, 1))
    log_likelihood, log_evidence, converged = np.zeros(n), np.zeros(n), np.ones(n, dtype=bool)
    if len(which):
        every = np.repeat(which, len(starts))
        start = np.swapaxes(starts[:, which], 0, 1).reshape(-1, k)
        limit = np.full(k, FARTHEST)
        known = None if precision is None else precision[which] / problems.n_trials[which][:, None, None]
        found = minimise(lambda z, part: densities.misfit(z, every[part]), start, -limit, limit, every, known)
        best = found.misfit.reshape(-1, len(starts)).argmin(-1) + len(starts) * np.arange(len(which))
        mode[which], converged[which] = found.values[best], found.converged[best]
        sharpness = _positive(densities.curvature(mode[which], which), prior)
        covariance[which] = np.linalg.inv(sharpness)
        density = found.misfit[best] * problems.n_trials[which]
        distance = (((mode[which] - prior.mean) / prior.sd) ** 2).sum(-1) / 2
        log_likelihood[which] = distance - density
        log_volume = -np.linalg.slogdet(sharpness)[1] / 2 - np.log(prior.sd).sum()
        log_evidence[which] = -density + log_volume
    return Posterior(mode, covariance, log_likelihood, log_evidence, converged)


def finished(found: Posterior, densities: Densities) -> Posterior:
    """Search on for the subjects whose search did not end, from where it stopped; nothing else changes.

    The new search begins without a known curvature. It need not end either: where two values of a model are equal, the
    larger of them has a kink, and so has the density, which may be largest there. No slope is 0 then, and the curvature
    is that of the density over a wider range.
    """
    which = np.flatnonzero(~found.converged)
    if not len(which):
        return found
    again = posterior(densities, found.mode[None], only=which)
    if len(left := which[~again.converged[which]]):
        _end_at_kinks(again, densities, left[densities.is_least(again.mode[left], left)])
    ended = which[again.converged[which]]
    arrays = [values.copy() for values in found]
    for values, new in zip(arrays, again, strict=True):
        values[ended] = new[ended]
    return Posterior(*arrays)


def _end_at_kinks(found: Posterior, densities: Densities, which: np.ndarray) -> None:
    """Take the places of some subjects for modes, and their curvature from a wider range."""
    if len(which):
        sharpness = densities.curvature(found.mode[which], which, WIDE * densities.prior.sd)
        covariance = np.linalg.inv(_positive(sharpness, densities.prior))
        found.log_evidence[which] += (_log_volume(covariance) - _log_volume(found.covariance[which])) / 2
        found.covariance[which], found.converged[which] = covariance, True


def _log_volume(covariance: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.slogdet(covariance)[1])


def _positive(curvature: np.ndarray, prior: Prior) -> np.ndarray:
    """Return curvatures of which none is below that of the prior alone, divided by ten.

    At a mode the curvature is positive; where the search ended at the edge of the scale, or a difference was taken over
    a kink, it need not be.
    """
    value, vector = np.linalg.eigh(curvature)
    least = (prior.sd**-2).min() / 10
    return np.einsum("nij,nj,nkj->nik", vector, value.clip(min=least), vector)
