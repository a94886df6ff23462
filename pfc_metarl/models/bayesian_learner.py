"""The Bayesian learner of Behrens et al. 2007: it infers volatility, and its learning rate rises with it."""

import functools
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from pydantic import Field
from scipy import special
from torch import Tensor

from pfc_metarl.models.base import Experience, Model, NonNegative, spread
from pfc_metarl.models.two_step import two_options
from pfc_metarl.settings import settings


class Posterior(NamedTuple):
    """Probability of every point of the grid after the trials so far, shape [..., k, v, r]."""

    mass: Tensor


class Grid(NamedTuple):
    """Points of the grid, and how probability moves on it from one trial to the next."""

    r: Tensor
    v: Tensor
    r_moves: Tensor
    """p(r′ | r, v), shape [v, r, r′]."""
    v_moves: Tensor
    """p(v′ | v, k), shape [k, v, v′]."""


@settings
class BayesianLearner(Model):
    """Infers the probability r of reward, its volatility v, and how fast that changes, k, from outcomes alone.

    Parameters
    ----------
    n_r, n_v, n_k : int
        Points of the grid over r, v and k.
    v_range, k_range : pair of float
        First and last point of v and of k.
    inverse_temperature : float
        β of the softmax over the probabilities of the two options.

    Notes
    -----
    The hierarchy of Behrens et al. 2007, doi:10.1038/nn1954: k is constant; v walks, v′ ~ N(v, (e^k)²); r walks,
    r′ ~ Beta with mean r and r (1 − r) / (e^−v + 1) as variance, that is, with e^−v as concentration; outcomes are
    Bernoulli(r). The prior is flat. The posterior is exact but for the grid; its ranges are ours.

    Examples
    --------
    >>> from pfc_metarl.models import Experience
    >>> learner = BayesianLearner()
    >>> trial = Experience(choice=torch.tensor([0]), reward=torch.ones(1), finished=torch.tensor([True]))
    >>> belief = learner.update(learner.begin((1,)), trial)
    >>> learner.values(belief)[0, 0].item() > 0.6
    True
    """

    n_r: int = Field(25, ge=2, le=1000)
    n_v: int = Field(15, ge=2, le=1000)
    n_k: int = Field(4, ge=2, le=1000)
    v_range: tuple[float, float] = (-9.0, -1.0)
    k_range: tuple[float, float] = (-2.0, 1.0)
    inverse_temperature: NonNegative = 10.0

    signals: ClassVar[tuple[str, ...]] = ("expected_volatility", "uncertainty")

    def __post_init__(self) -> None:
        for name in ("v_range", "k_range"):
            low, high = getattr(self, name)
            if not -20 <= low < high <= 20:
                raise ValueError(f"{name} = {(low, high)} must be two logarithms in order, from -20 to 20")

    def grid(self, dtype: torch.dtype = torch.float32) -> Grid:
        """Return the points of the grid, and how probability moves on it."""
        return _grid(self.n_r, self.n_v, self.n_k, self.v_range, self.k_range, dtype)

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Posterior:
        two_options(self, n_options)
        sizes = self.n_k, self.n_v, self.n_r
        return Posterior(torch.full((*shape, *sizes), 1 / np.prod(sizes), dtype=dtype))

    def learn(self, state: Posterior, experience: Experience) -> Posterior:
        grid = self.grid(state.mass.dtype)
        paid_first = (experience.reward > 0) == (experience.choice == 0)
        paid = paid_first.to(state.mass.dtype)[..., None, None, None]
        seen = state.mass * (paid * grid.r + (1 - paid) * (1 - grid.r))
        seen = seen / seen.sum((-3, -2, -1), keepdim=True)
        v_moved = torch.einsum("kvw,...kvr->...kwr", grid.v_moves, seen)
        return Posterior(torch.einsum("vrs,...kvr->...kvs", grid.r_moves, v_moved))

    def values(self, state: Posterior) -> Tensor:
        first = (state.mass * self.grid(state.mass.dtype).r).sum((-3, -2, -1))
        return torch.stack([first, 1 - first], -1)

    def logits(self, state: Posterior) -> Tensor:
        values = self.values(state)
        return spread(self.inverse_temperature, values) * values

    def read(self, state: Posterior) -> dict[str, Tensor]:
        """Return the mean of v, and the standard deviation of r."""
        grid, mass = self.grid(state.mass.dtype), state.mass
        volatility = (mass.sum((-3, -1)) * grid.v).sum(-1)
        mean = (mass * grid.r).sum((-3, -2, -1))
        variance = (mass.sum((-3, -2)) * (grid.r - mean.unsqueeze(-1)) ** 2).sum(-1)
        return {"expected_volatility": volatility, "uncertainty": variance.sqrt()}


@functools.lru_cache(maxsize=8)
def _grid(
    n_r: int, n_v: int, n_k: int, v_range: tuple[float, float], k_range: tuple[float, float], dtype: torch.dtype
) -> Grid:
    r = (np.arange(n_r) + 0.5) / n_r
    v, k = np.linspace(*v_range, n_v), np.linspace(*k_range, n_k)
    concentration = np.exp(-v)[:, None, None]
    edges = np.arange(1, n_r) / n_r
    r_below = special.betainc(r[:, None] * concentration, (1 - r[:, None]) * concentration, edges)
    middles = (v[1:] + v[:-1]) / 2
    v_below = special.ndtr((middles - v[:, None]) / np.exp(k)[:, None, None])
    tensors = (torch.from_numpy(array).to(dtype) for array in (r, v, _between(r_below), _between(v_below)))
    return Grid(*tensors)


def _between(below: np.ndarray) -> np.ndarray:
    """Return the probability between each two edges, and beyond the outer ones, from that below each edge."""
    ends = np.zeros((*below.shape[:-1], 1))
    return np.diff(np.concatenate([ends, below, ends + 1], axis=-1), axis=-1)
