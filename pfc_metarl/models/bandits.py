"""Models of bandits with hidden probabilities of reward: they count what each option paid, and differ in their rule.

`pfc_metarl.models.bayes_optimal` has those that look ahead.
"""

import functools
from typing import NamedTuple

import numpy as np
import torch
from scipy import special
from torch import Tensor

from pfc_metarl.models.base import Experience, Model, NonNegative, chosen, preferred, spread
from pfc_metarl.models.two_step import two_options
from pfc_metarl.settings import settings


class Counts(NamedTuple):
    """What each option has paid in this episode; each [..., option]."""

    wins: Tensor
    losses: Tensor

    @property
    def pulls(self) -> Tensor:
        """How often each option was chosen."""
        return self.wins + self.losses


@settings
class CountingModel(Model):
    """A model that counts rewards, and prefers an option by a rule."""

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Counts:
        none = torch.zeros(*shape, n_options, dtype=torch.float64)
        return Counts(none, none)

    def learn(self, state: Counts, experience: Experience) -> Counts:
        pulled = chosen(experience.choice, state.wins.shape[-1]).to(state.wins.dtype)
        won = (experience.reward > 0).unsqueeze(-1)
        return Counts(state.wins + pulled * won, state.losses + pulled * ~won)

    def values(self, state: Counts) -> Tensor:
        """Return the expected rewards: the means of Beta(1 + wins, 1 + losses)."""
        return (state.wins + 1) / (state.pulls + 2)


@settings
class UpperConfidence(CountingModel):
    """Chooses the option with the largest mean + √(χ ln t / n), a bonus for what was seldom chosen.

    Parameters
    ----------
    chi : float
        χ; t trials are over, n of them with this option. An option that was never chosen comes first.

    Notes
    -----
    χ = 2 is UCB1 of Auer et al. 2002, doi:10.1023/A:1013689704352; χ = 1 is used by Wang et al. 2016,
    arXiv:1611.05763.
    """

    chi: NonNegative = 1.0

    def logits(self, state: Counts) -> Tensor:
        trials, chi = state.pulls.sum(-1, keepdim=True).clamp(min=1), spread(self.chi, state.pulls)
        bonus = (chi * trials.log() / state.pulls).sqrt()
        index = state.wins / state.pulls + bonus
        return preferred(torch.where(state.pulls > 0, index, 10 + chi * trials))


@settings
class Thompson(CountingModel):
    """Thompson sampling: chooses an option with the probability that it is the best, under Beta(1, 1) priors.

    Notes
    -----
    That probability is computed, ∫ p(θ_k) Π P(θ_j < θ) dθ, instead of drawing a θ for each option and taking the
    largest: choices have the same distribution, and the policy is known. Thompson 1933, doi:10.1093/biomet/25.3-4.285.
    """

    def logits(self, state: Counts) -> Tensor:
        return p_best(state).clamp(min=1e-30).log()


def p_best(counts: Counts) -> Tensor:
    """Return the probability that each option is the best, [..., option].

    The integrand is a polynomial, so Gauss-Legendre quadrature with enough nodes is exact.
    """
    n_arms, trials = counts.wins.shape[-1], int(counts.pulls.sum(-1).max())
    density, below = _beta_tables(max(128, 1 << trials.bit_length()), n_arms)
    cells = counts.wins.long(), counts.losses.long()
    densities, belows = density[cells].unbind(-2), below[cells].unbind(-2)
    others = [[belows[j] for j in range(n_arms) if j != arm] for arm in range(n_arms)]
    rivals = [functools.reduce(torch.mul, cdfs) for cdfs in others]
    return torch.stack([(own * cdf).sum(-1) for own, cdf in zip(densities, rivals, strict=True)], -1)


@functools.lru_cache(maxsize=4)
def _beta_tables(capacity: int, n_arms: int) -> tuple[Tensor, Tensor]:
    """Return weighted density and distribution of Beta(1 + wins, 1 + losses) at the nodes, [wins, losses, node]."""
    nodes, weights = np.polynomial.legendre.leggauss((capacity + n_arms) // 2 + 1)
    x, weights = (nodes + 1) / 2, weights / 2
    wins, losses, _ = np.ogrid[: capacity + 1, : capacity + 1, :1]
    scale = special.gammaln(wins + losses + 2) - special.gammaln(wins + 1) - special.gammaln(losses + 1)
    density = np.exp(scale + wins * np.log(x) + losses * np.log1p(-x))
    below = np.empty_like(density)
    below[0] = 1 - (1 - x) ** (losses[0] + 1)
    below[1:] = below[0] - np.cumsum(density * x * (1 - x) / (wins + 1), axis=0)[:-1]  # I(a + 1, b) from I(a, b)
    return torch.from_numpy(density * weights), torch.from_numpy(below)


@settings
class CorrelatedOptimal(CountingModel):
    """Assumes p₂ = 1 − p₁, and chooses the option that is likelier to pay: optimal if the assumption holds.

    Every choice is equally informative, so nothing is gained by exploring, and under any prior that is symmetric about
    ½ the option with more evidence is the better one. Values are means under a uniform prior.
    """

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Counts:
        two_options(self, n_options)
        return super().begin(shape, n_options, dtype)

    def values(self, state: Counts) -> Tensor:
        evidence = state.wins + state.losses.flip(-1)
        return (evidence + 1) / (evidence.sum(-1, keepdim=True) + 2)

    def logits(self, state: Counts) -> Tensor:
        return preferred(self.values(state))
