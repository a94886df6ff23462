"""Algorithms for bandits: they count what each arm paid, and differ in what they make of it.

`pfc_metarl.agents.bayes_optimal` has those that look ahead.
"""

import functools
from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.base import Percept
from pfc_metarl.agents.two_step import AnimalReadout, chosen
from pfc_metarl.settings import settings

CERTAIN = 1e3
"""Logit of what is preferred without doubt: far above any Gumbel variate, which decide between equals only."""

TIE = 1e-9
"""Difference up to which two indices count as equal."""


class Counts(NamedTuple):
    """What an arm has paid in this episode; each [network, episode, option]."""

    wins: Tensor
    losses: Tensor

    def after(self, percept: Percept) -> "Counts":
        """Count the last trial in; at the first step of an episode there was none."""
        pulled = chosen(percept.previous_action, self.wins.shape[-1]).to(self.wins.dtype)
        won = (percept.previous_reward > 0).unsqueeze(-1)
        return Counts(self.wins + pulled * won, self.losses + pulled * ~won)

    @property
    def pulls(self) -> Tensor:
        """How often each arm was pulled."""
        return self.wins + self.losses


@settings
class BanditAnimal(ABC):
    """An animal for the bandit task whose mind we wrote: it counts rewards, and chooses by a rule."""

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {"logits": ("option",), "action_value": ("option",)}
    discount: ClassVar[float] = 1.0
    values_reach_next_trial: ClassVar[bool] = False

    @abstractmethod
    def logits(self, counts: Counts) -> Tensor:
        """Return the logits of the arms, [network, episode, option]."""

    def values(self, counts: Counts) -> Tensor:
        """Return the expected reward of the arms: the mean of Beta(1 + wins, 1 + losses)."""
        return (counts.wins + 1) / (counts.pulls + 2)

    def begin(self, shape: tuple[int, int]) -> None:
        return None

    def act(self, percept: Percept, memory: Counts | None, noise: Tensor) -> tuple[Tensor, AnimalReadout, Counts]:
        none = torch.zeros_like(noise, dtype=torch.float64)
        counts = (memory or Counts(none, none)).after(percept)
        logits = self.logits(counts).to(noise.dtype)
        return (logits + noise).argmax(-1), AnimalReadout(logits, self.values(counts).to(noise.dtype)), counts


def preferred(index: Tensor) -> Tensor:
    """Return logits that choose the arm with the largest index, or by chance among equals."""
    return CERTAIN * (index >= index.amax(-1, keepdim=True) - TIE)


@settings
class UpperConfidence(BanditAnimal):
    """Takes the arm with the largest mean + √(χ ln t / n): what it knows little of, it hopes for.

    Parameters
    ----------
    chi : float
        χ; t trials are over, n of them with this arm. An arm never pulled comes first.

    Notes
    -----
    χ = 2 is UCB1 of Auer et al. 2002, doi:10.1023/A:1013689704352; χ = 1 is used by Wang et al. 2016,
    arXiv:1611.05763.
    """

    chi: float = Field(1.0, ge=0)

    def logits(self, counts: Counts) -> Tensor:
        trials = counts.pulls.sum(-1, keepdim=True).clamp(min=1)
        hope = (self.chi * trials.log() / counts.pulls).sqrt()
        index = counts.wins / counts.pulls + hope
        return preferred(torch.where(counts.pulls > 0, index, 10 + self.chi * trials))


@settings
class Thompson(BanditAnimal):
    """Thompson sampling: takes an arm with the probability that it is the best, under Beta(1, 1) priors.

    Notes
    -----
    That probability is computed, ∫ p(θ_k) Π P(θ_j < θ) dθ, where others draw a θ for each arm and take the largest:
    choices have the same distribution, and the policy can be recorded. Thompson 1933, doi:10.1093/biomet/25.3-4.285.
    """

    def logits(self, counts: Counts) -> Tensor:
        return p_best(counts).clamp(min=1e-30).log()


def p_best(counts: Counts) -> Tensor:
    """Return the probability that each arm is the best, [network, episode, option].

    The integrand is a polynomial, of which Gauss-Legendre quadrature with enough nodes misses nothing.
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
    from scipy import special  # a training needs none of it

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
class CorrelatedOptimal(BanditAnimal):
    """Knows that p₂ = 1 − p₁, and takes the arm that is likelier to pay: the best that can be done if that is so.

    Every pull tells as much as any other, so nothing is gained by exploring, and under any prior that is symmetric
    about ½ the arm with more evidence is the better one. Values are means under a uniform prior.
    """

    def values(self, counts: Counts) -> Tensor:
        evidence = counts.wins + counts.losses.flip(-1)
        return (evidence + 1) / (evidence.sum(-1, keepdim=True) + 2)

    def logits(self, counts: Counts) -> Tensor:
        return preferred(self.values(counts))
