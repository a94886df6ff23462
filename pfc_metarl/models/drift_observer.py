"""The ideal observer of the restless bandit: a Bayes filter over drifting payoffs and over how fast they drift."""

import functools
from typing import Annotated, ClassVar, Literal, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.models.base import CERTAIN, Experience, Model
from pfc_metarl.models.two_step import two_options
from pfc_metarl.settings import settings

Sd = Annotated[float, Field(gt=0, le=1)]


class DriftBelief(NamedTuple):
    """Probability of every speed of the walk and every payoff of the first option, shape [..., speed, payoff]."""

    mass: Tensor


@settings
class DriftObserver(Model):
    """Infers the payoff p of the first of two options, which walks, and the speed of the walk; the second pays 1 − p.

    Parameters
    ----------
    sds : tuple of float
        Standard deviations of the walk, per trial, each as likely at first; a single one is a known volatility.
    rule : {"best", "thompson"}
        Whether the option that is likelier to pay is chosen, or each with the probability that it is the better one.
    n_points : int
        Points of the grid over payoffs.

    Notes
    -----
    Either choice is equally informative, so nothing is gained by exploring, and ``rule="best"`` is optimal where the
    assumptions hold. The walk is Gaussian and reflected at 0 and 1; the posterior is exact but for the grid. With a
    single standard deviation and ``rule="thompson"`` it is the comparison of Wang et al. 2016, arXiv:1611.05763,
    section 3.1.5: Thompson sampling that knows of the walk but has one fixed volatility.

    Examples
    --------
    >>> from pfc_metarl.models import Experience
    >>> observer = DriftObserver()
    >>> trial = Experience(choice=torch.tensor([1]), reward=torch.zeros(1), finished=torch.tensor([True]))
    >>> belief = observer.update(observer.begin((1,)), trial)  # the second option did not pay, so the first did
    >>> observer.values(belief)[0, 0].item() > 0.6
    True
    """

    sds: Annotated[tuple[Sd, ...], Field(min_length=1)] = (0.02, 0.2)
    rule: Literal["best", "thompson"] = "best"
    n_points: int = Field(100, ge=2, le=2000)

    signals: ClassVar[tuple[str, ...]] = ("expected_sd",)

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> DriftBelief:
        two_options(self, n_options)
        size = len(self.sds), self.n_points
        return DriftBelief(torch.full((*shape, *size), 1 / (size[0] * size[1]), dtype=dtype))

    def learn(self, state: DriftBelief, experience: Experience) -> DriftBelief:
        first_paid = torch.where(experience.choice == 0, experience.reward > 0, experience.reward <= 0)[..., None, None]
        points, moves = _grid(self.sds, self.n_points, state.mass.dtype)
        seen = state.mass * torch.where(first_paid, points, 1 - points)
        seen = seen / seen.sum((-2, -1), keepdim=True)
        return DriftBelief((seen.unsqueeze(-2) @ moves).squeeze(-2))

    def values(self, state: DriftBelief) -> Tensor:
        points, _ = _grid(self.sds, self.n_points, state.mass.dtype)
        first = (state.mass.sum(-2) * points).sum(-1)
        return torch.stack([first, 1 - first], -1)

    def logits(self, state: DriftBelief) -> Tensor:
        if self.rule == "thompson":
            points, _ = _grid(self.sds, self.n_points, state.mass.dtype)
            first = (state.mass.sum(-2) * (points > 0.5)).sum(-1)
            return torch.stack([first, 1 - first], -1).clamp(min=1e-30).log()
        values = self.values(state)
        return CERTAIN * (values >= values.amax(-1, keepdim=True) - TIE)

    def read(self, state: DriftBelief) -> dict[str, Tensor]:
        sds = torch.tensor(self.sds, dtype=state.mass.dtype)
        return {"expected_sd": (state.mass.sum(-1) * sds).sum(-1)}


TIE = 1e-6
"""Difference of payoffs up to which two options count as equal."""


@functools.lru_cache(maxsize=16)
def _grid(sds: tuple[float, ...], n_points: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Return payoffs, the middles of equal bins, and how probability moves between them, [speed, from, to]."""
    edges = torch.linspace(0, 1, n_points + 1, dtype=torch.float64)
    points = (edges[1:] + edges[:-1]) / 2
    moves = []
    for sd in sds:
        unfolded = torch.cat([edges + 2 * turn for turn in range(-REFLECTIONS, REFLECTIONS)])
        below = torch.special.ndtr((unfolded - points[:, None]) / sd).unflatten(-1, (2 * REFLECTIONS, -1))
        mirrored = torch.special.ndtr((-unfolded - points[:, None]) / sd).unflatten(-1, (2 * REFLECTIONS, -1))
        to = below.diff(dim=-1).sum(1) - mirrored.diff(dim=-1).sum(1)
        moves.append(to / to.sum(-1, keepdim=True))
    return points.to(dtype), torch.stack(moves).to(dtype)


REFLECTIONS = 4
"""Reflections of the walk in one trial that are followed to either side."""
