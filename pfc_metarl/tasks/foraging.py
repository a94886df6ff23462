"""Baited foraging: the longer a target was not chosen, the more likely it pays."""

from typing import NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.settings import settings
from pfc_metarl.tasks.base import Task, TrialColumn
from pfc_metarl.tasks.constants import Probability, constant, constants

CENTRE = 2
"""Action that answers the fixation point; as a response to the targets it is invalid."""


class ForagingState(NamedTuple):
    """What holds when an action is chosen; tensors have shape [network, episode, target], targets left and right."""

    trial: int
    phase: int
    p_base: Tensor
    """Probability that an empty target is baited for this trial; it stays for the episode."""
    waited: Tensor
    """Trials since the target was last chosen, before which it was empty: 0 for the one just chosen."""
    p_reward: Tensor
    """Probability that the target is baited now."""


@settings
class Foraging(Task):
    """Tests matching: how often a target should be visited depends on how fast its reward comes back.

    Before every trial each empty target is baited with a probability of its own, and a bait stays until it is taken. So
    a target with base probability p₀ that was last chosen n trials before the last one pays 1 with probability
    1 − (1 − p₀)ⁿ⁺¹. The base probabilities stay for an episode and have a fixed sum. A trial opens with a fixation
    point, to be answered by "centre"; then the targets are shown, and one is chosen.

    Parameters
    ----------
    n_trials : int
        Trials of an episode.
    p_sum : float
        Sum of the two base probabilities.
    p_left : tuple of (low, high)
        Intervals from which the left target's base probability is drawn, each as likely as it is wide. Training leaves
        some values out.
    fixation : bool
        Whether a trial opens with a fixation point.
    invalid_reward : float
        Reward of an invalid response (with `fixation` only): anything but "centre" at the fixation point, after which
        the trial goes on, or "centre" at the targets, by which the trial is lost.

    Notes
    -----
    Wang et al. 2018, doi:10.1038/s41593-018-0147-8, Simulation 1, after Tsutsui et al. 2016, doi:10.1038/ncomms12554.
    Three public replications agree on the probabilities.

    Examples
    --------
    >>> task = Foraging(p_left=((0.2, 0.2),), fixation=False)
    >>> state = task.begin(torch.zeros(1, 1, 1))
    >>> state.p_reward
    tensor([[[0.2000, 0.3000]]])
    >>> state, _ = task.step(state, torch.tensor([[0]]), torch.ones(1, 1, 1))
    >>> state.p_reward  # 1 - (1 - 0.3)**2 on the right
    tensor([[[0.2000, 0.5100]]])
    """

    n_trials: int = Field(100, ge=1, le=1_000_000)
    p_sum: float = Field(0.5, gt=0, le=1)
    p_left: tuple[tuple[Probability, Probability], ...] = Field(((0.0, 0.1), (0.2, 0.3), (0.4, 0.5)), min_length=1)
    fixation: bool = True
    invalid_reward: float = Field(-1.0, le=0)

    def __post_init__(self) -> None:
        for low, high in self.p_left:
            if not low <= high <= self.p_sum:
                raise ValueError(f"p_left = ({low}, {high}) must rise, to p_sum = {self.p_sum} at most")

    @property
    def action_names(self) -> tuple[str, ...]:
        return ("left", "right", "centre") if self.fixation else ("left", "right")

    @property
    def phase_names(self) -> tuple[str, ...]:
        return ("fixation", "choice") if self.fixation else ("choice",)

    @property
    def channel_names(self) -> tuple[str, ...]:
        return ("fixation_point", "targets") if self.fixation else ("targets",)

    @property
    def n_steps(self) -> int:
        return self.n_trials * len(self.phase_names)

    @property
    def field_dims(self) -> dict[str, tuple[str, ...]]:
        return dict.fromkeys(("p_base", "waited", "p_reward"), ("target",))

    @property
    def trial_columns(self) -> dict[str, TrialColumn]:
        return {
            "choice1": TrialColumn("action", "choice"),
            "reward": TrialColumn("reward", "choice" if self.fixation else None),
            "p_base": TrialColumn("p_base", "choice"),
            "p_reward": TrialColumn("p_reward", "choice"),
        }

    @property
    def no_response_actions(self) -> tuple[str, ...]:
        return ("centre",) if self.fixation else ()

    def begin(self, noise: Tensor) -> ForagingState:
        left = self._p_left(noise[..., 0])
        p_base = torch.stack([left, self.p_sum - left], -1)
        return ForagingState(0, 0, p_base, waited=torch.zeros_like(p_base), p_reward=p_base.clone())

    def _p_left(self, fraction: Tensor) -> Tensor:
        """Return the value below which this fraction of all intervals together lies."""
        widths = [high - low for low, high in self.p_left]
        if sum(widths) == 0:
            which = (fraction * len(widths)).long().clamp(max=len(widths) - 1)
            return constants(tuple(low for low, _ in self.p_left), fraction.device)[which]
        value, left_over = torch.zeros_like(fraction), fraction * sum(widths)
        for (low, _), width in zip(self.p_left, widths, strict=True):
            value = torch.where(left_over >= 0, low + left_over.clamp(max=width), value)
            left_over = left_over - width
        return value

    def observe(self, state: ForagingState) -> Tensor:
        shown = tuple(float(state.phase == phase) for phase in range(len(self.phase_names)))
        return constants(shown, state.waited.device).expand(*state.waited.shape[:-1], -1)

    def step(self, state: ForagingState, action: Tensor, noise: Tensor) -> tuple[ForagingState, Tensor]:
        if self.phase_names[state.phase] == "fixation":
            return state._replace(phase=state.phase + 1), self.invalid_reward * (action != CENTRE)
        device = action.device
        invalid, one = constant(self.invalid_reward, device), constant(1.0, device)
        taken = action.unsqueeze(-1) == constants((0, 1), device, torch.int64)
        p_reward = state.p_reward.gather(-1, action.clamp(max=1).unsqueeze(-1)).squeeze(-1)
        reward = torch.where(action == CENTRE, invalid, (noise[..., 0] < p_reward).float())
        waited = (state.waited + one).masked_fill_(taken, 0)
        p_reward = one - (one - state.p_base) ** (waited + one)
        return ForagingState(state.trial + 1, 0, state.p_base, waited, p_reward), reward
