"""Eleven arms, one of which pays little but shows which of the others pays most."""

from typing import NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.settings import settings
from pfc_metarl.tasks.base import Task, TrialColumn
from pfc_metarl.tasks.constants import constants


class InformativeArmState(NamedTuple):
    """What holds when an action is chosen."""

    trial: int
    phase: int
    target: Tensor
    """Number of the arm that pays most, from 0, shape [network, episode]."""
    payoff: Tensor
    """What each arm pays, shape [network, episode, option]; it stays for the episode."""


@settings
class InformativeArm(Task):
    """Tests whether a sure gain is given up for information.

    Every arm always pays the same in an episode. One of them, the target, pays most. The last arm pays least, but what
    it pays names the target: the number of the target, from 1, times `information_unit`. A trial is one step.

    Parameters
    ----------
    n_trials : int
        Trials of an episode.
    n_targets : int
        Arms besides the informative one; any of them may be the target.
    target_payoff : float
        What the target pays.
    other_payoff : float
        What each of the other arms pays.
    information_unit : float
        Payoff of the informative arm if the target is the first arm.
    show_trial : bool
        Whether a channel shows the fraction of the episode that is over.

    Notes
    -----
    Wang et al. 2016, arXiv:1611.05763, section 3.1.4. The best policy pulls the informative arm once and then the
    target: 0.55 + 4 × 5 = 20.55 with the numbers given there, which are the defaults. A search for the target without
    the informative arm earns 11.

    Examples
    --------
    >>> task = InformativeArm()
    >>> state = task.begin(torch.full((1, 1, 1), 0.35))
    >>> state.target.item(), [round(paid, 1) for paid in state.payoff[0, 0].tolist()]
    (3, [1.0, 1.0, 1.0, 5.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.4])
    """

    n_trials: int = Field(5, ge=1, le=1_000_000)
    n_targets: int = Field(10, ge=2, le=127)
    target_payoff: float = 5.0
    other_payoff: float = 1.0
    information_unit: float = 0.1
    show_trial: bool = False

    @property
    def action_names(self) -> tuple[str, ...]:
        return (*(f"arm_{arm + 1}" for arm in range(self.n_targets)), "informative_arm")

    @property
    def phase_names(self) -> tuple[str, ...]:
        return ("choice",)

    @property
    def channel_names(self) -> tuple[str, ...]:
        return ("screen", "trial_number") if self.show_trial else ("screen",)

    @property
    def n_steps(self) -> int:
        return self.n_trials

    @property
    def field_dims(self) -> dict[str, tuple[str, ...]]:
        return {"payoff": ("option",)}

    @property
    def trial_columns(self) -> dict[str, TrialColumn]:
        return {
            "choice1": TrialColumn("action", "choice"),
            "reward": TrialColumn("reward"),
            "target": TrialColumn("target", "choice"),
            "payoff": TrialColumn("payoff", "choice"),
        }

    @property
    def reward_values(self) -> tuple[float, ...]:
        """Return every reward that an arm can pay, in ascending order."""
        informative = (round(self.information_unit * (arm + 1), 6) for arm in range(self.n_targets))
        return tuple(sorted({*informative, self.other_payoff, self.target_payoff}))

    def begin(self, noise: Tensor) -> InformativeArmState:
        target = (noise[..., 0] * self.n_targets).long().clamp(max=self.n_targets - 1)
        return InformativeArmState(0, 0, target, self._payoffs(noise.device)[target])

    def observe(self, state: InformativeArmState) -> Tensor:
        shown = (1.0, state.trial / self.n_trials)[: len(self.channel_names)]
        return constants(shown, state.target.device).expand(*state.target.shape, -1).clone()

    def step(self, state: InformativeArmState, action: Tensor, noise: Tensor) -> tuple[InformativeArmState, Tensor]:
        reward = state.payoff.gather(-1, action.unsqueeze(-1)).squeeze(-1)
        return state._replace(trial=state.trial + 1), reward

    def _payoffs(self, device: torch.device) -> Tensor:
        """Return what each arm pays, by target, shape [target, option]."""
        payoffs = torch.full((self.n_targets, self.n_targets + 1), self.other_payoff, device=device)
        payoffs.fill_diagonal_(self.target_payoff)
        payoffs[:, -1] = self.information_unit * (1 + torch.arange(self.n_targets, device=device))
        return payoffs
