"""The Bayesian learner of Behrens et al. 2007: it infers how volatile the world is, and learns as fast as that asks."""

import functools
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.rescorla_wagner import TwoArmTracker
from pfc_metarl.settings import settings


class Posterior(NamedTuple):
    """Probability of every point of the grid after the trials so far, shape [network, episode, k, v, r]."""

    mass: Tensor


class BayesianReadout(NamedTuple):
    """What is recorded of the learner."""

    logits: Tensor
    action_value: Tensor
    expected_volatility: Tensor
    """Mean of v, shape [network, episode]."""
    uncertainty: Tensor
    """Standard deviation of r, shape [network, episode]."""


class Grid(NamedTuple):
    """Points of the grid, and how probability moves on it from one trial to the next."""

    r: Tensor
    v: Tensor
    r_moves: Tensor
    """p(r′ | r, v), shape [v, r, r′]."""
    v_moves: Tensor
    """p(v′ | v, k), shape [k, v, v′]."""


@settings
class BayesianLearner(TwoArmTracker):
    """Infers the probability r of reward, its volatility v, and how fast that changes, k, from outcomes alone.

    Parameters
    ----------
    n_r, n_v, n_k : int
        Points of the grid over r, v and k.
    v_range, k_range : pair of float
        First and last point of v and of k.

    Notes
    -----
    The hierarchy of Behrens et al. 2007, doi:10.1038/nn1954: k is constant; v walks, v′ ~ N(v, (e^k)²); r walks,
    r′ ~ Beta with mean r and r (1 − r) / (e^−v + 1) as variance, that is, with e^−v as concentration; outcomes are
    Bernoulli(r). The prior is flat. The posterior is exact but for the grid; its ranges are ours.

    Examples
    --------
    >>> learner = BayesianLearner()
    >>> belief = learner.learn(learner.innocent((1, 1)), torch.ones(1, 1))
    >>> learner.p_left(belief).item() > 0.6
    True
    """

    n_r: int = Field(25, ge=2, le=1000)
    n_v: int = Field(15, ge=2, le=1000)
    n_k: int = Field(4, ge=2, le=1000)
    v_range: tuple[float, float] = (-9.0, -1.0)
    k_range: tuple[float, float] = (-2.0, 1.0)
    inverse_temperature: float = Field(10.0, ge=0)

    readouts: ClassVar[dict[str, tuple[str, ...]]] = {
        **TwoArmTracker.readouts,
        "expected_volatility": (),
        "uncertainty": (),
    }

    def __post_init__(self) -> None:
        for name in ("v_range", "k_range"):
            low, high = getattr(self, name)
            if not -20 <= low < high <= 20:
                raise ValueError(f"{name} = {(low, high)} must be two logarithms in order, from -20 to 20")

    @property
    def grid(self) -> Grid:
        """Points of the grid, and how probability moves on it."""
        return _grid(self.n_r, self.n_v, self.n_k, self.v_range, self.k_range)

    def innocent(self, shape: tuple[int, int]) -> Posterior:
        sizes = self.n_k, self.n_v, self.n_r
        return Posterior(torch.full((*shape, *sizes), 1 / np.prod(sizes)))

    def learn(self, belief: Posterior, left_paid: Tensor) -> Posterior:
        grid, paid = self.grid, left_paid[..., None, None, None]
        seen = belief.mass * (paid * grid.r + (1 - paid) * (1 - grid.r))
        seen = seen / seen.sum((-3, -2, -1), keepdim=True)
        v_moved = torch.einsum("kvw,abkvr->abkwr", grid.v_moves, seen)
        return Posterior(torch.einsum("vrs,abkvr->abkvs", grid.r_moves, v_moved))

    def p_left(self, belief: Posterior) -> Tensor:
        return (belief.mass * self.grid.r).sum((-3, -2, -1))

    def readout(self, belief: Posterior, logits: Tensor, values: Tensor) -> BayesianReadout:
        volatility = (belief.mass.sum((-3, -1)) * self.grid.v).sum(-1)
        of_r = belief.mass.sum((-3, -2))
        variance = (of_r * (self.grid.r - self.p_left(belief).unsqueeze(-1)) ** 2).sum(-1)
        return BayesianReadout(logits, values, volatility, variance.sqrt())


@functools.lru_cache(maxsize=8)
def _grid(n_r: int, n_v: int, n_k: int, v_range: tuple[float, float], k_range: tuple[float, float]) -> Grid:
    from scipy import special  # a training needs none of it

    r = (np.arange(n_r) + 0.5) / n_r
    v, k = np.linspace(*v_range, n_v), np.linspace(*k_range, n_k)
    concentration = np.exp(-v)[:, None, None]
    edges = np.arange(1, n_r) / n_r
    r_below = special.betainc(r[:, None] * concentration, (1 - r[:, None]) * concentration, edges)
    middles = (v[1:] + v[:-1]) / 2
    v_below = special.ndtr((middles - v[:, None]) / np.exp(k)[:, None, None])
    tensors = (torch.from_numpy(array).float() for array in (r, v, _shares(r_below), _shares(v_below)))
    return Grid(*tensors)


def _shares(below: np.ndarray) -> np.ndarray:
    """Return the probability between each two edges, and beyond the outer ones, from that below each edge."""
    ends = np.zeros((*below.shape[:-1], 1))
    return np.diff(np.concatenate([ends, below, ends + 1], axis=-1), axis=-1)
