"""Win-stay, lose-shift: the last trial alone decides."""

from typing import NamedTuple

import torch
from torch import Tensor

from pfc_metarl.models.base import Experience, Model, NonNegative, chosen, spread
from pfc_metarl.models.two_step import N_STATES, two_options
from pfc_metarl.settings import settings


class Preference(NamedTuple):
    """1 at the option to choose next, shape [..., option]."""

    option: Tensor


@settings
class WinStayLoseShift(Model):
    """Repeats a rewarded choice, and takes the other option after one that was not rewarded.

    Parameters
    ----------
    inverse_temperature : float
        β of the softmax over the preference, which is 1 or 0.
    shifts : bool
        Whether it takes the other option after a trial without reward; otherwise it then has no preference.
    """

    inverse_temperature: NonNegative = 5.0
    shifts: bool = True

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Preference:
        two_options(self, n_options)
        return Preference(torch.zeros(*shape, N_STATES, dtype=dtype))

    def learn(self, state: Preference, experience: Experience) -> Preference:
        lost = (experience.reward <= 0).long()
        if self.shifts:
            return Preference(chosen(experience.choice ^ lost, N_STATES).to(state.option.dtype))
        return Preference((chosen(experience.choice, N_STATES) * (1 - lost).unsqueeze(-1)).to(state.option.dtype))

    def values(self, state: Preference) -> Tensor:
        return state.option

    def logits(self, state: Preference) -> Tensor:
        return spread(self.inverse_temperature, state.option) * state.option
