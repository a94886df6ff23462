"""Exact expected regret of optimal learners on two-armed bandits, whatever arms they were made for."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from pfc_metarl.models.bayes_optimal import optimal_policy

Array = npt.NDArray[np.float64]

Arms = Literal["independent"] | Sequence[float] | None
"""Distribution of the arms: independent and uniform; values of p₁ with p₂ = 1 − p₁; or None, p₁ uniform."""


def exact_regret(trained_on: Arms, tested_on: Arms, n_trials: int = 100) -> Array:
    """Return the cumulative expected regret of the learner that is optimal for one distribution of arms, on another.

    Parameters
    ----------
    trained_on, tested_on : "independent", sequence of float, or None
        See `Arms`. With p₂ = 1 − p₁ every symmetric prior has the same optimal rule: choose the arm with more evidence.
    n_trials : int
        Trials of an episode.

    Returns
    -------
    array, shape [n_trials]
        Σ μ* − μ(choice) up to each trial, expected over arms, rewards and ties.

    Notes
    -----
    The distribution of the learner's counts is propagated from trial to trial. Wang et al. 2016, arXiv:1611.05763,
    section 3.1.3, tests networks trained on one distribution of arms on others.

    Examples
    --------
    >>> round(exact_regret(None, (0.25, 0.75))[-1], 4)
    1.0
    """
    regret = independent_regret if trained_on == "independent" else dependent_regret
    return _mean_over(tested_on, lambda p1, p2: regret(p1, p2, n_trials), n_trials)


def _mean_over(arms: Arms, regret: Callable[[float, float], Array], n_trials: int) -> Array:
    if arms is not None and arms != "independent":
        return np.mean([regret(p, 1 - p) for p in arms], axis=0)
    if arms is None:  # by symmetry the first arm may be the worse one
        nodes, weights = _quadrature(0.0, 0.5)
        return np.sum([2 * w * regret(p, 1 - p) for p, w in zip(nodes, weights, strict=True)], axis=0)
    found = np.zeros(n_trials)
    for better, weight in zip(*_quadrature(0.0, 1.0), strict=True):
        nodes, weights = _quadrature(0.0, better)
        found += np.sum([2 * weight * w * regret(better, p) for p, w in zip(nodes, weights, strict=True)], axis=0)
    return found


N_NODES = 24
"""Nodes of a quadrature; with more of them regrets in 100 trials change by less than 1e-6."""


def _quadrature(low: float, high: float) -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(N_NODES)
    return low + (high - low) * (nodes + 1) / 2, weights * (high - low) / 2


def dependent_regret(p1: float, p2: float, n_trials: int) -> Array:
    """Return the regret of the rule that is optimal where p₂ = 1 − p₁, on arms that pay with p₁ and p₂."""
    evidence = np.arange(-n_trials, n_trials + 1)
    p_first = np.where(evidence > 0, 1.0, np.where(evidence < 0, 0.0, 0.5))
    up = p_first * p1 + (1 - p_first) * (1 - p2)  # a reward of the first arm, or none of the second
    mass = (evidence == 0).astype(float)
    p_worse = np.empty(n_trials)
    for trial in range(n_trials):
        p_worse[trial] = mass @ (p_first if p1 < p2 else 1 - p_first)
        rising, falling = mass * up, mass * (1 - up)
        mass = np.zeros_like(mass)
        mass[1:] += rising[:-1]
        mass[:-1] += falling[1:]
    return np.asarray(abs(p1 - p2) * np.cumsum(p_worse))


def independent_regret(p1: float, p2: float, n_trials: int) -> Array:
    """Return the regret of the rule that is optimal for independent, uniform arms, on arms that pay with p₁ and p₂."""
    policy, _ = optimal_policy(n_trials)
    mass = np.ones((1, 1, 1))
    p_worse = np.empty(n_trials)
    for trial in range(n_trials):
        p_first = (1 + policy[trial].numpy()) / 2
        first, second = mass * p_first, mass * (1 - p_first)
        p_worse[trial] = (first if p1 < p2 else second).sum()
        mass = np.zeros((trial + 2,) * 3)
        mass[1:, :-1, :-1] += p1 * first
        mass[:-1, 1:, :-1] += (1 - p1) * first
        mass[:-1, :-1, 1:] += p2 * second
        mass[:-1, :-1, :-1] += (1 - p2) * second
    return np.asarray(abs(p1 - p2) * np.cumsum(p_worse))
