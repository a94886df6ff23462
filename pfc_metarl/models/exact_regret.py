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
    >>> round(float(exact_regret(None, (0.25, 0.75))[-1]), 3)
    1.0
    """
    if tested_on == "independent":
        return _on_independent_arms(
            _first_if_independent if trained_on == "independent" else _first_if_dependent, n_trials
        )
    regret = independent_regret if trained_on == "independent" else dependent_regret
    if tested_on is not None:
        return np.mean([regret(p, 1 - p, n_trials) for p in tested_on], axis=0)
    nodes, weights = np.polynomial.legendre.leggauss(N_NODES)  # from 0 to 1/2: by symmetry the first arm is the worse
    return np.sum(
        [w / 2 * regret((x + 1) / 4, (3 - x) / 4, n_trials) for x, w in zip(nodes, weights, strict=True)], axis=0
    )


N_NODES = 24
"""Nodes of the quadrature over p; with more of them regrets in 100 trials change by less than 1e-6."""


def dependent_regret(p1: float, p2: float, n_trials: int) -> Array:
    """Return the regret of the rule that is optimal where p₂ = 1 − p₁, on arms that pay with p₁ and p₂."""
    return _by_evidence(_more_evidence, p1, p2, n_trials)


def softmax_regret(
    known: tuple[float, float], tested_on: tuple[float, float], inverse_temperature: float, n_trials: int = 100
) -> Array:
    """Return the regret of an observer who knows two anticorrelated arms, and whose choices are a softmax of payoffs.

    Parameters
    ----------
    known : pair of float
        p and 1 − p, the payoffs that the observer expects, in an order that it infers.
    tested_on : pair of float
        The payoffs that arms have, in either order.
    inverse_temperature : float
        Of the softmax over the expected rewards of the arms, per reward.
    n_trials : int
        Trials of an episode.

    Returns
    -------
    array, shape [n_trials]
        Cumulative expected regret.

    Notes
    -----
    After a balance of e outcomes in favour of an arm its expected reward exceeds that of the other by
    (2p − 1) tanh(e log(p/(1 − p))/2). Noise of choices costs most where this is small: with arms that differ little.

    Examples
    --------
    >>> softmax_regret((0.25, 0.75), (0.25, 0.75), inverse_temperature=1e3)[-1].round(3)
    np.float64(1.0)
    """
    better = max(known)

    def p_first(evidence: Array) -> Array:
        difference = (2 * better - 1) * np.tanh(evidence * np.log(better / (1 - better)) / 2)
        return (1 + np.tanh(inverse_temperature * difference / 2)) / 2

    return _by_evidence(p_first, *tested_on, n_trials)


def _by_evidence(rule: Callable[[Array], Array], p1: float, p2: float, n_trials: int) -> Array:
    """Return the regret of a rule that chooses the first arm by the balance of outcomes in favour of it."""
    evidence = np.arange(-n_trials, n_trials + 1.0)
    p_first = rule(evidence)
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
    p_worse = np.empty(n_trials)
    mass = np.ones((1, 1, 1))
    for trial in range(n_trials):
        p_first = _first_if_independent(trial, n_trials)
        first, second = mass * p_first, mass * (1 - p_first)
        p_worse[trial] = (first if p1 < p2 else second).sum()
        mass = _next(first, second, p1, p2)
    return np.asarray(abs(p1 - p2) * np.cumsum(p_worse))


def myopic_regret(n_trials: int = 100) -> Array:
    """Return the regret, on independent, uniform arms, of a learner that never gives up a reward for information.

    It knows how arms are drawn and chooses the one with the higher expected reward; among equal ones it tosses a coin.
    A learner that loses less explores: some of its choices are worth what they teach.

    Parameters
    ----------
    n_trials : int
        Trials of an episode.

    Returns
    -------
    array, shape [n_trials]
        Cumulative expected regret.

    Examples
    --------
    >>> round(float(myopic_regret()[-1]), 2)
    2.69
    """
    return _on_independent_arms(_first_if_myopic, n_trials)


def discounted_regret(discount: float, n_trials: int = 100) -> Array:
    """Return the regret, on independent, uniform arms, of the learner that is optimal if later rewards count less.

    Networks are trained to maximise a discounted reward. What a learner loses that does so exactly is due to the
    discount, not to the training.

    Parameters
    ----------
    discount : float
        Weight of the reward of the next trial, relative to that of this one: 0 is `myopic_regret`, 1 the optimum.
    n_trials : int
        Trials of an episode.

    Returns
    -------
    array, shape [n_trials]
        Cumulative expected regret, not discounted.

    Examples
    --------
    >>> [round(float(discounted_regret(discount, 20)[-1]), 3) for discount in (0.5, 1.0)]
    [0.934, 0.902]
    """
    policy, _ = optimal_policy(n_trials, discount)
    return _on_independent_arms(lambda trial, _: (1 + policy[trial].numpy()) / 2, n_trials)


def _on_independent_arms(p_first_at: Callable[[int, int], Array], n_trials: int) -> Array:
    """Return the regret of a rule on independent, uniform arms; the probability of reward follows from the counts."""
    reward = np.empty(n_trials)
    mass = np.ones((1, 1, 1))
    for trial in range(n_trials):
        wins1, losses1, wins2, losses2 = _counts(trial)
        p1, p2 = (wins1 + 1) / (wins1 + losses1 + 2), (wins2 + 1) / (wins2 + losses2 + 2)
        p_first = p_first_at(trial, n_trials)
        first, second = mass * p_first, mass * (1 - p_first)
        reward[trial] = (first * p1 + second * p2).sum()
        mass = _next(first, second, p1, p2)
    return np.cumsum(2 / 3 - reward)  # 2/3 is the mean of the better arm


def _counts(trial: int) -> tuple[Array, Array, Array, Array]:
    """Return wins and losses of both arms after so many trials, [wins1, losses1, wins2]."""
    wins1, losses1, wins2 = np.ogrid[: trial + 1.0, : trial + 1.0, : trial + 1.0]
    return wins1, losses1, wins2, np.maximum(trial - wins1 - losses1 - wins2, 0)


def _next(first: Array, second: Array, p1: Array | float, p2: Array | float) -> Array:
    """Return the distribution of the counts after a trial in which the first or the second arm was chosen."""
    mass = np.zeros([size + 1 for size in first.shape])
    mass[1:, :-1, :-1] += p1 * first
    mass[:-1, 1:, :-1] += (1 - p1) * first
    mass[:-1, :-1, 1:] += p2 * second
    mass[:-1, :-1, :-1] += (1 - p2) * second
    return mass


def _first_if_independent(trial: int, n_trials: int) -> Array:
    """Return the probability of the first arm by the rule that is optimal for independent, uniform arms."""
    return (1 + optimal_policy(n_trials)[0][trial].numpy()) / 2


def _first_if_myopic(trial: int, n_trials: int) -> Array:
    """Return the probability of the first arm by the rule that takes the higher expected reward, whatever follows."""
    wins1, losses1, wins2, losses2 = _counts(trial)
    first, second = (wins1 + 1) * (wins2 + losses2 + 2), (wins2 + 1) * (wins1 + losses1 + 2)
    return _more_evidence(first - second)


def _first_if_dependent(trial: int, n_trials: int) -> Array:
    """Return the probability of the first arm by the rule that is optimal where p₂ = 1 − p₁."""
    wins1, losses1, wins2, losses2 = _counts(trial)
    return _more_evidence(wins1 + losses2 - losses1 - wins2)


def _more_evidence(evidence: Array) -> Array:
    return (1 + np.sign(evidence)) / 2
