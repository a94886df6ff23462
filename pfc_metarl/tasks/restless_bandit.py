"""The restless bandit: payoffs drift slowly or fast, and which of the two it is must be inferred."""

from typing import NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.settings import settings
from pfc_metarl.tasks.base import Task, TrialColumn


class RestlessBanditState(NamedTuple):
    """What holds when an action is chosen; tensors have shape [network, episode]."""

    trial: int
    phase: int
    p_reward: Tensor
    """Probability of reward of each arm, shape [network, episode, option]; they sum to 1."""
    volatile: Tensor
    """1 in an episode with fast drift, 0 in one with slow drift."""


@settings
class RestlessBandit(Task):
    """Tests whether the learning rate of activity follows the volatility of the world.

    The probability of reward of the left arm takes a Gaussian random walk, reflected at 0 and 1; that of the right arm
    is 1 − it. The walk is slow in some episodes and fast in the others, and no observation shows which. A trial is one
    step.

    Parameters
    ----------
    n_trials : int
        Trials of an episode.
    slow_sd : float
        Standard deviation of a slow walk, per trial.
    fast_sd : float
        Standard deviation of a fast walk, per trial.
    p_volatile : float
        Probability that the walk of an episode is fast.

    Notes
    -----
    Wang et al. 2016, arXiv:1611.05763, section 3.1.5. The standard deviations are ours; the text does not give them.

    Examples
    --------
    >>> task = RestlessBandit()
    >>> state = task.begin(torch.tensor([[[0.3, 0.9]]]))
    >>> [round(p, 2) for p in state.p_reward[0, 0].tolist()], state.volatile.item()
    ([0.3, 0.7], 0)
    """

    n_trials: int = Field(100, ge=1, le=1_000_000)
    slow_sd: float = Field(0.02, ge=0, le=1)
    fast_sd: float = Field(0.2, ge=0, le=1)
    p_volatile: float = Field(0.5, ge=0, le=1)

    action_names = ("left", "right")
    phase_names = ("choice",)
    channel_names = ("screen",)

    def __post_init__(self) -> None:
        if self.slow_sd > self.fast_sd:
            raise ValueError(f"slow_sd = {self.slow_sd} must not exceed fast_sd = {self.fast_sd}")

    @property
    def n_steps(self) -> int:
        return self.n_trials

    @property
    def n_draws(self) -> int:
        return 2

    @property
    def field_dims(self) -> dict[str, tuple[str, ...]]:
        return {"p_reward": ("option",)}

    @property
    def trial_columns(self) -> dict[str, TrialColumn]:
        return {
            "choice1": TrialColumn("action", "choice"),
            "reward": TrialColumn("reward"),
            "volatile": TrialColumn("volatile", "choice"),
            "p_reward": TrialColumn("p_reward", "choice"),
        }

    def begin(self, noise: Tensor) -> RestlessBanditState:
        left, kind = noise.unbind(-1)
        return RestlessBanditState(0, 0, torch.stack([left, 1 - left], -1), (kind < self.p_volatile).long())

    def observe(self, state: RestlessBanditState) -> Tensor:
        return torch.ones_like(state.p_reward[..., :1])

    def step(self, state: RestlessBanditState, action: Tensor, noise: Tensor) -> tuple[RestlessBanditState, Tensor]:
        outcome, move = noise.unbind(-1)
        left = state.p_reward[..., 0]
        reward = ((outcome < left) != action.bool()).float()
        sd = self.slow_sd + (self.fast_sd - self.slow_sd) * state.volatile
        moved = left + sd * torch.special.ndtri(move.clamp(1e-6, 1 - 1e-6))
        distance = moved.remainder(2)
        left = torch.where(distance > 1, 2 - distance, distance)
        return state._replace(trial=state.trial + 1, p_reward=torch.stack([left, 1 - left], -1)), reward
