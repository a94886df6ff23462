"""Searches for the arm that pays most: by trying one after the other, or by the arm that names it."""

from typing import NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.models.base import CERTAIN, Experience, Model, chosen
from pfc_metarl.settings import settings


class Known(NamedTuple):
    """What is known of each option, shape [..., option]."""

    payoff: Tensor
    """What it pays; 0 where that is not known."""
    is_known: Tensor


@settings
class TargetSearch(Model):
    """Pulls an arm until it knows which one pays `target_payoff`, and then that arm.

    Parameters
    ----------
    informed : bool
        Whether the last arm is pulled first: what it pays, divided by `information_unit`, is the number of the target.
        Otherwise arms but the last are tried in random order.
    target_payoff : float
    information_unit : float

    Notes
    -----
    The two strategies that Wang et al. 2016, arXiv:1611.05763, section 3.1.4, compare. The search without the last arm
    is the best that there is without its information: a target of another prior would be found no sooner.

    Examples
    --------
    >>> from pfc_metarl.models import Experience
    >>> model = TargetSearch()
    >>> start = model.begin((1,), n_options=11)
    >>> model.logits(start).argmax().item()
    10
    >>> told = Experience(choice=torch.tensor([10]), reward=torch.tensor([0.4]), finished=torch.tensor([True]))
    >>> model.logits(model.update(start, told)).argmax().item()
    3
    """

    informed: bool = True
    target_payoff: float = Field(5.0, gt=0)
    information_unit: float = Field(0.1, gt=0)

    def begin(self, shape: tuple[int, ...], n_options: int = 11, dtype: torch.dtype = torch.float32) -> Known:
        return Known(torch.zeros(*shape, n_options, dtype=dtype), torch.zeros(*shape, n_options, dtype=torch.bool))

    def learn(self, state: Known, experience: Experience) -> Known:
        n_options = state.payoff.shape[-1]
        pulled = chosen(experience.choice, n_options) > 0
        payoff = torch.where(pulled, experience.reward.to(state.payoff.dtype).unsqueeze(-1), state.payoff)
        is_known = state.is_known | pulled
        if self.informed:
            target = (experience.reward / self.information_unit).round().long() - 1
            named = (chosen(target, n_options) > 0) & (experience.choice == n_options - 1).unsqueeze(-1)
            payoff, is_known = torch.where(named, self.target_payoff, payoff), is_known | named
        return Known(payoff, is_known)

    def values(self, state: Known) -> Tensor:
        return state.payoff

    def logits(self, state: Known) -> Tensor:
        is_target = state.is_known & ((state.payoff - self.target_payoff).abs() < NEAR)
        is_last = torch.arange(state.payoff.shape[-1]) == state.payoff.shape[-1] - 1
        asks = self.informed & ~state.is_known[..., -1:]
        search = torch.where(asks, is_last, ~state.is_known & ~is_last)
        wanted = torch.where(is_target.any(-1, keepdim=True), is_target, search)
        return CERTAIN * wanted.to(state.payoff.dtype)


NEAR = 1e-4
"""Difference up to which a payoff counts as that of the target."""
