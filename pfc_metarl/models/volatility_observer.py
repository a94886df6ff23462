"""The ideal observer of the volatility task: a Bayes filter that knows how its training worlds are made."""

import functools
from typing import Annotated, ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.models.base import CERTAIN, Experience, Model
from pfc_metarl.models.two_step import two_options
from pfc_metarl.settings import settings

GoodOption = Annotated[float, Field(ge=0.5, le=1)]

TIE = 1e-6
"""Difference of probabilities up to which two options count as equal."""


class WorldBelief(NamedTuple):
    """Probability of every rate of switching and every kind of world, shape [..., rate, world].

    Worlds are stable first, then volatile ones of each level; in each, the first option is better, then the second.
    """

    mass: Tensor


@settings
class VolatilityObserver(Model):
    """Infers whether the world is stable or volatile and which of two options is better; exactly one of them pays.

    Parameters
    ----------
    p_good_stable : float
        Probability that the better option pays while the world is stable.
    p_good_volatile : tuple of float
        Values from which it is drawn whenever the world becomes volatile, each as likely.
    p_reversal : float
        Probability, per trial, that the options reverse while the world is volatile.
    log_p_switch : pair of float
        Bounds of κ, which is constant and drawn for each episode; e^κ is the probability, per trial, that a stable
        world becomes volatile or the reverse, with the better option drawn anew.
    n_rates : int
        Points of the grid over κ.

    Notes
    -----
    These are the worlds in which networks of `pfc_metarl.experiments.volatility` are trained, with the same names of
    settings as in `pfc_metarl.tasks.Volatility`. Either choice is equally informative, so that the option that is
    likelier to pay is the best choice. The posterior is exact but for the grid over κ.

    Examples
    --------
    >>> from pfc_metarl.models import Experience
    >>> observer = VolatilityObserver()
    >>> trial = Experience(choice=torch.tensor([1]), reward=torch.zeros(1), finished=torch.tensor([True]))
    >>> belief = observer.update(observer.begin((1,)), trial)  # the second option did not pay, so the first did
    >>> observer.values(belief)[0, 0].item() > 0.6
    True
    """

    p_good_stable: GoodOption = 0.75
    p_good_volatile: Annotated[tuple[GoodOption, ...], Field(min_length=1)] = (0.8, 1.0)
    p_reversal: float = Field(0.2, ge=0, le=1)
    log_p_switch: tuple[float, float] = (-4.5, -3.5)
    n_rates: int = Field(5, ge=1, le=1000)

    signals: ClassVar[tuple[str, ...]] = ("p_volatile",)

    def __post_init__(self) -> None:
        low, high = self.log_p_switch
        if not -100 <= low <= high <= 0:
            raise ValueError(f"log_p_switch = {self.log_p_switch} must be two logarithms of probabilities in order")

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> WorldBelief:
        two_options(self, n_options)
        mass = torch.tensor(_prior(len(self.p_good_volatile)), dtype=dtype) / self.n_rates
        return WorldBelief(mass.expand(*shape, self.n_rates, -1).clone())

    def learn(self, state: WorldBelief, experience: Experience) -> WorldBelief:
        first_paid = torch.where(experience.choice == 0, experience.reward > 0, experience.reward <= 0)[..., None, None]
        p_first, moves = self._worlds(state.mass.dtype)
        seen = state.mass * torch.where(first_paid, p_first, 1 - p_first)
        seen = seen / seen.sum((-2, -1), keepdim=True)
        return WorldBelief((seen.unsqueeze(-2) @ moves).squeeze(-2))

    def values(self, state: WorldBelief) -> Tensor:
        first = (state.mass.sum(-2) * self._worlds(state.mass.dtype)[0]).sum(-1)
        return torch.stack([first, 1 - first], -1)

    def logits(self, state: WorldBelief) -> Tensor:
        values = self.values(state)
        return CERTAIN * (values >= values.amax(-1, keepdim=True) - TIE)

    def read(self, state: WorldBelief) -> dict[str, Tensor]:
        return {"p_volatile": state.mass.sum(-2)[..., 2:].sum(-1)}

    def _worlds(self, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        levels = self.p_good_volatile
        return _worlds(self.p_good_stable, levels, self.p_reversal, self.log_p_switch, self.n_rates, dtype)


def _prior(n_levels: int) -> list[float]:
    """Return the probability of each world at the beginning of an episode."""
    return [0.25] * 2 + [0.25 / n_levels] * 2 * n_levels


@functools.lru_cache(maxsize=16)
def _worlds(
    stable: float,
    levels: tuple[float, ...],
    p_reversal: float,
    log_p_switch: tuple[float, float],
    n_rates: int,
    dtype: torch.dtype,
) -> tuple[Tensor, Tensor]:
    """Return the probability that the first option pays in each world, and how worlds follow, [rate, from, to]."""
    better = torch.tensor([stable, *levels], dtype=torch.float64)
    p_first = torch.stack([better, 1 - better], -1).flatten()
    low, high = log_p_switch
    middles = (torch.arange(n_rates, dtype=torch.float64) + 0.5) / n_rates
    rates = (low + (high - low) * middles).exp()[:, None, None]
    n = len(levels)
    stays = torch.eye(2 * (n + 1), dtype=torch.float64)
    reverses = stays.unflatten(0, (n + 1, 2)).flip(1).flatten(0, 1)
    p_reverses = torch.tensor([0.0] * 2 + [p_reversal] * 2 * n, dtype=torch.float64)[:, None]
    to_stable = torch.tensor([0.5] * 2 + [0.0] * 2 * n, dtype=torch.float64)
    to_volatile = torch.tensor([0.0] * 2 + [0.5 / n] * 2 * n, dtype=torch.float64)
    switches = torch.stack([to_volatile] * 2 + [to_stable] * 2 * n)
    moves = rates * switches + (1 - rates) * ((1 - p_reverses) * stays + p_reverses * reverses)
    return p_first.to(dtype), moves.to(dtype)
